"""What became of the units: dated facts, and what follows from them on any date. Pure.

A fact takes effect at 00:00 of its date; on the day of its end a unit is gone. Facts of one day take effect together.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Literal, get_args

import msgspec

from core.language import Text

FactKind = Literal["established", "renamed", "moved", "merged", "split", "dissolved"]
MAX_DEPTH = 30
FACT_KINDS: tuple[FactKind, ...] = get_args(FactKind)

UNKNOWN_UNIT = Text("chưa có dòng nào thành lập đơn vị “{code}”", "no row establishes the unit “{code}”")
ESTABLISHED_TWICE = Text("đơn vị “{code}” được thành lập hai lần", "the unit “{code}” is established twice")
BEFORE_ESTABLISHED = Text(
    "sai thứ tự ngày: {on} ở trước ngày thành lập “{code}” ({established})",
    "dates out of order: {on} is before “{code}” was established ({established})",
)
AFTER_END = Text(
    "sai thứ tự ngày: “{code}” đã kết thúc ngày {ended}, không thể có thay đổi ngày {on}",
    "dates out of order: “{code}” ended on {ended}, nothing can change on {on}",
)
TWICE_A_DAY = Text(
    "trong ngày {on} “{code}” có hai dòng nói hai điều khác nhau", "on {on} two rows of “{code}” disagree"
)
NO_SUCH_PARENT = Text("không có đơn vị cấp trên “{other}”", "there is no parent unit “{other}”")
NO_SUCH_SUCCESSOR = Text("không có đơn vị tiếp nhận “{other}”", "there is no succeeding unit “{other}”")
PARENT_NOT_LIVING = Text(
    "đơn vị cấp trên “{other}” chưa thành lập hoặc đã kết thúc vào ngày {on}",
    "the parent unit “{other}” is not yet established or has ended on {on}",
)
SUCCESSOR_NOT_LIVING = Text(
    "đơn vị tiếp nhận “{other}” chưa thành lập hoặc đã kết thúc vào ngày {on}",
    "the succeeding unit “{other}” is not yet established or has ended on {on}",
)
LIVING_BELOW = Text(
    "“{code}” kết thúc ngày {on} nhưng đơn vị trực thuộc “{other}” vẫn còn",
    "“{code}” ends on {on} while the unit “{other}” below it goes on",
)
TOO_DEEP = Text("trên “{code}” có hơn {most} cấp", "there are more than {most} levels above “{code}”")
CYCLE = Text("“{code}” trở thành cấp trên của chính nó", "“{code}” would stand above itself")


class UnitFact(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to one unit.

    `on`: the date it takes effect. `name` with established and renamed; `parent` with established (None: nobody stands
    above it) and moved; `successor` with merged and split, one fact for each. A unit that is split ends, unless it is
    one of its own successors. `decision` is the number of the decision, `decided_on` the date it was signed.
    """

    unit: str
    kind: FactKind
    on: date
    name: str | None = None
    parent: str | None = None
    successor: str | None = None
    decision: str
    decided_on: date | None = None


class Fault(msgspec.Struct, frozen=True):
    """A fact that cannot be, and why."""

    fact: UnitFact
    reason: Text


class Branch(msgspec.Struct, frozen=True):
    """A unit in the tree of a date; `depth` 0 is a unit with nobody above."""

    unit: str
    name: str
    depth: int


