"""The compiled form of a rule: a tree that asks an event cheaply, and explains itself only when it held.

Nothing here knows pySigma. A field without a value makes every comparison false, hence `not` of it true; a field with
several values holds when one of them does.

Source: Sigma rules specification 2.1, "Detection", https://sigmahq.io/sigma-specification/
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Literal, NamedTuple

from core.event import Event, Value
from core.hit import Why
from detection.sigma.pattern import Accepts, Pattern
from detection.sigma.text import fold, line_of, texts_of

Fields = Mapping[str, Value]
Holds = Callable[[Fields, Event], bool]
MAX_SHOWN = 512


class Atom(NamedTuple):
    """Something that must be so: the field (None: the whole line) is `text`, contains it, or has any value."""

    field: str | None
    kind: Literal["whole", "part", "any"]
    text: str


Witness = tuple[Atom, ...]
"""Atoms of which at least one holds on every event that the condition holds on."""


class Condition(ABC):
    """A node. `holds` says whether it is so; `why` is asked only where it is, `why_not` only where it is not."""

    __slots__ = ("holds",)

    holds: Holds

    @abstractmethod
    def why(self, fields: Fields, event: Event) -> Why:
        """The branches that made it true."""

    @abstractmethod
    def why_not(self, fields: Fields, event: Event) -> Why:
        """The branches that made it false."""

    @abstractmethod
    def witness(self) -> Witness | None:
        """A necessary condition that an index can find, the rarest there is; None where there is none."""


class Connective(Condition):
    """`and`, `or`."""

    __slots__ = ("children", "kind")

    def __init__(self, kind: Literal["and", "or"], children: Sequence[Condition]) -> None:
        self.kind = kind
        self.children = tuple(children)
        holds = tuple(child.holds for child in children)
        self.holds = _all(holds) if kind == "and" else _any(holds)

    def why(self, fields: Fields, event: Event) -> Why:
        """The children that hold: of `and` every one."""
        held: Sequence[Condition] = self.children
        if self.kind == "or":
            held = [each for each in held if each.holds(fields, event)]
        return _joined(self.kind, [each.why(fields, event) for each in held])

    def why_not(self, fields: Fields, event: Event) -> Why:
        """The children that do not hold: of `or` every one."""
        failed: Sequence[Condition] = self.children
        if self.kind == "and":
            failed = [each for each in failed if not each.holds(fields, event)]
        return _joined(self.kind, [each.why_not(fields, event) for each in failed])

    def witness(self) -> Witness | None:
        """Of `and` the rarest of the children's, of `or` all together; none where one child of `or` has none."""
        return _together([child.witness() for child in self.children], every=self.kind == "and")


class NotOf(Condition):
    """`not`."""

    __slots__ = ("child",)

    def __init__(self, child: Condition) -> None:
        self.child = child
        holds = child.holds
        self.holds = lambda fields, event: not holds(fields, event)

    def why(self, fields: Fields, event: Event) -> Why:
        """What did not hold."""
        return Why(kind="not", children=(self.child.why_not(fields, event),))

    def why_not(self, fields: Fields, event: Event) -> Why:
        """What held."""
        return Why(kind="not", children=(self.child.why(fields, event),))

    def witness(self) -> Witness | None:
        """None: what is absent cannot be looked up."""
        return None


class Selection(Condition):
    """A named part of a rule."""

    __slots__ = ("child", "name")

    def __init__(self, name: str, child: Condition) -> None:
        self.name = name
        self.child = child
        self.holds = child.holds

    def why(self, fields: Fields, event: Event) -> Why:
        """The child's, under the name."""
        return Why(kind="selection", name=self.name, children=(self.child.why(fields, event),))

    def why_not(self, fields: Fields, event: Event) -> Why:
        """The child's, under the name."""
        return Why(kind="selection", name=self.name, children=(self.child.why_not(fields, event),))

    def witness(self) -> Witness | None:
        """The child's."""
        return self.child.witness()


class FieldTest(Condition):
    """A field compared with one or several values."""

    __slots__ = ("_every", "_patterns", "field")

    def __init__(self, field: str, patterns: Sequence[Pattern], *, every: bool) -> None:
        self.field = field
        self._patterns = tuple(patterns)
        self._every = every and len(patterns) > 1
        self.holds = _every_on(field, self._patterns) if self._every else _one_on(field, any_accepts(patterns))

    def why(self, fields: Fields, event: Event) -> Why:
        """The pattern that held, or all of them, each with the value it held on."""
        texts = texts_of(fields[self.field])
        if len(texts) == 1 and len(self._patterns) == 1:
            only = self._patterns[0]
            return _test(self.field, only.operator, only.shown, texts[0])
        found: list[Why] = []
        for pattern in self._patterns:
            text = next((text for text in texts if accepts(pattern, text)), None)
            if text is not None:
                found.append(_test(self.field, pattern.operator, pattern.shown, text))
                if not self._every:
                    break
        return _joined("and", found)

    def why_not(self, fields: Fields, event: Event) -> Why:
        """What was asked for and what there was."""
        value = fields.get(self.field)
        shown = None if value is None else ", ".join(texts_of(value))
        return _test(self.field, self._patterns[0].operator, _listed(self._patterns), shown)

    def witness(self) -> Witness | None:
        """The literals, or that the field is there."""
        return _witness(self.field, self._patterns, self._every) or (Atom(self.field, "any", ""),)


