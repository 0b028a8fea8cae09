"""A query's tree becomes a tantivy query over a day folder's layout. No text of a user reaches tantivy's own parser."""

import math
from collections.abc import Collection, Sequence, Set
from datetime import datetime, tzinfo

import tantivy
from tantivy import FieldType, Occur

from core.errors import QuerySyntaxError
from core.fields import field_type
from core.language import Text
from core.query.bounds import (
    LONG_MAX,
    LONG_MIN,
    ORDERED,
    microseconds,
    read_network,
    read_span,
)
from core.query.grammar import NO_RANGE
from core.query.interval import decimals, whole
from core.query.syntax import And, Everything, Exists, Not, Or, Phrase, Prefix, Query, Range, Term, Wildcard, Word
from store.events.embedded.layout import Layout, may_be_in_shape, words
from store.events.terms import (
    ORIGINAL,
    TIME,
    canonical,
    encodable,
    escape,
    escape_value,
    fold,
    pattern,
    prefix_term,
    term,
    write_address,
)

MESSAGE = "message"
ANY_LETTERS = "[^\\x{1f}]*"

TOO_MANY_WORDS = Text(
    "quá nhiều từ bắt đầu như vậy; hãy viết tiền tố dài hơn", "too many words begin like this; write a longer prefix"
)

NOTHING = tantivy.Query.empty_query()
EVERYTHING = tantivy.Query.all_query()


