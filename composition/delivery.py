"""Which records were in work when the pipeline died, so that one poisonous record cannot stop the rest.

Records are in work from before they are looked at until store and detection have made them durable: what ends the
process in a commit is found as well. Their ranges are written down (a plain write: it must survive the process, not
the machine). A process that finds ranges at its start knows that they were delivered and not survived. It commits
after each batch until they are behind it. A range that ends the process once more is halved until the record that
does it is alone; after its third delivery alone it is put on the shelf with the traceback or the signal.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from core.record import Batch

DELIVERIES_BEFORE_SHELF = 3
MOST_RANGES = 32
_NOTE_BYTES = 16 << 10


class Range(msgspec.Struct, frozen=True):
    """The `records` after `after` up to `through` of a partition, and how often exactly they were delivered.

    Damage makes them fewer than the sequences between. `narrowed`: part of a range that ended the process twice.
    """

    partition: str
    after: int
    through: int
    records: int
    deliveries: int = 1
    narrowed: bool = False


class Deliveries:
    """The ranges in work, in a small file of its own that never grows: it is written on a full disk too."""

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.posix_fallocate(self._descriptor, 0, _NOTE_BYTES)
        self._suspects = self._read()
        self._in_work: dict[str, Range] = {}

    @property
    def suspects(self) -> tuple[Range, ...]:
        """What an earlier process died on, as far as it is not durable since: one range of a partition."""
        return tuple(self._suspects.values())

    @property
    def must_commit(self) -> bool:
        """Whether what is in work should be made durable before more is taken."""
        return bool(self._suspects) or len(self._in_work) >= MOST_RANGES

    def limit(self, partition: str, after: int, limit: int) -> int:
        """How many records to take after a position: never more than a suspect range has, half of it to narrow it."""
        suspect = self._suspects.get(partition)
        if suspect is None or after >= suspect.through:
            return limit
        if after < suspect.after:
            return min(limit, suspect.after - after)
        return max(1, min(limit, (suspect.records + 1) // 2 if _is_halved(suspect) else suspect.records))

    def must_shelve(self, partition: str, after: int) -> bool:
        """Whether the record after this position has ended the process often enough, alone."""
        suspect = self._suspects.get(partition)
        return (
            suspect is not None
            and suspect.records <= 1
            and suspect.after == after
            and suspect.deliveries >= DELIVERIES_BEFORE_SHELF
        )

    def begin(self, batch: Batch, after: int) -> None:
        """The batch, taken after a position, is about to be worked on. Told again of the same, nothing changes."""
        partition, through, records = batch.partition, batch.through, len(batch.records)
        suspect = self._suspects.get(partition)
        before = self._in_work.get(partition)
        if suspect is not None and suspect.after <= after < suspect.through:
            if (suspect.after, suspect.records) == (after, records):
                delivered = msgspec.structs.replace(suspect, through=through, deliveries=suspect.deliveries + 1)
            else:
                delivered = Range(partition, after, through, records, narrowed=_is_halved(suspect))
        elif before is not None and before.after < after == before.through:
            delivered = msgspec.structs.replace(before, through=through, records=before.records + records)
        elif before is not None and before.after <= after < before.through:
            records = max(before.records, after - before.after + records)
            delivered = msgspec.structs.replace(before, through=max(before.through, through), records=records)
        else:
            delivered = Range(partition, after, through, records)
        self._in_work[partition] = delivered
        self._write()

    def passed(self, durable: Mapping[str, int]) -> None:
        """All records up to these positions, by partition, are durable."""
        changed = False
        for partition, suspect in list(self._suspects.items()):
            through = durable.get(partition, suspect.through)  # a partition that is no more is not suspect
            if through >= suspect.through:
                del self._suspects[partition]
                changed = True
            elif through > suspect.after:
                # This part was survived, so what ends the process is in the rest, which was not delivered alone yet.
                delivered = self._in_work.get(partition)
                survived = delivered.records if delivered is not None and through >= delivered.through else 0
                left = max(1, min(suspect.records - survived, suspect.through - through))
                self._suspects[partition] = Range(partition, through, suspect.through, left, 0, _is_halved(suspect))
                changed = True
        for partition, delivered in list(self._in_work.items()):
            through = durable.get(partition, 0)
            if through >= delivered.through:
                del self._in_work[partition]
                changed = True
            elif through > delivered.after:
                left = min(delivered.records, delivered.through - through)
                self._in_work[partition] = msgspec.structs.replace(delivered, after=through, records=left)
                changed = True
        if changed:
            self._write()

    def close(self) -> None:
        """A clean end: nothing is in work."""
        os.close(self._descriptor)

    def _read(self) -> dict[str, Range]:
        text = os.pread(self._descriptor, _NOTE_BYTES, 0).strip(b" \0")
        try:
            found = msgspec.json.decode(text, type=list[Range]) if text else []
        except msgspec.DecodeError:
            return {}
        return {each.partition: each for each in found}

    def _write(self) -> None:
        noted = {**self._suspects, **self._in_work}
        ranges = sorted(noted.values(), key=lambda each: each.partition not in self._in_work)[: 2 * MOST_RANGES]
        os.pwrite(self._descriptor, msgspec.json.encode(ranges).ljust(_NOTE_BYTES), 0)


def _is_halved(suspect: Range) -> bool:
    return suspect.narrowed or suspect.deliveries > 1