class UnitHistory:
    """All that is known of the units. `undated`: names of units that have no facts and always were.

    Facts may lack (a reader sees only those of their own units): whoever stands above and is unknown is nobody.
    """

    def __init__(self, facts: Iterable[UnitFact], undated: Mapping[str, str] | None = None) -> None:
        self._facts: dict[str, list[UnitFact]] = {}
        for fact in facts:
            self._facts.setdefault(fact.unit, []).append(fact)
        for of_one in self._facts.values():
            of_one.sort(key=lambda fact: (fact.on, FACT_KINDS.index(fact.kind)))  # stable: as recorded within a day
        self._undated = {unit: name for unit, name in (undated or {}).items() if unit not in self._facts}

    @property
    def units(self) -> tuple[str, ...]:
        """Every unit there is or was, in the order in which they were recorded."""
        return (*self._undated, *self._facts)

    def __contains__(self, unit: str) -> bool:
        """Whether the unit is known, on whatever date."""
        return unit in self._facts or unit in self._undated

    def facts(self, unit: str) -> Sequence[UnitFact]:
        """What happened to the unit, oldest first."""
        return self._facts.get(unit, ())

    def name(self, unit: str, on: date) -> str:
        """The name valid on the date (before the first one the first); of an unknown unit its code."""
        named = [fact for fact in self.facts(unit) if fact.name is not None]
        if not named:
            return self._undated.get(unit, unit)
        valid = [fact for fact in named if fact.on <= on]
        return (valid[-1] if valid else named[0]).name or unit

    def parent(self, unit: str, on: date) -> str | None:
        """The unit above on the date; after the end the last one."""
        above = [fact for fact in self.facts(unit) if fact.kind in ("established", "moved") and fact.on <= on]
        parent = above[-1].parent if above else None
        return parent if parent is not None and parent in self else None

    def established(self, unit: str) -> date | None:
        """The date from which the unit is there; None where it always was."""
        return next((fact.on for fact in self.facts(unit) if fact.kind == "established"), None)

    def ended(self, unit: str) -> date | None:
        """The date from which the unit is there no more; None while it goes on."""
        endings = self.endings(unit)
        return endings[0].on if endings else None

    def endings(self, unit: str) -> Sequence[UnitFact]:
        """The merger, the dissolution or the split that ended the unit; several facts where it became several."""
        return self._endings.get(unit, ())

    def lives(self, unit: str, on: date) -> bool:
        """Whether the unit is there on the date."""
        established, ended = self.established(unit), self.ended(unit)
        return unit in self and (established is None or established <= on) and (ended is None or on < ended)

    def tree(self, on: date) -> tuple[Branch, ...]:
        """The units of the date, each followed by those below it; brothers in the order in which they were recorded."""
        below: dict[str | None, list[str]] = {}
        for unit in self.units:
            if self.lives(unit, on):
                parent = self.parent(unit, on)
                below.setdefault(parent if parent is not None and self.lives(parent, on) else None, []).append(unit)
        found = []
        waiting = [(unit, 0) for unit in reversed(below.get(None, ()))]
        while waiting:
            unit, depth = waiting.pop()
            found.append(Branch(unit, self.name(unit, on), depth))
            waiting.extend((child, depth + 1) for child in reversed(below.get(unit, ())))
        return tuple(found)

    def predecessors(self, unit: str, on: date) -> tuple[str, ...]:
        """The units that the unit came from or took in by the date: merged into it, or split."""
        return tuple(dict.fromkeys(fact.unit for fact in self._taken_in.get(unit, ()) if fact.on <= on))

    def successors(self, unit: str, on: date) -> tuple[str, ...]:
        """The units that the unit was merged into or split into by the date."""
        into = (fact.successor for fact in self.facts(unit) if fact.on <= on)
        return tuple(dict.fromkeys(each for each in into if each is not None and each != unit and each in self))

    def scope(self, unit: str, on: date) -> frozenset[str]:
        """The unit, those below it on the date and all they took over; their predecessors too, and so on.

        A unit that ended is covered by its successors, and where it has none by the unit that was last above it. One
        that was split and goes on is covered by nobody else. Costs one pass over the facts.
        """
        below: dict[str, list[str]] = {}
        for each in self.units:
            established, endings = self.established(each), self.endings(each)
            if established is not None and established > on:
                continue
            ended = [fact for fact in endings if fact.on <= on]
            heirs = [fact.successor for fact in ended if fact.successor is not None]
            parent = self.parent(each, on)
            for above in heirs or ([parent] if parent is not None else []):
                below.setdefault(above, []).append(each)
        covered = {unit}
        waiting = [unit]
        while waiting:
            for each in below.get(waiting.pop(), ()):
                if each not in covered:
                    covered.add(each)
                    waiting.append(each)
        return frozenset(covered)

    @cached_property
    def _endings(self) -> dict[str, tuple[UnitFact, ...]]:
        found = {}
        for unit, facts in self._facts.items():
            goes_on = {fact.on for fact in facts if fact.kind == "split" and fact.successor == unit}
            ending = [
                fact
                for fact in facts
                if fact.kind in ("merged", "dissolved") or (fact.kind == "split" and fact.on not in goes_on)
            ]
            if ending:
                found[unit] = tuple(fact for fact in ending if fact.on == ending[0].on)
        return found

    @cached_property
    def _taken_in(self) -> dict[str, list[UnitFact]]:
        found: dict[str, list[UnitFact]] = {}
        for facts in self._facts.values():
            for fact in facts:
                if fact.successor is not None and fact.successor != fact.unit:
                    found.setdefault(fact.successor, []).append(fact)
        return found


