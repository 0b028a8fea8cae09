"""The spool on disk: `DiskSpoolWriter` appends, `DiskSpoolReader` takes and releases."""

import errno
import fcntl
import os
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from core import clock
from core.errors import Unavailable
from core.ids import new_incarnation
from core.record import Batch, Record
from store.spool.frame import (
    HEADER_BYTES,
    FrameHeader,
    FramePacker,
    find_header,
    is_whole,
    read_cursors,
    read_header,
    read_records,
)
from store.spool.partition import (
    Head,
    HeadFile,
    partitions,
    segment_file,
    segments,
    set_aside,
    sync_folder,
)

SEGMENT_BYTES = 64 << 20
HIGH_WATER_BYTES = 2 << 30
MEASURE_EVERY_S = 0.5
READ_BYTES = 1 << 22


class DiskSpoolWriter:
    """The one writer of a producer's partition (see `core.ports.SpoolWriter`). Not thread-safe.

    Opening takes the producer's newest partition, or makes one; it cuts a torn tail off (set aside, never
    fatal) and reads back the cursors. Raises `Unavailable` where another process has it open.
    """

    def __init__(
        self,
        root: Path,
        producer: str,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        high_water_bytes: int = HIGH_WATER_BYTES,
    ) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = root
        self._segment_bytes = segment_bytes
        self._high_water_bytes = high_water_bytes
        self._packer = FramePacker()
        self._lock = os.open(root / f"{producer}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise Unavailable("spool", f"{producer} is being written by another process") from error
        own = [name for name in partitions(root) if name.rpartition(".")[0] == producer]
        own.sort(key=lambda name: (root / name).stat().st_mtime_ns)
        self._partition = own[-1] if own else f"{producer}.{new_incarnation()}"
        self._folder = root / self._partition
        if not own:
            self._folder.mkdir()
            sync_folder(root)
        self._head = HeadFile(self._folder, write=True)
        self._cursors: dict[str, str] = {}
        self._last = 0
        self._file = -1
        self._segment = 0
        self._offset = 0
        self._spooled_bytes = 0
        self._measured = float("-inf")
        self._recover()

    @property
    def partition(self) -> str:
        """As `core.ports.SpoolWriter.partition`."""
        return self._partition

    @property
    def last_sequence(self) -> int:
        """As `core.ports.SpoolWriter.last_sequence`."""
        return self._last

    @property
    def cursors(self) -> Mapping[str, str]:
        """As `core.ports.SpoolWriter.cursors`."""
        return self._cursors

    def append(self, records: Sequence[Record], cursors: Mapping[str, str]) -> int:
        """As `core.ports.SpoolWriter.append`: one frame, one write, one fdatasync."""
        if not records and not cursors:
            return self._last
        self._require_room()
        first = self._last + 1
        new_segment = self._file < 0 or self._offset >= self._segment_bytes
        note = _merged(self._cursors, cursors) if new_segment else cursors
        frame = self._packer.pack(first, records, note)
        try:
            if new_segment:
                self._open_segment(first)
            _write_all(self._file, frame, self._offset)
            os.fdatasync(self._file)
            if new_segment:
                sync_folder(self._folder)
        except OSError as error:
            self._give_up_segment()
            raise Unavailable("spool", error.strerror or str(error)) from error
        self._offset += len(frame)
        self._last = first + len(records) - 1
        self._cursors = _merged(self._cursors, cursors)
        self._spooled_bytes += len(frame)
        self._head.publish(Head(self._segment, self._offset, self._last))
        return self._last

    def close(self) -> None:
        """As `core.ports.SpoolWriter.close`."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        self._head.close()
        os.close(self._lock)

    def _require_room(self) -> None:
        at = clock.monotonic()
        if at - self._measured > MEASURE_EVERY_S:
            self._measured = at
            self._spooled_bytes = _size_of(self._folder)
        # The newest segment is kept when all is consumed, so it does not count as backlog.
        if self._spooled_bytes - self._offset > self._high_water_bytes:
            raise Unavailable("spool", "above its high-water mark")

    def _open_segment(self, first: int) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        # A leftover of the same name holds nothing durable: its first frame was never completed.
        self._file = os.open(segment_file(self._folder, first), os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self._segment = first
        self._offset = 0

    def _give_up_segment(self) -> None:
        """After a failed write or sync nothing about the unsynced part is known: cut it, and go on in a new segment."""
        if self._file < 0:
            return
        try:
            os.ftruncate(self._file, self._offset)
        except OSError as error:
            if error.errno not in (errno.EIO, errno.ENOSPC, errno.EROFS, errno.EFBIG):
                raise
        os.close(self._file)
        self._file = -1
        if self._offset == 0:
            segment_file(self._folder, self._segment).unlink(missing_ok=True)

    def _recover(self) -> None:
        known = self._head.read()
        last = 0
        for first in reversed(segments(self._folder)):
            data = segment_file(self._folder, first).read_bytes()
            end, segment_last, cursors = self._walk(data)
            self._cursors = {**cursors, **self._cursors}
            last = max(last, segment_last)
            if self._file < 0 and segment_last >= first:
                self._adopt(first, data, end)
            if end > 0:
                break
            set_aside(self._root, f"{self._partition}-{first}-0.bytes", data)
            segment_file(self._folder, first).unlink()
        self._cursors = _merged(self._cursors, {})
        self._last = max(last, known.last if known else 0)
        if self._last > last and self._file >= 0:
            # What the head vouched for is gone: never number new records like the lost ones.
            os.close(self._file)
            self._file = -1
        if self._file >= 0:
            self._head.publish(Head(self._segment, self._offset, self._last))

    def _adopt(self, first: int, data: bytes, end: int) -> None:
        file = os.open(segment_file(self._folder, first), os.O_RDWR | os.O_CLOEXEC)
        if end < len(data):
            set_aside(self._root, f"{self._partition}-{first}-{end}.bytes", data[end:])
            os.ftruncate(file, end)
        os.fdatasync(file)
        self._file, self._segment, self._offset = file, first, end

    def _walk(self, data: bytes) -> tuple[int, int, dict[str, str]]:
        """Where the last whole frame ends, the last sequence any header names, and the cursors, later over earlier."""
        at = end = last = 0
        cursors: dict[str, str] = {}
        while at < len(data):
            header = read_header(data, at)
            if header is None:
                at = find_header(data, at + 1)
                if at < 0:
                    break
                continue
            body = data[at + HEADER_BYTES : at + header.length]
            if is_whole(header, body):
                cursors.update(read_cursors(header, body))
                end = at + header.length
                last = max(last, header.last)
                at = end
            else:
                at = find_header(data, at + 1)
                if at < 0:
                    break
        return end, last, cursors


class DiskSpoolReader:
    """Takes from all partitions of a spool (see `core.ports.SpoolReader`). Not thread-safe."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._names: list[str] = []
        self._listed = float("-inf")
        self._readers: dict[str, _PartitionReader] = {}

    def partitions(self) -> Sequence[str]:
        """As `core.ports.SpoolReader.partitions`; a new one is seen within a tenth of a second."""
        at = clock.monotonic()
        if at - self._listed > 0.1:
            self._listed = at
            self._names = partitions(self._root)
        return self._names

    def last_sequence(self, partition: str) -> int:
        """As `core.ports.SpoolReader.last_sequence`."""
        head = self._reader(partition).head()
        return head.last if head else 0

    def take(self, partition: str, after: int, limit: int) -> Batch:
        """As `core.ports.SpoolReader.take`."""
        return self._reader(partition).take(after, limit)

    def release(self, partition: str, through: int) -> None:
        """As `core.ports.SpoolReader.release`: whole segments before the newest durable one."""
        reader = self._reader(partition)
        head = reader.head()
        if head is None or through <= reader.released:
            return
        reader.released = through
        present = segments(self._root / partition)
        for first, following in zip(present, present[1:], strict=False):
            if following - 1 <= through and first < head.segment:
                segment_file(self._root / partition, first).unlink(missing_ok=True)

    def size_bytes(self) -> int:
        """As `core.ports.SpoolReader.size_bytes`."""
        return sum(_size_of(self._root / name) for name in partitions(self._root))

    def _reader(self, partition: str) -> "_PartitionReader":
        reader = self._readers.get(partition)
        if reader is None:
            reader = self._readers[partition] = _PartitionReader(self._root, partition)
        return reader


class _PartitionReader:
    """Where in a partition the next frame is read. `after` out of order finds its place again from the segments."""

    def __init__(self, root: Path, partition: str) -> None:
        self.released = 0
        self._root = root
        self._partition = partition
        self._folder = root / partition
        self._head_file: HeadFile | None = None
        self._after = -1
        self._segment = 0
        self._file = -1
        self._offset = 0
        self._buffer = b""
        self._buffer_at = 0
        self._ready: deque[tuple[int, Record]] = deque()
        self._frame_through = 0
        self._fresh = False

    def head(self) -> Head | None:
        if self._head_file is None:
            try:
                self._head_file = HeadFile(self._folder, write=False)
            except (OSError, ValueError):
                return self._scanned_head()
        return self._head_file.read() or self._scanned_head()

    def take(self, after: int, limit: int) -> Batch:
        head = self.head()
        if head is None or head.last <= after:
            return Batch(self._partition, [], [], after)
        if after != self._after:
            self._seek(after)
        sequences: list[int] = []
        records: list[Record] = []
        # What was released is not there any more, and not damaged either.
        start = through = max(after, self._segment - 1) if self._fresh else after
        while len(records) < limit and (self._ready or self._next_frame(through, head)):
            while self._ready and len(records) < limit:
                sequence, record = self._ready.popleft()
                if sequence > through:
                    sequences.append(sequence)
                    records.append(record)
                    through = sequence
            if not self._ready:
                through = max(through, self._frame_through)
        self._after = through
        self._fresh = False
        return Batch(self._partition, sequences, records, through, through - start - len(records))

    def _next_frame(self, through: int, head: Head) -> bool:
        """Load what follows `through` into `_ready` and set `_frame_through`; False where nothing durable is left."""
        while True:
            if self._file < 0 and not self._open():
                return False
            limit = head.offset if self._segment == head.segment else os.fstat(self._file).st_size
            if self._offset >= limit:
                following = [first for first in segments(self._folder) if first > self._segment]
                if self._segment >= head.segment or not following:
                    self._frame_through = head.last
                    return head.last > through
                self._leave_segment()
                self._segment = following[0]
                if following[0] - 1 > through:
                    self._frame_through = following[0] - 1
                    return True
                continue
            header, body = self._read_at(self._offset, limit)
            if header is not None and is_whole(header, body):
                self._offset += header.length
                if header.last > through:
                    self._load(header, body)
                    return True
            else:
                self._pass_damage(header, body, limit)
                if self._ready:
                    return True

    def _load(self, header: FrameHeader, body: bytes) -> None:
        sequences, records = read_records(header, body)
        self._ready.extend(zip(sequences, records, strict=True))
        self._frame_through = header.last

    def _pass_damage(self, header: FrameHeader | None, body: bytes, limit: int) -> None:
        """Keep what can be trusted of a damaged stretch, copy the stretch aside, go on at the next header."""
        data = os.pread(self._file, limit, 0)
        at = -1
        if header is not None and read_header(data, self._offset + header.length) is not None:
            at = self._offset + header.length
        if at < 0:
            at = find_header(data, self._offset + 1)
        end = at if at >= 0 else limit
        set_aside(self._root, f"{self._partition}-{self._segment}-{self._offset}.bytes", data[self._offset : end])
        if header is not None:
            self._load(header, body)
            if not self._ready:
                self._frame_through = 0  # how far it reached is told by what follows it
        self._offset = end
        self._buffer = b""

    def _open(self) -> bool:
        """Open the current segment, or the first one after it where it was released."""
        present = [first for first in segments(self._folder) if first >= self._segment]
        if not present:
            return False
        self._segment = present[0]
        self._file = os.open(segment_file(self._folder, self._segment), os.O_RDONLY | os.O_CLOEXEC)
        self._offset = 0
        self._buffer = b""
        return True

    def _leave_segment(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        self._buffer = b""

    def _seek(self, after: int) -> None:
        self._leave_segment()
        self._ready.clear()
        self._frame_through = 0
        self._fresh = True
        present = segments(self._folder)
        self._segment = max((first for first in present if first <= after + 1), default=present[0] if present else 0)

    def _read_at(self, at: int, limit: int) -> tuple[FrameHeader | None, bytes]:
        """The header at an offset and the bytes of its body that lie before `limit`."""
        header = read_header(self._bytes(at, HEADER_BYTES, limit))
        if header is None:
            return None, b""
        return header, self._bytes(at + HEADER_BYTES, header.length - HEADER_BYTES, limit)

    def _bytes(self, at: int, count: int, limit: int) -> bytes:
        count = max(0, min(count, limit - at))
        start = at - self._buffer_at
        if start < 0 or start + count > len(self._buffer):
            self._buffer = os.pread(self._file, min(max(count, READ_BYTES), limit - at), at)
            self._buffer_at = at
            start = 0
        return self._buffer[start : start + count]

    def _scanned_head(self) -> Head | None:
        """The durable end as the newest segment itself tells, where the head is gone."""
        present = segments(self._folder)
        if not present:
            return None
        data = segment_file(self._folder, present[-1]).read_bytes()
        at = end = 0
        last = present[-1] - 1
        while 0 <= at < len(data):
            header = read_header(data, at)
            if header is not None and is_whole(header, data[at + HEADER_BYTES : at + header.length]):
                end = at = at + header.length
                last = header.last
            else:
                at = find_header(data, at + 1)
        return Head(present[-1], end, last)


def _merged(cursors: Mapping[str, str], changed: Mapping[str, str]) -> dict[str, str]:
    """Cursors after a change; an empty one is withdrawn."""
    return {name: value for name, value in {**cursors, **changed}.items() if value}


def _write_all(file: int, data: bytes, at: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, at)
        view = view[written:]
        at += written


def _size_of(folder: Path) -> int:
    total = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(".segment"):
                    try:
                        total += entry.stat().st_size
                    except FileNotFoundError:
                        continue
    except FileNotFoundError:
        return 0
    return total
