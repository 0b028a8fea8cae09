"""What every spool must do, whatever it stands on (`core.ports.SpoolWriter`, `SpoolReader`)."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Unavailable
from core.ports import SpoolReader, SpoolWriter
from core.record import Record
from store.spool.disk import DiskSpoolReader, DiskSpoolWriter
from tests.unit.store.spool.records import records, take_all


class Spool:
    """One spool under test: how a producer and a reader open it. `small` has a high-water mark a few frames reach."""

    def __init__(self, writer: Callable[[str, bool], SpoolWriter], reader: Callable[[], SpoolReader]) -> None:
        self._writer = writer
        self.reader = reader

    def writer(self, producer: str = "intake", *, small: bool = False) -> SpoolWriter:
        return self._writer(producer, small)


def on_disk(folder) -> Spool:
    def writer(producer: str, small: bool) -> DiskSpoolWriter:
        if small:
            return DiskSpoolWriter(folder, producer, segment_bytes=1000, high_water_bytes=3000)
        return DiskSpoolWriter(folder, producer, segment_bytes=4000)

    return Spool(writer, lambda: DiskSpoolReader(folder))


@pytest.fixture(params=[on_disk])
def spool(request, tmp_path) -> Spool:
    return request.param(tmp_path / "spool")


def test_an_empty_spool_has_nothing(spool):
    assert list(spool.reader().partitions()) == []
    writer = spool.writer()
    reader = spool.reader()
    assert list(reader.partitions()) == [writer.partition]
    assert (writer.last_sequence, dict(writer.cursors)) == (0, {})
    assert reader.last_sequence(writer.partition) == 0
    assert reader.take(writer.partition, 0, 10).through == 0
    assert writer.append([], {}) == 0
    writer.close()


def test_sequences_start_at_one_and_rise_by_one(spool):
    writer = spool.writer()
    assert writer.append(records(1, 2, 3), {}) == 3
    assert writer.append(records(4), {}) == 4
    assert writer.last_sequence == 4
    batch = take_all(spool.reader(), writer.partition)
    assert batch.sequences == [1, 2, 3, 4]
    assert batch.records == records(1, 2, 3, 4)
    assert (batch.through, batch.damaged) == (4, 0)
    writer.close()


_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_record = st.builds(
    Record,
    raw=st.binary(max_size=3000),
    source=_text,
    received_at=st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC)),
    unit=_text,
    format=_text,
    peer=st.none() | _text,
    place=st.none() | _text,
    flags=st.lists(_text, max_size=3).map(tuple),
)
_append = st.tuples(st.lists(_record, max_size=8), st.dictionaries(_text.filter(bool), _text, max_size=3))


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(appends=st.lists(st.one_of(_append, st.none()), max_size=12), limit=st.integers(1, 9), start=st.floats(0, 1))
def test_any_records_and_cursors_come_back(spool, tmp_path_factory, appends, limit, start):
    spool = on_disk(tmp_path_factory.mktemp("spool"))
    writer = spool.writer()
    partition = writer.partition
    written: list[Record] = []
    cursors: dict[str, str] = {}
    for append in appends:
        if append is None:
            writer.close()
            writer = spool.writer()
            assert writer.partition == partition
        else:
            assert writer.append(*append) == len(written) + len(append[0])
            written += append[0]
            cursors = {name: value for name, value in {**cursors, **append[1]}.items() if value}
        assert writer.last_sequence == len(written)
        assert dict(writer.cursors) == cursors
    after = int(start * len(written))
    batch = take_all(spool.reader(), partition, after, limit)
    assert batch.records == written[after:]
    assert batch.sequences == list(range(after + 1, len(written) + 1))
    assert batch.damaged == 0
    writer.close()


def test_a_reader_follows_a_writer(spool):
    writer = spool.writer()
    reader = spool.reader()
    through = 0
    for number in range(1, 200):
        writer.append(records(number), {})
        assert reader.last_sequence(writer.partition) == number
        batch = reader.take(writer.partition, through, 10)
        assert batch.records == records(number)
        through = batch.through
    writer.close()


def test_about_limit_records_and_from_any_place(spool):
    writer = spool.writer()
    writer.append(records(*range(1, 51)), {})
    writer.append(records(*range(51, 101)), {})
    reader = spool.reader()
    assert reader.take(writer.partition, 0, 7).sequences == [1, 2, 3, 4, 5, 6, 7]
    assert reader.take(writer.partition, 7, 2).sequences == [8, 9]
    assert reader.take(writer.partition, 98, 50).sequences == [99, 100]
    assert reader.take(writer.partition, 3, 2).sequences == [4, 5]
    assert reader.take(writer.partition, 100, 5).sequences == []
    writer.close()


def test_one_writer_at_a_time(spool):
    first = spool.writer()
    with pytest.raises(Unavailable):
        spool.writer()
    other = spool.writer("replay-1")
    assert other.partition != first.partition
    other.close()
    first.close()
    again = spool.writer()
    assert again.partition == first.partition
    again.close()


def test_a_cursor_is_replaced_and_withdrawn(spool):
    writer = spool.writer()
    writer.append(records(1), {"tail:1": "10", "journald": "s=1"})
    writer.append([], {"tail:1": "20"})
    writer.append(records(2), {"journald": ""})
    assert dict(writer.cursors) == {"tail:1": "20"}
    writer.close()
    writer = spool.writer()
    assert dict(writer.cursors) == {"tail:1": "20"}
    writer.close()


def test_cursors_outlive_the_segments_of_their_records(spool):
    writer = spool.writer()
    writer.append(records(1), {"old": "1"})
    for number in range(2, 300):
        writer.append(records(number), {"new": str(number)})
    reader = spool.reader()
    take_all(reader, writer.partition)
    reader.release(writer.partition, 299)
    writer.close()
    writer = spool.writer()
    assert dict(writer.cursors) == {"old": "1", "new": "299"}
    assert writer.last_sequence == 299
    writer.close()


def test_release_frees_space_and_loses_nothing_else(spool):
    writer = spool.writer()
    for number in range(1, 400):
        writer.append(records(number), {})
    reader = spool.reader()
    before = reader.size_bytes()
    reader.release(writer.partition, 200)
    reader.release(writer.partition, 200)
    reader.release(writer.partition, 100)
    assert reader.size_bytes() < before
    batch = take_all(reader, writer.partition, 200)
    assert batch.sequences == list(range(201, 400))
    assert batch.damaged == 0
    # What is not there any more because it was released is not called damaged.
    assert take_all(reader, writer.partition, 0).damaged == 0
    writer.close()


@pytest.mark.slow
def test_all_consumed_and_closed_leaves_next_to_nothing(spool):
    writer = spool.writer("replay-1")
    writer.append([record for _ in range(3000) for record in records(1, 2, 3)], {"replay": "done"})
    for number in range(1500):
        writer.append(records(number), {})
    writer.close()
    reader = spool.reader()
    last = reader.last_sequence(writer.partition)
    assert take_all(reader, writer.partition).through == last
    reader.release(writer.partition, last)
    assert reader.size_bytes() < 70_000
    writer = spool.writer("replay-1")
    assert (dict(writer.cursors), writer.last_sequence) == ({"replay": "done"}, last)
    writer.close()


@pytest.mark.slow
def test_the_high_water_mark_pushes_back_and_lets_on(spool):
    writer = spool.writer(small=True)
    reader = spool.reader()
    accepted = 0
    with pytest.raises(Unavailable):
        for number in range(1, 1000):
            writer.append(records(number), {"tail": str(number)})
            accepted = number
    assert 10 < accepted < 200
    assert writer.last_sequence == accepted
    assert dict(writer.cursors) == {"tail": str(accepted)}
    with pytest.raises(Unavailable):
        writer.append(records(accepted + 1), {})
    batch = take_all(reader, writer.partition)
    assert batch.records == records(*range(1, accepted + 1))
    reader.release(writer.partition, batch.through)
    _until_taken(lambda: writer.append(records(accepted + 1), {}))
    assert take_all(reader, writer.partition, accepted).records == records(accepted + 1)
    writer.close()


def _until_taken(append: Callable[[], int]) -> None:
    """The writer may look at its size only now and then."""
    deadline = time.monotonic() + 5
    while True:
        try:
            append()
            return
        except Unavailable:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_partition_that_ended_is_left_alone_and_goes_when_it_is_removed(spool):
    writer = spool.writer("replay-1")
    writer.append(records(1, 2), {"f": "10"})
    first = writer.partition
    reader = spool.reader()
    assert not reader.has_ended(first)
    writer.end()
    assert reader.has_ended(first)
    assert take_all(reader, first).through == 2
    following = spool.writer("replay-1")
    assert following.partition != first
    assert (following.last_sequence, dict(following.cursors)) == (0, {})
    assert set(spool.reader().partitions()) == {first, following.partition}
    for _ in range(2):
        reader.remove(first)
        assert list(reader.partitions()) == [following.partition]
    assert reader.has_ended(first) and reader.last_sequence(first) == 0
    assert following.append(records(3), {}) == 1
    assert take_all(reader, following.partition).records == records(3)
    following.close()
