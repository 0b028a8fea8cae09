"""The spool on disk: `DiskSpoolWriter` appends, `DiskSpoolReader` takes and releases."""

import contextlib
import itertools
import os
import shutil
from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from core import clock
from core.errors import Unavailable
from core.ids import new_incarnation
from core.language import Text
from core.record import Batch, Record
from core.system_error import reason_of
from store.files import sync_folder
from store.spool.frame import (
    HEADER_BYTES,
    FrameHeader,
    FramePacker,
    find_header,
    is_whole,
    read_cursors,
    read_header,
    read_records,
    salt_of,
)
from store.spool.partition import (
    Head,
    HeadFile,
    is_ended,
    lock_producer,
    mark_ended,
    partitions,
    producer_of,
    remove_partition,
    segment_file,
    segments,
    set_aside,
)

SEGMENT_BYTES = 64 << 20
HIGH_WATER_BYTES = 2 << 30
REST_BYTES = 64 << 10
MEASURE_EVERY_S = 0.5
READ_BYTES = 1 << 22
DRAFT = ".new"
OPEN_PARTITIONS = 64
"""So many a reader keeps open (two files each); the one not asked for the longest is closed and opened again."""

BEING_WRITTEN = Text(
    vi="{producer} đang được một tiến trình khác ghi", en="{producer} is being written by another process"
)
ABOVE_HIGH_WATER = Text(vi="bộ đệm đã đầy đến mức trần", en="above its high-water mark")