class KeywordTest(Condition):
    """Words searched in the whole original event."""

    __slots__ = ("_every", "_patterns")

    def __init__(self, patterns: Sequence[Pattern], *, every: bool) -> None:
        self._patterns = tuple(patterns)
        self._every = every
        accept = all_accept(patterns) if every else any_accepts(patterns)
        self.holds = lambda fields, event: accept(line_of(event))

    def why(self, fields: Fields, event: Event) -> Why:
        """The word that held, or all of them."""
        line = line_of(event)
        found = [
            _test(None, pattern.operator, pattern.shown, line) for pattern in self._patterns if accepts(pattern, line)
        ]
        return _joined("and", found if self._every else found[:1])

    def why_not(self, fields: Fields, event: Event) -> Why:
        """What was searched for."""
        return _test(None, self._patterns[0].operator, _listed(self._patterns), line_of(event))

    def witness(self) -> Witness | None:
        """The words."""
        return _witness(None, self._patterns, self._every)


class Presence(Condition):
    """Whether a field has any value: `exists`, and `null` (which means that it has none)."""

    __slots__ = ("field", "operator", "shown", "wanted")

    def __init__(self, field: str, *, wanted: bool, operator: str, shown: str) -> None:
        self.field = field
        self.wanted = wanted
        self.operator = operator
        self.shown = shown
        if wanted:
            self.holds = lambda fields, event: fields.get(field) is not None
        else:
            self.holds = lambda fields, event: fields.get(field) is None

    def why(self, fields: Fields, event: Event) -> Why:
        """The field and its value where it has one."""
        value = fields.get(self.field)
        return _test(self.field, self.operator, self.shown, None if value is None else ", ".join(texts_of(value)))

    def why_not(self, fields: Fields, event: Event) -> Why:
        """As `why`."""
        return self.why(fields, event)

    def witness(self) -> Witness | None:
        """That the field is there."""
        return (Atom(self.field, "any", ""),) if self.wanted else None


class FieldReference(Condition):
    """A field compared with another field of the same event; false where one of them has no value."""

    __slots__ = ("field", "operator", "other")

    def __init__(self, field: str, other: str, place: Literal["whole", "head", "tail", "part"], operator: str) -> None:
        self.field = field
        self.other = other
        self.operator = operator
        fits = _PLACES[place]

        def holds(fields: Fields, event: Event) -> bool:
            value, second = fields.get(field), fields.get(other)
            if value is None or second is None:
                return False
            return any(fits(fold(text), fold(each)) for text in texts_of(value) for each in texts_of(second))

        self.holds = holds

    def why(self, fields: Fields, event: Event) -> Why:
        """Both fields."""
        other, value = fields.get(self.other), fields.get(self.field)
        pattern = self.other if other is None else f"{self.other} = {', '.join(texts_of(other))}"
        return _test(self.field, self.operator, pattern, None if value is None else ", ".join(texts_of(value)))

    def why_not(self, fields: Fields, event: Event) -> Why:
        """As `why`."""
        return self.why(fields, event)

    def witness(self) -> Witness | None:
        """That the field is there."""
        return (Atom(self.field, "any", ""),)


_PLACES: Mapping[str, Callable[[str, str], bool]] = {
    "whole": lambda text, other: text == other,
    "head": lambda text, other: text.startswith(other),
    "tail": lambda text, other: text.endswith(other),
    "part": lambda text, other: other in text,
}


def _all(tests: tuple[Holds, ...]) -> Holds:
    if len(tests) == 2:
        first, second = tests
        return lambda fields, event: first(fields, event) and second(fields, event)

    def holds(fields: Fields, event: Event) -> bool:
        for test in tests:  # noqa: SIM110  # a generator would cost as much as the tests
            if not test(fields, event):
                return False
        return True

    return holds


def _any(tests: tuple[Holds, ...]) -> Holds:
    def holds(fields: Fields, event: Event) -> bool:
        for test in tests:  # noqa: SIM110  # as above
            if test(fields, event):
                return True
        return False

    return holds


def _one_on(field: str, accept: Accepts) -> Holds:
    """Whether one value of the field is accepted."""

    def holds(fields: Fields, event: Event) -> bool:
        value = fields.get(field)
        if isinstance(value, str):
            return accept(value)
        if value is None:
            return False
        return any(accept(text) for text in texts_of(value))

    return holds


