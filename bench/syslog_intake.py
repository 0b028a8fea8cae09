"""Bar (a), TCP: from a syslog sender to a durable record, on one core.

    python bench/syslog_intake.py [--lines 2000000]

Method: a sender in a process of its own writes real sshd lines (every one different) over loopback TCP as fast as they
are taken, once with octet counting and once with newlines. The intake process is the path of `canh up`: uvloop,
`SyslogCollector`, `GroupCommit` and `DiskSpoolWriter` with fdatasync; its loop and its writer thread share one core.
`lines_per_s` is lines over the time from the first durable frame to the last; `lines_per_cpu_s` divides by the
processor time (user and system) of the intake process, which other load on the machine changes less. Equal result:
every line is read back from the spool, in order.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import shutil
import socket
import sys
import tempfile
import time
from pathlib import Path

import uvloop

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.machine import machine
from collectors.loss import Losses
from collectors.settings import SyslogSettings
from collectors.syslog import SyslogCollector
from core import clock
from store.spool.disk import DiskSpoolReader, DiskSpoolWriter
from store.spool.group_commit import GroupCommit

BAR_LINES_PER_S = 200_000
PORTION = 500


def line(number: int) -> bytes:
    """One of four real sshd lines, with the number in it."""
    kind = number % 4
    if kind == 0:
        text = f"Failed password for root from 203.0.{number % 250}.9 port {1024 + number % 60000} ssh2"
    elif kind == 1:
        text = f"Invalid user user{number % 977} from 198.51.100.{number % 250} port {1024 + number % 60000}"
    elif kind == 2:
        key = f"ED25519 SHA256:{number:043d}"
        text = f"Accepted publickey for an from 10.0.{number % 250}.8 port {1024 + number % 60000} ssh2: {key}"
    else:
        address = f"192.0.2.{number % 250} port {1024 + number % 60000}"
        text = f"Connection closed by authenticating user root {address} [preauth]"
    return f"<38>Nov 24 09:12:01 web-{number % 40:02d} sshd[{number}]: {text}".encode()


def send(port: int, lines: int, framing: str) -> None:
    """All lines, framed beforehand, in writes of about 64 KiB."""
    portions = []
    for begin in range(0, lines, PORTION):
        batch = [line(number) for number in range(begin, min(lines, begin + PORTION))]
        if framing == "octet":
            portions.append(b"".join([b"%d %s" % (len(each), each) for each in batch]))
        else:
            portions.append(b"".join([each + b"\n" for each in batch]))
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for portion in portions:
            connection.sendall(portion)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)


async def receive(folder: Path, lines: int, framing: str) -> dict[str, object]:
    """The intake path until the last line is durable."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    writer = DiskSpoolWriter(folder, "bench", high_water_bytes=1 << 40)
    spool = GroupCommit(writer)
    collector = SyslogCollector(SyslogSettings(port=port), spool=spool, losses=Losses(), unit="bench", now=clock.now)
    spool.start()
    await collector.start()
    sender = multiprocessing.get_context("spawn").Process(target=send, args=(port, lines, framing))
    sender.start()
    while spool.durable == 0:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    # What was done before the first frame is the start of the processes.
    began, cpu = time.monotonic(), time.process_time()
    first = spool.durable
    while spool.durable < lines:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    elapsed, spent = time.monotonic() - began, time.process_time() - cpu
    await collector.stop()
    await spool.stop()
    writer.close()
    sender.join()
    taken = lines - first
    return {
        "lines_per_s": round(taken / elapsed),
        "lines_per_cpu_s": round(taken / spent),
        "spool_mb": DiskSpoolReader(folder).size_bytes() >> 20,
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }


def measure(lines: int, framing: str, results) -> None:
    """One framing in a fresh process on one core."""
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    folder = Path(tempfile.mkdtemp(dir=ROOT, prefix=".bench-"))
    try:
        result = uvloop.run(receive(folder, lines, framing))
        result["equal"] = read_back(folder, lines)
        results.put(result)
    finally:
        shutil.rmtree(folder)


def read_back(folder: Path, lines: int) -> bool:
    """Whether the spool holds exactly the lines sent, in order."""
    reader = DiskSpoolReader(folder)
    (partition,) = reader.partitions()
    after = 0
    while (batch := reader.take(partition, after, 10_000)).through > after:
        if batch.damaged or any(record.raw != line(after + at) for at, record in enumerate(batch.records)):
            return False
        after = batch.through
    return after == lines


def main() -> None:
    """Both framings; one JSON line. Fails where a line is missing, not where the bar is missed."""
    options = argparse.ArgumentParser()
    options.add_argument("--lines", type=int, default=2_000_000)
    asked = options.parse_args()
    spawn = multiprocessing.get_context("spawn")
    outcome: dict[str, object] = {}
    for framing in ("octet", "newline"):
        results = spawn.SimpleQueue()
        process = spawn.Process(target=measure, args=(asked.lines, framing, results))
        process.start()
        process.join(300)
        assert process.exitcode == 0
        outcome[framing] = results.get()
    print(
        json.dumps(
            {"bench": "syslog_intake", **machine(), "bar_lines_per_s": BAR_LINES_PER_S, "lines": asked.lines, **outcome}
        )
    )
    assert all(result["equal"] for result in outcome.values())  # type: ignore[index]


if __name__ == "__main__":
    main()
