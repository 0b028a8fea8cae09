"""Bar (b): record to event, per CPU-second, beside rsyslog 8 writing JSON of the same lines.

    python bench/normalise.py [--lines 40000] [--rounds 5]

Method: `normalise(batch, zone)` over batches of 2,000 records as the pipeline takes them, garbage collection set as in
its processes, `time.process_time`, median and best of the rounds. Lines differ as a stream's do: every line has an address,
a port, a process and (FortiGate) a session drawn anew, accounts are drawn from 5,000, hosts from 40, fifty lines share a
second; `distinct` says how many values there are for each line. sshd lines are of eight kinds in equal parts, FortiGate's of
seven (ten of sixteen are traffic passed), 360 to 750 bytes. The peer is rsyslogd with imptcp, a JSON template of the envelope
(time, host, facility, severity, program, process, message) and omfile: its CPU time is that of its process while the
lines arrive, socket and file included. It parses no message and ours writes no file: the ratio says what class of work
this is, no more.

Equal results: every line is an event whose source is the address that the line was made with; host, program, process and
message are rsyslog's for every sshd line.
"""

# ruff: noqa: E501  (a line is a line)

import argparse
import gc
import json
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.machine import machine
from collectors.normalise import normalise
from core.event import Event
from core.record import Batch, Record

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
BEGAN = datetime(2026, 11, 24, 2, 12, 1, tzinfo=UTC)
BATCH = 2000
PER_SECOND = 50
PEER_TIMES = 5
"""How often the peer gets the lines in a round: its clock counts hundredths of a second."""

chance = random.Random(3)
Made = tuple[str, str]
"""A line and the address its event must name as source."""


def address() -> str:
    return ".".join(str(chance.randrange(1, 250)) for _ in range(4))


def port() -> int:
    return chance.randrange(1024, 65000)