def faults(history: UnitHistory) -> Iterator[Fault]:
    """The facts that cannot all be true, each with one reason. None of them: the tree of every date is one.

    Facts of one day are looked at as a whole: a parent may be dissolved on the day its last child moves away.
    """
    sound = True
    for unit in history.units:
        for fault in _order_faults(history, unit):
            sound = False
            yield fault
    if not sound:
        return  # what lives when is not known, and every further reason would mislead
    for unit in history.units:
        for fact in history.facts(unit):
            reason = _place_fault(history, fact)
            if reason is not None:
                yield Fault(fact, reason)
    yield from _orphan_faults(history)


def _order_faults(history: UnitHistory, unit: str) -> Iterator[Fault]:
    facts = history.facts(unit)
    first, ended = history.established(unit), history.ended(unit)
    for fact in facts:
        if first is None:
            yield Fault(fact, UNKNOWN_UNIT.format(code=unit))
        elif fact.on < first:
            yield Fault(fact, BEFORE_ESTABLISHED.format(code=unit, on=fact.on, established=first))
        elif ended is not None and fact.on > ended:
            yield Fault(fact, AFTER_END.format(code=unit, on=fact.on, ended=ended))
    for fact in [fact for fact in facts if fact.kind == "established"][1:]:
        yield Fault(fact, ESTABLISHED_TWICE.format(code=unit))
    for before, after in pairwise(facts):
        if before.on == after.on and not _go_together(before, after):
            yield Fault(after, TWICE_A_DAY.format(code=unit, on=after.on))


def _go_together(one: UnitFact, other: UnitFact) -> bool:
    """Whether both may happen to a unit on one day: a new name with a new parent, a split into several."""
    if {one.kind, other.kind} == {"renamed", "moved"}:
        return True
    if one.kind == other.kind:
        return one.kind == "established" or (one.kind == "split" and one.successor != other.successor)
    return one.kind in ("renamed", "moved") and other.kind == "split"  # A, renamed, goes on beside B


def _place_fault(history: UnitHistory, fact: UnitFact) -> Text | None:
    """What is wrong with the unit above or with the successor."""
    unit, on = fact.unit, fact.on
    if fact.parent is not None:
        if fact.parent not in history:
            return NO_SUCH_PARENT.format(other=fact.parent)
        wrong = _height_fault(history, unit, on)
        if wrong is not None:
            return wrong
        if not history.lives(fact.parent, on):
            return PARENT_NOT_LIVING.format(other=fact.parent, on=on)
    if fact.successor is not None:
        if fact.successor not in history:
            return NO_SUCH_SUCCESSOR.format(other=fact.successor)
        if not history.lives(fact.successor, on):
            return SUCCESSOR_NOT_LIVING.format(other=fact.successor, on=on)
    return None


def _height_fault(history: UnitHistory, unit: str, on: date) -> Text | None:
    """What is wrong with the units above on the date: the unit itself is one of them, or they are too many."""
    above = history.parent(unit, on)
    for _ in range(MAX_DEPTH):
        if above is None:
            return None
        if above == unit:
            return CYCLE.format(code=unit)
        above = history.parent(above, on)
    return TOO_DEEP.format(code=unit, most=MAX_DEPTH)


def _orphan_faults(history: UnitHistory) -> Iterator[Fault]:
    """Ends that leave a living unit below."""
    children: dict[str, set[str]] = {}
    for unit in history.units:
        for fact in history.facts(unit):
            if fact.parent is not None:
                children.setdefault(fact.parent, set()).add(unit)
    for unit in history.units:
        ended = history.ended(unit)
        for child in sorted(children.get(unit, ())) if ended is not None else ():
            assert ended is not None  # noqa: S101 (ours)
            if history.lives(child, ended) and history.parent(child, ended) == unit:
                yield Fault(history.endings(unit)[0], LIVING_BELOW.format(code=unit, on=ended, other=child))
                break
