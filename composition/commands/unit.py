"""`canh unit import|list|show`: the units of the province, their history, and a file that brings them in."""

import argparse
import sys
from collections.abc import Iterator
from datetime import date

from composition import texts
from composition.commands.environment import database_of, date_of, require, settings_of
from composition.commands.file_of_facts import content_of, import_facts
from console.texts import PREDECESSORS, SUCCESSORS, UNIT_FACTS
from core import clock
from org.unit import load_history
from org.unit_history import UnitFact, UnitHistory
from org.unit_import import SEED, import_units, preview_units, read_units
from store import db


def import_file(options: argparse.Namespace) -> int:
    """Say what the file would change; with `--apply` change it, unless a row is refused. Exit 1 where one is."""
    settings = settings_of(options)
    actor = require("unit.change", "units")
    file = read_units(content_of(options, SEED))
    return import_facts(
        options,
        database_of(settings),
        lambda session: preview_units(session, actor, file, correct=options.correct),
        lambda session: import_units(session, actor, file, clock.now(), correct=options.correct),
        _line,
    )


def list_all(options: argparse.Namespace) -> int:
    """The units of the date, each followed by those below it; JSON has one line for each."""
    settings = settings_of(options)
    actor = require("unit.read", "units")
    on = date_of(options)
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
    on = date_of(options)
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


def _line(fact: UnitFact) -> str:
    return f"{fact.unit}  {_sentence(fact)}"


def _sentence(fact: UnitFact) -> str:
    said = texts.say(UNIT_FACTS[fact.kind], name=fact.name, other=fact.successor or fact.parent)
    above = f", {texts.say(texts.UNIT_BELOW, parent=fact.parent)}" if fact.kind == "established" and fact.parent else ""
    return f"{fact.on}  {said}{above}  ({fact.decision})"
