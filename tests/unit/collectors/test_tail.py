"""Files followed through every kind of rotation, and read exactly once whatever ends the process."""

import asyncio
import gzip
import os
import random
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors import tail
from collectors.settings import TailSettings
from collectors.tail import TailCollector
from store.spool.disk import DiskSpoolWriter
from store.spool.group_commit import GroupCommit
from tests.unit.collectors.intake import now, spooled, until


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(tail, "LOOK_EVERY_S", 0.005)
    monkeypatch.setattr(tail, "LIST_EVERY_S", 0.01)


class Dying:
    """The real writer, until the process 'dies' instead of an append."""

    def __init__(self, writer: DiskSpoolWriter, appends: int) -> None:
        self._writer = writer
        self._left = appends

    last_sequence = property(lambda self: self._writer.last_sequence)

    def append(self, records, cursors):
        if self._left == 0:
            raise SystemExit
        self._left -= 1
        return self._writer.append(records, cursors)


class Following:
    """One life of a tail collector on a spool."""

    def __init__(self, root, paths, *, appends: int = -1, from_start: bool = True, quiet_s: float = 0.05) -> None:
        self.root = root
        self.writer = DiskSpoolWriter(root / "spool", "intake")
        self.spool = GroupCommit(Dying(self.writer, appends))
        self.collector = TailCollector(
            TailSettings(paths=tuple(str(path) for path in paths), from_start=from_start),
            spool=self.spool,
            unit="tinh",
            now=now,
            cursors=dict(self.writer.cursors),
            rotated_quiet_s=quiet_s,
        )

    async def __aenter__(self) -> "Following":
        self.spool.start()
        await self.collector.start()
        return self

    async def __aexit__(self, *_) -> None:
        await self.collector.stop()
        await self.spool.stop()
        # As after a kill: no clean close.
        self.writer._shut()

    def lines(self) -> list[bytes]:
        return [record.raw for record in spooled(self.root / "spool")]

    async def until_lines(self, count: int) -> None:
        await until(lambda: self.writer.last_sequence >= count)
        assert self.writer.last_sequence == count

    async def looks(self) -> None:
        """Time for many looks in which nothing should happen."""
        await asyncio.sleep(0.2)


def write(path, *lines: bytes, end: bytes = b"\n") -> None:
    with path.open("ab") as file:
        file.write(b"".join(line + end for line in lines))


def test_lines_arrive_with_their_places(tmp_path):
    log = tmp_path / "auth.log"
    write(log, b"one", b"", b"two\r", b"\xff\0three")

    async def scene():
        async with Following(tmp_path, [log]) as following:
            await following.until_lines(3)
            write(log, b"four")
            await following.until_lines(4)
            assert [listener.address for listener in following.collector.listeners()] == [str(log)]

    asyncio.run(scene())
    records = spooled(tmp_path / "spool")
    assert [(record.raw, record.place) for record in records] == [
        (b"one", "0"),
        (b"two", "5"),
        (b"\xff\0three", "10"),
        (b"four", "18"),
    ]
    assert {record.source for record in records} == {f"tail:{log}"}


def test_a_last_line_without_its_end_waits(tmp_path):
    log = tmp_path / "auth.log"
    write(log, b"one", b"ha", end=b"\n")
    os.truncate(log, 6)

    async def scene():
        async with Following(tmp_path, [log]) as following:
            await following.until_lines(1)
            await following.looks()
            assert following.lines() == [b"one"]
            write(log, b"lf")
            await following.until_lines(2)
            assert following.lines() == [b"one", b"half"]

    asyncio.run(scene())


def test_a_line_of_many_chunks_is_cut_and_the_next_is_whole(tmp_path):
    log = tmp_path / "auth.log"
    with log.open("wb") as file:
        file.truncate(20 << 20)
    write(log, b"", b"next", b"x" * 65536, b"y" * 65537)

    async def scene():
        async with Following(tmp_path, [log]) as following:
            await following.until_lines(4)

    asyncio.run(scene())
    records = spooled(tmp_path / "spool")
    assert [(len(record.raw), record.flags) for record in records] == [
        (65536, ("truncated",)),
        (4, ()),
        (65536, ()),
        (65536, ("truncated",)),
    ]


