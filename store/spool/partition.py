"""The folder of one partition: segment names, and the head that says how far it is durable."""

import contextlib
import fcntl
import mmap
import os
import re
import shutil
import struct
import zlib
from pathlib import Path

import msgspec

from store.files import sync_folder

SEGMENT = re.compile(r"^(\d{20})\.segment$")
PARTITION = re.compile(r"^[A-Za-z0-9_-]+\.[0-9a-f]{12}$")
ENDED = "ended"
REMOVED = ".removed"
_HEAD = struct.Struct("<QQQI")


class Head(msgspec.Struct, frozen=True):
    """How far the partition is durable: `offset` bytes of the segment that starts at sequence `segment`."""

    segment: int
    offset: int
    last: int


def segment_file(folder: Path, first: int) -> Path:
    """The file of the segment whose first record has this sequence."""
    return folder / f"{first:020d}.segment"


def segments(folder: Path) -> list[int]:
    """First sequences of the segments there are, rising."""
    try:
        names = [path.name for path in folder.iterdir()]
    except FileNotFoundError:
        return []
    return sorted(int(found[1]) for name in names if (found := SEGMENT.match(name)))


def partitions(root: Path) -> list[str]:
    """Names of the partition folders below the spool."""
    try:
        names = [path.name for path in root.iterdir()]
    except FileNotFoundError:
        return []
    return sorted(name for name in names if PARTITION.match(name))


def is_ended(folder: Path) -> bool:
    """Whether nothing is appended to the partition any more: its producer said so, or it is not there any more."""
    return (folder / ENDED).exists() or not folder.exists()


def mark_ended(folder: Path) -> None:
    """Say durably that nothing is appended to the partition any more."""
    (folder / ENDED).touch()
    sync_folder(folder)


def producer_of(partition: str) -> str:
    """Who writes, or wrote, the partition."""
    return partition.rpartition(".")[0]


def lock_producer(root: Path, producer: str) -> int:
    """The descriptor of the producer's lock, held. Raises `BlockingIOError` where another holds it."""
    while True:
        lock = os.open(_lock_file(root, producer), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(lock).st_nlink:
                return lock
        except OSError:
            os.close(lock)
            raise
        os.close(lock)  # it was removed between opening and locking


def remove_partition(root: Path, name: str) -> None:
    """Delete a partition's folder. It is renamed first: what a crash leaves is no partition, and goes the next time."""
    with contextlib.suppress(FileNotFoundError):
        (root / name).rename(root / f"{name}{REMOVED}")
    for leftover in root.glob(f"*{REMOVED}"):
        shutil.rmtree(leftover, ignore_errors=True)
    producer = producer_of(name)
    if any(producer_of(other) == producer for other in partitions(root)):
        return
    with contextlib.suppress(BlockingIOError):  # a producer that is at work keeps its lock
        lock = lock_producer(root, producer)
        _lock_file(root, producer).unlink(missing_ok=True)
        os.close(lock)


def _lock_file(root: Path, producer: str) -> Path:
    return root / f"{producer}.lock"


class HeadFile:
    """The head in shared memory: written after each fdatasync, read by other processes without a system call.

    It is never synced itself: after a power cut it may be old or gone, and the writer makes it anew
    from the segments. A torn or empty head reads as None.
    """

    def __init__(self, folder: Path, *, write: bool) -> None:
        descriptor = os.open(folder / "head", (os.O_RDWR | os.O_CREAT) if write else os.O_RDONLY, 0o600)
        try:
            if os.fstat(descriptor).st_size < _HEAD.size:
                if not write:
                    raise ValueError("no head yet")
                # Not a hole: a full disk would answer the first write into the mapping with SIGBUS.
                os.posix_fallocate(descriptor, 0, _HEAD.size)
            access = mmap.ACCESS_WRITE if write else mmap.ACCESS_READ
            self._map = mmap.mmap(descriptor, _HEAD.size, access=access)
        finally:
            os.close(descriptor)
        self._last: tuple[bytes, Head | None] = (b"", None)

    def publish(self, head: Head) -> None:
        """Let readers see up to here."""
        body = _HEAD.pack(head.segment, head.offset, head.last, 0)[:24]
        self._map[:] = body + zlib.crc32(body).to_bytes(4, "little")

    def read(self) -> Head | None:
        """The head as last published; None where it is torn or was never written."""
        for _ in range(3):
            data = self._map[:]
            known, head = self._last
            if data == known:
                return head
            segment, offset, last, crc = _HEAD.unpack(data)
            if zlib.crc32(data[:24]) == crc:
                self._last = data, Head(segment, offset, last)
                return self._last[1]
        return None

    def close(self) -> None:
        """Let the mapping go."""
        self._map.close()


def set_aside(root: Path, name: str, data: bytes) -> None:
    """Copy damaged bytes to the damage folder, once; a full disk must not make it worse."""
    folder = root / "damage"
    try:
        folder.mkdir(exist_ok=True)
        file = folder / name
        if not file.exists():
            file.write_bytes(data)
    except OSError:
        return
