"""Event search: a query, a time, the newest matches."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from console import texts
from console.door import require
from console.page import Page, Visit
from console.pages.alert import EventView, shown_event
from core.errors import QuerySyntaxError, Unavailable
from core.language import Text
from core.ports import Page as Found
from core.ports import Search
from core.query.grammar import parse

ROWS = 50
MAX_QUERY_LETTERS = 4000
DEFAULT_RANGE = "24h"
SPANS: Mapping[str, timedelta] = {
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}


@dataclass(frozen=True)
class QueryFault:
    """Where a query went wrong: the text before, the character, the text after, and what would have fitted."""

    before: str
    character: str
    after: str
    expected: Text


@dataclass(frozen=True)
class EventRow:
    """One result; the columns' values are texts of the event's fields, empty where it has none."""

    event: EventView
    host: str
    dataset: str
    message: str
    rejected: bool


@dataclass(frozen=True, kw_only=True)
class EventsPage(Page):
    """The search form, and either the results or what is wrong with the question."""

    template = "events.html"

    query: str
    span: str
    start: str
    end: str
    fault: QueryFault | None
    wrong_time: Text | None
    trouble: Text | None
    rows: tuple[EventRow, ...] | None
    total: int
    later_page: bool
    newest_link: str
    older_link: str | None
    narrow: Callable[[str], str]


def show(visit: Visit) -> Page:
    """The page. A question that cannot be read is shown with the place of its fault; it is never an error page."""
    require(visit, "event.read", "events")
    asked = visit.request.query_params
    query = asked.get("query", "")
    span = asked.get("range", DEFAULT_RANGE)
    span = span if span in texts.RANGES else DEFAULT_RANGE
    fault, wrong_time, trouble, found = None, None, None, None
    bounds = _bounds(span, asked, visit.desk.now(), visit.desk.zone)
    if isinstance(bounds, Text):
        wrong_time = bounds
    elif len(query) > MAX_QUERY_LETTERS:
        trouble = texts.QUERY_TOO_LONG.format(limit=MAX_QUERY_LETTERS)
    else:
        try:
            question = Search(
                query=parse(query) if query.strip() else None,
                start=bounds[0],
                end=bounds[1],
                limit=ROWS,
                before=asked.get("before"),
            )
            found = _ask(visit, question)
        except QuerySyntaxError as error:
            fault = point_at(query, error)
        except Unavailable:
            trouble = texts.STORE_BUSY
    kept = {"range": span, **({name: asked.get(name, "") for name in ("from", "to")} if span == "custom" else {})}

    def narrow(narrowed: str) -> str:
        return "/events?" + urlencode({"query": narrowed, **kept})

    return EventsPage(
        title=texts.EVENTS_TITLE,
        query=query,
        span=span,
        start=asked.get("from", ""),
        end=asked.get("to", ""),
        fault=fault,
        wrong_time=wrong_time,
        trouble=trouble,
        rows=None if found is None else tuple(_row(shown_event(event)) for event in found.events),
        total=found.total if found else 0,
        later_page="before" in asked,
        newest_link=narrow(query),
        older_link=f"{narrow(query)}&{urlencode({'before': found.next})}" if found and found.next else None,
        narrow=narrow,
    )


def point_at(query: str, error: QuerySyntaxError) -> QueryFault:
    """The fault with the character it stands at; at the end of the query that is a space."""
    at = min(error.at, len(query))
    return QueryFault(query[:at], query[at : at + 1] or " ", query[at + 1 :], error.expected)


def _ask(visit: Visit, question: Search) -> Found:
    visit.desk.events.refresh()
    return visit.desk.events.search(question, visit.actor.scope)


def _bounds(
    span: str, asked: QueryParams, now: datetime, zone: tzinfo
) -> tuple[datetime | None, datetime | None] | Text:
    """The half-open time asked for, or what is wrong with it."""
    if span == "all":
        return None, None
    if span != "custom":
        return now - SPANS[span], None
    start, end = (_local_time(asked.get(name, ""), zone) for name in ("from", "to"))
    if isinstance(start, Text) or isinstance(end, Text):
        return texts.BAD_TIME
    if start is not None and end is not None and end <= start:
        return texts.END_BEFORE_START
    return start, end


def _local_time(text: str, zone: tzinfo) -> datetime | Text | None:
    """The value of a `datetime-local` input (`2026-11-24T08:30`) in the reader's zone; None where it is empty."""
    if not text.strip():
        return None
    try:
        time = datetime.fromisoformat(text.strip())
        return time.replace(tzinfo=zone) if time.tzinfo is None else time
    except ValueError:
        return texts.BAD_TIME


def _row(event: EventView) -> EventRow:
    fields = dict(event.fields)

    def text(name: str) -> str:
        return ", ".join(fields.get(name, ()))

    return EventRow(
        event=event,
        host=text("host.name"),
        dataset=text("event.dataset"),
        message=text("message") or event.raw.decode("utf-8", "backslashreplace"),
        rejected=text("event.kind") == "pipeline_error",
    )
