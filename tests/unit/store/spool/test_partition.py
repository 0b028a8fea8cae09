"""Segment names and the head file."""

import pytest

from store.spool.partition import Head, HeadFile, partitions, segment_file, segments, set_aside


def test_only_segments_and_partitions_count(tmp_path):
    (tmp_path / "damage").mkdir()
    (tmp_path / "intake.lock").touch()
    for name in ("replay-0a.5f0c9a11d2e3", "intake.5f0c9a11d2e3", "intake.short"):
        (tmp_path / name).mkdir()
    assert partitions(tmp_path) == ["intake.5f0c9a11d2e3", "replay-0a.5f0c9a11d2e3"]
    assert partitions(tmp_path / "nowhere") == []
    folder = tmp_path / "intake.5f0c9a11d2e3"
    for first in (101, 1, 20):
        segment_file(folder, first).touch()
    (folder / "head").touch()
    (folder / "1.segment").touch()
    assert segments(folder) == [1, 20, 101]
    assert segments(tmp_path / "nowhere") == []


def test_a_head_is_seen_at_once_by_others(tmp_path):
    writer = HeadFile(tmp_path, write=True)
    reader = HeadFile(tmp_path, write=False)
    assert reader.read() is None
    for number in range(3):
        writer.publish(Head(1, number, 2**63 + number))
        assert reader.read() == Head(1, number, 2**63 + number)
    writer.close()
    assert HeadFile(tmp_path, write=True).read() == Head(1, 2, 2**63 + 2)
    reader.close()


@pytest.mark.parametrize("at", range(28))
def test_a_torn_head_is_none(tmp_path, at):
    writer = HeadFile(tmp_path, write=True)
    writer.publish(Head(11, 22, 33))
    writer.close()
    data = bytearray((tmp_path / "head").read_bytes())
    data[at] ^= 0x10
    (tmp_path / "head").write_bytes(data)
    assert HeadFile(tmp_path, write=False).read() is None


def test_a_head_has_its_block_before_it_is_mapped(tmp_path):
    """A hole would answer the first write with SIGBUS on a full disk."""
    HeadFile(tmp_path, write=True).close()
    assert (tmp_path / "head").stat().st_blocks > 0


def test_damage_is_kept_once_and_never_raises(tmp_path):
    set_aside(tmp_path, "p-1-0.bytes", b"first")
    set_aside(tmp_path, "p-1-0.bytes", b"second")
    assert (tmp_path / "damage" / "p-1-0.bytes").read_bytes() == b"first"
    (tmp_path / "file").touch()
    set_aside(tmp_path / "file", "p-1-0.bytes", b"lost")
