"""Golden folders: input lines in, expected events and alerts out, on a frozen clock, through the production path.

A case is a folder with `input.log`, `case.toml` (`received` time, `format`, `zone`), `expected/events.jsonl` and
`expected/alerts.jsonl`. `make golden` rewrites the expectations; the difference is reviewed like code.
"""

import json
import os
import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from collectors.normalise import normalise
from composition.settings import Settings
from core.event import Event, Rejected
from core.record import Batch, Record
from detection.correlate import Correlator
from detection.match import Matcher
from detection.sigma.load import load_rules

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/case.toml"))
RULES = load_rules(Settings().detection.rule_paths())


def run_case(folder: Path) -> dict[str, list[dict]]:
    case = tomllib.loads((folder / "case.toml").read_text("utf-8"))
    received: datetime = case["received"]
    step = timedelta(seconds=case.get("seconds_between_lines", 0))
    lines = (folder / "input.log").read_bytes().removesuffix(b"\n").split(b"\n")
    records = [
        Record(
            raw=line,
            source="golden",
            received_at=received + step * index,
            unit="province",
            format=case.get("format", "auto"),
        )
        for index, line in enumerate(lines)
    ]
    sequences = list(range(1, len(records) + 1))
    batch = Batch(partition="golden.0", sequences=sequences, records=records, through=len(records))
    outcomes = normalise(batch, ZoneInfo(case.get("zone", "Asia/Ho_Chi_Minh")))
    correlator = Correlator(RULES, max_groups=10_000)
    correlator.feed(Matcher(RULES).match([outcome for outcome in outcomes if isinstance(outcome, Event)]))
    alerts = sorted(correlator.take_alerts(), key=lambda alert: (alert.rule.title.en, sorted(alert.entities.items())))
    return {
        "events": [event_row(outcome) for outcome in outcomes],
        "alerts": [
            {
                "title": alert.rule.title.en,
                "level": alert.rule.level,
                "entities": dict(alert.entities),
                "count": alert.count,
                "first": alert.first.isoformat(),
                "last": alert.last.isoformat(),
                "reason": msgspec.to_builtins(alert.reason),
            }
            for alert in alerts
        ],
    }


def event_row(outcome: Event | Rejected) -> dict:
    if isinstance(outcome, Rejected):
        return {"rejected": outcome.stage, "reason": outcome.reason}
    return {"@timestamp": outcome.time.isoformat(), **dict(sorted(outcome.fields.items()))}


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_case(folder):
    actual = run_case(folder)
    for name, rows in actual.items():
        file = folder / "expected" / f"{name}.jsonl"
        text = "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows)
        if os.environ.get("CANH_TEST_REWRITE_GOLDEN"):
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, "utf-8")
        assert file.read_text("utf-8") == text


def test_there_are_cases():
    assert len(CASES) >= 5
