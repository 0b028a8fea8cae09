"""`canh event search|count`: the search page's question, on the terminal. Reads the store; needs no server."""

import argparse
import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import NoReturn, TypeVar

import msgspec

from composition import texts
from composition.commands.environment import refuse, require, require_data, settings_of
from composition.commands.times import read_time
from composition.event_store import open_event_reader
from composition.settings import Settings
from core import clock
from core.errors import QuerySyntaxError, Unavailable
from core.event import Event
from core.ports import EventReader, Search
from core.query.grammar import parse
from core.query.hints import hint, unknown_fields
from core.query.syntax import Everything, Exists
from core.scope import Scope

PAGE = 1000

T = TypeVar("T")


def search(options: argparse.Namespace) -> int:
    """Newest first; exit 1 when nothing matches."""
    settings = settings_of(options)
    scope = require("event.read", "events").scope
    reader, question = _question(options, settings)
    left = options.limit
    found = False
    while left > 0:
        question = msgspec.structs.replace(question, limit=min(left, PAGE))
        page = _answer(options, partial(reader.search, question, scope))
        for event in page.events:
            found = True
            print(as_json(event) if options.json else as_line(event, settings))
        left -= len(page.events)
        if page.next is None:
            break
        question = msgspec.structs.replace(question, before=page.next)
    _warn(reader, question, scope, settings)
    return 0 if found else 1


def count(options: argparse.Namespace) -> int:
    """The number of events that match, as the last word."""
    settings = settings_of(options)
    scope = require("event.read", "events").scope
    reader, question = _question(options, settings)
    print(_answer(options, partial(reader.count, question, scope)))
    _warn(reader, question, scope, settings)
    return 0


def as_json(event: Event) -> str:
    """One line: id, times, unit, fields, the original text."""
    return texts.printable_json(
        {
            "id": event.id,
            "@timestamp": event.time,
            "received": event.received,
            "unit": event.unit,
            **event.fields,
            "event.original": event.raw.decode("utf-8", "backslashreplace"),
        }
    )


def as_line(event: Event, settings: Settings) -> str:
    """Local time, host, data set, message."""
    time = event.time.astimezone(settings.zone).strftime("%Y-%m-%d %H:%M:%S")
    text = event.fields.get("message") or event.raw.decode("utf-8", "backslashreplace")
    return texts.printable(
        f"{time}  {event.fields.get('host.name', '-')}  {event.fields.get('event.dataset', '-')}  {text}"
    )


def _question(options: argparse.Namespace, settings: Settings) -> tuple[EventReader, Search]:
    bounds: list[datetime | None] = []
    for text in (options.start, options.end):
        time = None if text is None else read_time(text, clock.now(), settings.zone)
        if text is not None and time is None:
            refuse(texts.say(texts.BAD_TIME, text=text))
        bounds.append(time)
    start, end = bounds
    if start is not None and end is not None and end < start:
        refuse(texts.say(texts.REVERSED_RANGE, start=options.start, end=options.end))
    try:
        now = clock.now().astimezone(settings.zone)
        query = parse(options.query, now) if options.query.strip() else Everything()
    except QuerySyntaxError as error:
        _refuse_query(options.query, error)
    require_data(settings)
    return open_event_reader(settings), Search(query=query, start=start, end=end)


def _answer(options: argparse.Namespace, ask: Callable[[], T]) -> T:
    """What the store answers; ends the program where the question cannot be asked or the store cannot be reached."""
    try:
        return ask()
    except QuerySyntaxError as error:
        _refuse_query(options.query, error)
    except Unavailable as error:
        refuse(texts.say(error.reason))


def _warn(reader: EventReader, question: Search, scope: Scope, settings: Settings) -> None:
    """Say on standard error what makes the answer less than it seems: a mistyped field, days that cannot be read."""
    for name, nearest in unknown_fields(question.query) if question.query is not None else ():
        if reader.count(Search(query=Exists(name)), scope) == 0:
            print(texts.printable(texts.say(hint(name, nearest))), file=sys.stderr)
    days = sorted({missing.day.isoformat() for missing in reader.missing(question)})
    if days:
        print(texts.say(texts.NOT_WHOLE, days=", ".join(days), folder=settings.data / "events"), file=sys.stderr)


def _refuse_query(query: str, error: QuerySyntaxError) -> NoReturn:
    if error.at <= 200 and "\n" not in query:
        print(f"{query[:400]}\n{' ' * error.at}^", file=sys.stderr)
    refuse(texts.say(texts.BAD_QUERY, at=error.at + 1, expected=error.expected.within(texts.language())))
