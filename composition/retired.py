"""Partitions that have ended and are worked off: their folders are gone, what became of their records is kept here.

Without it every replayed file would leave a folder and a position for ever, and without the row nobody would know that
a content was replayed.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import BigInteger, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from composition.tally import Tally, add_tallies
from detection import snapshot
from store.db import Base, Instant
from store.spool.partition import producer_of

COMMON_TABLES = frozenset({"retired_partition"})
RETIRED = "retired"
"""Stands for the partition in the tallies of all of them together."""


class RetiredPartition(Base):
    """What became of one partition's records. Common: it counts spool files, not a unit's data."""

    __tablename__ = "retired_partition"

    partition: Mapped[str] = mapped_column(primary_key=True)
    producer: Mapped[str] = mapped_column(index=True)
    records: Mapped[int] = mapped_column(BigInteger)
    rejected: Mapped[int] = mapped_column(BigInteger)
    shelved: Mapped[int] = mapped_column(BigInteger)
    damaged: Mapped[int] = mapped_column(BigInteger)
    retired_at: Mapped[datetime] = mapped_column(Instant)


def retire(session: Session, partition: str, records: int, now: datetime) -> None:
    """Keep the partition's counts, fold its tallies into the common ones, and drop its position in detection.

    After the caller's transaction the folder may be removed; before it, it must not.
    """
    of_this = select(Tally).where(Tally.name.endswith(f"|{partition}", autoescape=True))
    rows = list(session.scalars(of_this))
    sums = sum_up((row.name, row.value) for row in rows)
    for row in rows:
        add_tallies(session, {f"{row.name.removesuffix(partition)}{RETIRED}": row.value})
        session.delete(row)
    producer = producer_of(partition)
    session.add(RetiredPartition(partition=partition, producer=producer, records=records, retired_at=now, **sums))
    snapshot.forget(session, partition)


def sum_up(tallies: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Tallies of some partitions as `rejected` (with what was shelved), `shelved` and `damaged`."""
    sums = {"rejected": 0, "shelved": 0, "damaged": 0}
    for name, count in tallies:
        sums["damaged" if name.startswith("damaged|") else "rejected"] += count
        sums["shelved"] += count if name.startswith("rejected|pipeline|") else 0
    return sums


def retired_among(session: Session, partitions: Iterable[str]) -> set[str]:
    """Which of the partitions are retired."""
    return set(
        session.scalars(select(RetiredPartition.partition).where(RetiredPartition.partition.in_(list(partitions))))
    )


def retired_names(session: Session) -> set[str]:
    """Every retired partition."""
    return set(session.scalars(select(RetiredPartition.partition)))


def retired_records(session: Session) -> int:
    """How many records rested in all of them."""
    return int(session.scalar(select(func.coalesce(func.sum(RetiredPartition.records), 0))) or 0)


def retired_of(session: Session, producer: str) -> list[RetiredPartition]:
    """The retired partitions of a producer: more than one where damage made it begin a new one."""
    return list(session.scalars(select(RetiredPartition).where(RetiredPartition.producer == producer)))
