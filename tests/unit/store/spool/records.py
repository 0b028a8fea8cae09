"""Records to spool, and reading a spool back to its end."""

from datetime import UTC, datetime

from core.ports import SpoolReader
from core.record import Batch, Record

RECEIVED = datetime(2026, 11, 24, 2, 12, 1, tzinfo=UTC)


def record(raw: bytes) -> Record:
    return Record(raw=raw, source="syslog/tcp", received_at=RECEIVED, unit="tinh", peer="10.0.0.8")


def records(*numbers: int) -> list[Record]:
    """Different, and short enough that a frame of a few is not packed."""
    return [record(b"line %d" % number) for number in numbers]


def take_all(reader: SpoolReader, partition: str, after: int = 0, limit: int = 1000) -> Batch:
    """Everything after a position as one batch, taken in steps of `limit`."""
    sequences: list[int] = []
    taken: list[Record] = []
    through = after
    start = None
    while (batch := reader.take(partition, through, limit)).through > through:
        assert batch.partition == partition
        assert batch.sequences == sorted(set(batch.sequences))
        assert all(through < sequence <= batch.through for sequence in batch.sequences)
        assert len(batch.records) == len(batch.sequences)
        sequences += batch.sequences
        taken += batch.records
        start = batch.start if start is None else start
        through = batch.through
    assert (batch.sequences, batch.records, batch.damaged) == ([], [], 0)
    return Batch(partition, sequences, taken, through, start)