def test_rename_and_create(tmp_path):
    log = tmp_path / "auth.log"
    write(log, b"one")

    async def scene():
        async with Following(tmp_path, [log], quiet_s=0.3) as following:
            await following.until_lines(1)
            log.rename(tmp_path / "auth.log.1")
            write(log, b"new one")
            await following.until_lines(2)
            # The program has not been told of the new file yet and writes on to the old one.
            write(tmp_path / "auth.log.1", b"late")
            await following.until_lines(3)
            write(tmp_path / "auth.log.1", b"half", end=b"")
            await following.until_lines(4)
            write(log, b"new two")
            await following.until_lines(5)

    asyncio.run(scene())
    records = spooled(tmp_path / "spool")
    assert [record.raw for record in records] == [b"one", b"new one", b"late", b"half", b"new two"]
    assert records[3].flags == ("partial",)
    assert {record.source for record in records} == {f"tail:{log}"}


def test_rotated_while_nobody_looked(tmp_path):
    log = tmp_path / "auth.log"
    write(log, b"one")

    async def scene():
        async with Following(tmp_path, [log]) as following:
            await following.until_lines(1)
        write(log, b"two")
        log.rename(tmp_path / "auth.log.1")
        write(log, b"three")
        write(tmp_path / "auth.log.9", b"never ours")
        async with Following(tmp_path, [log]) as following:
            await following.until_lines(3)
            await following.looks()
        async with Following(tmp_path, [log]) as following:
            await following.looks()
            return following.lines()

    lines = asyncio.run(scene())
    assert sorted(lines) == [b"one", b"three", b"two"]
    assert {record.source for record in spooled(tmp_path / "spool")} == {f"tail:{log}"}


def test_copytruncate(tmp_path):
    log = tmp_path / "auth.log"
    write(log, b"one", b"two")

    async def scene():
        async with Following(tmp_path, [log]) as following:
            await following.until_lines(2)
            shutil.copy(log, tmp_path / "auth.log.1")
            os.truncate(log, 0)
            await following.looks()
            write(log, b"three")
            await following.until_lines(3)
            # Truncated and longer than before until the next look: told by its beginning.
            log.write_bytes(b"another beginning\nand more than before\n")
            await following.until_lines(5)
            await following.looks()
            return following.lines()

    assert asyncio.run(scene()) == [b"one", b"two", b"three", b"another beginning", b"and more than before"]


