"""`canh roster import|show`: the shifts, who is on duty, gaps and overlaps."""

import argparse
from datetime import datetime, time, timedelta

from composition import texts
from composition.commands.environment import database_of, date_of, require, settings_of
from composition.commands.file_of_facts import content_of, import_facts
from console.texts import DUTY_ROLES, GAP, TWICE_ON_DUTY, TWO_LEADERS
from core import clock
from org.post import load_posts
from org.roster import Shift, gaps, overlaps
from org.roster_import import import_roster, preview_roster, read_roster
from org.shift import live_shifts
from org.unit import VIETNAM
from store import db


def import_file(options: argparse.Namespace) -> int:
    """Say what the file would change; with `--apply` change it, unless a row is refused. Exit 1 where one is."""
    settings = settings_of(options)
    actor = require("roster.change", "roster")
    file = read_roster(content_of(options))
    return import_facts(
        options,
        database_of(settings),
        lambda session: preview_roster(session, actor, file, correct=options.correct),
        lambda session: import_roster(session, actor, file, clock.now(), correct=options.correct),
        _sentence,
    )


def show(options: argparse.Namespace) -> int:
    """The shifts of the week of the date, then gaps and overlaps; exit 1 where there are such. JSON: one document."""
    settings = settings_of(options)
    actor = require("roster.read", "roster")
    on = date_of(options)
    start = datetime.combine(on - timedelta(days=on.weekday()), time(), VIETNAM)
    end = start + timedelta(days=7)
    with db.session(database_of(settings), actor.scope, reading=True) as session:
        shifts = [shift for shift in live_shifts(session, start, end).values() if not shift.cancelled]
        history = load_posts(session)
    of_units = {unit: [each for each in shifts if each.unit == unit] for unit in dict.fromkeys(s.unit for s in shifts)}
    missing = [(unit, gap) for unit, of_unit in of_units.items() for gap in gaps(of_unit, start, end)]
    clashes = overlaps(shifts)
    now = clock.now()
    if options.json:
        said = [{"unit": unit, "start": gap.start, "end": gap.end} for unit, gap in missing]
        whole = {"start": start, "end": end, "shifts": shifts, "gaps": said, "overlaps": clashes}
        print(
            texts.printable_json({**whole, "on_duty": [each.person for each in shifts if each.covers(now)]}, indent=2)
        )
    else:
        for shift in shifts:
            person = history.person(shift.person, on)
            mark = "*" if shift.covers(now) else " "
            print(texts.printable(f"{mark} {_sentence(shift)}  {person.name if person else ''}".rstrip()))
        for unit, gap in missing:
            said_gap = texts.say(GAP, start=_local(gap.start), end=_local(gap.end))
            print(texts.printable(f"! {unit}  {said_gap}"))
        for clash in clashes:
            what = texts.say(TWICE_ON_DUTY if clash.same_person else TWO_LEADERS)
            print(texts.printable(f"! {what}  {_sentence(clash.one)}; {_sentence(clash.other)}"))
    return 1 if missing or clashes else 0


def _sentence(shift: Shift) -> str:
    role = texts.say(DUTY_ROLES[shift.role])
    cancelled = f"  ({texts.say(texts.SHIFT_CANCELLED)})" if shift.cancelled else ""
    return f"{_local(shift.start)} – {_local(shift.end)}  {role}  {shift.person}  [{shift.unit}]{cancelled}"


def _local(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%Y-%m-%d %H:%M}"
