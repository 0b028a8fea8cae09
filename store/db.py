"""The relational database: base class of all tables, engine, sessions that filter by unit.

SQLite by default (one file, write-ahead log, `BEGIN IMMEDIATE` for writers), PostgreSQL by URL.
Transactions stay under 100 ms.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Session, with_loader_criteria
from sqlalchemy.orm.session import ORMExecuteState
from sqlalchemy.types import TypeDecorator

from core.scope import Scope


class Base(DeclarativeBase):
    """Every table. A table has `unit_id` or is named in `COMMON_TABLES` (a house test)."""


class Instant(TypeDecorator[datetime]):
    """An aware UTC time; a naive one is refused on the way in."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware UTC to the naive UTC that both databases keep."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Naive UTC of the database to aware UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


def open_engine(url: str) -> Engine:
    """An engine on `url` (`sqlite:////data/canh.db`, `postgresql+psycopg://...`). Does not touch the schema."""
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Any) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def session(engine: Engine, scope: Scope, *, reading: bool = False) -> Iterator[Session]:
    """One transaction in which every select sees only the units of `scope`; committed at the end, rolled back on error.

    `reading` takes no write lock; writing through such a session is an error of ours.
    """
    bound = engine.execution_options(reading=True) if reading else engine
    with Session(bound, expire_on_commit=False) as opened:
        if scope.units is not None:
            units = sorted(scope.units)

            @event.listens_for(opened, "do_orm_execute")
            def _only_units(state: ORMExecuteState) -> None:
                if state.is_select or state.is_update or state.is_delete:
                    state.statement = state.statement.options(
                        with_loader_criteria(
                            Base,
                            lambda table: table.unit_id.in_(units) if hasattr(table, "unit_id") else True,
                            include_aliases=True,
                        )
                    )

        with opened.begin():
            yield opened