@pytest.mark.parametrize("size", [8, 4000])
def test_truncated_and_grown_to_the_same_size_between_two_looks(tmp_path, monkeypatch, size):
    monkeypatch.setattr(tail, "STAMP_GRAIN_S", 0.05)
    log = tmp_path / "auth.log"
    old, new = (word * (size // 8) for word in (b"one\ntwo\n", b"six\nten\n"))
    log.write_bytes(old)

    async def scene():
        async with Following(tmp_path, [log]) as following:
            await following.until_lines(size // 4)
            await following.looks()
            inode = log.stat().st_ino
            log.write_bytes(new)  # nobody looks meanwhile: this is the collector's own event loop
            assert (log.stat().st_ino, log.stat().st_size) == (inode, size)
            await following.until_lines(size // 2)
            await following.looks()
            return following.lines()

    assert asyncio.run(scene()) == (old + new).splitlines()


def test_a_change_within_one_step_of_the_files_time_is_seen(tmp_path, monkeypatch):
    log = tmp_path / "auth.log"
    write(log, b"one")
    real = os.fstat

    class Coarse:
        """A file system that counts time in ages."""

        def __init__(self, status) -> None:
            self.st_dev, self.st_ino, self.st_mode = status.st_dev, status.st_ino, status.st_mode
            self.st_size, self.st_nlink, self.st_ctime_ns = status.st_size, status.st_nlink, 0

    async def scene():
        async with Following(tmp_path, [log]) as following:
            await following.until_lines(1)
            log.write_bytes(b"two\n")
            await following.until_lines(2)
            return following.lines()

    monkeypatch.setattr(os, "fstat", lambda descriptor: Coarse(real(descriptor)))
    assert asyncio.run(scene()) == [b"one", b"two"]


def test_a_file_that_does_not_change_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(tail, "STAMP_GRAIN_S", 0.05)
    log = tmp_path / "auth.log"
    write(log, b"one")
    real, read = os.pread, []

    async def scene():
        async with Following(tmp_path, [log]) as following:
            await following.until_lines(1)
            await following.looks()
            monkeypatch.setattr(os, "pread", lambda *arguments: read.append(arguments) or real(*arguments))
            await following.looks()
            assert read == []
            write(log, b"two")
            await following.until_lines(2)

    asyncio.run(scene())
    assert read


@pytest.mark.parametrize("call", [1, 2])
def test_replaced_while_it_is_being_read(tmp_path, monkeypatch, call):
    log = tmp_path / "auth.log"
    write(log, b"one")
    new = b"another\nfile of\nmore lines\n"
    real, calls = os.pread, []

    def replace_first(descriptor, *arguments):
        if os.path.samestat(os.fstat(descriptor), log.stat()):
            calls.append(arguments)
            if len(calls) == call:
                log.write_bytes(new)
        return real(descriptor, *arguments)

    async def scene():
        async with Following(tmp_path, [log]) as following:
            await following.until_lines(1)
            write(log, b"two")
            monkeypatch.setattr(os, "pread", replace_first)
            await until(lambda: following.lines()[-1] == b"more lines")
            await following.looks()
            return following.lines()

    lines = asyncio.run(scene())
    # What was written and truncated between two looks nobody reads; of the new file nothing is missing, nothing twice.
    assert [line for line in lines if line != b"two"] == [b"one", *new.splitlines()]


_steps = st.lists(
    st.tuples(st.sampled_from(["append", "replace", "same size", "look"]), st.integers(1, 4), st.integers(0, 400)),
    max_size=12,
)


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_steps)
def test_whatever_is_written_and_replaced_every_line_is_read_once(steps):
    async def scene(root):
        log = root / "auth.log"
        log.touch()
        written = []

        def some(count: int, width: int) -> bytes:
            lines = [b"%05d%s" % (len(written) + at, b"x" * width) for at in range(count)]
            written.extend(lines)
            return b"".join(line + b"\n" for line in lines)

        following = Following(root, [log])
        following.spool.start()
        try:
            for what, count, width in steps:
                while await following.collector._look():
                    pass
                size = log.stat().st_size
                if what == "append":
                    with log.open("ab") as file:
                        file.write(some(count, width))
                elif what == "replace":
                    log.write_bytes(some(count, width))
                elif what == "same size" and size > 6:
                    log.write_bytes(some(1, size - 6))
            while await following.collector._look():
                pass
        finally:
            await following.collector.stop()
            await following.spool.stop()
            following.writer._shut()
        return following.lines(), written

    with tempfile.TemporaryDirectory() as folder:
        lines, written = asyncio.run(scene(Path(folder)))
    assert lines == written


@pytest.mark.slow
def test_a_quiet_file_is_read_on_after_it_was_renamed(tmp_path):
    log = tmp_path / "auth.log"
    write(log, b"one")

    async def scene():
        async with Following(tmp_path, [log], quiet_s=0.3) as following:
            await following.until_lines(1)
            await asyncio.sleep(0.4)
            log.rename(tmp_path / "auth.log.1")
            write(log, b"new")
            await following.until_lines(2)
            await asyncio.sleep(0.1)
            write(tmp_path / "auth.log.1", b"late")
            await following.until_lines(3)

    asyncio.run(scene())


def test_deleted_while_behind(tmp_path):
    log = tmp_path / "auth.log"
    lines = [b"line %d" % number for number in range(60_000)]
    write(log, *lines)

    async def scene():
        async with Following(tmp_path, [log]) as following:
            await until(lambda: following.writer.last_sequence > 0)
            log.unlink()
            await following.until_lines(len(lines))
            await until(lambda: not following.writer.cursors)
            return following.lines()

    assert asyncio.run(scene()) == lines


def test_an_inode_used_again_is_a_new_file(tmp_path):
    log = tmp_path / "auth.log"
    write(log, b"old one", b"old two")

    async def scene():
        async with Following(tmp_path, [log]) as following:
            await following.until_lines(2)
        # The same inode with another content, as the file system would give it again.
        log.write_bytes(b"new one\nnew two and more than before\n")
        async with Following(tmp_path, [log]) as following:
            await following.until_lines(4)
            return following.lines()

    assert asyncio.run(scene()) == [b"old one", b"old two", b"new one", b"new two and more than before"]


def test_patterns_late_files_and_compressed_ones(tmp_path):
    (tmp_path / "nginx").mkdir()
    first, second = tmp_path / "nginx" / "a-access.log", tmp_path / "nginx" / "b-access.log"
    write(first, b"one")
    with gzip.open(tmp_path / "nginx" / "a-access.log.gz", "wb") as file:
        file.write(b"packed\n")
    (tmp_path / "nginx" / "c-access.log").mkdir()

    async def scene():
        pattern = tmp_path / "nginx" / "*access*"
        async with Following(tmp_path, [pattern, tmp_path / "later.log"]) as following:
            await following.until_lines(1)
            write(second, b"two")
            await following.until_lines(2)
            write(tmp_path / "later.log", b"three")
            await following.until_lines(3)
            await following.looks()
            return following.lines()

    assert asyncio.run(scene()) == [b"one", b"two", b"three"]


def test_from_the_end_where_that_is_asked(tmp_path):
    log = tmp_path / "auth.log"
    write(log, b"before")

    async def scene():
        async with Following(tmp_path, [log], from_start=False) as following:
            await until(lambda: following.collector.listeners())
            write(log, b"after")
            await following.until_lines(1)
            return following.lines()

    assert asyncio.run(scene()) == [b"after"]


def test_from_the_end_means_the_end_at_the_first_start_only(tmp_path):
    log = tmp_path / "auth.log"
    write(log, b"before")

    async def scene():
        async with Following(tmp_path, [log], from_start=False) as following:
            await until(lambda: following.collector.listeners())
            await following.looks()
        write(log, b"while nobody looked")
        async with Following(tmp_path, [log], from_start=False) as following:
            await following.until_lines(1)
            # As long as what was passed over.
            log.write_bytes(b"again\n" + b"x" * (log.stat().st_size - 7) + b"\n")
            await following.until_lines(3)
        log.rename(tmp_path / "auth.log.1")
        write(log, b"rotated")
        (tmp_path / "auth.log.1").unlink()  # compressed
        async with Following(tmp_path, [log], from_start=False) as following:
            await following.until_lines(4)
            log.rename(tmp_path / "auth.log.2")
            write(log, b"rotated again")
            await following.until_lines(5)
            return following.lines()

    lines = asyncio.run(scene())
    assert [line for line in lines if not line.startswith(b"x")] == [
        b"while nobody looked",
        b"again",
        b"rotated",
        b"rotated again",
    ]


def test_an_unreadable_file_is_told_once_and_read_when_it_can_be(tmp_path, monkeypatch, caplog):
    log = tmp_path / "auth.log"
    write(log, b"one")
    real = os.open

    def refuse(path, *arguments, **named):
        if str(path) == str(log):
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments, **named)

    async def scene():
        monkeypatch.setattr(os, "open", refuse)
        async with Following(tmp_path, [log]) as following:
            await following.looks()
            assert following.collector.listeners() == []
            monkeypatch.setattr(os, "open", real)
            await following.until_lines(1)

    asyncio.run(scene())
    assert [record.message for record in caplog.records] == [f"cannot read {log}: Permission denied"]


def test_a_successor_that_cannot_be_read_is_told_once_while_the_rotated_file_is_read_on(tmp_path, monkeypatch, caplog):
    log = tmp_path / "auth.log"
    write(log, b"one")
    real = os.open

    def refuse(path, *arguments, **named):
        if str(path) == str(log):
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments, **named)

    async def scene():
        async with Following(tmp_path, [log], quiet_s=5) as following:
            await following.until_lines(1)
            log.rename(tmp_path / "auth.log.1")
            write(log, b"new")
            monkeypatch.setattr(os, "open", refuse)
            await following.looks()
            write(tmp_path / "auth.log.1", b"two")
            await following.until_lines(2)
            await following.looks()

    asyncio.run(scene())
    assert [record.message for record in caplog.records] == [f"cannot read {log}: Permission denied"]


@pytest.mark.parametrize("after", [0, 8])
def test_a_file_that_fails_at_every_look_is_told_once(tmp_path, monkeypatch, caplog, after):
    monkeypatch.setattr(tail, "CHUNK_BYTES", 8)
    log, other = tmp_path / "auth.log", tmp_path / "other.log"
    write(log, b"one two", b"three")
    write(other, b"good")
    real, failed = os.pread, []

    def fail_from(descriptor, size, offset):
        if offset >= after and os.path.samestat(os.fstat(descriptor), log.stat()):
            failed.append(offset)
            raise OSError(5, "Input/output error")
        return real(descriptor, size, offset)

    async def scene():
        monkeypatch.setattr(os, "pread", fail_from)
        async with Following(tmp_path, [log, other]) as following:
            await until(lambda: len(failed) > 3)
            monkeypatch.setattr(os, "pread", real)
            await following.until_lines(3)
            failed.clear()
            monkeypatch.setattr(os, "pread", fail_from)
            write(log, b"four")
            await until(lambda: len(failed) > 3)

    asyncio.run(scene())
    assert [record.message for record in caplog.records] == [f"cannot read {log}: Input/output error"] * 2


def test_an_error_while_reading_is_no_error_of_ours(tmp_path, monkeypatch):
    log = tmp_path / "auth.log"
    write(log, b"one")
    real = os.pread
    failed = []

    def fail_once(*arguments):
        if not failed:
            failed.append(1)
            raise OSError(5, "Input/output error")
        return real(*arguments)

    async def scene():
        monkeypatch.setattr(os, "pread", fail_once)
        async with Following(tmp_path, [log]) as following:
            await following.until_lines(1)

    asyncio.run(scene())
    assert failed


def test_names_that_are_no_utf8(tmp_path):
    """In a folder of such a name too; found again after a start, renamed meanwhile, and gone."""
    folder = tmp_path / os.fsdecode(b"\xfe")
    folder.mkdir()
    odd, plain = folder / os.fsdecode(b"\xff.log"), folder / "plain.log"
    write(odd, b"one")
    write(plain, b"two")
    pattern = tmp_path / "*" / "*.log"
    shown = [f"{tmp_path}/\\xfe/\\xff.log", f"{tmp_path}/\\xfe/plain.log"]

    async def scene():
        async with Following(tmp_path, [pattern]) as following:
            await following.until_lines(2)
            assert sorted(listener.address for listener in following.collector.listeners()) == shown
        write(odd, b"three")
        async with Following(tmp_path, [pattern]) as following:
            await following.until_lines(3)
        write(odd, b"four")
        odd.rename(folder / os.fsdecode(b"\xff.log.1"))
        async with Following(tmp_path, [pattern]) as following:
            await following.until_lines(4)
            assert len(following.writer.cursors) == 2
        (folder / os.fsdecode(b"\xff.log.1")).unlink()
        async with Following(tmp_path, [pattern]) as following:
            await until(lambda: len(following.writer.cursors) == 1)

    asyncio.run(scene())
    found = {record.raw: record.source for record in spooled(tmp_path / "spool")}
    assert found == {
        b"one": f"tail:{shown[0]}",
        b"two": f"tail:{shown[1]}",
        b"three": f"tail:{shown[0]}",
        b"four": f"tail:{shown[0]}",
    }


def test_from_the_end_knows_a_name_that_is_no_utf8_again(tmp_path):
    log = tmp_path / os.fsdecode(b"\xff.log")
    write(log, b"before")
    pattern = tmp_path / "*.log"

    async def scene():
        async with Following(tmp_path, [pattern], from_start=False) as following:
            await until(lambda: following.collector.listeners())
            await following.looks()
        log.rename(tmp_path / "kept")
        write(log, b"rotated while nobody looked")
        async with Following(tmp_path, [pattern], from_start=False) as following:
            await following.until_lines(1)
            return following.lines()

    assert asyncio.run(scene()) == [b"rotated while nobody looked"]


def test_cursors_of_files_that_are_gone_are_withdrawn(tmp_path):
    log = tmp_path / "auth.log"
    write(log, b"one")

    async def scene():
        async with Following(tmp_path, [log]) as following:
            await following.until_lines(1)
        kept = tmp_path / "kept"
        log.rename(kept)
        write(log, b"two")
        kept.unlink()
        async with Following(tmp_path, [log]) as following:
            await following.until_lines(2)
            await following.looks()
            return dict(following.writer.cursors)

    assert len(asyncio.run(scene())) == 1


@pytest.mark.slow
@pytest.mark.parametrize("appends", range(1, 9))
def test_killed_after_any_append_every_line_is_there_once(tmp_path, monkeypatch, appends):
    monkeypatch.setattr(tail, "CHUNK_BYTES", 200)
    chance = random.Random(appends)
    log = tmp_path / "auth.log"
    written = []

    def write_some() -> None:
        lines = [b"%d %s" % (len(written) + at, b"x" * chance.randrange(150)) for at in range(chance.randrange(1, 9))]
        written.extend(lines)
        write(log, *lines)

    async def scene():
        for life in range(4):
            write_some()
            async with Following(tmp_path, [log], appends=appends if life < 3 else -1) as following:
                write_some()
                await asyncio.sleep(0.03)
                write_some()
                await asyncio.sleep(0.03)
            if life == 1:
                log.rename(tmp_path / "auth.log.1")
        async with Following(tmp_path, [log]) as following:
            await following.until_lines(len(written))
            await following.looks()
            return following.lines()

    assert Counter(asyncio.run(scene())) == Counter(written)


def test_a_dangling_link_beside_a_rotated_file_hides_nothing(tmp_path):
    log = tmp_path / "auth.log"
    write(log, b"one")
    (tmp_path / "README").symlink_to(tmp_path / "nowhere")

    async def scene():
        async with Following(tmp_path, [log]) as following:
            await following.until_lines(1)
        write(log, b"two")
        log.rename(tmp_path / "auth.log.1")
        write(log, b"three")
        async with Following(tmp_path, [log]) as following:
            await following.until_lines(3)
            return following.lines()

    assert sorted(asyncio.run(scene())) == [b"one", b"three", b"two"]


def test_a_path_that_was_taken_out_is_not_read_any_more(tmp_path):
    kept, dropped = tmp_path / "kept.log", tmp_path / "dropped.log"
    write(kept, b"one")
    write(dropped, b"one")

    async def scene():
        async with Following(tmp_path, [kept, dropped]) as following:
            await following.until_lines(2)
        write(kept, b"two")
        write(dropped, b"never")
        async with Following(tmp_path, [kept]) as following:
            await following.until_lines(3)
            await following.looks()
            return following.lines()

    assert sorted(asyncio.run(scene())) == [b"one", b"one", b"two"]
