"""`canh event search|count`: the search page's question, on the terminal. Reads the store; needs no server."""

import argparse
import sys
from datetime import datetime
from typing import NoReturn

import msgspec

from composition import texts
from composition.commands.environment import refuse, settings_of
from composition.commands.times import read_time
from composition.settings import Settings
from core import clock
from core.errors import QuerySyntaxError, Unavailable
from core.event import Event
from core.ports import EventReader, Page, Search
from core.query.grammar import parse
from core.query.syntax import Everything
from core.scope import EVERY_UNIT
from store.events.embedded import open_reader

PAGE = 1000


def search(options: argparse.Namespace) -> int:
    """Newest first; exit 1 when nothing matches."""
    settings = settings_of(options)
    reader, question = _question(options, settings)
    left = max(0, options.limit)
    found = False
    while left > 0:
        page = _ask(reader, msgspec.structs.replace(question, limit=min(left, PAGE)))
        for event in page.events:
            found = True
            print(as_json(event) if options.json else as_line(event, settings))
        left -= len(page.events)
        if page.next is None:
            break
        question = msgspec.structs.replace(question, before=page.next)
    return 0 if found else 1


def count(options: argparse.Namespace) -> int:
    """The number of events that match, as the last word."""
    reader, question = _question(options, settings_of(options))
    try:
        print(reader.count(question, EVERY_UNIT))
    except QuerySyntaxError as error:
        _refuse_query(options.query, error)
    except Unavailable as error:
        refuse(texts.say(error.reason))
    return 0


def as_json(event: Event) -> str:
    """One line: id, times, unit, fields, the original text."""
    return texts.printable_json(
        msgspec.json.encode(
            {
                "id": event.id,
                "@timestamp": event.time,
                "received": event.received,
                "unit": event.unit,
                **event.fields,
                "event.original": event.raw.decode("utf-8", "backslashreplace"),
            }
        )
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
    try:
        query = parse(options.query) if options.query.strip() else Everything()
    except QuerySyntaxError as error:
        _refuse_query(options.query, error)
    return open_reader(settings.data / "events", settings.zone), Search(query=query, start=bounds[0], end=bounds[1])


def _ask(reader: EventReader, question: Search) -> Page:
    try:
        return reader.search(question, EVERY_UNIT)
    except QuerySyntaxError as error:
        refuse(texts.say(texts.BAD_QUERY, at=error.at + 1, expected=error.expected.within(texts.language())))
    except Unavailable as error:
        refuse(texts.say(error.reason))


def _refuse_query(query: str, error: QuerySyntaxError) -> NoReturn:
    if error.at <= 200 and "\n" not in query:
        print(f"{query[:400]}\n{' ' * error.at}^", file=sys.stderr)
    refuse(texts.say(texts.BAD_QUERY, at=error.at + 1, expected=error.expected.within(texts.language())))
