"""Event search: a query, a time, the newest matches. Counts over all matches come behind (`event_overview`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from console import texts
from console.door import require
from console.page import Page, Visit
from console.pages.alert import EventView, shown_event
from console.question import KEPT, QueryFault, Typed, point_at, read_question
from core.errors import QuerySyntaxError, Unavailable
from core.fields import FIELDS
from core.language import Text
from core.ports import EventReader, Missing, Search
from core.ports import Page as Found
from core.query.hints import hint, unknown_fields
from core.query.syntax import Exists
from core.scope import Scope
from org.access import decide
from org.reading import note_search
from org.saved_search import MAX_COLUMNS, Saved, event_columns, saved_searches
from store import db


@dataclass(frozen=True)
class EventRow:
    """One result; the columns' values are texts of the event's fields, empty where it has none."""

    event: EventView
    columns: tuple[str, ...]
    rejected: bool


@dataclass(frozen=True)
class SavedLink:
    """A saved search, and where it leads."""

    saved: Saved
    link: str


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
    columns: tuple[str, ...]
    widths: tuple[str, ...]
    may_add_column: bool
    total: int
    later_page: bool
    newest_link: str
    older_link: str | None
    overview_link: str
    csv_link: str | None
    ndjson_link: str | None
    parameters: dict[str, str]
    saved: tuple[SavedLink, ...]
    narrow: Callable[[str], str]

    def column_name(self, name: str) -> Text:
        """What a column is called: the usual ones by words, any other by its field."""
        return texts.COLUMNS.get(name, Text(name, name))


def show(visit: Visit) -> Page:
    """The page. A question that cannot be read is shown with the place of its fault; it is never an error page."""
    require(visit, "event.read", "events")
    asked = visit.request.query_params
    question = read_question(asked, visit.desk.now(), visit.desk.zone)
    fault, trouble, found = question.fault, question.trouble, None
    hints: tuple[Text, ...] = ()
    missing: tuple[Missing, ...] = ()
    if question.search is not None:
        try:
            found, missing = _ask(visit.desk.events, question.search, visit.actor.scope)
            hints = _hints(visit.desk.events, question.search, visit.actor.scope)
            note_search(
                visit.desk.engine,
                visit.actor,
                question.query,
                question.search.start,
                question.search.end,
                found.total,
                visit.desk.now(),
            )
        except QuerySyntaxError as error:
            fault = point_at(question.query, error)
        except Unavailable:
            found, trouble = None, texts.STORE_BUSY
    with db.session(visit.desk.engine, visit.actor.scope, reading=True) as session:
        columns = event_columns(session, visit.actor)
        saved = saved_searches(session, visit.actor)
    may_export = decide(visit.actor, "event.export", "events").allowed

    def narrow(narrowed: str) -> str:
        return question.address(query=narrowed)

    return EventsPage(
        title=texts.EVENTS_TITLE,
        query=question.query,
        span=question.span,
        start=question.start,
        end=question.end,
        limit=question.limit,
        fault=fault,
        trouble=trouble,
        hints=hints,
        missing=missing,
        rows=None if found is None else tuple(_row(shown_event(event), columns) for event in found.events),
        columns=columns,
        widths=tuple(map(_width, columns)),
        may_add_column=len(columns) < MAX_COLUMNS,
        total=found.total if found else 0,
        later_page="before" in asked,
        newest_link=question.address(),
        older_link=question.address(before=found.next) if found and found.next else None,
        overview_link=question.address("/events/overview"),
        csv_link=question.address("/events/export", format="csv") if may_export else None,
        ndjson_link=question.address("/events/export", format="ndjson") if may_export else None,
        parameters=question.parameters,
        saved=tuple(SavedLink(each, _link_of(each)) for each in saved),
        narrow=narrow,
    )


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


def _link_of(saved: Saved) -> str:
    parameters = {name: value for name, value in saved.parameters.items() if name in KEPT}
    return "/events?" + urlencode({"query": saved.query, **parameters})


def _width(name: str) -> str:
    """How broad a column is: texts and what we know nothing of take what is left."""
    field = FIELDS.get(name)
    if field is None or field.type == "text":
        return "wide"
    return "narrow" if field.type in ("long", "double", "boolean") else "middle"


def _row(event: EventView, columns: Sequence[str]) -> EventRow:
    fields = dict(event.fields)

    def text(name: str) -> str:
        return ", ".join(fields.get(name, ()))

    def cell(name: str) -> str:
        return text(name) or (event.raw.decode("utf-8", "backslashreplace") if name == "message" else "")

    return EventRow(
        event=event,
        columns=tuple(map(cell, columns)),
        rejected=text("event.kind") == "pipeline_error",
    )
