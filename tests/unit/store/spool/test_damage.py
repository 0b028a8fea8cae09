"""Damage on disk: what is hit is lost, counted and kept aside; nothing else is, and nothing stops."""

import os
import random
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Unavailable
from store.spool import disk
from store.spool.disk import DiskSpoolReader, DiskSpoolWriter
from store.spool.frame import HEADER_BYTES, FramePacker, read_header, salt_of
from store.spool.partition import Head, HeadFile, partitions, segment_file, segments
from tests.unit.store.spool.records import record, records, take_all

SEGMENT_BYTES = 6000


class Written:
    """A spool of several segments with frames small (plain) and large (packed), and where each frame lies."""

    def __init__(self, root: Path) -> None:
        chance = random.Random(5)
        self.root = root
        writer = DiskSpoolWriter(root, "intake", segment_bytes=SEGMENT_BYTES)
        self.partition = writer.partition
        self.folder = root / self.partition
        self.lines: list[bytes] = []
        for _ in range(60):
            size = chance.choice([1, 2, 3, 40])
            batch = [b"line %d " % (len(self.lines) + at) + chance.randbytes(9).hex().encode() for at in range(size)]
            writer.append([record(line) for line in batch], {"tail:1": str(len(self.lines) + size)})
            self.lines += batch
        # As after kill -9: nothing was closed.
        writer._shut()
        self.frames: list[tuple[int, int, int, int, int]] = []
        salt = salt_of(self.partition)
        for segment in segments(self.folder):
            data = segment_file(self.folder, segment).read_bytes()
            at = 0
            while at < len(data):
                header = read_header(data, at, salt)
                assert header is not None
                self.frames.append((segment, at, at + header.length, header.first, header.last))
                at += header.length
        assert len(segments(self.folder)) >= 3


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Written:
    return Written(tmp_path_factory.mktemp("original") / "spool")


def damaged(original: Written, into: Path, kind: str, segment_at: int, at: int, size: int, seed: int):
    """A copy with one damage done; the sequences it may have hit, and whether anything was changed."""
    shutil.copytree(original.root, into)
    present = segments(original.folder)
    segment = present[segment_at % len(present)]
    file = segment_file(into / original.partition, segment)
    data = file.read_bytes()
    at %= len(data)
    end = min(len(data), at + size)
    if kind == "flip":
        changed = data[:at] + bytes(byte ^ random.Random(seed).randrange(1, 256) for byte in data[at:end]) + data[end:]
    elif kind == "zero":
        changed = data[:at] + bytes(end - at) + data[end:]
    elif kind == "insert":
        changed = data[:at] + random.Random(seed).randbytes(size) + data[at:]
        end = at
    elif kind == "remove":
        changed = data[:at] + data[end:]
    else:
        changed, end = data[:at], len(data)
    file.write_bytes(changed)
    hit = set()
    for within, begin, stop, first, last in original.frames:
        inside = begin < end and at < stop if at != end else begin <= at < stop
        if within == segment and inside:
            hit.update(range(first, last + 1))
    if segment == present[-1] and len(changed) > len(data):
        # The head says where the segment ended: what was pushed beyond is not read.
        hit.update(
            range(next(f for w, b, s, f, _ in original.frames if w == segment and s > at), len(original.lines) + 1)
        )
    return hit


def check(original: Written, batch, hit: set[int]) -> None:
    total = len(original.lines)
    lost = set(range(1, total + 1)) - set(batch.sequences)
    assert lost <= hit
    assert batch.damaged == len(lost)
    assert batch.through >= total
    for sequence, taken in zip(batch.sequences, batch.records, strict=True):
        if sequence <= total:
            assert taken == record(original.lines[sequence - 1])


