"""The embedded event store alone: what an event costs, how long a commit stalls, what it weighs, how fast it is found.

    python bench/embedded_store.py [--events 300000]

Method: lines of sshd (50 %), nginx (30 %) and FortiGate (20 %), each different, made into events by the real parsers.
`append` in batches of 2,000 and `commit` every 8,000 (the pipeline's pace at 5,000/s) on one thread; processor time is
that of the whole process, tantivy's threads and merges included, without the making of the events. Then two hundred
commits of twenty events: how many segments are left. Then each query twenty times, the median. Equal results: counts
of the queries are asserted.
"""

import argparse
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.machine import machine
from collectors.normalise import normalise
from core.event import Event, Rejected
from core.ports import Search
from core.record import Batch, Record
from core.scope import EVERY_UNIT
from store.events.embedded import open_reader, open_writer
from store.events.settings import EventsSettings
from tests.queries import parse

BATCH = 2000
COMMIT = 8000
BEGIN = datetime(2026, 11, 24, 1, 0, 0, tzinfo=UTC)


def line(number: int, local: datetime) -> str:
    """The line of a number: sshd, nginx or FortiGate."""
    stamp = local.strftime("%b %e %H:%M:%S")
    spread = number * 2654435761 % 2**32
    port = 1024 + spread % 60000
    kind = number % 10
    if kind < 3:
        return f"<38>{stamp} host-{number % 40:02d} sshd[{port}]: Accepted publickey for user{spread % 500} from 10.{spread % 200}.{spread % 251}.9 port {port} ssh2: ED25519 SHA256:{spread:032x}"  # noqa: E501
    if kind < 5:
        return f"<38>{stamp} host-{number % 40:02d} sshd[{port}]: Failed password for invalid user user{spread % 5000} from 203.{spread % 200}.{spread % 251}.9 port {port} ssh2"  # noqa: E501
    if kind < 8:
        access = local.strftime("%d/%b/%Y:%H:%M:%S +0700")
        return f'<190>{stamp} web-{number % 9} nginx: 172.16.{spread % 251}.{spread % 199} - - [{access}] "GET /dich-vu/{spread % 5000}?ma={number} HTTP/1.1" 200 {spread % 9000} "-" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"'  # noqa: E501
    return f'<189>date={local:%Y-%m-%d} time={local:%H:%M:%S} devname="FGT-60F" devid="FGT60FTK20001234" tz="+0700" logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=10.1.{spread % 251}.{spread % 241} srcport={port} srcintf="internal" srcintfrole="lan" dstip=93.184.{spread % 239}.{spread % 233} dstport=443 dstintf="wan1" dstintfrole="wan" srccountry="Reserved" dstcountry="United States" sessionid={spread} proto=6 action="close" policyid=1 policytype="policy" service="HTTPS" trandisp="snat" transip=113.160.1.2 transport={port} duration={spread % 300} sentbyte={spread % 10**6} rcvdbyte={spread % 99991} sentpkt={spread % 997} rcvdpkt={spread % 991} appcat="unscanned"'  # noqa: E501


def batches(first: int, events: int, size: int) -> Iterator[list[Event | Rejected]]:
    """Batches as the pipeline hands them over, 5,000 events to the second."""
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    for start in range(first, first + events, size):
        numbers = range(start, min(start + size, first + events))
        times = [BEGIN + timedelta(microseconds=200 * number) for number in numbers]
        records = [
            Record(
                raw=line(number, time.astimezone(zone)).encode(),
                source="syslog/tcp",
                received_at=time,
                unit="province",
                peer="127.0.0.1",
            )
            for number, time in zip(numbers, times, strict=True)
        ]
        yield normalise(Batch("intake.5f0c9a11d2e3", [n + 1 for n in numbers], records, numbers[-1] + 1), zone)


def resident() -> int:
    """MiB of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() >> 20


def main() -> None:
    """One JSON line."""
    options = argparse.ArgumentParser()
    options.add_argument("--events", type=int, default=300_000)
    events = options.parse_args().events
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=Path(__file__).resolve().parents[1]) as scratch:
        folder = Path(scratch) / "events"
        writer = open_writer(folder, EventsSettings())
        own = 0.0
        commits: list[float] = []
        memory = 0
        before = resident()
        process_began, thread_began = time.process_time(), time.thread_time()
        for number, batch in enumerate(batches(0, events, BATCH), 1):
            began = time.thread_time()
            writer.append(batch)
            if number * BATCH % COMMIT == 0:
                stalled = time.monotonic()
                writer.commit()
                commits.append(time.monotonic() - stalled)
            own += time.thread_time() - began
            memory = max(memory, resident() - before)
        writer.commit()
        making = time.thread_time() - thread_began - own
        processor = time.process_time() - process_began - making
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        segments_at_full_rate = len(list(folder.glob("*/*.store")))
        for batch in batches(events, 200 * 20, 20):
            writer.append(batch)
            writer.commit()
        segments = len(list(folder.glob("*/*.store")))
        writer.close()
        reader = open_reader(folder)
        total = events + 200 * 20
        latencies = {}
        for query, share in {
            "*": 1.0,
            '"failed password for invalid"': 0.2,
            "event.outcome:failure and user.name:user1*": None,
            "source.port:[1024 TO 2000]": None,
            "source.ip:172.16.0.0/16": 0.3,
            "not user.name:*": 0.5,
            "fortinet.firewall.type:traffic": 0.2,
        }.items():
            asked = Search(query=parse(query))
            times = []
            for _ in range(20):
                began_query = time.monotonic()
                page = reader.search(asked, EVERY_UNIT)
                times.append(time.monotonic() - began_query)
            assert share is None or page.total == round(share * total), (query, page.total)
            latencies[query] = round(statistics.median(times) * 1000, 1)
        ordered = sorted(commits)
    print(
        json.dumps(
            {
                "bench": "embedded_store",
                **machine(),
                "events": events,
                "events_per_processor_second": round(events / processor),
                "own_thread_us_per_event": round(own / events * 1e6, 1),
                "commit_p50_s": round(ordered[len(ordered) // 2], 3),
                "commit_max_s": round(ordered[-1], 3),
                "bytes_per_event": round(size / events),
                "resident_growth_mb": memory,
                "segments": segments_at_full_rate,
                "segments_after_200_small_commits": segments,
                "query_ms": latencies,
            },
            ensure_ascii=False,
        )
    )


if __name__ == "__main__":
    main()
