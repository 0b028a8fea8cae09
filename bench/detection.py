"""What detection costs: events per CPU-second through `Matcher` and `Correlator`, and memory with the rules loaded.

    python bench/detection.py

Method: real lines of sshd, sudo, nginx and FortiGate, every one different, are made into events beforehand; only
`match`, `feed`, `take_alerts` and `take_changes` (each batch of 2,000) are measured, in processor time of this process.
`ordinary` are lines on which no starter rule holds, `attack` are failed log-ins of 200 addresses, each a hit of two
rules. `corpus` is SigmaHQ's rules over OTRF's Windows events (every 50th of a million) where they lie beside the
checkout.
Equal results: the hits are counted and printed; `tests/differential` compares them with a plain evaluator.
No bar of its own: it is part of bar (c), 5,000 events/s for the whole path.
"""

import gzip
import json
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


BEFORE = resident_mib()

from bench.machine import machine
from collectors.normalise import normalise
from core.event import Event
from core.record import Batch, Position, Record
from core.scope import EVERY_UNIT
from detection import snapshot
from detection.correlate import Correlator
from detection.match import Matcher
from detection.rule import RuleSet
from detection.settings import DetectionSettings
from detection.sigma.load import load_rules
from store import db
from tests.differential.windows import key_of, origin_of

DATA = ROOT.parent / "shared" / "data"
BATCH = 2000
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def ordinary(number: int) -> str:
    kind = number % 5
    stamp = f"<38>Nov 24 09:{number // 60 % 60:02d}:{number % 60:02d}"
    if kind == 0:
        key = f"port 4022 ssh2: ED25519 SHA256:{number:043d}"
        return f"{stamp} web-01 sshd[{number}]: Accepted publickey for an from 10.0.{number % 250}.8 {key}"
    if kind == 1:
        command = f"/usr/bin/apt install goi-{number}"
        return f"{stamp} web-01 sudo:   an : TTY=pts/0 ; PWD=/home/an ; USER=root ; COMMAND={command}"
    if kind == 2:
        return (
            f"203.0.113.{number % 250} - - [24/Nov/2026:09:12:01 +0700] "
            f'"GET /dich-vu/{number}?trang={number % 9} HTTP/1.1" '
            f'200 {number} "https://soctrang.example/" "Mozilla/5.0 (X11; Linux x86_64) {number}"'
        )
    if kind == 3:
        return (
            f'date=2026-11-24 time=09:12:01 devname="FG-TINH" devid="FG100F0000000001" tz="+0700" logid="0000000013" '
            f'type="traffic" subtype="forward" level="notice" srcip=10.1.{number % 250}.5 srcport=51000 '
            f'dstip=203.0.113.9 dstport=443 proto=6 action="close" policyid=7 service="HTTPS" sentbyte={number}'
        )
    return f"{stamp} web-01 sshd[{number}]: Disconnected from user an 10.0.{number % 250}.8 port {number % 60000}"


def attack(number: int) -> str:
    user, source = f"user{number % 977}", f"198.51.100.{number % 200}"
    stamp = f"<38>Nov 24 09:{number // 4000 % 60:02d}:{number // 80 % 50:02d}"
    text = f"Failed password for {user} from {source} port {1024 + number % 60000} ssh2"
    return f"{stamp} web-01 sshd[{number}]: {text}"


def events_of(line: Callable[[int], str], count: int) -> list[Event]:
    records = [Record(raw=line(n).encode(), source="bench", received_at=NOW, unit="soc") for n in range(count)]
    numbers = list(range(1, count + 1))
    outcomes = normalise(Batch("bench.0", numbers, records, count), UTC)
    return [outcome for outcome in outcomes if isinstance(outcome, Event)]


def measure(rules: RuleSet, events: Sequence[Event], **origin: object) -> dict[str, float]:
    matcher = Matcher(rules, **origin)  # type: ignore[arg-type]
    matcher.match(events[:BATCH])
    correlator = Correlator(rules, max_groups=50_000)
    hits = alerts = 0
    matching = counting = saving = 0.0
    for start in range(0, len(events), BATCH):
        begin = time.process_time()
        found = matcher.match(events[start : start + BATCH])
        matched = time.process_time()
        correlator.feed(found)
        fed = time.process_time()
        alerts += len(correlator.take_alerts())
        correlator.take_changes()
        saving += time.process_time() - fed
        matching += matched - begin
        counting += fed - matched
        hits += len(found)
    return {
        "events": len(events),
        "hits": hits,
        "alerts_told": alerts,
        "events_per_cpu_s": round(len(events) / (matching + counting + saving)),
        "match_us_per_event": round(matching / len(events) * 1e6, 2),
        "feed_us_per_hit": round(counting / hits * 1e6, 2) if hits else 0.0,
        "take_ms_per_batch": round(saving / (len(events) / BATCH) * 1e3, 2),
    }


def corpus() -> dict[str, object] | None:
    archive, stream = DATA / "sigma-rules.tar.gz", DATA / "otrf-20k.jsonl.gz"
    if not archive.exists() or not stream.exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
        before, begin = resident_mib(), time.process_time()
        rules = load_rules([Path(folder)])
        loaded, grown = time.process_time() - begin, resident_mib() - before
    with gzip.open(stream, "rt") as lines:
        rows = [(line, json.loads(line)) for line in lines]
    events = [
        Event(
            time=NOW + timedelta(seconds=number),
            received=NOW + timedelta(seconds=number),
            position=Position("bench.1", number + 1),
            unit="soc",
            fields={name: value for name, value in row.items() if isinstance(value, (str, int, float, bool))},
            raw=line.encode(),
        )
        for number, (line, row) in enumerate(rows)
    ]
    return {
        "rules": len(rules.rules),
        "refused": len(rules.errors),
        "load_cpu_s": round(loaded, 1),
        "rules_mib": round(grown),
        **measure(rules, events, key=key_of, origin=origin_of),
    }


def snapshot_ms(rules: RuleSet) -> float:
    """The median transaction after a quarter second of 5,000 failed log-ins/s from 200 addresses; SQLite with fsync."""
    correlator = Correlator(rules, max_groups=50_000)
    matcher = Matcher(rules)
    took = []
    with tempfile.TemporaryDirectory() as folder:
        engine = db.open_engine(f"sqlite:///{folder}/canh.db")
        tables = [snapshot.CorrelationState.__table__, snapshot.DetectionPosition.__table__]
        db.Base.metadata.create_all(engine, tables=tables)  # type: ignore[arg-type]
        for attempt in range(9):
            failures = events_of(lambda number, first=attempt * 1250: attack(number + first), 1250)
            correlator.feed(matcher.match(failures))
            changes = correlator.take_changes()
            begin = time.perf_counter()
            with db.session(engine, EVERY_UNIT) as session:
                snapshot.save(session, changes, {"bench.0": attempt})
            took.append(time.perf_counter() - begin)
        engine.dispose()
    return round(sorted(took)[len(took) // 2] * 1e3, 1)


def main() -> int:
    imported = resident_mib()
    public = corpus()
    rules = load_rules(DetectionSettings().rule_paths())
    result = {
        "bench": "detection",
        **machine(),
        "import_mib": round(imported - BEFORE, 1),
        "starter_rules": len(rules.rules) + len(rules.correlations),
        "snapshot_ms": snapshot_ms(rules),
        "ordinary": measure(rules, events_of(ordinary, 100_000)),
        "attack": measure(rules, events_of(attack, 40_000)),
        "corpus": public or "not here",
    }
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
