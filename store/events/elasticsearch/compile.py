"""A query's tree becomes Elasticsearch's query DSL. No text of a user reaches a parser of the server."""

from collections.abc import Collection, Sequence
from datetime import datetime, tzinfo
from typing import Any

from core.errors import QuerySyntaxError
from core.fields import field_type
from core.query.bounds import (
    LONG_MAX,
    LONG_MIN,
    microseconds,
    read_network,
    read_span,
)
from core.query.grammar import NO_RANGE
from core.query.interval import decimals, whole
from core.query.syntax import And, Everything, Exists, Not, Or, Phrase, Prefix, Query, Range, Term, Wildcard, Word
from core.scope import Scope
from store.events.elasticsearch.document import cut, key, prefix
from store.events.terms import (
    ORIGINAL,
    TIME,
    canonical,
    encodable,
    escape,
    escape_value,
    fold,
    prefix_term,
    term,
    write_address,
)

Clause = dict[str, Any]

MESSAGE = "message"
ANY_LETTERS = "[^\x1f]*"
EVERYTHING: Clause = {"match_all": {}}
NOTHING: Clause = {"match_none": {}}


def between(start: datetime | None, end: datetime | None) -> Clause:
    """Events from `start` on and before `end`."""
    bounds: dict[str, int] = {}
    if start is not None:
        bounds["gte"] = microseconds(start)
    if end is not None:
        bounds["lt"] = microseconds(end)
    return {"range": {"canh.time": bounds}} if bounds else EVERYTHING


def units(scope: Scope) -> Clause:
    """Events that the scope covers."""
    if scope.units is None:
        return EVERYTHING
    return {"terms": {"canh.unit": sorted(scope.units)}} if scope.units else NOTHING


class Compiler:
    """Compiles for one set of masked fields and one zone of times that name none."""

    def __init__(self, masked: Collection[str], zone: tzinfo) -> None:
        self._masked = masked
        self._zone = zone

    def compile(self, query: Query) -> Clause:
        """The query; no event has a masked field. Raises `QuerySyntaxError` for a range on a field without order."""
        match query:
            case Everything():
                return EVERYTHING
            case And(parts):
                return {"bool": {"filter": [self.compile(part) for part in parts]}}
            case Or(parts):
                return either([self.compile(part) for part in parts])
            case Not(part):
                return {"bool": {"must_not": [self.compile(part)]}}
            case Word(value) | Phrase(None, value):
                return either([_phrase(name, value) for name in (ORIGINAL, MESSAGE) if name not in self._masked])
            case Prefix(None, value):
                return either([_words_prefix(name, value) for name in (ORIGINAL, MESSAGE) if name not in self._masked])
            case Wildcard(None, pieces):
                return either([_word_like(name, pieces) for name in (ORIGINAL, MESSAGE) if name not in self._masked])
            case (
                Term(field=name)
                | Phrase(field=str(name))
                | Prefix(field=str(name))
                | Wildcard(field=str(name))
                | Range(field=name)
                | Exists(field=name)
            ):
                return NOTHING if name in self._masked else self._of_field(name, query)
        raise TypeError(query)

    def _of_field(self, name: str, query: Query) -> Clause:
        kind = field_type(name)
        match query:
            case Exists():
                return EVERYTHING if name in (TIME, ORIGINAL) else {"term": {"canh.names": key(name)}}
            case Range():
                return self._range(name, query)
            case Prefix(value=value):
                if kind == "text":
                    return _words_prefix(name, value)
                if name == TIME:
                    return self._equal(name, value)
                return {"prefix": {"canh.terms": prefix(prefix_term(name, value))}}
            case Wildcard(pieces=pieces):
                return _word_like(name, pieces) if kind == "text" else _value_like(name, pieces)
            case Term(value=value) | Phrase(value=value):
                return _phrase(name, value) if kind == "text" else self._equal(name, value)
        raise TypeError(query)

    def _equal(self, name: str, value: str) -> Clause:
        kind = field_type(name)
        if kind == "date" and (span := read_span(value, self._zone)) is not None:
            return _whole(name, *span)
        if kind == "ip" and "/" in value and (network := read_network(value)) is not None:
            return _addresses(name, *network)
        return {"term": {"canh.terms": key(term(name, canonical(kind, value)))}}

    def _range(self, name: str, query: Range) -> Clause:
        kind = field_type(name)
        if kind == "double":
            low, high = decimals(query)
            bounds = {} if low is None else {"gte" if query.low_included else "gt": low}
            return _column(name, bounds if high is None else {**bounds, "lte" if query.high_included else "lt": high})
        if kind in ("long", "date"):
            return _whole(name, *whole(kind, query, self._zone))
        if kind == "ip":
            return _addresses(name, *whole(kind, query, self._zone))
        raise QuerySyntaxError(0, NO_RANGE)


def either(parts: list[Clause]) -> Clause:
    """Events that a part holds for; none where there is no part."""
    return {"bool": {"should": parts, "minimum_should_match": 1}} if parts else NOTHING


def _phrase(name: str, value: str) -> Clause:
    words = cut(value)
    if not words:
        return NOTHING
    field = f"canh.words.{name}"
    if len(words) == 1:
        return {"term": {field: words[0]}}
    return {"match_phrase": {field: " ".join(words)}}


def _words_prefix(name: str, value: str) -> Clause:
    words = cut(value)
    if not words:
        return NOTHING
    field = f"canh.words.{name}"
    if len(words) == 1:
        return {"prefix": {field: words[0]}}
    # Not `match_phrase_prefix`: it looks at the first so many words that begin so and forgets the others in silence.
    before = {"match": {"query": " ".join(words[:-1]), "ordered": True, "max_gaps": 0}}
    both = {"intervals": [before, {"prefix": {"prefix": words[-1]}}], "ordered": True, "max_gaps": 0}
    return {"intervals": {field: {"all_of": both}}}


def _word_like(name: str, pieces: Sequence[str]) -> Clause:
    like = ".*".join(_literal(fold(each)) for each in pieces)
    return {"regexp": {f"canh.words.{name}": {"value": like, "flags": "NONE"}}}


def _value_like(name: str, pieces: Sequence[str]) -> Clause:
    """Of a value that is too long for a term the letters are looked at that the term has, and no digest."""
    parts = [_literal(escape_value(fold(each))) for each in pieces]
    like = ANY_LETTERS.join(parts) if parts[-1] else ANY_LETTERS.join(parts[:-1]) + ".*"
    return {"regexp": {"canh.terms": {"value": _literal(f"{escape(name)}=") + like, "flags": "NONE"}}}


def _literal(text: str) -> str:
    """A regular expression of Lucene's for the text."""
    letters = encodable(text)
    return "".join(letter if letter.isalnum() else f"\\{letter}" for letter in letters)


def _whole(name: str, low: int, high: int) -> Clause:
    """Whole numbers within the bounds, both included, in a column."""
    low, high = max(low, LONG_MIN), min(high, LONG_MAX)
    return _column(name, {"gte": low, "lte": high}) if low <= high else NOTHING


def _addresses(name: str, low: int, high: int) -> Clause:
    return _column(name, {"gte": write_address(low), "lte": write_address(high)}) if low <= high else NOTHING


def _column(name: str, bounds: dict[str, Any]) -> Clause:
    return {"range": {"canh.time" if name == TIME else f"canh.columns.{name}": bounds}}
