"""Which rules hold on which events. Stateless: any number of workers.

Speed is the index: for the events of one origin the rules that may meet them are turned round into tables of what must
be so (`detection.sigma.condition.Witness`), probed with the event's own values. Only the rules found there are asked.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from core.event import Event, Value
from core.hit import Hit
from detection.rule import Rule, RuleSet
from detection.sigma.logsource import Key, Origin, origin_key, origin_of
from detection.sigma.text import fold, line_of, texts_of

MAX_ORIGINS = 4096
FEW = 64
GRAM = 3


class Matcher:
    """The rules of a set, indexed by origin, which `key` and `origin` tell (`detection.sigma.logsource`)."""

    def __init__(
        self,
        rules: RuleSet,
        *,
        key: Callable[[Mapping[str, Value]], Key] = origin_key,
        origin: Callable[[Key], Origin] = origin_of,
    ) -> None:
        self._rules = rules.rules
        self._key = key
        self._origin = origin
        self._indexes: dict[Key, _Index | None] = {}
        self._by_origin: dict[Origin, _Index | None] = {}

    def match(self, events: Sequence[Event]) -> list[Hit]:
        """The hits in the order of the events, and for one event in the order of the rules."""
        hits: list[Hit] = []
        key_of = self._key
        indexes = self._indexes
        for event in events:
            fields = event.fields
            key = key_of(fields)
            try:
                index = indexes[key]
            except KeyError:
                index = self._index(key)
            if index is None:
                continue
            for rule in index.candidates(fields, event):
                if rule.condition.holds(fields, event):
                    hits.append(Hit(rule=rule.identity, event=event, why=rule.condition.why(fields, event)))
        return hits

    def _index(self, key: Key) -> "_Index | None":
        """The index of an origin. What attackers can write into a key does not grow it without end."""
        if len(self._indexes) >= MAX_ORIGINS:
            self._indexes.clear()
            self._by_origin.clear()
        origin = self._origin(key)
        if origin not in self._by_origin:
            rules = [rule for rule in self._rules if origin.fits(rule.logsource)]
            self._by_origin[origin] = _Index(rules) if rules else None
        self._indexes[key] = self._by_origin[origin]
        return self._indexes[key]


class _Index:
    """Rules of one origin by what must be so on an event for them to hold."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        wholes: dict[str, dict[str, list[int]]] = {}
        parts: dict[str | None, dict[str, list[int]]] = {}
        present: dict[str, list[int]] = {}
        always: list[int] = []
        for number, rule in enumerate(rules):
            witness = rule.condition.witness()
            if witness is None:
                always.append(number)
            everywhere = {field for field, kind, _ in witness or () if kind == "any"}
            for field, kind, text in witness or ():
                if kind != "any" and field in everywhere:
                    continue
                if kind == "part" or field is None:
                    parts.setdefault(field, {}).setdefault(text, []).append(number)
                elif kind == "whole":
                    wholes.setdefault(field, {}).setdefault(text, []).append(number)
                else:
                    present.setdefault(field, []).append(number)
        self._always = tuple(always)
        self._wholes = [
            (field, {text: tuple(found) for text, found in table.items()}) for field, table in wholes.items()
        ]
        self._present = [(field, tuple(numbers)) for field, numbers in present.items()]
        self._parts = [(field, _Literals(table)) for field, table in parts.items() if field is not None]
        self._words = _Literals(parts[None]) if None in parts else None

    def candidates(self, fields: Mapping[str, Value], event: Event) -> Iterable[Rule]:
        """The rules that may hold, in their order."""
        found: tuple[int, ...] = self._always
        get = fields.get
        for field, table in self._wholes:
            value = get(field)
            if value is None:
                continue
            if isinstance(value, str):
                found += table.get(value.casefold(), ())
            elif type(value) is int:
                found += table.get(str(value), ())
            else:
                for text in texts_of(value):
                    found += table.get(fold(text), ())
        for field, numbers in self._present:
            if field in fields:
                found += numbers
        for field, literals in self._parts:
            value = get(field)
            if value is not None:
                if isinstance(value, str):
                    found += literals.search(value.casefold())
                else:
                    for text in texts_of(value):
                        found += literals.search(fold(text))
        if self._words is not None:
            found += self._words.search(fold(line_of(event)))
        if not found:
            return ()
        rules = self._rules
        if len(found) == 1:
            return (rules[found[0]],)
        return [rules[number] for number in sorted(set(found))]


class _Literals:
    """Which of many folded literals may be in a text: a few are tried one by one, many by three rare letters each."""

    def __init__(self, table: Mapping[str, Sequence[int]]) -> None:
        grams: dict[str, set[int]] = {}
        short: dict[str, tuple[int, ...]] = {}
        if len(table) <= FEW:
            short = {literal: tuple(numbers) for literal, numbers in table.items()}
        else:
            common: dict[str, int] = {}
            for literal in table:
                for gram in _grams(literal):
                    common[gram] = common.get(gram, 0) + 1
            for literal, numbers in table.items():
                if len(literal) < GRAM:
                    short[literal] = tuple(numbers)
                else:
                    rarest = min(_grams(literal), key=lambda gram: (common[gram], gram))
                    grams.setdefault(rarest, set()).update(numbers)
        self._short = tuple(short.items())
        self._grams = {gram: tuple(sorted(numbers)) for gram, numbers in grams.items()}

    def search(self, text: str) -> tuple[int, ...]:
        """The numbers of the rules whose literal may be in the folded text."""
        found: tuple[int, ...] = ()
        for literal, numbers in self._short:
            if literal in text:
                found += numbers
        if self._grams:
            for gram in self._grams.keys() & _grams(text):
                found += self._grams[gram]
        return found


def _grams(text: str) -> set[str]:
    return {text[at : at + GRAM] for at in range(len(text) - GRAM + 1)}
