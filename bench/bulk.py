"""Bars: 25,000 documents a second over `_bulk` with durable acknowledgement on one core; 100 clients with 50 documents
a request, one in flight each, are not slower than 20 clients with 250.

    python bench/bulk.py [--seconds 10] [--rounds 3]

Method: the intake process alone, held on one core, with its spool on this machine's disk. Clients are connections of
one other process on the other core: each sends a prepared body of ECS documents (about 330 bytes each) and the next
one when the answer is there. The two shapes go in turn, `--rounds` times; the best round of each counts. What was
acknowledged is read back from the spool and compared. Per CPU-second: the intake's own time, the kernel's included.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.machine import ROOT, machine
from org.ingest_key import IngestKey, KeyView, write_view
from org.secret import digest
from org.token_mark import _mark
from store.spool.disk import DiskSpoolReader
from tests.e2e.product import free_port, wait_for

MARK = b"m" * 32
TOKEN = "canh_" + "x" * 43
TOKEN += _mark(MARK, TOKEN)
SHAPES = {"100 x 50": (100, 50), "20 x 250": (20, 250)}
ASKED = 25_000
TICKS = os.sysconf("SC_CLK_TCK")


def body_of(documents: int) -> bytes:
    """A bulk body as Filebeat ships it."""
    lines = []
    for number in range(documents):
        document = {
            "@timestamp": "2026-11-24T02:30:00.123Z",
            "message": f"Failed password for root from 203.0.113.{number % 250} port 50112 ssh2",
            "host": {"name": "web-01", "ip": ["10.0.0.5"]},
            "agent": {"type": "filebeat", "version": "8.19.0"},
            "log": {"file": {"path": "/var/log/auth.log"}, "offset": number * 100},
            "event": {"dataset": "system.auth", "module": "system"},
            "process": {"name": "sshd", "pid": 812},
        }
        lines += ['{"create":{"_index":"filebeat-8.19.0"}}', json.dumps(document)]
    return ("\n".join(lines) + "\n").encode()


async def client(port: int, request: bytes, documents: int, ends: float) -> int:
    """How many documents were acknowledged to one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    acknowledged = 0
    while time.monotonic() < ends:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        answer = await reader.readexactly(length)
        assert head.startswith(b"HTTP/1.1 200") and b'"errors":false' in answer[:60], (head, answer[:200])
        acknowledged += documents
    writer.close()
    return acknowledged


def ship(
    port: int, clients: int, documents: int, seconds: float, told: "multiprocessing.Queue[tuple[int, float]]"
) -> None:
    """The clients of one shape; tells how many documents were acknowledged within how many seconds."""
    os.sched_setaffinity(0, {1})
    body = body_of(documents)
    head = f"POST /_bulk HTTP/1.1\r\nHost: x\r\nAuthorization: ApiKey {TOKEN}\r\nContent-Type: application/x-ndjson\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    async def all_of_them() -> int:
        ends = time.monotonic() + seconds
        return sum(await asyncio.gather(*(client(port, request, documents, ends) for _ in range(clients))))

    begun = time.monotonic()
    count = asyncio.run(all_of_them())
    told.put((count, time.monotonic() - begun))


def cpu_seconds(pid: int) -> float:
    """What the process has used, the kernel's part included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def main() -> None:
    """One JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data, port = Path(folder), free_port()
        (data / "run").mkdir()
        key = IngestKey(1, "bench", "x", datetime.now(UTC) + timedelta(days=1))
        write_view(data / "run", KeyView(MARK, {digest(TOKEN): key}))
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "CANH_BULK__ENABLED": "true",
            "CANH_BULK__PORT": str(port),
            "CANH_SYSLOG__PORT": str(free_port()),
            "CANH_TAIL__PATHS": "[]",
            "CANH_JOURNALD__ENABLED": "false",
        }
        code = (
            "import os, sys; os.sched_setaffinity(0, {0});"
            "from pathlib import Path; from composition.settings import load;"
            "from composition.processes.intake import run;"
            f"sys.exit(run(load(config=None, data=Path({folder!r}), environment=os.environ)[0]))"
        )
        intake = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment)
        try:
            wait_for(lambda: _is_open(port), 30)
            acknowledged, shapes = 0, {name: [] for name in SHAPES}
            for _ in range(options.rounds):
                for name, (clients, documents) in SHAPES.items():
                    told: multiprocessing.Queue[tuple[int, float]] = multiprocessing.Queue()
                    before = cpu_seconds(intake.pid)
                    sender = multiprocessing.Process(
                        target=ship, args=(port, clients, documents, options.seconds, told)
                    )
                    sender.start()
                    count, took = told.get()
                    sender.join()
                    used = cpu_seconds(intake.pid) - before
                    acknowledged += count
                    shapes[name].append((count / took, count / used))
        finally:
            intake.terminate()
            intake.wait(20)
        reader = DiskSpoolReader(data / "spool")
        spooled = sum(reader.last_sequence(partition) for partition in reader.partitions())
    best = {name: [round(max(each)) for each in zip(*rounds, strict=True)] for name, rounds in shapes.items()}
    ratio = best["100 x 50"][0] / best["20 x 250"][0]
    print(
        json.dumps(
            {
                "bench": "bulk",
                **machine(),
                "documents_per_s": {name: each[0] for name, each in best.items()},
                "documents_per_cpu_second": {name: each[1] for name, each in best.items()},
                "ratio_of_shapes": round(ratio, 2),
                "acknowledged": acknowledged,
                "spooled": spooled,
                "equal": spooled == acknowledged,
                "met": min(each[0] for each in best.values()) >= ASKED and ratio >= 1.0,
            }
        )
    )


def _is_open(port: int) -> bool:
    import socket

    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
