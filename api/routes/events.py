"""The event store: search, count, one event."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime, Field

from api.caller import Caller, require
from api.errors import Problem
from api.models import Event, Limit, Model
from api.seats import seated
from api.services import Served, Services
from core import ports
from core.language import Text
from core.ports import Search
from core.query.grammar import parse
from org.reading import note_search, note_view

router = APIRouter(prefix="/api/v1/events", tags=["events"], dependencies=[Depends(seated)])

QueryText = Annotated[
    str, Query(alias="query", max_length=4000, description="In the language of docs/query.md; empty: everything.")
]
From = Annotated[AwareDatetime | None, Query(alias="from", description="Events at or after it (ISO 8601 with zone).")]
To = Annotated[AwareDatetime | None, Query(alias="to", description="Events before this time (ISO 8601 with zone).")]

NOT_WHOLE = "What may hold matching events and cannot be read; where this is not empty the answer is not whole."
END_BEFORE_START = Text("phải sau “from”", "must be after “from”")


class Missing(Model):
    """A stretch of the store that cannot be read."""

    day: date = Field(description="The day (UTC) on which its events were received.")
    place: str = Field(description="What it is called on disk.")

    @classmethod
    def of(cls, missing: Sequence[ports.Missing]) -> tuple["Missing", ...]:
        """The answer's form of what is missing."""
        return tuple(cls(day=each.day, place=each.place) for each in missing)


class EventPage(Model):
    """Events, newest first."""

    events: tuple[Event, ...]
    total: int = Field(description="How many match in all.")
    next: str | None = Field(description="Give it as `before` for the events after these; null at the end.")
    missing: tuple[Missing, ...] = Field(description=NOT_WHOLE)


class EventCount(Model):
    """How many events match."""

    count: int
    missing: tuple[Missing, ...] = Field(description=NOT_WHOLE)


@router.get("")
def search_events(
    services: Served,
    caller: Caller,
    query: QueryText = "",
    start: From = None,
    end: To = None,
    limit: Annotated[Limit, Query()] = 50,
    before: Annotated[str | None, Query(max_length=400, description="`next` of the page before.")] = None,
) -> EventPage:
    """Events that match, newest first; 400 with the character's position where the query cannot be read."""
    require(caller, "event.read", "events")
    services.events.refresh()
    question = _question(services, query, start, end, limit, before)
    page = services.events.search(question, caller.scope)
    note_search(services.engine, caller, query, start, end, page.total, services.now())
    return EventPage(
        events=tuple(Event.of(event) for event in page.events),
        total=page.total,
        next=page.next,
        missing=Missing.of(services.events.missing(question)),
    )


@router.get("/count")
def count_events(
    services: Served, caller: Caller, query: QueryText = "", start: From = None, end: To = None
) -> EventCount:
    """How many events match."""
    require(caller, "event.read", "events")
    services.events.refresh()
    question = _question(services, query, start, end)
    count = services.events.count(question, caller.scope)
    note_search(services.engine, caller, query, start, end, count, services.now())
    return EventCount(count=count, missing=Missing.of(services.events.missing(question)))


@router.get("/{identity}")
def show_event(
    services: Served, caller: Caller, identity: Annotated[str, Path(max_length=64, description="The event's id.")]
) -> Event:
    """One event."""
    require(caller, "event.read", f"event:{identity}")
    services.events.refresh()
    event = services.events.get(identity, caller.scope)
    if event is None:
        raise Problem("not_found")
    note_view(services.engine, caller, "event.read", f"event:{event.id}", event.unit, services.now())
    return Event.of(event)


def _question(
    services: Services, query: str, start: From, end: To, limit: int = 1, before: str | None = None
) -> Search:
    if start is not None and end is not None and end <= start:
        raise Problem("invalid_request", errors=[{"at": "query.to", "reason": END_BEFORE_START}])
    parsed = parse(query, services.now().astimezone(services.zone)) if query.strip() else None
    return Search(query=parsed, start=start, end=end, limit=limit, before=before)
