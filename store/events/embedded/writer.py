"""The one writer of the embedded event store.

Exactly once, with nothing beside the index that could lie: every event carries its position, a day folder takes events
of a partition in rising sequence only, and on opening it is asked for the highest it holds. What it holds it skips.

Several folders cannot be committed in one step. Before such a commit (around midnight, or after a jump of the clock)
the positions before it are noted down durably; where the note is found on opening, the positions start there and each
folder skips what it has. The note goes when all of that has been handed in again.
"""

import contextlib
import fcntl
import logging
import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import msgspec
import tantivy

from core import clock
from core.errors import Unavailable
from core.event import Event, Rejected
from core.language import Text
from core.query.bounds import DAY_MICROSECONDS, microseconds
from store.events.embedded.folder import (
    OPEN_DAYS,
    Damaged,
    day_folders,
    folder_name,
    make_folder,
    measure,
    mend,
    read_manifest,
    reading,
    reason,
    set_aside,
    write_manifest,
)
from store.events.embedded.layout import Indexer, open_index, read_layout
from store.events.embedded.seals import add_seal, sealed_states
from store.events.embedded.source import SourcePacker, SourceUnpacker, read_dictionary
from store.events.settings import EventsSettings
from store.files import sync_folder, write_durably

NOTE_FILE = "commit.json"
LOCK_FILE = "writer.lock"
IDLE_S = 600.0
"""A day that has had no event for so long is sealed when there is a newer one."""

BEING_WRITTEN = Text(
    vi="kho sự kiện đang được một tiến trình khác ghi", en="the event store is being written by another process"
)
NOT_OPEN = Text(vi="{folder} chưa mở được", en="{folder} is not open")

log = logging.getLogger("events")