def _every_on(field: str, patterns: Sequence[Pattern]) -> Holds:
    """Whether each pattern accepts one value of the field."""
    accept = all_accept(patterns)

    def holds(fields: Fields, event: Event) -> bool:
        value = fields.get(field)
        if isinstance(value, str):
            return accept(value)
        if value is None:
            return False
        texts = texts_of(value)
        return all(any(accepts(pattern, text) for text in texts) for pattern in patterns)

    return holds


def any_accepts(patterns: Sequence[Pattern]) -> Accepts:
    """One function for "one of them accepts the text": the text is folded once, like patterns are asked together."""
    folded = [pattern for pattern in patterns if pattern.folded]
    wholes = frozenset(pattern.literal for pattern in folded if pattern.kind == "whole")
    parts = tuple(pattern.literal for pattern in folded if pattern.kind == "part")
    heads = tuple(pattern.literal for pattern in folded if pattern.kind == "head")
    tails = tuple(pattern.literal for pattern in folded if pattern.kind == "tail")
    functions = tuple(pattern.accepts for pattern in folded if pattern.kind == "other")
    unfolded = tuple(pattern.accepts for pattern in patterns if not pattern.folded)
    if not folded:
        return unfolded[0] if len(unfolded) == 1 else lambda text: any(accept(text) for accept in unfolded)
    if len(wholes) == len(patterns):
        return lambda text: text.casefold() in wholes
    if len(tails) == len(patterns):
        return lambda text: text.casefold().endswith(tails)

    def accept(text: str) -> bool:
        low = text.casefold()
        if low in wholes or low.startswith(heads) or low.endswith(tails):
            return True
        for part in parts:
            if part in low:
                return True
        return any(function(low) for function in functions) or any(function(text) for function in unfolded)

    return accept


def all_accept(patterns: Sequence[Pattern]) -> Accepts:
    """One function for "every one accepts the text"."""
    folded = tuple(pattern.accepts for pattern in patterns if pattern.folded)
    unfolded = tuple(pattern.accepts for pattern in patterns if not pattern.folded)

    def accept(text: str) -> bool:
        low = text.casefold()
        return all(function(low) for function in folded) and all(function(text) for function in unfolded)

    return accept


def _witness(field: str | None, patterns: Sequence[Pattern], every: bool) -> Witness | None:
    return _together([_atoms(field, pattern) or None for pattern in patterns], every=every)


def _together(witnesses: Sequence[Witness | None], *, every: bool) -> Witness | None:
    """The rarest witness where every one must hold; where one must, all of them, and none where one is not known."""
    known = [witness for witness in witnesses if witness is not None]
    if every:
        return min(known, key=cost, default=None)
    return tuple(dict.fromkeys(chain.from_iterable(known))) if len(known) == len(witnesses) else None


def accepts(pattern: Pattern, text: str) -> bool:
    """Whether a pattern accepts a text that is not folded yet."""
    return pattern.accepts(text.casefold() if pattern.folded else text)


COMMON_FIELDS = frozenset(
    {"event.outcome", "event.dataset", "event.module", "event.category", "event.type", "event.kind", "event.provider"}
    | {"http.request.method", "process.name", "Channel", "Provider_Name", "log.level", "network.transport"}
)
"""Fields with few values that most events have: poor witnesses."""


def cost(witness: Witness) -> float:
    """How often a witness is expected to hold, on no particular scale."""
    return sum(_atom_cost(atom) for atom in witness)


def _atom_cost(atom: Atom) -> float:
    if atom.kind == "any":
        return 200.0
    if atom.field in COMMON_FIELDS:
        return 50.0
    if atom.kind == "whole":
        return 1.0
    return 2.0 + 20.0 / len(atom.text) ** 2


def _atoms(field: str | None, pattern: Pattern) -> Witness:
    if pattern.folded and pattern.kind == "whole" and field is not None:
        return (Atom(field, "whole", pattern.literal),)
    return tuple(Atom(field, "part", literal) for literal in pattern.necessary)


def _joined(kind: Literal["and", "or"], children: Sequence[Why]) -> Why:
    return children[0] if len(children) == 1 else Why(kind=kind, children=tuple(children))


@lru_cache(maxsize=4096)
def _test(field: str | None, operator: str, pattern: str, value: str | None) -> Why:
    return Why(kind="test", field=field, operator=operator, pattern=short(pattern), value=value and short(value))


def _listed(patterns: Sequence[Pattern]) -> str:
    return ", ".join(pattern.shown for pattern in patterns[:20]) + (", …" if len(patterns) > 20 else "")


def short(text: str) -> str:
    """The text as a tree shows it: its beginning where it is long."""
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