class Compiler:
    """Compiles for one layout, one set of masked fields and one zone of times that name none."""

    def __init__(self, layout: Layout, schema: tantivy.Schema, masked: Collection[str], zone: tzinfo) -> None:
        self._types = layout.fields
        self._schema = schema
        self._masked = masked
        self._zone = zone
        self._words = words()

    def compile(self, query: Query) -> tantivy.Query:
        """The query; no event has a masked field. Raises `QuerySyntaxError` for a range on a field without order."""
        match query:
            case Everything():
                return EVERYTHING
            case And(parts):
                return both([self.compile(part) for part in parts])
            case Or(parts):
                return either([self.compile(part) for part in parts])
            case Not(part):
                return tantivy.Query.boolean_query([(Occur.Must, EVERYTHING), (Occur.MustNot, self.compile(part))])
            case Word(value) | Phrase(None, value):
                return either([self._phrase(name, value) for name in (ORIGINAL, MESSAGE) if name not in self._masked])
            case Prefix(None, value):
                return either(
                    [self._words_prefix(name, value) for name in (ORIGINAL, MESSAGE) if name not in self._masked]
                )
            case Wildcard(None, pieces):
                return either(
                    [self._word_like(name, pieces) for name in (ORIGINAL, MESSAGE) if name not in self._masked]
                )
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

    def between(self, start: datetime | None, end: datetime | None) -> tantivy.Query:
        """Events from `start` on and before `end`."""
        return self.column(
            TIME,
            LONG_MIN if start is None else microseconds(start),
            LONG_MAX if end is None else microseconds(end) - 1,
        )

    def column(self, name: str, low: int, high: int) -> tantivy.Query:
        """Events with a whole number within the bounds, both included, in a column."""
        low, high = max(low, LONG_MIN), min(high, LONG_MAX)
        if low > high:
            return NOTHING
        return tantivy.Query.range_query(self._schema, name, FieldType.Integer, low, high)

    def units(self, units: Set[str] | None, here: Set[str] | None) -> tantivy.Query:
        """Events of these units. `here`: all units of which the index has events; None where that is not known.

        Where it is known the shorter list is asked for: of those that are seen, or of those that are not.
        """
        if units is None:
            return EVERYTHING
        if here is not None:
            unseen = here - units
            if not unseen:
                return EVERYTHING
            units = here & units
            if len(unseen) < len(units):
                return self._but_for(unseen)
        return tantivy.Query.term_set_query(self._schema, "_unit", sorted(units)) if units else NOTHING

    def _but_for(self, units: Set[str]) -> tantivy.Query:
        others = tantivy.Query.term_set_query(self._schema, "_unit", sorted(units))
        return tantivy.Query.boolean_query([(Occur.Must, EVERYTHING), (Occur.MustNot, others)])

    def term(self, term: str) -> tantivy.Query:
        """Events with this very term."""
        return tantivy.Query.term_query(self._schema, "_terms", encodable(term))

    def partition(self, partition: str) -> tantivy.Query:
        """Events of a partition."""
        return tantivy.Query.term_query(self._schema, "_partition", partition)

    def incarnation(self, incarnation: str) -> tantivy.Query:
        """Events of the partitions with this incarnation, whoever the producer."""
        return tantivy.Query.regex_query(self._schema, "_partition", f"(.*\\.)?{pattern(incarnation)}")

    def sequences(self, low: int, high: int) -> tantivy.Query:
        """Events with a sequence within the bounds, both included."""
        if low > high:
            return NOTHING
        return tantivy.Query.range_query(self._schema, "_sequence", FieldType.Unsigned, max(0, low), high)

    def _of_field(self, name: str, query: Query) -> tantivy.Query:
        kind = self._types.get(name)
        match query:
            case Exists():
                return EVERYTHING if name in (TIME, ORIGINAL) else self._exists(name)
            case Range():
                return self._range(name, query)
            case Prefix(value=value):
                if kind == "text":
                    return self._words_prefix(name, value)
                if name == TIME:
                    return self._equal(name, value)
                return tantivy.Query.regex_query(
                    self._schema, "_terms", pattern(encodable(prefix_term(name, value)), prefix=True)
                )
            case Wildcard(pieces=pieces):
                return self._word_like(name, pieces) if kind == "text" else self._value_like(name, pieces)
            case Term(value=value) | Phrase(value=value):
                return self._phrase(name, value) if kind == "text" else self._equal(name, value)
        raise TypeError(query)

    def _equal(self, name: str, value: str) -> tantivy.Query:
        kind = self._types.get(name)
        if kind == "date" and (span := read_span(value, self._zone)) is not None:
            return self.column(name, *span)
        if kind == "ip" and "/" in value and (network := read_network(value)) is not None:
            return self._addresses(name, *network)
        return tantivy.Query.term_query(self._schema, "_terms", encodable(term(name, canonical(kind, value))))

    def _exists(self, name: str) -> tantivy.Query:
        separate = tantivy.Query.term_query(self._schema, "_terms", encodable(escape(name)))
        if not may_be_in_shape(name):
            return separate
        return either([separate, tantivy.Query.regex_query(self._schema, "_shape", f".*={pattern(name)}=.*")])

    def _phrase(self, name: str, value: str) -> tantivy.Query:
        cut = self._words.analyze(encodable(fold(value)))
        if not cut:
            return NOTHING
        if len(cut) == 1:
            return tantivy.Query.term_query(self._schema, name, cut[0])
        return tantivy.Query.phrase_query(self._schema, name, list(cut))

    def _words_prefix(self, name: str, value: str) -> tantivy.Query:
        cut = self._words.analyze(encodable(fold(value)))
        if not cut:
            return NOTHING
        last = pattern(cut[-1], prefix=True)
        if len(cut) == 1:
            return tantivy.Query.regex_query(self._schema, name, last)
        return tantivy.Query.regex_phrase_query(self._schema, name, [*map(pattern, cut[:-1]), last])

    def _word_like(self, name: str, pieces: Sequence[str]) -> tantivy.Query:
        return tantivy.Query.regex_query(
            self._schema, name, ".*".join(pattern(encodable(fold(each))) for each in pieces)
        )

    def _value_like(self, name: str, pieces: Sequence[str]) -> tantivy.Query:
        """Of a value that is too long for a term the letters are looked at that the term has, and no digest."""
        parts = [pattern(encodable(escape_value(fold(each)))) for each in pieces]
        like = ANY_LETTERS.join(parts) if parts[-1] else ANY_LETTERS.join(parts[:-1]) + ".*"
        return tantivy.Query.regex_query(self._schema, "_terms", pattern(encodable(f"{escape(name)}=")) + like)

    def _range(self, name: str, query: Range) -> tantivy.Query:
        kind = self._types.get(name)
        if kind == "double":
            return self._decimals(name, query)
        if kind in ("long", "date"):
            return self.column(name, *whole(kind, query, self._zone))
        if kind == "ip":
            return self._addresses(name, *whole(kind, query, self._zone))
        if field_type(name) in ORDERED:
            return NOTHING  # a folder of an older Canh has no column for it
        raise QuerySyntaxError(0, NO_RANGE)

    def _decimals(self, name: str, query: Range) -> tantivy.Query:
        low, high = decimals(query)
        return tantivy.Query.range_query(
            self._schema,
            name,
            FieldType.Float,
            -math.inf if low is None else low,
            math.inf if high is None else high,
            query.low_included,
            query.high_included,
        )

    def _addresses(self, name: str, low: int, high: int) -> tantivy.Query:
        if low > high:
            return NOTHING
        return tantivy.Query.range_query(self._schema, name, FieldType.IpAddr, write_address(low), write_address(high))


def both(parts: Sequence[tantivy.Query]) -> tantivy.Query:
    """Events that all parts hold for."""
    return parts[0] if len(parts) == 1 else tantivy.Query.boolean_query([(Occur.Must, part) for part in parts])


def either(parts: Sequence[tantivy.Query]) -> tantivy.Query:
    """Events that a part holds for; none where there is no part."""
    if len(parts) <= 1:
        return parts[0] if parts else NOTHING
    return tantivy.Query.boolean_query([(Occur.Should, part) for part in parts])
