"""A file replayed: every line once, wherever the process ended, and the same content is known again."""

import gzip
import os
import zlib

import pytest

from collectors import replay as replaying
from collectors.replay import content_digest, producer_name, progress_of, replay
from core.errors import Unavailable
from core.language import Text
from store.spool.disk import DiskSpoolReader, DiskSpoolWriter
from tests.unit.collectors.intake import now, spooled
from tests.unit.store.spool.records import take_all


class Killed(BaseException):
    """The end of a process between two appends."""


class Dying:
    """The real writer, which dies instead of one append; or finds the disk full before it."""

    def __init__(self, writer: DiskSpoolWriter, appends: int, error: BaseException) -> None:
        self._writer = writer
        self._left = appends
        self._error = error

    cursors = property(lambda self: self._writer.cursors)

    def append(self, records, cursors):
        self._left -= 1
        if self._left == -1:
            raise self._error
        return self._writer.append(records, cursors)


def content() -> list[bytes]:
    return [b"line %d %s" % (number, b"x" * (number % 7)) for number in range(100)]


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(replaying, "PORTION_RECORDS", 7)
    monkeypatch.setattr("collectors.lines.CHUNK_BYTES", 150)


def run(root, path, appends: int = -1, error: BaseException | None = None, turn: int = 0):
    writer = DiskSpoolWriter(root, producer_name(content_digest(path), turn))
    try:
        told = []
        progress = replay(
            path,
            Dying(writer, appends, error or Killed()),
            format="auto",
            unit="tinh",
            now=now,
            told=lambda progress: told.append(progress.records),
        )
        assert told == sorted(told)
        return progress
    finally:
        # As after a kill: no clean close.
        writer._shut()


@pytest.mark.parametrize(("packed", "end"), [(False, b"\n"), (True, b"")])
def test_every_portion_may_be_the_last_of_a_process(tmp_path, packed, end):
    data = b"\n".join(content()) + end
    path = tmp_path / ("auth.log.gz" if packed else "auth.log")
    path.write_bytes(gzip.compress(data) if packed else data)
    for appends in range(26):
        root = tmp_path / f"spool-{appends}"
        try:
            progress = run(root, path, appends)
        except Killed:
            progress = run(root, path)
        assert (progress.done, progress.records) == (True, 100)
        records = spooled(root)
        assert [record.raw for record in records] == content()
        assert [data[int(record.place) :][: len(record.raw)] for record in records] == content()
        assert {record.source for record in records} == {f"replay:{path.name}"}


def test_killed_at_every_portion_in_turn(tmp_path):
    path = tmp_path / "auth.log"
    path.write_bytes(b"".join(line + b"\r\n" for line in content()))
    lives = 0
    while True:
        lives += 1
        try:
            run(tmp_path / "spool", path, 1)
            break
        except Killed:
            continue
    assert lives > 10
    assert [record.raw for record in spooled(tmp_path / "spool")] == content()


def test_known_content_is_known_under_any_name(tmp_path):
    path, other = tmp_path / "auth.log", tmp_path / "copy.log"
    for each in (path, other):
        each.write_bytes(b"one\ntwo\n")
    assert not progress_of(DiskSpoolWriter(tmp_path / "empty", "replay-1")).done
    run(tmp_path / "spool", path)
    writer = DiskSpoolWriter(tmp_path / "spool", producer_name(content_digest(other), 0))
    known = progress_of(writer)
    assert (known.done, known.records) == (True, 2)
    writer.close()
    again = run(tmp_path / "spool", other, turn=1)
    assert again.records == 2
    reader = DiskSpoolReader(tmp_path / "spool")
    assert len(reader.partitions()) == 2


def test_a_finished_and_released_replay_keeps_only_its_mark(tmp_path, monkeypatch):
    path = tmp_path / "auth.log"
    path.write_bytes(b"".join(b"%d some line of a log file\n" % number for number in range(5000)))
    monkeypatch.setattr(replaying, "PORTION_RECORDS", 500)
    monkeypatch.setattr("collectors.lines.CHUNK_BYTES", 1 << 16)
    producer = producer_name(content_digest(path), 0)
    writer = DiskSpoolWriter(tmp_path / "spool", producer, segment_bytes=8000)
    replay(path, writer, format="auto", unit="tinh", now=now)
    writer.close()
    reader = DiskSpoolReader(tmp_path / "spool")
    assert reader.size_bytes() > 8000
    batch = take_all(reader, writer.partition)
    assert (len(batch.records), batch.damaged) == (5000, 0)
    reader.release(writer.partition, batch.through)
    assert reader.size_bytes() < 8500
    writer = DiskSpoolWriter(tmp_path / "spool", producer)
    assert progress_of(writer).done
    writer.close()


@pytest.mark.parametrize("data", [b"", b"\n\n\r\n"])
def test_an_empty_file_is_done_with_nothing(tmp_path, data):
    path = tmp_path / "empty.log"
    path.write_bytes(data)
    progress = run(tmp_path / "spool", path)
    assert (progress.done, progress.records) == (True, 0)


def test_a_full_spool_is_waited_for(tmp_path):
    path = tmp_path / "auth.log"
    path.write_bytes(b"\n".join(content()))
    progress = run(tmp_path / "spool", path, 3, Unavailable("spool", Text("full", "full"), retry_after_s=0.01))
    assert progress.records == 100
    assert [record.raw for record in spooled(tmp_path / "spool")] == content()


def test_a_broken_gz_spools_what_can_be_read_and_is_not_done(tmp_path):
    path = tmp_path / "auth.log.gz"
    path.write_bytes(gzip.compress(b"\n".join(content()))[:-60])
    with pytest.raises((EOFError, OSError, zlib.error)):
        run(tmp_path / "spool", path)
    before = len(spooled(tmp_path / "spool"))
    with pytest.raises((EOFError, OSError, zlib.error)):
        run(tmp_path / "spool", path)
    lines = [record.raw for record in spooled(tmp_path / "spool")]
    assert len(lines) == before
    assert lines == content()[:before]


def test_the_same_content_compressed_is_the_same_content(tmp_path):
    plain, packed = tmp_path / "auth.log", tmp_path / "auth.log.2.gz"
    plain.write_bytes(b"one\ntwo\n")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert content_digest(plain) == content_digest(packed)


def test_a_name_that_is_no_utf8_is_a_text_in_the_source(tmp_path):
    path = tmp_path / os.fsdecode(b"\xff.log")
    path.write_bytes(b"one\ntwo\n")
    assert run(tmp_path / "spool", path).records == 2
    assert {record.source for record in spooled(tmp_path / "spool")} == {r"replay:\xff.log"}
