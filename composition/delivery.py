"""Which records were being worked on when the pipeline died, so that one poisonous record cannot stop the rest.

Before work the range is written down (a plain write: it must survive the process, not the machine).
A process that finds a range there at its start knows that it was delivered and not survived: from the second
delivery on the range is halved until the record that kills is alone; after its third delivery alone
it is put on the shelf with the traceback or the signal.
"""

import os
from pathlib import Path

import msgspec

DELIVERIES_BEFORE_SHELF = 3
_NOTE_BYTES = 512


class Range(msgspec.Struct, frozen=True):
    """The records after `after` up to `through` of a partition, and how often they were delivered."""

    partition: str
    after: int
    through: int
    deliveries: int = 1

    @property
    def single(self) -> bool:
        """Whether one record is alone."""
        return self.through - self.after == 1


class Deliveries:
    """The range in work, in a small file of its own that never grows: it is written on a full disk too."""

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.posix_fallocate(self._descriptor, 0, _NOTE_BYTES)
        self._suspect = self._read()
        self._inside = False

    @property
    def suspect(self) -> Range | None:
        """What an earlier process died on, as far as it has not been cleared since."""
        return self._suspect

    def limit(self, partition: str, after: int, limit: int) -> int:
        """How many records to take after a position: never across the edge of a suspect range, half of it inside."""
        suspect = self._suspect
        if suspect is None or suspect.partition != partition or after >= suspect.through:
            return limit
        if after < suspect.after:
            return min(limit, suspect.after - after)
        return max(1, min(limit, (suspect.through - after + 1) // 2))

    def must_shelve(self, partition: str, after: int) -> bool:
        """Whether the record after this position has killed often enough, alone."""
        suspect = self._suspect
        return (
            suspect is not None
            and suspect.single
            and (suspect.partition, suspect.after) == (partition, after)
            and suspect.deliveries >= DELIVERIES_BEFORE_SHELF
        )

    def begin(self, partition: str, after: int, through: int) -> None:
        """The range is about to be worked on."""
        suspect = self._suspect
        same = suspect is not None and (suspect.partition, suspect.after, suspect.through) == (
            partition,
            after,
            through,
        )
        self._inside = suspect is not None and suspect.partition == partition and after < suspect.through
        self._write(Range(partition, after, through, suspect.deliveries + 1 if same and suspect is not None else 1))

    def survived(self, partition: str, through: int) -> None:
        """The range was worked on and the process lives."""
        suspect = self._suspect
        if suspect is not None and suspect.partition == partition and through >= suspect.through:
            self._suspect = None
        if self._inside and self._suspect is not None:
            return  # the rest of the suspect range is still to come: keep what was written
        self._clear()

    def close(self) -> None:
        """A clean end: nothing is suspect."""
        os.close(self._descriptor)

    def _read(self) -> Range | None:
        text = os.pread(self._descriptor, _NOTE_BYTES, 0).strip(b" \0")
        try:
            return msgspec.json.decode(text, type=Range) if text else None
        except msgspec.DecodeError:
            return None

    def _write(self, delivered: Range) -> None:
        os.pwrite(self._descriptor, msgspec.json.encode(delivered).ljust(_NOTE_BYTES), 0)

    def _clear(self) -> None:
        os.pwrite(self._descriptor, b"".ljust(_NOTE_BYTES), 0)
