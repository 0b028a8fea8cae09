"""Lucene's query_string, as Grafana and Sigma's Elasticsearch backend write it, to the tree of a query. Pure.

    process.command_line:(*\\-enc* OR *\\-e\\ *) AND NOT user.name:SYSTEM AND @timestamp:[now-1h TO now]

    query   = clause (("AND" | "&&" | "OR" | "||")? clause)*
    clause  = ("NOT" | "!" | "+" | "-")* (name ":")? ("(" query ")" | range | comparison | quoted | word)

Within one pair of parentheses Lucene weighs clauses and knows no precedence, and so do we: `AND` makes both its clauses
wanted, `NOT`, `!` and `-` make one unwanted, `+` wanted; what is neither is asked for only where nothing is wanted. So
`a AND b OR c` is `a AND b`, and `a OR NOT b` is `a` without `b`: who means another thing writes parentheses. Clauses
side by side are joined by the default operator. A backslash takes the meaning from the letter behind it.
`_exists_:name`, `name:*`: existence.
What has no form in the tree (regular expressions, fuzziness, `?`) is refused, never guessed at.

Source: Elasticsearch reference, query string syntax, https://www.elastic.co/docs/reference/query-languages/query-dsl/
Source: Lucene, QueryParserBase.addClause
"""

import re
from datetime import UTC, datetime
from typing import Literal

from core.errors import QuerySyntaxError
from core.fields import field_type
from core.language import Text
from core.query.bounds import ORDERED, fits
from core.query.grammar import (
    BOUND,
    BOUND_OF,
    CLOSING,
    CLOSING_QUOTE,
    CLOSING_RANGE,
    CONDITION,
    MAX_DEPTH,
    NO_RANGE,
    SHALLOWER,
    TO,
    wildcard,
)
from core.query.moment import read_moment
from core.query.syntax import And, Everything, Exists, Not, Or, Phrase, Prefix, Query, Range, Term, Word

Joining = Literal["and", "or"]
Weight = Literal["must", "may", "not"]

NO_REGEX = Text("không nhận biểu thức chính quy /…/", "regular expressions /…/ are not taken")
NO_FUZZ = Text("không nhận tìm gần đúng ~", "fuzziness ~ is not taken")
NO_SINGLE = Text("không nhận dấu ? thay cho một ký tự", "a ? for a single letter is not taken")

_SPACE = re.compile(r"\s*")
_PIECE = re.compile(r'(?:\\.|[^\s()"\[\]{}:\\])+', re.DOTALL)
_BOUND = re.compile(r'(?:\\.|[^\s()"\[\]{}\\])+', re.DOTALL)
_NAME = re.compile(r"((?:\\.|[^\s()\"\[\]{}:\\])+):")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BOOST = re.compile(r"\^[0-9.]+")
_ENDING = re.compile(r"(?<!\\)(?:\^[0-9.]+|~[0-9.]*)\Z")
_OPERATOR = re.compile(r"(AND|OR|NOT)(?=[\s()]|\Z)|&&|\|\|")
_COMPARISON = re.compile(r"[<>]=?")


def parse_lucene(text: str, now: datetime, joining: Joining = "or", field: str | None = None) -> Query:
    """The tree; raises `QuerySyntaxError` at the first character that does not fit.

    `joining` is for clauses side by side; `field` is the one that a clause without a name asks about, None the event's
    text. `now`: as for `core.query.grammar.parse`.
    """
    reading = _Reading(text, now, joining)
    if not text.strip():
        return Everything()
    query = reading.query(field, 0)
    if reading.at < len(text):
        raise QuerySyntaxError(reading.at, CONDITION)
    return query