class DiskSpoolWriter:
    """The one writer of a producer's partition (see `core.ports.SpoolWriter`). Not thread-safe.

    Opening takes the producer's partition, or makes one; it cuts a torn tail off (set aside, never fatal) and reads
    the cursors back. Where it cannot tell which sequences were used, it ends that partition and goes on in a new one.
    Raises `Unavailable` where another process has it open or the disk does not let it begin.
    """

    def __init__(
        self,
        root: Path,
        producer: str,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        high_water_bytes: int = HIGH_WATER_BYTES,
    ) -> None:
        self._root = root
        self._segment_bytes = segment_bytes
        self._high_water_bytes = high_water_bytes
        self._cursors: dict[str, str] = {}
        self._file = -1
        self._last = self._segment = self._offset = self._spooled_bytes = 0
        self._measured = float("-inf")
        self._head: HeadFile | None = None
        try:
            root.mkdir(parents=True, exist_ok=True)
            self._lock = lock_producer(root, producer)
        except BlockingIOError as error:
            raise Unavailable("spool", BEING_WRITTEN.format(producer=producer)) from error
        except OSError as error:
            raise Unavailable("spool", reason_of(error)) from error
        try:
            own = [name for name in partitions(root) if producer_of(name) == producer]
            own = [name for name in own if not is_ended(root / name)]
            own.sort(key=lambda name: (root / name).stat().st_mtime_ns)
            for older in own[:-1]:
                self._end_older(older)
            if own:
                self._take_up(own[-1], producer)
            else:
                self._begin(producer)
        except OSError as error:
            self._shut()
            raise Unavailable("spool", reason_of(error)) from error
        except Unavailable:
            self._shut()
            raise

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
        if records or cursors:
            self._require_room()
            self._write(records, cursors, new_segment=self._file < 0 or self._offset >= self._segment_bytes)
        return self._last

    def end(self) -> None:
        """As `core.ports.SpoolWriter.end`. Raises `Unavailable` where the disk does not let it."""
        try:
            mark_ended(self._folder)
        except OSError as error:
            raise Unavailable("spool", reason_of(error)) from error
        self._shut()

    def close(self) -> None:
        """As `core.ports.SpoolWriter.close`. The cursors go to a small segment, so all before it can be released."""
        if self._file >= 0 and self._offset > REST_BYTES:
            with contextlib.suppress(Unavailable):
                self._write([], {}, new_segment=True)
        self._shut()

    def _write(self, records: Sequence[Record], cursors: Mapping[str, str], *, new_segment: bool) -> None:
        first = self._last + 1
        merged = _merged(self._cursors, cursors)
        frame = self._packer.pack(first, records, merged if new_segment else cursors)
        try:
            if new_segment:
                self._open_segment(first)
            _write_all(self._file, frame, self._offset)
            os.fdatasync(self._file)
            if new_segment:
                sync_folder(self._folder)
        except OSError as error:
            self._give_up_segment()
            raise Unavailable("spool", reason_of(error)) from error
        self._offset += len(frame)
        self._last = first + len(records) - 1
        self._cursors = merged
        self._spooled_bytes += len(frame)
        self._publish()

    def _publish(self) -> None:
        if self._head is not None:
            self._head.publish(Head(self._segment, self._offset, self._last))

    def _begin(self, producer: str) -> None:
        """Make a new partition with the cursors there are; it is there whole, with its head and them, or not at all."""
        for leftover in self._root.glob(f"{producer}.*{DRAFT}"):
            shutil.rmtree(leftover, ignore_errors=True)
        partition = f"{producer}.{new_incarnation()}"
        draft = self._root / f"{partition}{DRAFT}"
        draft.mkdir()
        self._open_partition(partition, draft)
        self._last = self._segment = self._offset = 0
        self._publish()
        if self._cursors:
            self._write([], {}, new_segment=True)
        sync_folder(draft)
        self._folder = self._root / partition
        draft.rename(self._folder)
        sync_folder(self._root)

    def _take_up(self, partition: str, producer: str) -> None:
        """Go on in a partition; in a new one where a sequence may have been used there that nothing tells of."""
        self._open_partition(partition, self._root / partition)
        assert self._head is not None  # noqa: S101
        known = self._head.read()
        if self._recover(known):
            self._publish()
            return
        old, end = self._head, Head(self._segment, self._offset, self._last)
        self._head = None
        self._begin(producer)
        old.publish(end)
        old.close()
        mark_ended(self._root / partition)

    def _end_older(self, partition: str) -> None:
        """A kill came between the beginning of a newer partition, which has every cursor, and the end of this one."""
        self._open_partition(partition, self._root / partition)
        assert self._head is not None  # noqa: S101
        self._recover(self._head.read())
        self._publish()
        self._head.close()
        mark_ended(self._folder)
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        self._cursors = {}
        self._last = self._segment = self._offset = 0

    def _open_partition(self, partition: str, folder: Path) -> None:
        self._partition = partition
        self._folder = folder
        self._salt = salt_of(partition)
        self._packer = FramePacker(self._salt)
        self._head = HeadFile(self._folder, write=True)

    def _shut(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        if self._head is not None:
            self._head.close()
            self._head = None
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _require_room(self) -> None:
        at = clock.monotonic()
        if at - self._measured > MEASURE_EVERY_S:
            self._measured = at
            self._spooled_bytes = _size_of(self._folder)
        # The newest segment is kept when all is consumed, so it does not count as backlog.
        if self._spooled_bytes - self._offset > self._high_water_bytes:
            raise Unavailable("spool", ABOVE_HIGH_WATER)

    def _open_segment(self, first: int) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        # A leftover of the same name holds nothing durable: its first frame was never completed.
        self._file = os.open(
            segment_file(self._folder, first), os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600
        )
        self._segment = first
        self._offset = 0

    def _give_up_segment(self) -> None:
        """After a failed write or sync nothing about the unsynced part is known: cut it, and go on in a new segment.

        Where even the cut fails the bytes stay; readers know them by sequences that the next segment claims.
        """
        if self._file < 0:
            return
        with contextlib.suppress(OSError):
            os.ftruncate(self._file, self._offset)
        os.close(self._file)
        self._file = -1
        if self._offset == 0:
            with contextlib.suppress(OSError):
                segment_file(self._folder, self._segment).unlink(missing_ok=True)

    def _recover(self, known: Head | None) -> bool:
        """Find the end and the cursors; False where a sequence may have been used that nothing tells of."""
        present = segments(self._folder)
        sure = bool(present) or known is not None
        following: int | None = None
        for first in reversed(present):
            data = segment_file(self._folder, first).read_bytes()
            found = self._walk(data, following)
            self._cursors = {**found.cursors, **self._cursors}
            self._last = max(self._last, found.last, first - 1)
            if following is None:
                sure = self._take_end(first, data, found.end, known)
            if found.whole_base:
                break
            following = first
        self._cursors = _merged(self._cursors, {})
        if known is not None and known.last > self._last:
            # What the head vouched for is gone: never number new records like the lost ones.
            self._segment, self._offset, self._last = known.segment, known.offset, known.last
            if self._file >= 0:
                os.close(self._file)
                self._file = -1
        return sure

    def _take_end(self, first: int, data: bytes, end: int, known: Head | None) -> bool:
        """Go on after the newest segment's last whole frame, `end`; False where what follows it cannot be told.

        It was never acknowledged where the head says so: it is cut off. Where the head vouches for it, it was damaged
        later: it is left to the readers, who save what they can, and a new segment begins.
        """
        self._segment, self._offset = first, end
        told = known is not None and known.segment == first and known.offset >= end
        if told and known is not None and known.offset > end:
            self._offset = known.offset
            return True
        if end < len(data):
            set_aside(self._root, f"{self._partition}-{first}-{end}.bytes", data[end:])
            if not told:
                return False
        self._file = os.open(segment_file(self._folder, first), os.O_RDWR | os.O_CLOEXEC)
        os.ftruncate(self._file, end)
        os.fdatasync(self._file)
        return True

    def _walk(self, data: bytes, following: int | None) -> "_Found":
        """What a segment says of itself, damaged stretches passed over."""
        found = _Found()
        at = 0
        while 0 <= at < len(data):
            header = read_header(data, at, self._salt)
            if header is None or (following is not None and header.last >= following):
                at = find_header(data, at + 1, self._salt)
                continue
            body = data[at + HEADER_BYTES : at + header.length]
            if is_whole(header, body):
                found.cursors.update(read_cursors(header, body))
                found.whole_base |= at == 0
                found.end = at + header.length
                found.last = max(found.last, header.last)
                at = found.end
            else:
                at = find_header(data, at + 1, self._salt)
        return found


class _Found:
    """What a walk over a segment found."""

    def __init__(self) -> None:
        self.end = 0  # after the last whole frame
        self.last = 0  # the last sequence of whole frames
        self.whole_base = False  # whether its first frame, which has every cursor, is whole
        self.cursors: dict[str, str] = {}


class DiskSpoolReader:
    """Takes from all partitions of a spool (see `core.ports.SpoolReader`). Not thread-safe."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._names: list[str] = []
        self._listed = float("-inf")
        self._readers: OrderedDict[str, _PartitionReader] = OrderedDict()

    def partitions(self) -> Sequence[str]:
        """As `core.ports.SpoolReader.partitions`; a new one is seen within a tenth of a second."""
        at = clock.monotonic()
        if at - self._listed > 0.1:
            self._listed = at
            self._names = partitions(self._root)
        return self._names

    def last_sequence(self, partition: str) -> int:
        """As `core.ports.SpoolReader.last_sequence`."""
        try:
            head = self._reader(partition).head()
        except OSError as error:
            raise Unavailable("spool", reason_of(error)) from error
        return head.last if head else 0

    def take(self, partition: str, after: int, limit: int) -> Batch:
        """As `core.ports.SpoolReader.take`. Raises `Unavailable` where the disk does not let it read."""
        try:
            return self._reader(partition).take(after, limit)
        except OSError as error:
            raise Unavailable("spool", reason_of(error)) from error

    def release(self, partition: str, through: int) -> None:
        """As `core.ports.SpoolReader.release`: whole segments before the newest durable one."""
        try:
            self._reader(partition).release(through)
        except OSError as error:
            raise Unavailable("spool", reason_of(error)) from error

    def has_ended(self, partition: str) -> bool:
        """As `core.ports.SpoolReader.has_ended`."""
        return is_ended(self._root / partition)

    def remove(self, partition: str) -> None:
        """As `core.ports.SpoolReader.remove`."""
        reader = self._readers.pop(partition, None)
        if reader is not None:
            reader.close()
        try:
            remove_partition(self._root, partition)
        except OSError as error:
            raise Unavailable("spool", reason_of(error)) from error
        self._listed = float("-inf")

    def size_bytes(self) -> int:
        """As `core.ports.SpoolReader.size_bytes`."""
        return sum(_size_of(self._root / name) for name in partitions(self._root))

    def _reader(self, partition: str) -> "_PartitionReader":
        reader = self._readers.get(partition)
        if reader is None:
            while len(self._readers) >= OPEN_PARTITIONS:
                self._readers.popitem(last=False)[1].close()
            reader = self._readers[partition] = _PartitionReader(self._root, partition)
        self._readers.move_to_end(partition)
        return reader


class _PartitionReader:
    """Where in a partition the next frame is read. `after` out of order finds its place again from the segments."""

    def __init__(self, root: Path, partition: str) -> None:
        self._root = root
        self._partition = partition
        self._folder = root / partition
        self._salt = salt_of(partition)
        self._released = 0
        self._head_file: HeadFile | None = None
        self._scanned: tuple[tuple[int, int], Head] | None = None
        self._after = -1
        self._segment = 0
        self._following: int | None = None
        self._file = -1
        self._offset = 0
        self._buffer = b""
        self._buffer_at = 0
        self._ready: deque[tuple[int, Record]] = deque()
        self._frame_through = 0

    def close(self) -> None:
        self._leave_segment()
        if self._head_file is not None:
            self._head_file.close()

    def head(self) -> Head | None:
        if self._head_file is None:
            try:
                self._head_file = HeadFile(self._folder, write=False)
            except (FileNotFoundError, ValueError):
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
        through = after
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
        # What was released is not there any more, and not damaged either.
        return Batch(self._partition, sequences, records, through, max(after, min(self._released, through)))

    def release(self, through: int) -> None:
        head = self.head()
        if head is None or through <= self._released:
            return
        self._released = through
        present = segments(self._folder)
        for first, following in itertools.pairwise(present):
            if following - 1 <= through and first < head.segment:
                segment_file(self._folder, first).unlink(missing_ok=True)

    def _next_frame(self, through: int, head: Head) -> bool:
        """Load what follows `through` into `_ready` and set `_frame_through`; False where nothing durable is left."""
        while through < head.last:
            if self._file < 0 and not self._open():
                break
            if self._segment > head.segment:
                break
            if self._segment < head.segment and self._following is None:
                self._following = min(
                    (first for first in segments(self._folder) if first > self._segment), default=None
                )
            following = self._following
            if following is None:
                limit = head.offset if self._segment == head.segment else os.fstat(self._file).st_size
            elif through >= following - 1:
                self._leave_segment(following)
                continue
            else:
                limit = os.fstat(self._file).st_size
            if self._offset >= limit:
                if following is None:
                    break
                self._leave_segment(following)
                self._frame_through = following - 1
                return True
            header, body = self._read_at(self._offset, limit)
            if header is not None and following is not None and header.last >= following:
                self._offset = limit  # refused, and numbered again in the next segment
            elif header is not None and is_whole(header, body):
                self._offset += header.length
                if header.last > through:
                    self._load(header, body, trusted=True)
                    return True
            else:
                self._pass_damage(header, body, limit)
                if self._ready:
                    return True
        self._frame_through = head.last
        return head.last > through

    def _load(self, header: FrameHeader, body: bytes, *, trusted: bool) -> None:
        sequences, records = read_records(header, body, trusted=trusted)
        self._ready.extend(zip(sequences, records, strict=True))
        self._frame_through = header.last

    def _pass_damage(self, header: FrameHeader | None, body: bytes, limit: int) -> None:
        """Keep what can be trusted of a damaged stretch, copy the stretch aside, go on at the next header."""
        data = os.pread(self._file, limit - self._offset, self._offset)
        # The nearest intact header, not the one that this frame's length points at: bytes in between may be gone.
        end = find_header(data, 1, self._salt)
        if end < 0:
            end = limit - self._offset
        if data:
            set_aside(self._root, f"{self._partition}-{self._segment}-{self._offset}.bytes", data[:end])
        if header is not None:
            self._load(header, body, trusted=False)
            if not self._ready:
                self._frame_through = 0  # how far it reached is told by what follows it
        self._offset += end
        self._buffer = b""

    def _open(self) -> bool:
        """Open the current segment, or the first one after it where it is not there any more."""
        while present := [first for first in segments(self._folder) if first >= self._segment]:
            try:
                self._file = os.open(segment_file(self._folder, present[0]), os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                continue  # released since it was listed
            self._segment = present[0]
            self._following = None
            self._offset = 0
            self._buffer = b""
            return True
        return False

    def _leave_segment(self, following: int = 0) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        self._segment = following
        self._buffer = b""

    def _seek(self, after: int) -> None:
        present = segments(self._folder)
        self._leave_segment(max((first for first in present if first <= after + 1), default=0))
        self._ready.clear()
        self._frame_through = 0

    def _read_at(self, at: int, limit: int) -> tuple[FrameHeader | None, bytes]:
        """The header at an offset and the bytes of its body that lie before `limit`."""
        header = read_header(self._bytes(at, HEADER_BYTES, limit), 0, self._salt)
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
        """The durable end as the newest segment itself tells where the head is gone; read again when it has grown."""
        present = segments(self._folder)
        if not present:
            return None
        newest = segment_file(self._folder, present[-1])
        key = (present[-1], newest.stat().st_size)
        if self._scanned is not None and self._scanned[0] == key:
            return self._scanned[1]
        data = newest.read_bytes()
        at = end = 0
        last = present[-1] - 1
        while 0 <= at < len(data):
            header = read_header(data, at, self._salt)
            if header is not None and is_whole(header, data[at + HEADER_BYTES : at + header.length]):
                end = at = at + header.length
                last = header.last
            else:
                at = find_header(data, at + 1, self._salt)
        head = Head(present[-1], end, last)
        self._scanned = key, head
        return head


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
