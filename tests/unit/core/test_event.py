from datetime import UTC, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from core.event import Event, Rejected
from core.record import Position, Record
from core.rejection import REASONS

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
RECORDS = st.builds(
    Record,
    raw=st.binary(),
    source=st.text(),
    received_at=st.datetimes(timezones=st.just(UTC)),
    unit=st.text(),
    format=st.text(),
    peer=st.none() | st.text(),
    place=st.none() | st.text(),
    flags=st.lists(st.text()).map(tuple),
)


@given(RECORDS)
def test_a_record_survives_packing(record):
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(record), type=Record) == record
    assert msgspec.json.decode(msgspec.json.encode(record), type=Record) == record


def test_positions_are_ordered_by_partition_then_sequence():
    assert Position("a", 2) < Position("a", 10) < Position("b", 1)


def test_a_rejected_record_becomes_an_event_with_its_reason_and_its_bytes():
    record = Record(raw=b"\xff half", source="syslog/udp", received_at=NOW, unit="province", peer="10.0.0.1")
    rejected = Rejected(
        record=record,
        position=Position("intake.5f0c9a11d2e3", 31),
        stage="normalise",
        reason="no_known_format",
        fields={"host.name": "h", "event.kind": "event"},
    )
    assert rejected.as_event() == Event(
        time=NOW,
        received=NOW,
        position=rejected.position,
        unit="province",
        fields={
            "host.name": "h",
            "event.kind": "pipeline_error",
            "error.type": "normalise",
            "error.code": "no_known_format",
            "error.message": REASONS["no_known_format"].en,
            "message": "\\xff half",
        },
        raw=b"\xff half",
    )
    assert rejected.id == rejected.as_event().id == "5f0c9a11d2e3-1f"
