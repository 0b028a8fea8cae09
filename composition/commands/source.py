"""`canh source assign|end|list|test`: which unit owns what comes from a network, into an input, from a host."""

import argparse

from composition import texts
from composition.commands.environment import database_of, refuse, require, settings_of
from core import clock
from core.scope import EVERY_UNIT
from org.actor import OPERATOR
from org.refused import Refused
from org.source import SETTLED_AFTER, assign_source, end_source, load_assignments, load_map, read_place
from store import db


def assign(options: argparse.Namespace) -> int:
    """Print the number of the assignment."""
    place = read_place(options.network, options.input, options.host)
    if isinstance(place, Refused):
        refuse(texts.printable(texts.say(place.reason)))
    with db.session(database_of(settings_of(options)), EVERY_UNIT) as session:
        number = assign_source(session, OPERATOR, options.unit, place, clock.now())
    if isinstance(number, Refused):
        refuse(texts.printable(texts.say(number.reason)))
    print(number)
    return 0


def end(options: argparse.Namespace) -> int:
    """End the assignment with this number."""
    with db.session(database_of(settings_of(options)), EVERY_UNIT) as session:
        refused = end_source(session, OPERATOR, options.number, clock.now())
    if refused is not None:
        refuse(texts.printable(texts.say(refused.reason)))
    return 0


def list_all(options: argparse.Namespace) -> int:
    """The assignments that hold, or with `--all` also those that ended; one line for each."""
    settings = settings_of(options)
    actor = require("source.read", "sources")
    with db.session(database_of(settings), actor.scope, reading=True) as session:
        assignments = load_assignments(session, also_ended=options.all)
    for number, assignment in assignments.items():
        if options.json:
            print(texts.printable_json({"number": number, "assignment": assignment}))
            continue
        place = assignment.place
        times = (assignment.since, assignment.ended) if options.all else (assignment.since,)
        shown = "".join(
            f"{time.astimezone(settings.zone):%Y-%m-%d %H:%M}  " if time else f"{'-':<18}" for time in times
        )
        where = place.network or place.input or ""
        print(texts.printable(f"{number:<6}{assignment.unit:<24}{shown}{where}  {place.host or ''}".rstrip()))
    return 0


def test(options: argparse.Namespace) -> int:
    """The unit that such a sender is now, and by which assignment; the unit is the first word."""
    settings = settings_of(options)
    actor = require("source.read", "sources")
    with db.session(database_of(settings), actor.scope, reading=True) as session:
        found = load_map(session).find(
            options.peer, options.input or "", options.host or "", clock.now() + SETTLED_AFTER
        )
        numbers = {assignment: number for number, assignment in load_assignments(session).items()}
    if found is None:
        print(texts.say(texts.SOURCE_OF_NOBODY, unit=settings.org.unit))
    else:
        place = found.place
        where = " ".join(part for part in (place.network, place.input, place.host) if part)
        print(texts.printable(texts.say(texts.SOURCE_OF, unit=found.unit, number=numbers[found], place=where)))
    return 0
