"""The relational database: base class of all tables, engine, sessions that filter by unit.

SQLite by default (one file, write-ahead log, `BEGIN IMMEDIATE` for writers), PostgreSQL by URL.
Transactions stay under 100 ms.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from sqlalchemy import DateTime, Dialect, Engine, Text, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, FromStatement, Session, with_loader_criteria
from sqlalchemy.orm.session import ORMExecuteState
from sqlalchemy.sql.base import ExecutableOption
from sqlalchemy.types import TypeDecorator

from core import clock, language
from core.errors import Unavailable
from core.scope import Scope

# Shorter than the time a process is given to stop (`STOP_WITHIN_S` of composition.supervisor, 9 s): one that waits for
# a lock when SIGTERM comes still ends by itself.
BUSY_TIMEOUT_MS = 5_000

# What passes when one waits: busy, locked, no memory, read-only, input/output error, full, cannot open.
# Source: SQLite, Result and Error Codes, https://www.sqlite.org/rescode.html
_PASSING = {
    5: language.Text(vi="cơ sở dữ liệu đang bận", en="the database is busy"),
    6: language.Text(vi="một bảng đang bị khoá", en="a table is locked"),
    7: language.Text(vi="hết bộ nhớ", en="out of memory"),
    8: language.Text(vi="cơ sở dữ liệu chỉ cho đọc", en="the database is read-only"),
    10: language.Text(vi="lỗi đọc ghi của đĩa", en="input/output error of the disk"),
    13: language.Text(vi="hết chỗ trên đĩa", en="no space left on the disk"),
    14: language.Text(vi="không mở được tệp cơ sở dữ liệu", en="the database file cannot be opened"),
}

T = TypeVar("T")


class Base(DeclarativeBase):
    """Every table. A table has `unit_id` or is named in `COMMON_TABLES` of its module (a house test)."""


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
        try:
            return value.astimezone(UTC).replace(tzinfo=None)
        except OverflowError:
            return datetime.min if value.year == 1 else datetime.max  # noqa: DTZ901 (the columns hold naive UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Naive UTC of the database to aware UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class Document(TypeDecorator[T]):
    """A struct of ours kept whole as JSON text, checked against its type on the way out.

    It is replaced as a whole, never changed in place.
    """

    impl = Text
    cache_ok = True

    def __init__(self, form: Any) -> None:
        super().__init__()
        self.form = form
        self._decoder = msgspec.json.Decoder(form)

    def process_bind_param(self, value: T | None, dialect: Dialect) -> str | None:
        """The struct as JSON."""
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> T | None:
        """JSON as the struct."""
        return None if value is None else self._decoder.decode(value)


def open_engine(url: str) -> Engine:
    """An engine on `url` (`sqlite:////data/canh.db`, `postgresql+psycopg://...`). Does not touch the schema."""
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    return engine


def open_for_inspection(file: Path) -> Engine:
    """An engine that can only read a SQLite file, whatever lies in it: bytes that are no UTF-8 come as surrogates.

    For looking at evidence: neither the schema nor the journal mode is touched.
    """
    engine = create_engine(f"sqlite:///file:{quote(str(file.absolute()))}?mode=ro&uri=true", hide_parameters=True)
    event.listen(engine, "connect", _read_anything)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _read_anything(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    _use_write_ahead_log(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _use_write_ahead_log(connection: Any) -> None:
    """Also where another process does it at this moment: SQLite does not wait by itself for that."""
    deadline = clock.monotonic() + BUSY_TIMEOUT_MS / 1000
    pause = threading.Event()
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or clock.monotonic() > deadline:
                raise
            pause.wait(0.01)
        else:
            return


def _begin_immediate(connection: Any) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def session(engine: Engine, scope: Scope, *, reading: bool = False) -> Iterator[Session]:
    """One transaction in which every statement sees only the units of `scope`; rolled back on error, else committed.

    The transaction begins with the first statement; a writer then holds the one write lock of SQLite. `reading`
    takes no write lock and refuses to write. Under a scope that is not every unit a statement that cannot be filtered
    (text, a bare table) is refused. Raises `Unavailable` for what passes when one waits (a lock, a full disk).
    """
    bound = engine.execution_options(reading=True) if reading else engine
    try:
        with Session(bound, expire_on_commit=False) as opened:
            if scope.units is not None:
                _see_only(opened, sorted(scope.units))
            if reading:
                event.listen(opened, "before_flush", _refuse_to_write)
                event.listen(opened, "do_orm_execute", _refuse_to_change)
            with opened.begin():
                yield opened
    except OperationalError as error:
        if not _passes(error):
            raise
        raise Unavailable("database", _reason(error)) from error


def _see_only(opened: Session, units: list[str]) -> None:
    @event.listens_for(opened, "do_orm_execute")
    def _filter(state: ORMExecuteState) -> None:
        if state.is_insert and state.statement.select is None:  # type: ignore[attr-defined]  # every insert has it
            return
        if state.is_insert or not state.is_orm_statement or isinstance(state.statement, FromStatement):
            raise ValueError("a statement that cannot be filtered by unit")
        state.statement = state.statement.options(*_criteria(units))


def _criteria(units: list[str]) -> list[ExecutableOption]:
    """One condition for each table with a unit; a lambda, because only that is also right for an alias in a join."""
    return [
        with_loader_criteria(mapper.class_, lambda table: table.unit_id.in_(units), include_aliases=True)
        for mapper in Base.registry.mappers
        if hasattr(mapper.class_, "unit_id")
    ]


def _refuse_to_write(opened: Session, *_: object) -> None:
    if opened.new or opened.dirty or opened.deleted:
        raise ValueError("a reading session cannot write")


def _refuse_to_change(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        raise ValueError("a reading session cannot write")


def _reason(error: OperationalError) -> language.Text:
    known = _PASSING.get(getattr(error.orig, "sqlite_errorcode", 0) & 0xFF)
    return known or language.Text(str(error.orig), str(error.orig))


def _passes(error: OperationalError) -> bool:
    """SQLite says by its code; of PostgreSQL every operational error is about the server, never about our SQL."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code is None or code & 0xFF in _PASSING