class _Reading:
    """A text and how far it is read."""

    def __init__(self, text: str, now: datetime, joining: Joining) -> None:
        self.text = text
        self.now = now
        self.joining = joining
        self.at = 0
        self._skip()

    def query(self, field: str | None, depth: int) -> Query:
        """Clauses until the end or a closing parenthesis, weighed as Lucene weighs them."""
        if depth > MAX_DEPTH:
            raise QuerySyntaxError(self.at, SHALLOWER)
        clauses: list[tuple[Weight, Query]] = []
        while self.at < len(self.text) and self.text[self.at] != ")":
            operator = self._operator() if clauses else None
            if clauses and clauses[-1][0] != "not":
                if operator == "and":
                    clauses[-1] = ("must", clauses[-1][1])
                elif operator == "or" and self.joining == "and":
                    clauses[-1] = ("may", clauses[-1][1])
            sign, clause = self._clause(field, depth)
            weight: Weight = "not" if sign in ("-", "not") else "may"
            if weight == "may":
                wanted = operator != "or" if self.joining == "and" else sign == "+" or operator == "and"
                weight = "must" if wanted else "may"
            clauses.append((weight, clause))
        if not clauses:
            raise QuerySyntaxError(self.at, CONDITION)
        parts = [clause for weight, clause in clauses if weight == "must"]
        if not parts and (may := [clause for weight, clause in clauses if weight == "may"]):
            parts = [may[0] if len(may) == 1 else Or(tuple(may))]
        return _all([*parts, *(Not(clause) for weight, clause in clauses if weight == "not")])

    def _clause(self, field: str | None, depth: int) -> tuple[str, Query]:
        sign = ""
        while True:
            found = _OPERATOR.match(self.text, self.at)
            if found is not None and found[0] == "NOT":
                self.at = found.end()
                sign = "" if sign == "not" else "not"
            elif self._is_at("!"):
                self.at += 1
                sign = "" if sign == "not" else "not"
            elif self._is_at("+") or self._is_at("-"):
                sign = self.text[self.at]
                self.at += 1
            else:
                break
            self._skip()
        named = _NAME.match(self.text, self.at)
        if named is not None:
            field = _plain(named[1])
            self.at = named.end()
            self._skip()
        if self._is_at("("):
            self.at += 1
            self._skip()
            query = self.query(field, depth + 1)
            if not self._is_at(")"):
                raise QuerySyntaxError(self.at, CLOSING)
            self.at += 1
        elif field is not None and (self._is_at("[") or self._is_at("{")):
            query = self._range(field)
        elif field is not None and (compared := _COMPARISON.match(self.text, self.at)) is not None:
            query = self._compared(field, compared[0])
        elif self._is_at('"'):
            query = Phrase(field if field != "_exists_" else None, self._quoted())
        else:
            query = self._word(field, alone=named is not None)
        boost = _BOOST.match(self.text, self.at)
        self.at = boost.end() if boost else self.at
        if self._is_at("~"):
            raise QuerySyntaxError(self.at, NO_FUZZ)
        self._skip()
        return sign, query

    def _word(self, field: str | None, *, alone: bool) -> Query:
        """A word. `alone`: its own name stands before it; else plain words that follow within parentheses belong to it.

        White space is no operator there: `user.name:(a b)` is the one value `a b`, of a text its words.
        """
        at = self.at
        if self._is_at("/"):
            raise QuerySyntaxError(at, NO_REGEX)
        # A colon belongs to a value (an address, a path with a drive), for its name stands already.
        found = (_PIECE if field is None else _BOUND).match(self.text, at)
        if found is None or _OPERATOR.fullmatch(found[0]):
            raise QuerySyntaxError(at, CONDITION)
        word = found[0]
        boost = _ENDING.search(word)
        if boost is not None:
            if "~" in boost[0]:
                raise QuerySyntaxError(at + boost.start(), NO_FUZZ)
            word = word[: boost.start()]
        self.at = found.end()
        if field == "_exists_":
            return Exists(_plain(word))
        pieces, single = _pieces(word)
        if single:
            raise QuerySyntaxError(at, NO_SINGLE)
        if len(pieces) == 1:
            if field is None:
                return Word(pieces[0])
            value = pieces[0]
            while not alone and field_type(field) != "text" and (more := self._following_word()) is not None:
                value += f" {more}"
            return Term(field, value)
        if not any(pieces):
            return Everything() if field in (None, "*") else Exists(str(field))
        if len(pieces) == 2 and not pieces[1]:
            return Prefix(field, pieces[0])
        return wildcard(field, pieces, len(word), at)

    def _following_word(self) -> str | None:
        """The plain word behind white space, taken; None where something else stands there."""
        before = self.at
        self._skip()
        found = _BOUND.match(self.text, self.at)
        if (
            found is not None
            and _OPERATOR.match(self.text, self.at) is None
            and _NAME.match(self.text, self.at) is None
            and found[0][0] not in "+-!/<>"
            and _ENDING.search(found[0]) is None
        ):
            pieces, single = _pieces(found[0])
            if len(pieces) == 1 and not single:
                self.at = found.end()
                return pieces[0]
        self.at = before
        return None

    def _range(self, field: str) -> Query:
        self._require_order(field)
        low_included = self._is_at("[")
        self.at += 1
        self._skip()
        low = self._bound(field)
        if not self.text.startswith("TO", self.at):
            raise QuerySyntaxError(self.at, TO)
        self.at += 2
        self._skip()
        high = self._bound(field)
        if not self._is_at("]") and not self._is_at("}"):
            raise QuerySyntaxError(self.at, CLOSING_RANGE)
        high_included = self._is_at("]")
        self.at += 1
        if low is None and high is None:
            return Exists(field)
        return Range(field, low, high, low_included or low is None, high_included or high is None)

    def _compared(self, field: str, comparison: str) -> Query:
        self._require_order(field)
        self.at += len(comparison)
        self._skip()
        bound = self._bound(field)
        included = comparison.endswith("=")
        if comparison[0] == ">":
            return Range(field, bound, None, included, True)
        return Range(field, None, bound, True, included)

    def _bound(self, field: str) -> str | None:
        at = self.at
        if self._is_at('"'):
            bound = self._quoted()
        else:
            found = _BOUND.match(self.text, at)
            if found is None:
                raise QuerySyntaxError(at, BOUND)
            self.at = found.end()
            bound = _plain(found[0])
            if found[0] == "*":
                self._skip()
                return None
        self._skip()
        return bound_of(field, bound, self.now, at)

    def _quoted(self) -> str:
        found = _QUOTED.match(self.text, self.at)
        if found is None:
            raise QuerySyntaxError(len(self.text), CLOSING_QUOTE)
        self.at = found.end()
        return _ESCAPED.sub(r"\1", found[1])

    def _operator(self) -> str | None:
        found = _OPERATOR.match(self.text, self.at)
        if found is None or found[0] == "NOT":
            return None
        self.at = found.end()
        self._skip()
        return "and" if found[0] in ("AND", "&&") else "or"

    def _require_order(self, field: str) -> None:
        if field_type(field) not in ORDERED:
            raise QuerySyntaxError(self.at, NO_RANGE)

    def _is_at(self, mark: str) -> bool:
        return self.text.startswith(mark, self.at)

    def _skip(self) -> None:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at


