"""All events of a search at a glance: a histogram over time, the fields they have, and the values of one field."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from console import texts
from console.door import require
from console.page import Page, Visit
from console.question import Question, read_question
from console.time_steps import HEIGHT, Bar, bars, histogram
from core.errors import QuerySyntaxError
from core.fields import field_type
from core.language import Text
from core.ports import Search
from core.query.aggregation import (
    Aggregation,
    Bucket,
    Buckets,
    Distinct,
    FieldNames,
    Key,
    Statistics,
    Summary,
    Terms,
    is_countable,
)
from core.query.bounds import from_microseconds
from detection.reason import duration
from org.reading import note_count
from org.saved_search import MAX_COLUMNS, event_columns
from store import db

MOST_FIELDS = 200
MOST_VALUES = 10
TIMES_UNDER_BARS = 5
FIRST_FIELDS = (
    "event.dataset",
    "host.name",
    "event.action",
    "event.outcome",
    "user.name",
    "source.ip",
    "destination.ip",
    "process.name",
)
"""What people look for first; the others follow by how many events have them."""


@dataclass(frozen=True)
class FieldRow:
    """A field, how many events have it, and where its values are told; no link where they cannot be counted."""

    name: str
    count: int
    link: str | None
    shown: bool


@dataclass(frozen=True, kw_only=True)
class OverviewPage(Page):
    """The bars (with the address that each leads to) and the fields. `trouble`: why there are none."""

    template = "event_overview.html"
    part = "event_overview_part.html"

    bars: tuple[tuple[Bar, str], ...]
    times: tuple[datetime, ...]
    step: Text | None
    width: int
    height: int
    brush_link: str
    most: int
    fields: tuple[FieldRow, ...]
    may_add_column: bool
    trouble: Text | None


@dataclass(frozen=True)
class ValueRow:
    """A value, how many events have it, its share of them in percent."""

    value: str
    count: int
    percent: int


@dataclass(frozen=True, kw_only=True)
class ValuesPage(Page):
    """The most frequent values of a field. `distinct`: how many there are; `other`: events with none of the shown.

    `uncertain`: where there are very many values, one that is not shown may have so many events.
    """

    template = "event_values.html"
    part = "event_values_part.html"

    field: str
    query: str
    rows: tuple[ValueRow, ...]
    distinct: int
    other: int
    uncertain: int
    trouble: Text | None
    narrow: Callable[[str], str]


def show(visit: Visit) -> Page:
    """The overview of a search; what the search page itself says about a bad question is not said again here."""
    require(visit, "event.read", "events")
    question = read_question(visit.request.query_params, visit.desk.now(), visit.desk.zone)
    events, zone = visit.desk.events, visit.desk.zone
    drawn: tuple[Bar, ...] = ()
    fields: Buckets = Buckets(())
    step = None
    try:
        search = _readable(question)
        events.refresh()
        span = events.aggregate(search, {"span": Statistics("@timestamp")}, visit.actor.scope)["span"]
        assert isinstance(span, Summary)  # noqa: S101 (what was asked for)
        if span.low is not None and span.high is not None:
            first = search.start or from_microseconds(int(span.low))
            last = search.end or max(
                from_microseconds(int(span.high) + 1), visit.desk.now() if search.start else from_microseconds(0)
            )
            asked = histogram(first, max(last, first + timedelta(seconds=1)), zone)
            found = events.aggregate(search, {"bars": asked, "fields": FieldNames()}, visit.actor.scope)
            counted, fields = found["bars"], found["fields"]  # type: ignore[assignment]
            assert isinstance(counted, Buckets)  # noqa: S101 (what was asked for)
            drawn = bars(asked, counted.rows, first, last)
            step = duration(asked.interval / 1_000_000)
        note_count(visit.desk.engine, visit.actor, question.query, "overview", visit.desk.now())
        trouble = None
    except QuerySyntaxError as error:
        trouble = error.expected
    with db.session(visit.desk.engine, visit.actor.scope, reading=True) as session:
        columns = event_columns(session, visit.actor)
    return OverviewPage(
        title=texts.OVERVIEW_TITLE,
        bars=tuple((bar, _during(question, bar.start, bar.end, visit)) for bar in drawn),
        times=tuple(
            drawn[number * (len(drawn) - 1) // (TIMES_UNDER_BARS - 1)].start for number in range(TIMES_UNDER_BARS)
        )
        if len(drawn) >= TIMES_UNDER_BARS
        else tuple(bar.start for bar in drawn),
        step=step,
        width=max(1, len(drawn) * 10),
        height=HEIGHT,
        brush_link=question.address(range="custom"),
        most=max((bar.count for bar in drawn), default=0),
        fields=tuple(_field(question, row, columns) for row in sorted(fields.rows, key=_order)[:MOST_FIELDS]),
        may_add_column=len(columns) < MAX_COLUMNS,
        trouble=trouble,
    )


def show_values(visit: Visit) -> Page:
    """The most frequent values of the field `?field=` among the events of the search."""
    require(visit, "event.read", "events")
    question = read_question(visit.request.query_params, visit.desk.now(), visit.desk.zone)
    field = visit.request.query_params.get("field", "")
    rows: tuple[Bucket, ...] = ()
    distinct = other = uncertain = 0
    trouble = None
    try:
        search = _readable(question)
        visit.desk.events.refresh()
        asked: dict[str, Aggregation] = {"values": Terms(field, MOST_VALUES), "distinct": Distinct(field)}
        found = visit.desk.events.aggregate(search, asked, visit.actor.scope)
        values, number = found["values"], found["distinct"]
        assert isinstance(values, Buckets) and isinstance(number, int)  # noqa: S101 (what was asked for)
        rows, other, uncertain, distinct = values.rows, values.other, values.uncertain, number
        note_count(visit.desk.engine, visit.actor, question.query, field, visit.desk.now())
    except QuerySyntaxError as error:
        trouble = error.expected
    total = sum(row.count for row in rows) + other

    def narrow(narrowed: str) -> str:
        return question.address(query=narrowed)

    return ValuesPage(
        title=texts.VALUES_TITLE.format(field=field),
        field=field,
        query=question.query,
        rows=tuple(
            ValueRow(_written(field, row.key), row.count, round(100 * row.count / max(1, total))) for row in rows
        ),
        distinct=distinct,
        other=other,
        uncertain=uncertain,
        trouble=trouble,
        narrow=narrow,
    )


def _readable(question: Question) -> Search:
    if question.search is None:
        fault = question.fault.expected if question.fault else texts.BAD_REQUEST
        raise QuerySyntaxError(0, question.trouble or fault)
    return question.search


def _during(question: Question, start: datetime, end: datetime, visit: Visit) -> str:
    """The same question within a step."""

    def written(time: datetime) -> str:
        return time.astimezone(visit.desk.zone).replace(tzinfo=None).isoformat(timespec="seconds")

    return question.address(**{"range": "custom", "from": written(start), "to": written(end)})


def _field(question: Question, row: Bucket, columns: tuple[str, ...]) -> FieldRow:
    name = str(row.key)
    link = question.address("/events/values", field=name) if is_countable(name) else None
    return FieldRow(name, row.count, link, name in columns)


def _order(row: Bucket) -> tuple[int, int, str]:
    name = str(row.key)
    place = FIRST_FIELDS.index(name) if name in FIRST_FIELDS else len(FIRST_FIELDS)
    return (place, -row.count, name)


def _written(field: str, key: Key | tuple[Key, ...]) -> str:
    """A key as it is shown, and as a query finds it."""
    if field_type(field) == "date" and isinstance(key, int):
        return from_microseconds(key).isoformat()
    return str(key)
