"""What people and scripts looked at, written down: searches, single events, single alerts.

Each is a transaction of its own, written before the answer is given: what cannot be written down is not shown.
"""

from datetime import datetime

from sqlalchemy import Engine

from core.scope import EVERY_UNIT
from org import audit
from org.access import Action
from org.actor import Actor
from store import db


def note_search(
    engine: Engine, actor: Actor, query: str, start: datetime | None, end: datetime | None, found: int, now: datetime
) -> None:
    """The actor searched the events with the query, of this time, and so many matched.

    Raises `Unavailable`. Waits for the disk once.
    """
    detail = {"query": query, **_window(start, end), "found": str(found)}
    with db.session(engine, EVERY_UNIT) as session:
        audit.append(session, actor, "event.search", "events", "done", now, detail=detail)


def note_count(engine: Engine, actor: Actor, query: str, counted: str, now: datetime) -> None:
    """The actor had the events of the query counted: by a field, or as an `overview`. As `note_search`."""
    with db.session(engine, EVERY_UNIT) as session:
        detail = {"query": query, "counted": counted}
        audit.append(session, actor, "event.count", "events", "done", now, detail=detail)


def note_export(
    engine: Engine,
    actor: Actor,
    query: str,
    start: datetime | None,
    end: datetime | None,
    form: str,
    written: int,
    now: datetime,
) -> None:
    """The actor took so many events of the query, of this time, away in a file of this form. As `note_search`."""
    detail = {"query": query, **_window(start, end), "as": form, "written": str(written)}
    with db.session(engine, EVERY_UNIT) as session:
        audit.append(session, actor, "event.export", "events", "done", now, detail=detail)


def note_view(engine: Engine, actor: Actor, action: Action, resource: str, unit: str, now: datetime) -> None:
    """The actor was shown one thing of a unit: `event:ID` or `alert:ID`. As `note_search`."""
    with db.session(engine, EVERY_UNIT) as session:
        audit.append(session, actor, action, resource, "done", now, unit=unit)


def _window(start: datetime | None, end: datetime | None) -> dict[str, str]:
    return {name: time.isoformat() for name, time in (("from", start), ("to", end)) if time is not None}
