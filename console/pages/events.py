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
from core.ports import EventReader, Missing, Search
from core.ports import Page as Found
from core.query.grammar import parse
from core.query.hints import hint, unknown_fields
from core.query.syntax import Exists
from core.scope import Scope
from org.reading import note_search

ROWS = 50
MAX_ROWS = 500
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


@dataclass(frozen=True)
class Typed:
    """What was typed into a field of the form, and what is wrong with it.

    A browser shows nothing of a time that is not `readable`, so it is shown as a text.
    """

    text: str
    wrong: Text | None = None
    readable: bool = True


@dataclass(frozen=True, kw_only=True)
class EventsPage(Page):
    """The search form, and either the results or what is wrong with the question.

    `missing` is what may hold results and cannot be read, `hints` are what may be mistyped in the query.
    """

    template = "events.html"

    query: str
    span: Typed
    start: Typed
    end: Typed
    limit: Typed
    fault: QueryFault | None
    trouble: Text | None
    hints: tuple[Text, ...]
    missing: tuple[Missing, ...]
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
    query, zone = asked.get("query", ""), visit.desk.zone
    span, limit = _span(asked), _limit(asked.get("limit", ""))
    (first, start), (last, end) = (read_time(asked.get(name, ""), zone) for name in ("from", "to"))
    if span.text != "custom":
        first, last = visit.desk.now() - SPANS[span.text] if span.text in SPANS else None, None
    elif first is not None and last is not None and last <= first:
        end = Typed(end.text, texts.END_BEFORE_START)
    fault, trouble, found = None, None, None
    hints: tuple[Text, ...] = ()
    missing: tuple[Missing, ...] = ()
    typed = (span, limit, *((start, end) if span.text == "custom" else ()))
    if len(query) > MAX_QUERY_LETTERS:
        trouble = texts.QUERY_TOO_LONG.format(limit=MAX_QUERY_LETTERS)
    elif not any(each.wrong for each in typed):
        try:
            now = visit.desk.now().astimezone(visit.desk.zone)
            parsed = parse(query, now) if query.strip() else None
            question = Search(query=parsed, start=first, end=last, limit=int(limit.text), before=asked.get("before"))
            found, missing = _ask(visit.desk.events, question, visit.actor.scope)
            hints = _hints(visit.desk.events, question, visit.actor.scope)
            note_search(visit.desk.engine, visit.actor, query, first, last, found.total, visit.desk.now())
        except QuerySyntaxError as error:
            fault = point_at(query, error)
        except Unavailable:
            found, trouble = None, texts.STORE_BUSY
    kept = {"range": span.text}
    kept |= {"from": start.text, "to": end.text} if span.text == "custom" else {}
    kept |= {"limit": limit.text} if limit.text != str(ROWS) else {}

    def narrow(narrowed: str) -> str:
        return "/events?" + urlencode({"query": narrowed, **kept})

    return EventsPage(
        title=texts.EVENTS_TITLE,
        query=query,
        span=span,
        start=start,
        end=end,
        limit=limit,
        fault=fault,
        trouble=trouble,
        hints=hints,
        missing=missing,
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


def _ask(events: EventReader, question: Search, scope: Scope) -> tuple[Found, tuple[Missing, ...]]:
    events.refresh()
    found = events.search(question, scope)
    return found, tuple(events.missing(question))


def _hints(events: EventReader, question: Search, scope: Scope) -> tuple[Text, ...]:
    """What to say about names of fields that neither we know nor any event has."""
    unknown = unknown_fields(question.query) if question.query is not None else []
    return tuple(
        hint(name, nearest) for name, nearest in unknown if not events.count(Search(query=Exists(name)), scope)
    )


def _span(asked: QueryParams) -> Typed:
    """The time asked for; an address that names times alone means those."""
    if "range" not in asked:
        return Typed("custom" if asked.get("from") or asked.get("to") else DEFAULT_RANGE)
    text = asked["range"]
    return Typed(text) if text in texts.RANGES else Typed(text, texts.BAD_RANGE.format(text=text))


def _limit(text: str) -> Typed:
    text = text.strip() or str(ROWS)
    if text.isascii() and text.isdecimal() and len(text) < 9 and 1 <= int(text) <= MAX_ROWS:
        return Typed(text)
    return Typed(text, texts.BAD_ROWS.format(most=MAX_ROWS))


def read_time(text: str, zone: tzinfo) -> tuple[datetime | None, Typed]:
    """The value of a `datetime-local` input (`2026-11-24T08:30`) in the reader's zone; None where it has none."""
    text = text.strip()
    if not text:
        return None, Typed("")
    try:
        time = datetime.fromisoformat(text)
        time = time.replace(tzinfo=zone) if time.tzinfo is None else time.astimezone(zone)
    except (ValueError, OverflowError):
        return None, Typed(text, texts.BAD_TIME.format(text=text), readable=False)
    return time, Typed(time.replace(tzinfo=None).isoformat(timespec="seconds"))


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
