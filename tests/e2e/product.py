"""The real product in a folder of its own: `./canh up` as a user starts it, on free loopback ports."""

import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 60.0


def free_port() -> int:
    """A port free for TCP and UDP on loopback now."""
    while True:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        ):
            tcp.bind(("127.0.0.1", 0))
            try:
                udp.bind(tcp.getsockname())
            except OSError:
                continue
            return int(tcp.getsockname()[1])


def wait_for(what: Callable[[], Any], within_s: float = 20.0, every_s: float = 0.05) -> Any:
    """The first true answer; an assertion when there is none in time."""
    deadline = time.monotonic() + within_s
    while True:
        answer = what()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {within_s} s; last answer: {answer!r}"
        time.sleep(every_s)


class Product:
    """One running Canh. Tails only `paths` (nothing of this machine), so that counts are exact."""

    def __init__(self, data: Path, *, paths: list[str] | None = None, **environment: str) -> None:
        self.data = data
        self.web_port = free_port()
        self.syslog_port = free_port()
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("CANH_")},
            "PYTHONPATH": str(ROOT),
            "CANH_WEB__PORT": str(self.web_port),
            "CANH_SYSLOG__PORT": str(self.syslog_port),
            "CANH_TAIL__PATHS": json.dumps(paths or []),
            "CANH_JOURNALD__ENABLED": "false",
            **environment,
        }
        self.process: subprocess.Popen[str] | None = None
        self.output: list[str] = []
        self.token = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    def start(self) -> "Product":
        """Start and wait for the ready line."""
        with (self.data.parent / "stderr.log").open("a") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "composition.cli", "up", "--data", str(self.data)],
                cwd=ROOT,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        lines: queue.Queue[str | None] = queue.Queue()
        stdout = self.process.stdout
        assert stdout is not None

        def read() -> None:
            with stdout:
                for line in stdout:
                    lines.put(line.rstrip("\n"))
            lines.put(None)

        threading.Thread(target=read, daemon=True).start()
        deadline = time.monotonic() + READY_WITHIN_S
        while True:
            line = lines.get(timeout=max(0.1, deadline - time.monotonic()))
            assert line is not None, f"canh up ended: {self.errors()}"
            self.output.append(line)
            if line.startswith("ready http://"):
                return self

    def errors(self) -> str:
        return (self.data.parent / "stderr.log").read_text()[-4000:]

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def kill_everything(self) -> None:
        """End whatever of this product still runs, by its own pids."""
        for name, pid in self.pids().items():
            if pid:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
                wait_for(lambda name=name: not self.pids()[name], 5)
        if self.process is not None:
            self.process.wait(10)

    def pids(self) -> dict[str, int]:
        from composition.processes.entry import PROCESSES
        from composition.run_folder import living_pid

        return {name: living_pid(self.data / "run", name) for name in ("supervisor", *PROCESSES)}

    def command(self, *arguments: str, check: bool = True, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a canh command on this data folder."""
        finished = subprocess.run(
            [sys.executable, "-m", "composition.cli", *arguments, "--data", str(self.data)],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            input=text,
            timeout=120,
        )
        assert not check or finished.returncode == 0, finished.stdout + finished.stderr
        return finished

    def status(self) -> dict[str, Any]:
        return dict(json.loads(self.command("status", "--json", check=False).stdout))

    def count(self, query: str) -> int:
        return int(self.command("event", "count", query).stdout.split()[-1])

    def secret(self) -> str:
        """The first-run secret of the printed link."""
        found = re.search(r"first-run\?secret=(\S+)", "\n".join(self.output))
        assert found is not None
        return found[1]

    def api(self, path: str, *, body: Any = None, method: str | None = None) -> Any:
        """The JSON answer; makes itself a token at the first call."""
        if not self.token:
            created = self.command("token", "create", "--role", "administrator", "--name", "test")
            self.token = created.stdout.split()[-1]
        request = urllib.request.Request(
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())

    def health(self) -> tuple[int, Any]:
        try:
            with urllib.request.urlopen(self.url + "/healthz", timeout=10) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def send_tcp(self, *lines: bytes) -> None:
        with socket.create_connection(("127.0.0.1", self.syslog_port)) as connection:
            connection.sendall(b"".join(line + b"\n" for line in lines))


def failed_login(number: int, *, source: str = "203.0.113.9", host: str = "web-01", at: str = "") -> bytes:
    """A line as OpenSSH writes it, with a syslog header."""
    stamp = at or time.strftime("%b %e %H:%M:%S", time.gmtime(time.time() + 7 * 3600))
    port = 20000 + number % 40000
    return f"<38>{stamp} {host} sshd[{1000 + number}]: Failed password for root from {source} port {port} ssh2".encode()
