"""`canh unit import|list|show`: the units of the province, their history, and a file that brings them in."""

import argparse
import sys
from collections.abc import Iterator
from datetime import date

import msgspec

from composition import texts
from composition.commands.environment import database_of, refuse, require, settings_of, unreadable
from console.texts import PREDECESSORS, SUCCESSORS, UNIT_FACTS
from core import clock
from core.scope import EVERY_UNIT
from org.csv_file import MAX_BYTES
from org.fact_import import ImportPlan
from org.refused import Refused
from org.unit import effective_date, load_history
from org.unit_history import UnitFact, UnitHistory
from org.unit_import import SEED, import_units, preview_units, read_units
from store import db


def import_file(options: argparse.Namespace) -> int:
    """Say what the file would change; with `--apply` change it, unless a row is refused. Exit 1 where one is."""
    settings = settings_of(options)
    actor = require("unit.change", "units")
    if (options.file is None) is not options.seed:
        refuse(texts.say(texts.UNIT_FILE_NEEDED))
    path = SEED if options.seed else options.file
    try:
        with path.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        refuse(texts.say(texts.CANNOT_READ, file=texts.printable(str(path)), reason=unreadable(error)))
    file = read_units(content)
    engine = database_of(settings)
    plan: ImportPlan | Refused
    if options.apply:
        with db.session(engine, EVERY_UNIT) as session:
            plan = import_units(session, actor, file, clock.now(), correct=options.correct)
    else:
        with db.session(engine, EVERY_UNIT, reading=True) as session:
            plan = preview_units(session, actor, file, correct=options.correct)
    if isinstance(plan, Refused):
        refuse(texts.say(plan.reason))
    if options.json:
        print(texts.printable_json({**msgspec.to_builtins(plan), "applied": options.apply and not plan.refusals}))
    else:
        for line in _told(plan, applied=options.apply):
            print(texts.printable(line))
    _complain(plan)
    return 1 if plan.refusals else 0


def list_all(options: argparse.Namespace) -> int:
    """The units of the date, each followed by those below it; JSON has one line for each."""
    settings = settings_of(options)
    actor = require("unit.read", "units")
    on = _date(options.on)
    with db.session(database_of(settings), actor.scope, reading=True) as session:
        history = load_history(session)
    for branch in history.tree(on):
        if options.json:
            row = {"code": branch.unit, "name": branch.name, "depth": branch.depth}
            print(texts.printable_json({**row, "parent": history.parent(branch.unit, on)}))
        else:
            print(texts.printable(f"{'  ' * branch.depth}{branch.name}  [{branch.unit}]"))
    return 0


def show(options: argparse.Namespace) -> int:
    """One unit: its name on the date, what became of it, whose data its people see; exit 1 where there is none."""
    settings = settings_of(options)
    actor = require("unit.read", f"unit:{options.code}")
    on = _date(options.on)
    with db.session(database_of(settings), actor.scope, reading=True) as session:
        history = load_history(session)
    code = options.code
    if code not in history:
        print(texts.say(texts.NO_SUCH_UNIT, code=texts.printable(code)), file=sys.stderr)
        return 1
    scope = sorted(history.scope(code, on))
    if options.json:
        shown = {
            "code": code,
            "name": history.name(code, on),
            "on": on,
            "lives": history.lives(code, on),
            "parent": history.parent(code, on),
            "predecessors": history.predecessors(code, on),
            "successors": history.successors(code, on),
            "facts": history.facts(code),
            "scope": scope,
        }
        print(texts.printable_json(shown, indent=2))
        return 0
    for line in _described(history, code, on, scope):
        print(texts.printable(line))
    return 0


def _described(history: UnitHistory, code: str, on: date, scope: list[str]) -> Iterator[str]:
    yield f"{history.name(code, on)}  [{code}]"
    for fact in history.facts(code):
        yield f"  {_sentence(fact)}"
    for text, units in ((PREDECESSORS, history.predecessors(code, on)), (SUCCESSORS, history.successors(code, on))):
        if units:
            yield texts.say(text, names=", ".join(units))
    yield texts.say(texts.UNIT_SCOPE, units=", ".join(scope))


def _told(plan: ImportPlan, *, applied: bool) -> Iterator[str]:
    for fact in plan.added:
        yield f"+ {fact.unit}  {_sentence(fact)}"
    for change in plan.changed:
        yield f"- {change.before.unit}  {_sentence(change.before)}"
        yield f"+ {change.after.unit}  {_sentence(change.after)}"
    yield texts.say(texts.UNIT_PLAN, added=len(plan.added), changed=len(plan.changed), unchanged=plan.unchanged)
    if not plan.refusals:
        yield texts.say(texts.UNIT_TAKEN if applied else texts.UNIT_PREVIEW)


def _complain(plan: ImportPlan) -> None:
    """What was mended and what is refused, on standard error."""
    for note in plan.notes:
        text = texts.UNIT_NOTE_AT if note.line else texts.UNIT_NOTE
        print(texts.printable(texts.say(text, line=note.line, reason=texts.say(note.reason))), file=sys.stderr)
    for refusal in plan.refusals:
        text = texts.UNIT_REFUSED_AT if refusal.line else texts.UNIT_REFUSED
        print(texts.printable(texts.say(text, line=refusal.line, reason=texts.say(refusal.reason))), file=sys.stderr)
    if plan.refusals:
        print(texts.say(texts.UNIT_NOTHING_TAKEN, count=len(plan.refusals)), file=sys.stderr)


def _sentence(fact: UnitFact) -> str:
    said = texts.say(UNIT_FACTS[fact.kind], name=fact.name, other=fact.successor or fact.parent)
    above = f", {texts.say(texts.UNIT_BELOW, parent=fact.parent)}" if fact.kind == "established" and fact.parent else ""
    return f"{fact.on}  {said}{above}  ({fact.decision})"


def _date(text: str | None) -> date:
    if text is None:
        return effective_date(clock.now())
    try:
        return date.fromisoformat(text)
    except ValueError:
        refuse(texts.say(texts.BAD_DATE, text=texts.printable(text)))
