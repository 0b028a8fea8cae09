"""Which documents came within the last 48 hours, by the names their senders gave them: each is taken once.

A sender that had no answer sends again what may be on the disk already. The names rest beside the spool in tables of
fixed slots in shared memory, some for each day of receipt, and a day is dropped whole when its last name is 48 hours
old:

    table = header (magic, how many names) in 4,096 bytes + slots of 16 bytes
    slot  = 12 bytes of the name's digest + second of receipt; zeros where it is free

What is written to a table outlives a kill of the process, not of the machine: `through` says up to which sequence of
the spool every name has reached the disk, and from there on they are found in the spool itself. A slot never straddles
a sector: after a power cut names may be missing, and none is there that nobody noted.

Why not SQLite: each request dirties as many pages as it has names (measured: 40 to 70 µs a name; here 5 to 12, with
the digest).
"""

import hashlib
import logging
import mmap
import os
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec

from store.files import write_durably

KNOWN_FOR = timedelta(hours=48)
ID_BYTES = 12
SLOT_BYTES = 16
HEADER_BYTES = 4096
FIRST_SLOTS = 1 << 17
LARGER = 4
MAGIC = b"CANHIDS1"
FREE = bytes(SLOT_BYTES)
_DAY = "%Y-%m-%d"

log = logging.getLogger("bulk")


class _Through(msgspec.Struct):
    partition: str
    sequence: int


def document_id(source: str, place: str) -> bytes:
    """12 bytes that stand for what a sender, a source, calls one document.

    Two of ten million names are alike once in 10**15 times.
    """
    return hashlib.blake2b(f"{source}\0{place}".encode("utf-8", "surrogatepass"), digest_size=ID_BYTES).digest()


class DocumentIds:
    """For one process. Cost: 1 to 2 µs for each name and table; a day has one up to 65,536 names, then larger ones too.

    A table that is none is put aside and named in the log, and what it knew is forgotten.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tables: dict[date, list[_Table]] = {}
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for file in sorted(folder.glob("*.ids")):
            try:
                day = datetime.strptime(file.stem[:10], _DAY).replace(tzinfo=UTC).date()
                self._tables.setdefault(day, []).append(_Table(file, 0))
            except ValueError:
                log.error("%s is no table of documents' names: put aside", file)
                file.replace(file.with_name(f"{file.name}.damaged"))

    def known(self, ids: Iterable[bytes], now: datetime) -> set[bytes]:
        """Those of `ids` that were noted within 48 hours."""
        since = int((now - KNOWN_FOR).timestamp())
        tables = [table for tables in self._tables.values() for table in tables]
        return {each for each in ids if any(table.stamp(each) > since for table in tables)}

    def note(self, ids: Iterable[bytes], at: datetime) -> None:
        """The documents are durable. Survives a kill. Raises OSError where the disk has no room for a new table."""
        day, stamp = at.date(), int(at.timestamp())
        tables = self._tables.setdefault(day, [])
        for each in ids:
            if not tables or tables[-1].full:
                slots = tables[-1].slots * LARGER if tables else FIRST_SLOTS
                tables.append(_Table(self._folder / f"{day:{_DAY}}-{len(tables)}.ids", slots))
            tables[-1].put(each, stamp)

    def through(self, partition: str) -> int:
        """Up to which sequence of the partition every name is on the disk."""
        try:
            said = msgspec.json.decode((self._folder / "through").read_bytes(), type=_Through)
        except (OSError, msgspec.MsgspecError):
            return 0
        return said.sequence if said.partition == partition else 0

    def flush(self, partition: str, through: int) -> None:
        """Bring what was noted to the disk: with it every name of the partition up to this sequence is there."""
        for tables in list(self._tables.values()):
            for table in list(tables):
                table.flush()
        write_durably(self._folder / "through", msgspec.json.encode(_Through(partition, through)))

    def expire(self, now: datetime) -> None:
        """Drop the days whose every name is older than 48 hours."""
        for day in [day for day in self._tables if day < (now - KNOWN_FOR).date()]:
            for table in self._tables.pop(day):
                table.close()
                table.file.unlink(missing_ok=True)

    def close(self) -> None:
        """Let the files go."""
        for tables in self._tables.values():
            for table in tables:
                table.close()
        self._tables = {}


class _Table:
    """One file, opened, or made with so many slots. Raises ValueError where it is no table."""

    def __init__(self, file: Path, slots: int) -> None:
        self.file = file
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if slots and not os.fstat(descriptor).st_size:
                # Not a hole: a full disk would answer a write into the mapping with SIGBUS.
                os.posix_fallocate(descriptor, 0, HEADER_BYTES + slots * SLOT_BYTES)
                os.pwrite(descriptor, MAGIC, 0)
            size = os.fstat(descriptor).st_size
            self.slots = (size - HEADER_BYTES) // SLOT_BYTES
            if self.slots < 1 or self.slots & (self.slots - 1) or os.pread(descriptor, len(MAGIC), 0) != MAGIC:
                raise ValueError("no table of names")
            self._map = mmap.mmap(descriptor, HEADER_BYTES + self.slots * SLOT_BYTES)
        except OSError:
            os.close(descriptor)
            file.unlink(missing_ok=True)
            raise
        except ValueError:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        self._mask = self.slots - 1
        self._count = int.from_bytes(self._map[8:16], "little")

    @property
    def full(self) -> bool:
        """Whether another table should take what comes: half of the slots stay free, so that few are looked at."""
        return self._count * 2 >= self.slots

    def stamp(self, name: bytes) -> int:
        """The second at which the name was noted; 0 where it was not."""
        slot = self._slot(name)
        return int.from_bytes(slot[ID_BYTES:], "little") if slot is not None else 0

    def put(self, name: bytes, stamp: int) -> None:
        """Note the name, or note it again."""
        self._slot(name, name + stamp.to_bytes(SLOT_BYTES - ID_BYTES, "little"))

    def flush(self) -> None:
        """To the disk. Not by the mapping, which would hold every other thread meanwhile."""
        os.fdatasync(self._descriptor)

    def close(self) -> None:
        """Let the mapping go."""
        self._map.close()
        os.close(self._descriptor)

    def _slot(self, name: bytes, new: bytes | None = None) -> bytes | None:
        """What is at the name's slot; `new` is put there in its place."""
        table, mask = self._map, self._mask
        place = int.from_bytes(name[:8], "little") & mask
        for _ in range(self.slots):
            at = HEADER_BYTES + place * SLOT_BYTES
            slot = table[at : at + SLOT_BYTES]
            if slot[:ID_BYTES] == name or slot == FREE:
                if new is None:
                    return None if slot == FREE else slot
                table[at : at + SLOT_BYTES] = new
                if slot == FREE:
                    self._count += 1
                    table[8:16] = self._count.to_bytes(8, "little")
                return slot
            place = (place + 1) & mask
        return None
