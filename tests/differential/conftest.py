"""Where the public rules and events lie, and how they become ours."""

import gzip
import json
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.event import Event
from core.record import Position

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def event_of(fields, raw: bytes | None = None, number: int = 1) -> Event:
    """An event of any fields; what a JSON line nests becomes its text, what is null is absent."""
    flat = {}
    for name, value in fields.items():
        if value is None:
            continue
        if isinstance(value, list):
            value = [each if isinstance(each, str) else json.dumps(each) for each in value]
        elif isinstance(value, dict):
            value = json.dumps(value)
        flat[name] = value
    if raw is None:
        raw = json.dumps(fields, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")
    return Event(time=NOW, received=NOW, position=Position("test.1", number), unit="soc", fields=flat, raw=raw)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory) -> Path:
    """A folder of every public rule."""
    archive = DATA / "sigma-rules.tar.gz"
    if not archive.exists():
        pytest.skip("the public rules (../shared/data/sigma-rules.tar.gz) are not here")
    folder = tmp_path_factory.mktemp("sigma")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="session")
def windows_events() -> list[Event]:
    """Real Windows events, flattened."""
    stream = DATA / "otrf-20k.jsonl.gz"
    if not stream.exists():
        pytest.skip("the public events (../shared/data/otrf-20k.jsonl.gz) are not here")
    with gzip.open(stream, "rt", encoding="utf-8") as lines:
        return [event_of(json.loads(line), line.encode(), number) for number, line in enumerate(lines, 1)]