def local(number: int) -> datetime:
    return (BEGAN + timedelta(seconds=number // PER_SECOND)).astimezone(ZONE)


def sshd(number: int) -> Made:
    user, at = f"user{chance.randrange(5000)}", address()
    end = f"{at} port {port()}"
    key = f"ED25519 SHA256:{chance.randrange(10**42):043d}"
    message = (
        f"Failed password for {user} from {end} ssh2",
        f"Failed password for invalid user {user} from {end} ssh2",
        f"Accepted publickey for {user} from {end} ssh2: {key}",
        f"Invalid user {user} from {end}",
        f"Connection closed by authenticating user {user} {end} [preauth]",
        f"Received disconnect from {end}:11: Bye Bye [preauth]",
        f"pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={at}  user={user}",
        f"Disconnected from user {user} {end}",
    )[number % 8]
    stamp = local(number).strftime("%b %e %H:%M:%S")
    return f"<38>{stamp} web-{number % 40:02d} sshd[{chance.randrange(1, 99999)}]: {message}", at


def fortigate(number: int) -> Made:
    when = local(number)
    at, inside = address(), f"10.{chance.randrange(250)}.{chance.randrange(250)}.{chance.randrange(250)}"
    user = f"user{chance.randrange(5000)}"
    nanoseconds = f"{int(when.timestamp())}{chance.randrange(10**9):09d}"

    def head(log: str, kind: str, subtype: str, level: str) -> str:
        device = f'devname="FG-{number % 12:02d}" devid="FG100F{number % 12:010d}" eventtime={nanoseconds} tz="+0700"'
        return (
            f'<189>date={when:%Y-%m-%d} time={when:%H:%M:%S} {device} logid="{log}" type="{kind}" subtype="{subtype}"'
            f' level="{level}" vd="root"'
        )

    def ends(source: str, target: str, service: int) -> str:
        return (
            f'srcip={source} srcport={port()} srcintf="lan" srcintfrole="lan" dstip={target} dstport={service} dstintf="wan1"'
            f' dstintfrole="wan" srccountry="Reserved" dstcountry="Viet Nam" sessionid={chance.randrange(10**9)} proto=6'
        )

    policy = 'policyid=7 policytype="policy" poluuid="c2d460aa-fe6f-51e8-9505-41b5117dfdd4" policyname="LAN-to-WAN"'
    count = chance.randrange
    kinds: tuple[Callable[[], Made], ...] = (
        lambda: (
            f'{head("0000000013", "traffic", "forward", "notice")} {ends(inside, at, 443)} action="close" {policy} service="HTTPS"'
            f' trandisp="snat" transip=192.0.2.1 transport={port()} duration={count(300)} sentbyte={count(99999)} rcvdbyte={count(999999)}'
            f' sentpkt={count(999)} rcvdpkt={count(999)} appcat="unscanned"',
            inside,
        ),
        lambda: (
            f'{head("0000000014", "traffic", "local", "notice")} {ends(at, "192.0.2.1", 22)} action="deny" policyid=0'
            f' service="SSH" trandisp="noop" app="SSH" duration=0 sentbyte=0 rcvdbyte=0 sentpkt=0 appcat="unscanned" crscore=5',
            at,
        ),
        lambda: (
            f'{head("0317013312", "utm", "webfilter", "notice")} eventtype="ftgd_allow" {policy} {ends(inside, at, 443)}'
            f' hostname="may{count(9999)}.example" profile="default" action="passthrough" reqtype="direct" url="https://may.example/{count(9999)}"'
            f' sentbyte={count(9999)} rcvdbyte={count(9999)} direction="outgoing" msg="URL belongs to an allowed category" cat=52',
            inside,
        ),
        lambda: (
            f'{head("1501054802", "utm", "dns", "notice")} eventtype="dns-response" {policy} {ends(inside, at, 53)} profile="default"'
            f' xid={count(65535)} qname="may{count(9999)}.example" qtype="A" qtypeval=1 qclass="IN" ipaddr="{at}" msg="Domain is monitored"',
            inside,
        ),
        lambda: (
            f'{head("0419016384", "utm", "ips", "alert")} eventtype="signature" severity="critical" {ends(at, inside, 80)}'
            f' action="dropped" policyid=3 attack="Apache.Log4j.Error.Log.Remote.Code.Execution" attackid=51006 profile="default"'
            f' ref="http://www.fortinet.com/ids/VID51006" incidentserialno={count(10**8)} msg="applications3: remote code"',
            at,
        ),
        lambda: (
            f'{head("0101039426", "event", "vpn", "alert")} logdesc="SSL VPN login fail" action="ssl-login-fail" tunneltype="ssl-web"'
            f' tunnelid=0 remip={at} user="{user}" group="N/A" dst_host="N/A" reason="sslvpn_login_permission_denied"'
            f' msg="SSL user failed to logged in"',
            at,
        ),
        lambda: (
            f'{head("0100032002", "event", "system", "alert")} logdesc="Admin login failed" sn="0" user="{user}" ui="https({at})"'
            f' method="https" srcip={at} dstip=192.0.2.1 action="login" status="failed" reason="passwd_invalid" msg="Administrator {user}'
            f' login failed from https({at}) because of invalid password"',
            at,
        ),
    )
    # Out of sixteen lines ten are traffic passed, as at a province's gate, and one each, or two, of the others.
    chosen = (0, 0, 1, 0, 2, 0, 3, 0, 0, 4, 0, 5, 0, 6, 0, 0)[number % 16]
    return kinds[chosen]()


def sshd_in_a_file(number: int) -> Made:
    """The same as rsyslog writes it to auth.log on Debian 12, and as it sends RFC 5424: every microsecond is another."""
    line, at = sshd(number)
    stamp = local(number).replace(microsecond=chance.randrange(10**6)).isoformat()
    return f"{stamp} {line[20:]}", at


def sshd_rfc5424(number: int) -> Made:
    line, at = sshd_in_a_file(number)
    stamp, host, tag, message = line.split(" ", 3)
    program, _, process = tag.removesuffix("]:").partition("[")
    return f"<38>1 {stamp} {host} {program} {process} - - {message}", at


def access(number: int) -> Made:
    at, stamp = address(), local(number).strftime("%d/%b/%Y:%H:%M:%S +0700")
    agent = f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/{chance.randrange(90, 130)}.0 Safari/537.36"
    request = f"GET /dich-vu/{chance.randrange(5000)}?ma={chance.randrange(10**6)} HTTP/1.1"
    return f'{at} - - [{stamp}] "{request}" 200 {chance.randrange(9999)} "-" "{agent}"', at


def journald(number: int) -> Made:
    line, at = sshd(number)
    entry = {
        "__CURSOR": f"s=1;i={number:x}",
        "__REALTIME_TIMESTAMP": str(int(local(number).timestamp()) * 1_000_000 + number % 10**6),
        "_HOSTNAME": f"web-{number % 40:02d}",
        "SYSLOG_IDENTIFIER": "sshd",
        "_PID": str(chance.randrange(1, 99999)),
        "PRIORITY": "6",
        "SYSLOG_FACILITY": "4",
        "_SYSTEMD_UNIT": "ssh.service",
        "_EXE": "/usr/sbin/sshd",
        "_TRANSPORT": "syslog",
        "MESSAGE": line.partition("]: ")[2],
    }
    return json.dumps(entry), at


def batches(lines: Sequence[str], source: str) -> list[Batch]:
    records = [
        Record(
            raw=line.encode(),
            source=source,
            received_at=BEGAN + timedelta(seconds=number // PER_SECOND + 1, microseconds=number % 10**6),
            unit="province",
            peer="198.51.100.1",
        )
        for number, line in enumerate(lines)
    ]
    return [
        Batch("intake.0", list(range(at + 1, at + 1 + len(some))), some, at + len(some))
        for at in range(0, len(records), BATCH)
        if (some := records[at : at + BATCH])
    ]


def rate(taken: Sequence[Batch]) -> float:
    """Lines per CPU-second, one round."""
    began = time.process_time()
    for batch in taken:
        normalise(batch, ZONE)
    return sum(len(batch.records) for batch in taken) / (time.process_time() - began)


def events_of(taken: Sequence[Batch]) -> list[Event]:
    outcomes = [outcome for batch in taken for outcome in normalise(batch, ZONE)]
    return [outcome for outcome in outcomes if isinstance(outcome, Event)]


class Peer:
    """rsyslogd with a TCP listener and a JSON file, as long as it is open."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._out = folder / "out.json"
        properties = (
            ("time", "timereported", ' dateFormat="rfc3339"'),
            ("host", "hostname", ""),
            ("facility", "syslogfacility-text", ""),
            ("severity", "syslogseverity-text", ""),
            ("program", "programname", ""),
            ("process", "procid", ""),
            ("message", "msg", ""),
        )
        template = ' constant(value=",") '.join(
            f'property(outname="{key}" name="{name}" format="jsonf"{more})' for key, name, more in properties
        )
        (folder / "rsyslog.conf").write_text(
            f'global(workDirectory="{folder}" maxMessageSize="64k" parser.escapeControlCharactersOnReceive="off")\n'
            'module(load="imptcp")\n'
            f'template(name="json" type="list") {{ constant(value="{{") {template} constant(value="}}\\n") }}\n'
            f'input(type="imptcp" address="127.0.0.1" port="{self._port}")\n'
            f'action(type="omfile" file="{self._out}" template="json")\n'
        )
        self._process = subprocess.Popen(
            ["rsyslogd", "-n", "-f", str(folder / "rsyslog.conf"), "-i", str(folder / "pid")], stderr=subprocess.DEVNULL
        )
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self._port)).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("rsyslogd does not listen")

    def rate(self, lines: Sequence[str]) -> float:
        """Lines per CPU-second of rsyslogd, from the first sent to the last written."""
        lines = [*lines] * PEER_TIMES
        data = "".join(f"{line}\n" for line in lines).encode()
        before, present = self._cpu(), self.written()
        with socket.create_connection(("127.0.0.1", self._port)) as connection:
            connection.sendall(data)
        deadline = time.monotonic() + 60
        while self.written() < present + len(lines):
            if time.monotonic() > deadline:
                raise RuntimeError(f"rsyslogd wrote {self.written() - present} of {len(lines)} lines")
            time.sleep(0.05)
        return len(lines) / (self._cpu() - before)

    def written(self) -> int:
        return self._out.read_bytes().count(b"\n") if self._out.exists() else 0

    def last(self, count: int) -> list[dict[str, str]]:
        return [json.loads(line) for line in self._out.read_text("utf-8", "replace").splitlines()[-count:]]

    def close(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(10)

    def _cpu(self) -> float:
        ticks = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(ticks[11]) + int(ticks[12])) / 100


def same_as_peer(events: Sequence[Event], written: Sequence[dict[str, str]]) -> bool:
    """Whether host, program, process and message of the lines are those rsyslog found; it writes them in any order."""
    ours = {
        (
            event.fields["host.name"],
            event.fields["process.name"],
            str(event.fields["process.pid"]),
            event.fields["message"],
        )
        for event in events
    }
    return ours == {
        (line["host"], line["program"], line["process"], line["message"].removeprefix(" ")) for line in written
    }


def distinct(lines: Sequence[str], addresses: Sequence[str], events: Sequence[Event]) -> dict[str, float]:
    """Different values for each line."""
    return {
        "lines": round(len(set(lines)) / len(lines), 3),
        "addresses": round(len(set(addresses)) / len(lines), 3),
        "users": round(len({event.fields.get("user.name") for event in events}) / len(lines), 3),
        "times": round(len({event.time for event in events}) / len(lines), 3),
    }


def main() -> None:
    """One JSON line."""
    options = argparse.ArgumentParser()
    options.add_argument("--lines", type=int, default=40_000)
    options.add_argument("--rounds", type=int, default=5)
    asked = options.parse_args()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    sources = {
        "sshd": (sshd, "syslog/tcp"),
        "fortigate": (fortigate, "syslog/tcp"),
        "sshd_in_a_file": (sshd_in_a_file, "tail:/var/log/auth.log"),
        "sshd_rfc5424": (sshd_rfc5424, "syslog/tcp"),
        "nginx": (access, "tail:/var/log/nginx/access.log"),
        "apache": (access, "tail:/var/log/apache2/access.log"),
        "journald": (journald, "journald"),
    }
    made = {name: [make(number) for number in range(asked.lines)] for name, (make, _) in sources.items()}
    lines = {name: [line for line, _ in pairs] for name, pairs in made.items()}
    taken = {name: batches(lines[name], source) for name, (_, source) in sources.items()}
    events = {name: events_of(some) for name, some in taken.items()}
    equal = {
        name: len(events[name]) == asked.lines
        and all(event.fields.get("source.ip") == at for event, (_, at) in zip(events[name], pairs, strict=True))
        for name, pairs in made.items()
    }
    rates: dict[str, list[float]] = {name: [] for name in sources}
    peers: dict[str, list[float]] = {"sshd": [], "fortigate": []}
    peer_version = None
    with tempfile.TemporaryDirectory() as folder:
        peer = Peer(Path(folder)) if shutil.which("rsyslogd") else None
        try:
            if peer is not None:
                told = subprocess.run(["rsyslogd", "-v"], capture_output=True, text=True).stdout
                peer_version = " ".join(told.split()[:2])
            for _ in range(asked.rounds):
                for name in sources:
                    rates[name].append(rate(taken[name]))
                    if peer is not None and name in peers:
                        peers[name].append(peer.rate(lines[name]))
                        if name == "sshd" and "sshd_as_rsyslog" not in equal:
                            equal["sshd_as_rsyslog"] = same_as_peer(events["sshd"], peer.last(asked.lines * PEER_TIMES))
        finally:
            if peer is not None:
                peer.close()
    result: dict[str, object] = {
        "bench": "normalise",
        **machine(),
        "method": f"CPU time, {asked.rounds} rounds of {asked.lines} lines in batches of {BATCH}; median (best)",
        "per_cpu_second": {name: round(statistics.median(some)) for name, some in rates.items()},
        "best": {name: round(max(some)) for name, some in rates.items()},
        "peer": peer_version,
        "peer_per_cpu_second": {name: round(statistics.median(some)) for name, some in peers.items() if some},
        "ratio_to_peer": {
            name: round(statistics.median(rates[name]) / statistics.median(some), 2)
            for name, some in peers.items()
            if some
        },
        "line_bytes": {name: round(statistics.mean(len(line) for line in some)) for name, some in lines.items()},
        "distinct": {
            name: distinct(lines[name], [at for _, at in pairs], events[name]) for name, pairs in made.items()
        },
        "equal_results": equal,
        "bar": {"sshd": 100_000, "fortigate": 40_000},
    }
    print(json.dumps(result))
    assert all(equal.values()), equal


if __name__ == "__main__":
    main()
