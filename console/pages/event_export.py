"""The events of a search as a file: CSV for a spreadsheet, NDJSON for a program."""

import csv
import io
import re
from collections.abc import Iterator

import msgspec
from starlette.responses import Response, StreamingResponse

from console import texts
from console.display import visible
from console.door import Refused, require
from console.page import PAGE_HEADERS, Visit
from console.question import MAX_ROWS, read_question
from core.errors import QuerySyntaxError
from core.event import Event
from core.ports import EventReader, Page, Search
from core.scope import Scope
from org.reading import note_export
from org.saved_search import event_columns
from store import db

MOST_EVENTS = 100_000
FORMATS = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}
BYTE_ORDER_MARK = "\ufeff"
"""Without it a spreadsheet takes UTF-8 for the code page of Windows."""

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?[0-9]+([.][0-9]+)?\Z")


def export(visit: Visit) -> Response:
    """The newest `MOST_EVENTS` matches within the scope, newest first; written down before the first byte is sent.

    A store that fails under way cuts the answer off: a browser then says that the file is not whole.
    """
    require(visit, "event.export", "events")
    asked, now = visit.request.query_params, visit.desk.now()
    question = read_question(asked, now, visit.desk.zone)
    form = asked.get("format", "csv")
    if question.search is None or form not in FORMATS:
        raise Refused(400, texts.BAD_REQUEST_TITLE, question.trouble or texts.BAD_REQUEST)
    search = msgspec.structs.replace(question.search, limit=MAX_ROWS, before=None)
    events, scope = visit.desk.events, visit.actor.scope
    events.refresh()
    try:
        first = events.search(search, scope)
    except QuerySyntaxError as error:
        raise Refused(400, texts.BAD_REQUEST_TITLE, error.expected) from error
    with db.session(visit.desk.engine, scope, reading=True) as session:
        columns = event_columns(session, visit.actor)
    written = min(first.total, MOST_EVENTS)
    note_export(visit.desk.engine, visit.actor, question.query, search.start, search.end, form, written, now)
    lines = (
        csv_lines(_all(events, search, scope, first), columns)
        if form == "csv"
        else ndjson_lines(_all(events, search, scope, first))
    )
    name = f"canh-{now.astimezone(visit.desk.zone):%Y%m%d-%H%M%S}.{form}"
    headers = {**PAGE_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(lines, media_type=FORMATS[form], headers=headers)


def csv_lines(events: Iterator[Event], columns: tuple[str, ...]) -> Iterator[str]:
    """A header and a line for each event: id, time, unit, the columns, and the original line."""
    names = [name for name in columns if name != "message"]
    yield BYTE_ORDER_MARK + _csv_line(["id", "time", "unit", *names, "message", "event.original"])
    for event in events:
        cells = [_cell(event.fields.get(name, "")) for name in (*names, "message")]
        original = event.raw.decode("utf-8", "backslashreplace")
        yield _csv_line([event.id, event.time.isoformat(), event.unit, *cells, original])


def ndjson_lines(events: Iterator[Event]) -> Iterator[str]:
    """An object for each event with all its fields."""
    for event in events:
        told = {
            "id": event.id,
            "time": event.time.isoformat(),
            "received": event.received.isoformat(),
            "unit": event.unit,
            "fields": dict(event.fields),
            "original": event.raw.decode("utf-8", "backslashreplace"),
        }
        try:
            yield msgspec.json.encode(told).decode() + "\n"
        except (UnicodeEncodeError, OverflowError):
            told["fields"] = {visible(name): _cell(value) for name, value in event.fields.items()}
            yield msgspec.json.encode(told).decode() + "\n"


def _all(events: EventReader, search: Search, scope: Scope, page: Page) -> Iterator[Event]:
    """The events of all pages, at most `MOST_EVENTS`."""
    left = MOST_EVENTS
    while True:
        yield from page.events[:left]
        left -= len(page.events)
        if page.next is None or left <= 0:
            return
        page = events.search(msgspec.structs.replace(search, before=page.next), scope)


def _cell(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _csv_line(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([_harmless(visible(cell)) for cell in cells])
    return line.getvalue()


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula. Source: OWASP, CSV Injection"""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.match(cell) else cell
