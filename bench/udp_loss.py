"""Bar (a), UDP: no datagram lost at 50,000 a second.

    python bench/udp_loss.py [--rate 50000] [--seconds 20]

Method: a sender in a process of its own sends real sshd lines (every one different) over loopback at a fixed rate, in
portions of 10 ms; when it falls behind it catches up, so a stall meets a burst. The intake process is the path of
`canh up` with its default kernel buffer, on one core. Equal result: every line sent is in the spool, in order;
`lost` is what is not, and `counted` what the drop counters say of it.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
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
from bench.syslog_intake import line
from collectors.loss import Losses
from collectors.settings import SyslogSettings
from collectors.syslog import SyslogCollector
from core import clock
from store.spool.disk import DiskSpoolReader, DiskSpoolWriter
from store.spool.group_commit import GroupCommit


def send(port: int, rate: int, seconds: float, sent) -> None:
    """`rate` datagrams a second."""
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.connect(("127.0.0.1", port))
    total = int(rate * seconds)
    lines = [line(number) for number in range(total)]
    began = time.monotonic()
    number = 0
    while number < total:
        due = min(total, int((time.monotonic() - began) * rate))
        for each in lines[number:due]:
            udp.send(each)
        number = due
        time.sleep(0.01)
    sent.value = time.monotonic() - began


async def receive(folder: Path, rate: int, seconds: float) -> dict[str, object]:
    """The intake path until nothing more comes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    writer = DiskSpoolWriter(folder, "bench", high_water_bytes=1 << 40)
    spool = GroupCommit(writer)
    losses = Losses()
    collector = SyslogCollector(SyslogSettings(port=port), spool=spool, losses=losses, unit="bench", now=clock.now)
    spool.start()
    await collector.start()
    spawn = multiprocessing.get_context("spawn")
    sent = spawn.Value("d", 0.0)
    cpu = time.process_time()
    sender = spawn.Process(target=send, args=(port, rate, seconds, sent))
    sender.start()
    while sender.is_alive():  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    await collector.stop()
    await spool.stop()
    spent = time.process_time() - cpu
    writer.close()
    total = int(rate * seconds)
    return {
        "sent": total,
        "rate_sent": round(total / sent.value),
        "lost": total - writer.last_sequence,
        "counted": losses.counters(),
        "intake_cpu_share": round(spent / sent.value, 2),
    }


def measure(rate: int, seconds: float, results) -> None:
    """In a fresh process on one core."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    folder = Path(tempfile.mkdtemp(dir=ROOT, prefix=".bench-"))
    try:
        result = uvloop.run(receive(folder, rate, seconds))
        result["equal"] = read_back(folder, int(rate * seconds))
        results.put(result)
    finally:
        shutil.rmtree(folder)


def read_back(folder: Path, total: int) -> bool:
    """Whether the spool holds exactly the lines sent, in order."""
    reader = DiskSpoolReader(folder)
    (partition,) = reader.partitions()
    after = 0
    while (batch := reader.take(partition, after, 10_000)).through > after:
        if any(record.raw != line(after + at) for at, record in enumerate(batch.records)):
            return False
        after = batch.through
    return after == total


def main() -> None:
    """One JSON line."""
    options = argparse.ArgumentParser()
    options.add_argument("--rate", type=int, default=50_000)
    options.add_argument("--seconds", type=float, default=20)
    asked = options.parse_args()
    spawn = multiprocessing.get_context("spawn")
    results = spawn.SimpleQueue()
    process = spawn.Process(target=measure, args=(asked.rate, asked.seconds, results))
    process.start()
    process.join(asked.seconds * 5 + 60)
    assert process.exitcode == 0
    print(
        json.dumps(
            {"bench": "udp_loss", **machine(), "rate_asked": asked.rate, "seconds": asked.seconds, **results.get()}
        )
    )


if __name__ == "__main__":
    main()