damages = {
    "kind": st.sampled_from(["flip", "zero", "insert", "remove", "truncate"]),
    "segment_at": st.integers(0, 20),
    "at": st.integers(0, SEGMENT_BYTES * 2),
    "size": st.integers(1, 400),
    "seed": st.integers(0, 99),
}


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(**damages)
def test_a_reader_loses_what_was_hit_and_counts_it(original, tmp_path_factory, kind, segment_at, at, size, seed):
    root = tmp_path_factory.mktemp("damaged") / "spool"
    hit = damaged(original, root, kind, segment_at, at, size, seed)
    batch = take_all(DiskSpoolReader(root), original.partition)
    assert batch.through == len(original.lines)
    check(original, batch, hit)
    if batch.damaged and kind in ("flip", "zero"):
        assert list((root / "damage").iterdir())
    shutil.rmtree(root)


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(head=st.sampled_from(["right", "empty", "gone", "old"]), **damages)
def test_a_writer_opens_goes_on_and_never_uses_a_sequence_again(
    original, tmp_path_factory, head, kind, segment_at, at, size, seed
):
    root = tmp_path_factory.mktemp("damaged") / "spool"
    hit = damaged(original, root, kind, segment_at, at, size, seed)
    head_file = root / original.partition / "head"
    if head == "empty":
        head_file.write_bytes(b"")
    elif head == "gone":
        head_file.unlink()
    elif head == "old":
        segment, _, stop, _, last = original.frames[len(original.frames) // 2]
        file = HeadFile(root / original.partition, write=True)
        file.publish(Head(segment, stop, last))
        file.close()
    total = len(original.lines)
    cut_at_a_frame = kind in ("truncate", "remove") and not _has_tail(original, root)
    writer = DiskSpoolWriter(root, "intake", segment_bytes=SEGMENT_BYTES)
    if writer.partition == original.partition and not (head != "right" and cut_at_a_frame):
        assert writer.last_sequence >= total
    new = [b"new %d" % number for number in range(3)]
    last = writer.append([record(line) for line in new], {"tail:1": "new"})
    reader = DiskSpoolReader(root)
    batch = take_all(reader, writer.partition, last - 3)
    assert batch.records == [record(line) for line in new]
    old = take_all(reader, original.partition)
    if head == "right":
        assert writer.partition == original.partition
        assert old.sequences[-3:] == [last - 2, last - 1, last]
        check(original, old, hit | set(range(total + 1, last + 1)) if last > total + 3 else hit)
    lost = set(range(1, total + 1)) - set(old.sequences)
    assert lost <= hit
    writer.close()
    again = DiskSpoolWriter(root, "intake", segment_bytes=SEGMENT_BYTES)
    assert (again.partition, again.last_sequence) == (writer.partition, last)
    assert dict(again.cursors) == {"tail:1": "new"}
    again.close()
    shutil.rmtree(root)


def _has_tail(original: Written, root: Path) -> bool:
    """Whether the newest segment ends in bytes that are no whole frame."""
    folder = root / original.partition
    data = segment_file(folder, segments(folder)[-1]).read_bytes()
    at = 0
    salt = salt_of(original.partition)
    while (header := read_header(data, at, salt)) is not None and at + header.length <= len(data):
        at += header.length
    return at < len(data)


def test_a_missing_segment_is_counted(original, tmp_path):
    root = tmp_path / "spool"
    shutil.copytree(original.root, root)
    _, second, third = segments(root / original.partition)[:3]
    segment_file(root / original.partition, second).unlink()
    batch = take_all(DiskSpoolReader(root), original.partition)
    assert batch.damaged == third - second
    assert set(batch.sequences) == set(range(1, len(original.lines) + 1)) - set(range(second, third))


@pytest.mark.parametrize("reopened", [False, True])
def test_the_first_or_the_newest_segment_missing_is_counted(original, tmp_path, reopened):
    root = tmp_path / "spool"
    shutil.copytree(original.root, root)
    present = segments(root / original.partition)
    segment_file(root / original.partition, present[0]).unlink()
    segment_file(root / original.partition, present[-1]).unlink()
    total = len(original.lines)
    if reopened:
        writer = DiskSpoolWriter(root, "intake")
        assert (writer.partition, writer.last_sequence) == (original.partition, total)
        writer.append(records(1), {})
        writer.close()
    batch = take_all(DiskSpoolReader(root), original.partition)
    assert batch.damaged == (present[1] - 1) + (total - present[-1] + 1)
    assert batch.through == total + reopened


def test_every_segment_gone_but_the_head_knows(original, tmp_path):
    root = tmp_path / "spool"
    shutil.copytree(original.root, root)
    for first in segments(root / original.partition):
        segment_file(root / original.partition, first).unlink()
    writer = DiskSpoolWriter(root, "intake")
    assert writer.append(records(1), {}) == len(original.lines) + 1
    writer.close()


def test_nothing_left_begins_a_new_partition(original, tmp_path):
    root = tmp_path / "spool"
    shutil.copytree(original.root, root)
    for file in (root / original.partition).iterdir():
        file.unlink()
    writer = DiskSpoolWriter(root, "intake")
    assert writer.partition != original.partition
    assert writer.append(records(1), {}) == 1
    writer.close()
    again = DiskSpoolWriter(root, "intake")
    assert again.partition == writer.partition
    again.close()


def test_a_refused_frame_that_could_not_be_cut_is_never_delivered(tmp_path, monkeypatch):
    """fdatasync fails, then the cut fails too: the whole frame stays in the file, its sequences are used by another."""
    writer = DiskSpoolWriter(tmp_path, "intake")
    writer.append(records(1, 2), {"tail": "2"})
    refuse = {"fdatasync", "ftruncate"}
    for name in refuse:
        _fail_once(monkeypatch, name)
    with pytest.raises(Unavailable):
        writer.append([record(b"refused"), record(b"refused too")], {"tail": "4"})
    assert (writer.last_sequence, dict(writer.cursors)) == (2, {"tail": "2"})
    assert b"refused" in segment_file(tmp_path / writer.partition, 1).read_bytes()
    reader = DiskSpoolReader(tmp_path)
    assert take_all(reader, writer.partition).sequences == [1, 2]
    assert writer.append(records(3, 4, 5), {}) == 5
    for fresh in (reader, DiskSpoolReader(tmp_path)):
        batch = take_all(fresh, writer.partition, 0)
        assert batch.records == records(1, 2, 3, 4, 5)
        assert batch.damaged == 0
    writer.close()
    again = DiskSpoolWriter(tmp_path, "intake")
    assert (again.last_sequence, dict(again.cursors)) == (5, {"tail": "2"})
    again.close()


def test_a_half_written_frame_that_could_not_be_cut_does_no_harm(tmp_path, monkeypatch):
    writer = DiskSpoolWriter(tmp_path, "intake")
    writer.append(records(1), {})
    real = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, data, at: real(file, data[: len(data) // 2], at))
    _fail_once(monkeypatch, "ftruncate")
    calls = []

    def half_then_full(file, data, at):
        if calls:
            monkeypatch.setattr(os, "pwrite", real)
            raise OSError(28, "No space left on device")
        calls.append(at)
        return real(file, data[: len(data) // 2], at)

    monkeypatch.setattr(os, "pwrite", half_then_full)
    with pytest.raises(Unavailable, match="no space left"):
        writer.append([record(b"refused")] * 5, {})
    writer.append(records(2), {})
    writer.append(records(3), {})
    batch = take_all(DiskSpoolReader(tmp_path), writer.partition)
    assert (batch.records, batch.damaged) == (records(1, 2, 3), 0)
    writer.close()


def test_a_torn_frame_behind_the_head_is_cut_and_kept_aside(tmp_path):
    writer = DiskSpoolWriter(tmp_path, "intake")
    writer.append(records(1), {})
    torn = FramePacker(salt_of(writer.partition)).pack(2, records(2, 3), {})[: HEADER_BYTES + 20]
    with segment_file(tmp_path / writer.partition, 1).open("ab") as file:
        file.write(torn)
    writer._shut()
    again = DiskSpoolWriter(tmp_path, "intake")
    assert again.last_sequence == 1
    assert again.append(records(4), {}) == 2
    batch = take_all(DiskSpoolReader(tmp_path), again.partition)
    assert (batch.records, batch.damaged) == (records(1, 4), 0)
    assert [file.read_bytes() for file in (tmp_path / "damage").iterdir()] == [torn]
    again.close()


def test_a_reader_stays_on_a_segment_that_another_released(tmp_path):
    writer = DiskSpoolWriter(tmp_path, "intake", segment_bytes=300)
    for number in range(1, 60):
        writer.append(records(number), {})
    slow, fast, late = (DiskSpoolReader(tmp_path) for _ in range(3))
    assert slow.take(writer.partition, 0, 1).sequences == [1]
    fast.release(writer.partition, 40)
    gone = segments(tmp_path / writer.partition)[0] - 1
    rest = take_all(slow, writer.partition, 1)
    assert rest.sequences[0] in (2, gone + 1)
    assert rest.damaged + len(rest.sequences) == 58
    # What was released under a reader is gone for it, and it says so.
    assert take_all(late, writer.partition).damaged == gone
    writer.close()


def test_without_a_head_the_end_is_read_once_not_at_every_look(original, tmp_path, monkeypatch):
    root = tmp_path / "spool"
    shutil.copytree(original.root, root)
    (root / original.partition / "head").unlink()
    reader = DiskSpoolReader(root)
    total = len(original.lines)
    assert take_all(reader, original.partition).sequences == list(range(1, total + 1))
    monkeypatch.setattr(Path, "read_bytes", _never)
    assert reader.last_sequence(original.partition) == total
    assert reader.take(original.partition, total, 10).through == total


def test_what_may_not_be_read_is_unavailable_not_damaged(original, tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    root = tmp_path / "spool"
    shutil.copytree(original.root, root)
    segment_file(root / original.partition, 1).chmod(0)
    with pytest.raises(Unavailable):
        DiskSpoolReader(root).take(original.partition, 0, 10)


@pytest.mark.parametrize("name", ["open", "pread"])
def test_an_error_of_the_disk_is_unavailable_and_passes(original, monkeypatch, name):
    reader = DiskSpoolReader(original.root)
    assert reader.last_sequence(original.partition) == len(original.lines)
    _fail_once(monkeypatch, name)
    with pytest.raises(Unavailable):
        reader.take(original.partition, 0, 10)
    assert take_all(reader, original.partition).damaged == 0


def test_a_producer_whose_name_begins_like_another_is_another(tmp_path):
    first, second = DiskSpoolWriter(tmp_path, "replay-0a"), DiskSpoolWriter(tmp_path, "replay-0a-1")
    assert first.partition != second.partition
    assert partitions(tmp_path) == sorted([first.partition, second.partition])
    first.close()
    second.close()


def _fail_once(monkeypatch, name: str) -> None:
    real = getattr(os, name)

    def fail(*arguments, **named):
        monkeypatch.setattr(os, name, real)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, name, fail)


def _never(*_):
    raise AssertionError("read again")


def test_a_new_partition_is_there_with_every_cursor_or_not_at_all(tmp_path, monkeypatch):
    """A torn tail after a power cut and no head: the producer goes on in a new partition, and the disk is full."""
    writer = DiskSpoolWriter(tmp_path, "intake")
    writer.append(records(1, 2, 3), {"tail:/a": "500"})
    old = writer.partition
    writer._shut()
    (tmp_path / old / "head").unlink()
    (newest,) = (tmp_path / old).glob("*.segment")
    with newest.open("ab") as file:
        file.write(b"torn tail of a frame")
    allocate = os.posix_fallocate
    calls = []

    def full(descriptor, offset, length):
        calls.append(length)
        if len(calls) >= 2:
            raise OSError(28, "No space left on device")
        allocate(descriptor, offset, length)

    monkeypatch.setattr(os, "posix_fallocate", full)
    for _ in range(2):
        with pytest.raises(Unavailable):
            DiskSpoolWriter(tmp_path, "intake")
    monkeypatch.undo()
    writer = DiskSpoolWriter(tmp_path, "intake")
    assert dict(writer.cursors) == {"tail:/a": "500"}
    assert writer.partition != old
    writer.append(records(4), {})
    writer.close()
    reader = DiskSpoolReader(tmp_path)
    assert reader.has_ended(old) and take_all(reader, old).records == records(1, 2, 3)
    assert take_all(reader, writer.partition).records == records(4)
    assert not list(tmp_path.glob("*.new"))


def test_a_kill_before_the_older_partition_was_ended_ends_it_later(tmp_path, monkeypatch):
    writer = DiskSpoolWriter(tmp_path, "intake")
    writer.append(records(1), {"tail:/a": "500"})
    old = writer.partition
    writer._shut()
    (tmp_path / old / "head").unlink()
    (newest,) = (tmp_path / old).glob("*.segment")
    with newest.open("ab") as file:
        file.write(b"torn tail of a frame")

    def failing(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(disk, "mark_ended", failing)
    with pytest.raises(Unavailable):
        DiskSpoolWriter(tmp_path, "intake")
    monkeypatch.undo()
    writer = DiskSpoolWriter(tmp_path, "intake")
    assert writer.partition != old and dict(writer.cursors) == {"tail:/a": "500"}
    reader = DiskSpoolReader(tmp_path)
    assert len(reader.partitions()) == 2 and reader.has_ended(old) and not reader.has_ended(writer.partition)
    writer.close()
