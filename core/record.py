"""What a collector read, before anyone looked inside, and where it rests in the spool."""

from datetime import datetime

import msgspec


class Record(msgspec.Struct, frozen=True, array_like=True, gc=False, kw_only=True):
    """One log line, datagram or journal entry exactly as read.

    `raw` are the bytes as read, without the frame around them (no octet count, no line end);
    `received_at` is aware UTC and ours, never the sender's; `source` names the input
    (`syslog/udp`, `tail:/var/log/auth.log`, `replay:auth.log`); `format` is a key of
    `collectors.normalise.FORMATS` or `auto`; `peer` is the sender's address where the
    transport has one; `place` says where in the source the record stood (a byte offset, a
    journal cursor); `flags` hold what framing had to do to it (`truncated`, `partial`).
    """

    raw: bytes
    source: str
    received_at: datetime
    unit: str
    format: str = "auto"
    peer: str | None = None
    place: str | None = None
    flags: tuple[str, ...] = ()


class Position(msgspec.Struct, frozen=True, order=True, gc=False):
    """Where a record rests: its partition and its sequence there.

    A partition is one producer's spool directory, named `<producer>.<incarnation>`; the
    incarnation is random and new whenever the directory is made anew, so that a sequence is
    never used twice under one name. Sequences start at 1 and rise by 1.
    """

    partition: str
    sequence: int


class Batch(msgspec.Struct, frozen=True):
    """Records of one partition in rising sequence.

    `sequences[i]` belongs to `records[i]`. The batch speaks for what lies behind `start` and up to `through`: what is
    missing there was damaged and set aside. None for `start` where nothing can be missing. An empty batch has
    `through` equal to the position asked after.
    """

    partition: str
    sequences: list[int]
    records: list[Record]
    through: int
    start: int | None = None

    @property
    def damaged(self) -> int:
        """How many records were damaged."""
        return self.damaged_after(0)

    def damaged_after(self, position: int) -> int:
        """How many of those that were damaged lie behind a position."""
        if self.start is None:
            return 0
        start = max(self.start, position)
        return max(0, self.through - start) - sum(sequence > start for sequence in self.sequences)