def bound_of(field: str, bound: str, now: datetime, at: int = 0) -> str:
    """A bound of a range on a field, as the tree has it: a moment as a time, milliseconds since 1970 as a time.

    Raises `QuerySyntaxError` where it does not fit the field.
    """
    kind = field_type(field) or ""
    if kind == "date":
        if (moment := read_moment(bound, now)) is not None:
            return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        if re.fullmatch(r"-?[0-9]{5,16}", bound):
            try:
                milliseconds = datetime.fromtimestamp(int(bound) / 1000, UTC)
            except (OverflowError, ValueError, OSError):
                raise QuerySyntaxError(at, BOUND_OF[kind]) from None
            return milliseconds.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if kind not in ORDERED:
        raise QuerySyntaxError(at, NO_RANGE)
    if not fits(kind, bound):
        raise QuerySyntaxError(at, BOUND_OF[kind])
    return bound


def _pieces(word: str) -> tuple[list[str], bool]:
    """The word cut at its stars, with what was escaped as it is; and whether a `?` stands in it."""
    pieces, single, at = [""], False, 0
    while at < len(word):
        letter = word[at]
        if letter == "\\" and at + 1 < len(word):
            at += 1
            pieces[-1] += word[at]
        elif letter == "*":
            if len(pieces) == 1 or pieces[-1] or at == 0:
                pieces.append("")
        else:
            single = single or letter == "?"
            pieces[-1] += letter
        at += 1
    return pieces, single


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _all(parts: list[Query]) -> Query:
    return parts[0] if len(parts) == 1 else And(tuple(parts))
