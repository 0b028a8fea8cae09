"""What detection must remember over a restart: the correlation state and the positions it has worked up to.

Both are written in the transaction that writes the alerts, so that after a crash they belong together.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import BigInteger, LargeBinary, String, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from detection.correlate import Saved
from store.db import Base

COMMON_TABLES = frozenset({"detection_position"})


class CorrelationState(Base):
    """One group of one rule: what was counted and which alerts are open (`detection.correlate` reads the body)."""

    __tablename__ = "correlation_state"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    unit_id: Mapped[str] = mapped_column(String(64), index=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class DetectionPosition(Base):
    """The highest sequence of a partition whose events have been matched and counted."""

    __tablename__ = "detection_position"

    partition: Mapped[str] = mapped_column(String(200), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)


def load(session: Session) -> tuple[list[bytes], dict[str, int]]:
    """The states as they were saved, in any order, and the positions by partition."""
    states = list(session.scalars(select(CorrelationState.body)))
    positions = session.execute(select(DetectionPosition.partition, DetectionPosition.sequence))
    return states, {row.partition: row.sequence for row in positions}


def save(session: Session, changes: Mapping[str, Saved | None], positions: Mapping[str, int]) -> None:
    """Write the changed groups, delete those given up (None), and move the positions that are named.

    Two statements for the groups and one for the positions, whatever their number; about 10 microseconds a group.
    """
    gone = [key for key, saved in changes.items() if saved is None]
    for start in range(0, len(gone), 500):
        session.execute(delete(CorrelationState).where(CorrelationState.key.in_(gone[start : start + 500])))
    groups = [
        {"key": key, "unit_id": saved.unit, "body": saved.body} for key, saved in changes.items() if saved is not None
    ]
    _upsert(session, CorrelationState, groups)
    _upsert(
        session, DetectionPosition, [{"partition": name, "sequence": positions[name]} for name in sorted(positions)]
    )


def forget(session: Session, partition: str) -> None:
    """Drop the position of a partition that is no more."""
    session.execute(delete(DetectionPosition).where(DetectionPosition.partition == partition))


def _upsert(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows, or replace those with the same primary key."""
    if not rows:
        return
    table = cast(Table, model.__table__)
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    kept = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    statement = statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=kept)
    session.connection().execute(statement, list(rows))
