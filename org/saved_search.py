"""What a person keeps of searching: searches with a name, and the columns in which events are shown to them."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import ForeignKey, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.language import Text
from org import audit
from org.access import decide
from org.account import Account
from org.actor import Actor
from org.refused import Refused
from store.db import Base, Document, Instant

COMMON_TABLES = frozenset({"saved_search", "event_columns"})
MAX_SEARCHES = 100
MAX_NAME_LETTERS = 100
MAX_QUERY_LETTERS = 4000
MAX_COLUMNS = 6
MAX_COLUMN_LETTERS = 200
DEFAULT_COLUMNS = ("host.name", "event.dataset", "message")

NO_ACCOUNT = Text("Chỉ người có tài khoản mới lưu được.", "Only people with an account can save this.")
NAME_IT = Text(
    "Hãy đặt tên cho tìm kiếm, không quá {most} ký tự.", "Give the search a name of at most {most} characters."
)
TOO_MANY = Text(
    "Đã có {most} tìm kiếm được lưu: hãy xóa bớt trước.", "There are {most} saved searches already: remove some first."
)
TOO_LONG = Text("Câu truy vấn quá dài.", "The query is too long.")
TOO_MANY_COLUMNS = Text(
    "Nhiều nhất {most} cột: hãy bỏ bớt một cột trước.", "At most {most} columns: take one away first."
)
NO_COLUMN = Text("Không có cột nào tên như vậy.", "There is no column of such a name.")


class SavedSearch(Base):
    """One search of one account: the query and the other parameters of its address. Saved anew under its name."""

    __tablename__ = "saved_search"
    __table_args__ = (UniqueConstraint("account_id", "name"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str]
    query: Mapped[str]
    parameters: Mapped[dict[str, str]] = mapped_column(Document(dict[str, str]))
    saved_at: Mapped[datetime] = mapped_column(Instant)


class EventColumns(Base):
    """The columns of one account; without a row the usual ones."""

    __tablename__ = "event_columns"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    names: Mapped[list[str]] = mapped_column(Document(list[str]))


class Saved(msgspec.Struct, frozen=True):
    """A saved search as it is shown."""

    number: int
    name: str
    query: str
    parameters: dict[str, str]


def saved_searches(session: Session, actor: Actor) -> tuple[Saved, ...]:
    """The actor's own, by name; of a token none."""
    if actor.kind != "account":
        return ()
    rows = session.scalars(select(SavedSearch).where(SavedSearch.account_id == actor.number).order_by(SavedSearch.name))
    return tuple(Saved(row.id, row.name, row.query, row.parameters) for row in rows)


def event_columns(session: Session, actor: Actor) -> tuple[str, ...]:
    """The columns in which the actor looks at events."""
    row = session.get(EventColumns, actor.number) if actor.kind == "account" else None
    return DEFAULT_COLUMNS if row is None else tuple(row.names)


def save_search(
    session: Session, actor: Actor, name: str, query: str, parameters: dict[str, str], now: datetime
) -> Refused | None:
    """Keep the search under the name, in place of one that had it. Audited; asked of `access`."""
    denied = _denied(session, actor, now)
    if denied is not None:
        return denied
    name = " ".join(name.split())
    if not 0 < len(name) <= MAX_NAME_LETTERS:
        return Refused(NAME_IT.format(most=MAX_NAME_LETTERS))
    if len(query) > MAX_QUERY_LETTERS or sum(map(len, parameters.values())) > MAX_QUERY_LETTERS:
        return Refused(TOO_LONG)
    own = select(SavedSearch).where(SavedSearch.account_id == actor.number)
    row = session.scalar(own.where(SavedSearch.name == name))
    if row is None:
        if (session.scalar(select(func.count()).select_from(own.subquery())) or 0) >= MAX_SEARCHES:
            return Refused(TOO_MANY.format(most=MAX_SEARCHES))
        row = SavedSearch(account_id=actor.number, name=name)
        session.add(row)
    row.query, row.parameters, row.saved_at = query, parameters, now
    _written(session, actor, now, {"saved": name, "query": query})
    return None


def remove_search(session: Session, actor: Actor, number: int, now: datetime) -> Refused | None:
    """Forget one of the actor's own searches; idempotent. Audited; asked of `access`."""
    denied = _denied(session, actor, now)
    if denied is not None:
        return denied
    own = (SavedSearch.account_id == actor.number, SavedSearch.id == number)
    name = session.scalar(select(SavedSearch.name).where(*own))
    if name is None:
        return None
    session.execute(delete(SavedSearch).where(*own))
    _written(session, actor, now, {"removed": name})
    return None


def set_event_columns(session: Session, actor: Actor, names: Sequence[str], now: datetime) -> Refused | None:
    """Show the actor events in these columns from now on; of none, in the usual ones. Audited; asked of `access`."""
    denied = _denied(session, actor, now)
    if denied is not None:
        return denied
    names = list(dict.fromkeys(names))
    if len(names) > MAX_COLUMNS:
        return Refused(TOO_MANY_COLUMNS.format(most=MAX_COLUMNS))
    if any(not 0 < len(name) <= MAX_COLUMN_LETTERS for name in names):
        return Refused(NO_COLUMN)
    session.execute(delete(EventColumns).where(EventColumns.account_id == actor.number))
    if names:
        session.add(EventColumns(account_id=actor.number, names=names))
    _written(session, actor, now, {"columns": ", ".join(names)})
    return None


def _denied(session: Session, actor: Actor, now: datetime) -> Refused | None:
    decision = decide(actor, "self.change_searches", actor.id)
    if decision.allowed and actor.kind == "account":
        return None
    audit.append(session, actor, "self.change_searches", actor.id, "denied", now)
    return Refused(NO_ACCOUNT if decision.allowed else decision.reason)


def _written(session: Session, actor: Actor, now: datetime, detail: dict[str, str]) -> None:
    unit = session.get_one(Account, actor.number).unit_id
    audit.append(session, actor, "self.change_searches", actor.id, "done", now, unit=unit, detail=detail)
