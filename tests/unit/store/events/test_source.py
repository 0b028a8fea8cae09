import math
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.event import Event
from core.record import Position
from store.events.embedded.source import DICTIONARY_FILE, SAMPLES, SourcePacker, SourceUnpacker, read_dictionary

TEXTS = st.text(st.characters())  # half surrogate pairs included
VALUES = st.one_of(TEXTS, st.integers(), st.floats(), st.booleans(), st.lists(TEXTS), st.lists(st.integers()))
TIMES = st.datetimes().map(lambda time: time.replace(tzinfo=UTC, fold=0))
EVENTS = st.builds(
    Event,
    time=TIMES,
    received=TIMES,
    position=st.builds(Position, st.text(), st.integers(1, 2**63)),
    unit=st.text(),
    fields=st.dictionaries(st.text(), VALUES),
    raw=st.binary(max_size=300),
)


def line(number: int) -> Event:
    return Event(
        time=datetime(2026, 11, 24, tzinfo=UTC),
        received=datetime(2026, 11, 24, tzinfo=UTC),
        position=Position("intake.1", number),
        unit="province",
        fields={"message": f"Failed password for user{number} from 10.0.0.{number % 250}", "event.outcome": "failure"},
        raw=f"<38>Nov 24 09:12:01 web-01 sshd[812]: Failed password for user{number}".encode(),
    )


class Learnt:
    """A packer that has its dictionary, and what it packed before and after."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.packer = SourcePacker(folder)
        self.packed = [self.packer.pack(line(number)) for number in range(1, SAMPLES + 200)]


@pytest.fixture(scope="module")
def learnt(tmp_path_factory) -> Learnt:
    return Learnt(tmp_path_factory.mktemp("learnt"))


@given(EVENTS)
def test_an_event_is_given_back_as_it_was(learnt, event):
    back = SourceUnpacker(read_dictionary(learnt.folder)).unpack(learnt.packer.pack(event))
    assert repr(back) == repr(event)
    if not any(isinstance(value, float) and math.isnan(value) for value in event.fields.values()):
        assert back == event


def test_a_day_learns_its_dictionary_and_reads_what_came_before(learnt):
    folder, packed = learnt.folder, learnt.packed
    unpacker = SourceUnpacker(read_dictionary(folder))
    assert [unpacker.unpack(source) for source in packed] == [line(number) for number in range(1, len(packed) + 1)]
    assert 2 * len(packed[-1]) < len(packed[0])
    again = SourcePacker(folder)
    assert again.pack(line(1)) == SourcePacker(folder).pack(line(1))
    assert len(again.pack(line(1))) < len(packed[0])


def test_events_all_alike_teach_nothing_and_are_packed_all_the_same(tmp_path):
    packer = SourcePacker(tmp_path)
    event = Event(
        time=datetime.now(UTC), received=datetime.now(UTC), position=Position("", 1), unit="", fields={}, raw=b""
    )
    packed = [packer.pack(event) for _ in range(SAMPLES + 10)]
    assert all(SourceUnpacker(read_dictionary(tmp_path)).unpack(source) == event for source in packed)


@pytest.mark.parametrize("data", [b"", b"abc", b"\x00" * 100])
def test_a_damaged_dictionary_is_told(tmp_path, data):
    (tmp_path / DICTIONARY_FILE).write_bytes(data)
    with pytest.raises(ValueError, match="damaged"):
        read_dictionary(tmp_path)