class EmbeddedEventWriter:
    """See `core.ports.EventWriter`. Not thread-safe."""

    def __init__(self, root: Path, settings: EventsSettings) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = root
        self._buffer_bytes = settings.buffer_mebibytes << 20
        self._lock = os.open(root / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise Unavailable("events", BEING_WRITTEN) from error
        self._days: dict[int, _Day] = {}
        self._events: dict[str, int] = {}  # durable, by folder
        try:
            held = self._held()
        except BaseException:
            os.close(self._lock)
            raise
        self._seal_older()
        self._note = self._read_note()
        noted = held if self._note is None else self._note
        self._positions = {partition: min(sequence, noted.get(partition, 0)) for partition, sequence in held.items()}
        self._to_be_offered = {name: sequence for name, sequence in held.items() if sequence > self._positions[name]}
        self._offered: dict[str, int] = {}

    def positions(self) -> Mapping[str, int]:
        """As `core.ports.EventWriter.positions`."""
        return dict(self._positions)

    def count(self) -> int:
        """As `core.ports.EventWriter.count`."""
        return sum(self._events.values())

    def append(self, events: Iterable[Event | Rejected]) -> int:
        """As `core.ports.EventWriter.append`.

        Raises `Unavailable` as `commit` does, having taken some of the events or none. Hand in the same events again:
        those taken are skipped.
        """
        self._require_health()
        taken = 0
        for outcome in events:
            event = outcome.as_event() if isinstance(outcome, Rejected) else outcome
            position = event.position
            taken += self._day(event.received).add(event)
            if self._offered.get(position.partition, 0) < position.sequence:
                self._offered[position.partition] = position.sequence
        return taken

    def commit(self) -> None:
        """As `core.ports.EventWriter.commit`.

        Raises `Unavailable` where the disk is full; nothing is lost by that, call it again.
        """
        self._commit()
        at = clock.monotonic()
        for number, day in list(self._days.items()):
            if number < max(self._days) and at - day.touched > IDLE_S:
                self._seal(number)

    def _commit(self) -> None:
        self._require_health()
        dirty = [day for day in self._days.values() if day.is_dirty]
        if len(dirty) > 1 and self._note is None:
            self._write_note()
        for day in dirty:
            day.commit()
        self._events |= {day.folder.name: day.events for day in self._days.values()}
        for partition, sequence in self._offered.items():
            if self._positions.get(partition, 0) < sequence:
                self._positions[partition] = sequence
        self._offered.clear()
        if self._note is not None and all(
            self._positions[partition] >= sequence for partition, sequence in self._to_be_offered.items()
        ):
            self._withdraw_note()

    def close(self) -> None:
        """As `core.ports.EventWriter.close`."""
        try:
            self.commit()
        finally:
            for day in self._days.values():
                day.close()
            self._days.clear()
            os.close(self._lock)

    def _held(self) -> dict[str, int]:
        """The highest sequence per partition over all folders; damaged folders are set aside."""
        held: dict[str, int] = {}
        for folder in day_folders(self._root):
            try:
                mend(folder)
                manifest = read_manifest(folder) or write_manifest(folder)
            except Damaged as damage:
                set_aside(folder, str(damage))
                continue
            self._events[folder.name] = manifest.events
            for partition, sequence in manifest.positions.items():
                held[partition] = max(sequence, held.get(partition, 0))
        return held

    def _day(self, received: datetime) -> "_Day":
        number = microseconds(received) // DAY_MICROSECONDS
        day = self._days.get(number)
        if day is None:
            if len(self._days) >= OPEN_DAYS:
                self._commit()
                self._seal(min(self._days, key=lambda other: self._days[other].touched))
            day = self._days[number] = self._open(self._root / folder_name(received))
            self._seal_older()
        return day

    def _open(self, folder: Path) -> "_Day":
        try:
            if not folder.exists():
                make_folder(folder)
            try:
                return _Day(folder, self._buffer_bytes)
            except Damaged as damage:
                set_aside(folder, str(damage))
                self._events.pop(folder.name, None)
                make_folder(folder)
                return _Day(folder, self._buffer_bytes)
        except (OSError, ValueError) as error:
            raise _unavailable(error, self._root) from error

    def _seal(self, number: int) -> None:
        """Of a day without uncommitted events."""
        self._days.pop(number).seal()

    def _seal_older(self) -> None:
        """Seal the days that were open when the product was ended, but for those that may be written to again."""
        open_now = {day.folder for day in self._days.values()}
        sealed = sealed_states(self._root)
        for folder in day_folders(self._root)[OPEN_DAYS:]:
            if folder in open_now:
                continue
            try:
                manifest = read_manifest(folder)
                if manifest is not None and (folder.name, manifest.meta) not in sealed:
                    add_seal(self._root, folder, manifest)
            except (Damaged, OSError) as error:
                log.warning("event folder %s stays without a seal: %s", folder.name, error)

    def _require_health(self) -> None:
        for day in self._days.values():
            day.recover()

    def _read_note(self) -> dict[str, int] | None:
        try:
            return msgspec.json.decode((self._root / NOTE_FILE).read_bytes(), type=dict[str, int])
        except FileNotFoundError:
            return None
        except msgspec.DecodeError:
            return {}  # nothing is known to be whole: every partition from its beginning

    def _write_note(self) -> None:
        try:
            write_durably(self._root / NOTE_FILE, msgspec.json.encode(self._positions))
        except OSError as error:
            raise _unavailable(error, self._root) from error
        self._note = dict(self._positions)

    def _withdraw_note(self) -> None:
        (self._root / NOTE_FILE).unlink(missing_ok=True)
        sync_folder(self._root)
        self._note = None


class _Day:
    """A day folder open for writing.

    What is not committed is kept here as well, packed: tantivy forgets it when a commit fails.
    """

    def __init__(self, folder: Path, buffer_bytes: int) -> None:
        self.folder = folder
        self.touched = clock.monotonic()
        self._buffer_bytes = buffer_bytes
        self._uncommitted: list[bytes] = []
        self._writer: tantivy.IndexWriter | None = None
        with reading(folder):
            manifest = read_manifest(folder) or measure(folder)
            self.events = manifest.events  # durable
            self._highest = dict(manifest.positions)
            self._indexer = Indexer(read_layout(folder))
            self._packer = SourcePacker(folder)
            index = open_index(folder)
        self._writer = self._open_writer(index)

    @property
    def is_dirty(self) -> bool:
        """Whether there are uncommitted events."""
        return bool(self._uncommitted)

    def add(self, event: Event) -> bool:
        """Take an event unless it is here already; whether it was taken."""
        partition, sequence = event.position.partition, event.position.sequence
        if sequence <= self._highest.get(partition, 0):
            return False
        source = self._packer.pack(event)
        document = self._indexer.document(event, source)
        self._uncommitted.append(source)
        self._highest[partition] = sequence
        self._add(document)
        return True

    def commit(self) -> None:
        """Make what was taken durable."""
        if not self._uncommitted or self._writer is None:
            return
        try:
            self._writer.commit()
        except (ValueError, OSError) as error:
            raise self._given_up(error) from error
        self.events += len(self._uncommitted)
        self._uncommitted.clear()
        self.touched = clock.monotonic()

    def recover(self) -> None:
        """After a failure: what is durable is asked of the index, the rest is handed to a new tantivy writer."""
        if self._writer is not None:
            return
        with reading(self.folder):
            manifest = measure(self.folder)
            durable = manifest.positions
            unpacker = SourceUnpacker(read_dictionary(self.folder))
            index = open_index(self.folder)
        self._writer = self._open_writer(index)
        kept: list[bytes] = []
        for source in self._uncommitted:
            event = unpacker.unpack(source)
            if event.position.sequence > durable.get(event.position.partition, 0):
                kept.append(source)
                self._add(self._indexer.document(event, source))
        self._uncommitted = kept
        self.events = manifest.events

    def seal(self) -> None:
        """Let merges end and write the manifest: the folder does not change any more."""
        writer, self._writer = self._writer, None
        try:
            if writer is not None:
                writer.wait_merging_threads()
            add_seal(self.folder.parent, self.folder, write_manifest(self.folder))
        except (Unavailable, Damaged, ValueError, OSError) as error:
            log.warning("event folder %s stays without a manifest: %s", self.folder.name, error)

    def close(self) -> None:
        """Release; running merges are given up."""
        self._writer = None

    def _add(self, document: tantivy.Document) -> None:
        if self._writer is None:
            raise Unavailable("events", NOT_OPEN.format(folder=self.folder.name))
        try:
            self._writer.add_document(document)
        except (ValueError, OSError) as error:
            raise self._given_up(error) from error

    def _given_up(self, error: Exception) -> Unavailable:
        """After a failure nothing is known about what tantivy holds: let go of it, its lock included."""
        writer, self._writer = self._writer, None
        if writer is not None:
            with contextlib.suppress(ValueError, OSError):
                writer.wait_merging_threads()
        return _unavailable(error, self.folder)

    def _open_writer(self, index: tantivy.Index) -> tantivy.IndexWriter:
        try:
            return index.writer(self._buffer_bytes, 1)
        except (ValueError, OSError) as error:
            raise _unavailable(error, self.folder) from error


def _unavailable(error: Exception, folder: Path) -> Unavailable:
    return Unavailable("events", reason(error, folder))
