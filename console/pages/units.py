"""The units: the tree of a date with the names valid then, and what became of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from console import texts
from console.day import asked_day, written_day
from console.door import require
from console.page import Page, Visit
from core.language import Text
from org.access import decide
from org.source import load_assignments
from org.source_map import Assignment, Place
from org.unit import effective_date, load_history
from org.unit_history import UnitFact, UnitHistory
from store import db

MAX_STEP_LETTERS = 6


@dataclass(frozen=True)
class FactView:
    """One fact in words, with the date it took effect."""

    on: date
    sentence: Text
    decision: Text


@dataclass(frozen=True)
class UnitView:
    """One unit as it was called on the date; `note` says when it began or ended where it is not there.

    `sources` are what is assigned to it today.
    """

    code: str
    name: str
    depth: int
    note: Text | None
    facts: tuple[FactView, ...]
    predecessors: Text | None
    successors: Text | None
    sources: tuple[Text, ...]


@dataclass(frozen=True, kw_only=True)
class UnitsPage(Page):
    """The tree of `on`, in it each unit before those below it, and the units that were not there.

    `changes` are the dates on which something changed, which the slider steps through; `step` is the one that holds.
    """

    template = "units.html"

    on: date
    today: date
    wrong: Text | None
    tree: tuple[UnitView, ...]
    elsewhere: tuple[UnitView, ...]
    changes: tuple[date, ...]
    step: int
    may_change: bool


def show(visit: Visit) -> Page:
    """The page, of the date or of the step of the slider. A date that is none is said to be so, and today is shown."""
    require(visit, "unit.read", "units")
    on, wrong = asked_day(visit)
    with db.session(visit.desk.engine, visit.actor.scope, reading=True) as session:
        history = load_history(session)
        places = _places(load_assignments(session))
    changes = tuple(sorted({fact.on for unit in history.units for fact in history.facts(unit)}))
    asked = visit.request.query_params.get("step", "")
    if asked.isascii() and asked.isdigit() and len(asked) < MAX_STEP_LETTERS and int(asked) < len(changes):
        on = changes[int(asked)]
    tree = history.tree(on)
    living = {branch.unit for branch in tree}
    return UnitsPage(
        title=texts.UNITS_TITLE,
        on=on,
        today=effective_date(visit.desk.now()),
        wrong=wrong,
        tree=tuple(_view(history, places, branch.unit, on, depth=branch.depth) for branch in tree),
        elsewhere=tuple(_view(history, places, unit, on) for unit in history.units if unit not in living),
        changes=changes,
        step=max(0, sum(change <= on for change in changes) - 1),
        may_change=decide(visit.actor, "unit.change", "units").allowed,
    )


def _places(assignments: Mapping[int, Assignment]) -> Mapping[str, list[Place]]:
    """What is assigned to each unit now."""
    places: dict[str, list[Place]] = {}
    for assignment in assignments.values():
        places.setdefault(assignment.unit, []).append(assignment.place)
    return places


def _view(history: UnitHistory, places: Mapping[str, list[Place]], unit: str, on: date, *, depth: int = 0) -> UnitView:
    predecessors, successors = history.predecessors(unit, on), history.successors(unit, on)
    return UnitView(
        code=unit,
        name=history.name(unit, on),
        depth=depth,
        note=_note(history, unit, on),
        facts=tuple(_fact(history, fact) for fact in history.facts(unit)),
        predecessors=_named(texts.PREDECESSORS, history, predecessors, on),
        successors=_named(texts.SUCCESSORS, history, successors, on),
        sources=tuple(map(_source, places.get(unit, ()))),
    )


def _source(place: Place) -> Text:
    where = place.network or place.input or ""
    return texts.SOURCE_HOST.format(where=where, host=place.host) if place.host else Text(where, where)


def _note(history: UnitHistory, unit: str, on: date) -> Text | None:
    established, ended = history.established(unit), history.ended(unit)
    if ended is not None and ended <= on:
        return _dated(texts.UNIT_ENDED, ended)
    if established is not None and on < established:
        return _dated(texts.UNIT_TO_COME, established)
    return None


def _fact(history: UnitHistory, fact: UnitFact) -> FactView:
    other = fact.successor or fact.parent
    known = _other_name(history, other, fact.on) if other is not None else None
    sentence = texts.UNIT_FACTS[fact.kind].format(name=fact.name, other=known)
    if fact.kind == "established" and known is not None:
        below = texts.UNIT_ABOVE.format(other=known)
        sentence = Text(f"{sentence.vi}, {below.vi}", f"{sentence.en}, {below.en}")
    if fact.decided_on is None:
        decision = texts.DECISION.format(number=fact.decision)
    else:
        decision = _dated(texts.DECISION_SIGNED, fact.decided_on, number=fact.decision)
    return FactView(fact.on, sentence, decision)


def _other_name(history: UnitHistory, unit: str, on: date) -> str | Text:
    """What another unit was called; of one that the reader does not see not even the code."""
    return history.name(unit, on) if unit in history else texts.ANOTHER_UNIT


def _named(text: Text, history: UnitHistory, units: tuple[str, ...], on: date) -> Text | None:
    names = "; ".join(history.name(unit, on) for unit in units)
    return text.format(names=names) if names else None


def _dated(text: Text, day: date, **values: object) -> Text:
    """The text with the day as each language writes it."""
    return text.format(day=written_day(day), **values)
