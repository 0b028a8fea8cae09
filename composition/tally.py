"""Counts that must be right for ever: kept in the transaction that makes what they count durable."""

from collections.abc import Mapping

from sqlalchemy import BigInteger, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from store.db import Base

COMMON_TABLES = frozenset({"tally"})


class Tally(Base):
    """One cumulative count, `name` or `name|label` (`rejected|normalise`). Common: it counts the whole product."""

    __tablename__ = "tally"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


def add_tallies(session: Session, differences: Mapping[str, int]) -> None:
    """Add the differences within the caller's transaction."""
    for name, difference in differences.items():
        if difference == 0:
            continue
        row = session.get(Tally, name)
        if row is None:
            session.add(Tally(name=name, value=difference))
        else:
            row.value += difference


def read_tallies(session: Session) -> dict[str, int]:
    """All counts."""
    return {row.name: row.value for row in session.scalars(select(Tally))}
