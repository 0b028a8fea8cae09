"""The query language: text to the tree of `core.query.syntax`. Pure; docs/query.md describes it for users.

    user.name:root and not source.ip:10.0.0.0/8 and "failed password" and source.port:[1024 TO 65535]

    query   = all ("or" all)*
    all     = one ("and"? one)*
    one     = "not" one | "(" query ")" | name ":" value | value | "*"
    value   = word | quoted | quoted"*"     a star in a word stands for anything
              and after a name: "*" | "(" values ")"
              | (">" | ">=" | "<" | "<=") bound | ("[" | "{") bound "TO" bound ("]" | "}")
    values  = the same as query, of values without names

A word ends at white space, a parenthesis or a quote; colons, slashes and brackets belong to it. Within quotes
`\\"` and `\\\\` are a quote and a backslash. Operators are words in any letter case.

    moment  = "now" (("+" | "-") digits ("s" | "m" | "h" | "d" | "w"))* ("/" ("m" | "h" | "d" | "w"))?

A bound on a field of times may be a moment: `@timestamp:>now-7d`, `@timestamp:[now-1d/d TO now/d}`.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from core.errors import QuerySyntaxError
from core.fields import field_type
from core.language import Text
from core.query.bounds import ORDERED, fits
from core.query.moment import read_moment
from core.query.syntax import And, Everything, Exists, Not, Or, Phrase, Prefix, Query, Range, Term, Wildcard, Word

MAX_DEPTH = 50
MAX_STARS = 8
MAX_STARRED_LETTERS = 200

CONDITION = Text(
    "cần một từ, một cụm từ trong ngoặc kép, trường:giá_trị hoặc dấu ngoặc mở",
    "expected a word, a quoted phrase, field:value or an opening parenthesis",
)
VALUE = Text(
    "cần một giá trị, một cụm từ trong ngoặc kép, *, một khoảng hoặc dấu ngoặc mở",
    "expected a value, a quoted phrase, *, a range or an opening parenthesis",
)
OPERATOR = Text("cần and, or hoặc kết thúc câu truy vấn", "expected and, or, or the end of the query")
CLOSING = Text("cần dấu ngoặc đóng )", "expected a closing parenthesis )")
CLOSING_QUOTE = Text('cần dấu ngoặc kép đóng "', 'expected a closing quote "')
NAME_BEFORE_COLON = Text("cần tên trường trước dấu hai chấm", "expected a field name before the colon")
WITHIN_A_WORD = Text(
    "trong văn bản, dấu * chỉ đứng trong một từ (chữ và số); với các trường khác thì ở đâu cũng được",
    "in a text * stands within one word (letters and digits); on other fields it may stand anywhere",
)
FEWER_STARS = Text(
    "tối đa {stars} dấu * và {letters} ký tự; giá trị có chính dấu * thì đặt trong ngoặc kép",
    "at most {stars} times * and {letters} letters; put a value that holds a * itself in quotes",
).format(stars=MAX_STARS, letters=MAX_STARRED_LETTERS)
MOMENT = Text(
    "cần một thời điểm như now-7d, now-1h, now/d (s, m, h, d, w)", "expected a moment like now-7d, now-1h, now/d"
)
BOUND = Text("cần một giới hạn: một giá trị, hoặc * nếu để mở", "expected a bound: a value, or * for none")
TO = Text("cần TO giữa hai giới hạn", "expected TO between the bounds")
CLOSING_RANGE = Text("cần dấu ] hoặc } để đóng khoảng", "expected ] or } to close the range")
SHALLOWER = Text("lồng nhau quá sâu; tối đa {limit} mức", "nested too deeply; at most {limit} levels").format(
    limit=MAX_DEPTH
)
NO_RANGE = Text(
    "trường này chỉ so khớp bằng, tiền tố và tồn tại; khoảng chỉ dùng cho trường kiểu số, thời gian và địa chỉ IP",
    "this field answers equality, prefix and exists only; ranges are for fields of numbers, times or IP addresses",
)
BOUND_OF = {
    "long": Text("cần một số nguyên", "expected a whole number"),
    "double": Text("cần một số", "expected a number"),
    "ip": Text("cần một địa chỉ IP", "expected an IP address"),
    "date": Text(
        "cần một thời điểm như 2026-11-24 hoặc 2026-11-24T09:12:01+07:00",
        "expected a time like 2026-11-24 or 2026-11-24T09:12:01+07:00",
    ),
}

_SPACE = re.compile(r"\s*")
_WORD = re.compile(r'[^\s()"]+')
_BOUND = re.compile(r'[^\s()"\]}]+')
_TO = re.compile(r"[Tt][Oo](?=[\s\"\]}]|\Z)")
_LETTERS = re.compile(r"[^\W_]*")
_COMPARISON = re.compile(r"[<>]=?")
_NAME = re.compile(r"[^\W\d][\w.@/-]*(?=:)|@[\w.@/-]*(?=:)")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_ESCAPE = re.compile(r'\\(["\\])')
# Before these colons stands no name: a URL's scheme, a drive letter, the groups of an IPv6 or hardware address.
_NO_NAME = re.compile(
    r"[A-Za-z][\w+.-]*://|[A-Za-z]:\\"
    r"|(?:(?:[0-9A-Fa-f]{1,4}:)+|:):[0-9A-Fa-f:.]*(?:/[0-9]+)?(?=[\s()\"]|\Z)"
    r"|(?:[0-9A-Fa-f]{1,4}:){5,7}[0-9A-Fa-f]{1,4}(?:/[0-9]+)?(?=[\s()\"]|\Z)"
)
_OPERATORS = ("and", "or", "not")


def parse(text: str, now: datetime) -> Query:
    """The tree of a query; raises `QuerySyntaxError` at the first character that does not fit (the end included).

    Conditions side by side must all hold. `now` is what moments like `now-7d` are counted from, in the zone whose days
    `now/d` begins. Takes time linear in the text.
    """
    reading = _Reading(text, now)
    query = reading.query(None, 0)
    if reading.at < len(text):
        raise QuerySyntaxError(reading.at, OPERATOR)
    return query


def wildcard(name: str | None, pieces: Sequence[str], letters: int, at: int) -> Wildcard:
    """Anything between the pieces, written in so many letters. Raises `QuerySyntaxError` at `at`.

    For too many stars or letters, and in a text for what is not within one word.
    """
    if len(pieces) > MAX_STARS + 1 or letters > MAX_STARRED_LETTERS:
        raise QuerySyntaxError(at, FEWER_STARS)
    if (name is None or field_type(name) == "text") and not all(map(_LETTERS.fullmatch, pieces)):
        raise QuerySyntaxError(at, WITHIN_A_WORD)
    return Wildcard(name, tuple(pieces))


class _Reading:
    """A text and how far it is read: `at` is always at the start of something, past white space."""

    def __init__(self, text: str, now: datetime) -> None:
        self.text = text
        self.now = now
        self.at = 0
        self._skip(0)

    def query(self, name: str | None, depth: int) -> Query:
        """`query`, or `values` of the field `name`."""
        parts = [self._all(name, depth)]
        while self._operator() == "or":
            self._skip(self.at + 2)
            parts.append(self._all(name, depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self, name: str | None, depth: int) -> Query:
        parts = [self._one(name, depth)]
        while self.at < len(self.text) and self.text[self.at] != ")":
            operator = self._operator()
            if operator == "or":
                break
            if operator == "and":
                self._skip(self.at + 3)
            parts.append(self._one(name, depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self, name: str | None, depth: int) -> Query:
        negations = 0
        while self._operator() == "not":
            negations += 1
            self._require_depth(depth + negations)
            self._skip(self.at + 3)
        depth += negations
        if self._is_at("("):
            query = self._group(name, depth)
        elif name is not None:
            query = self._value(name, depth)
        else:
            query = self._condition(depth)
        for _ in range(negations):
            query = Not(query)
        return query

    def _group(self, name: str | None, depth: int) -> Query:
        self._require_depth(depth + 1)
        self._skip(self.at + 1)
        query = self.query(name, depth + 1)
        if not self._is_at(")"):
            raise QuerySyntaxError(self.at, CLOSING)
        self._skip(self.at + 1)
        return query

    def _condition(self, depth: int) -> Query:
        """Something that may begin with a field's name."""
        bare = _NO_NAME.match(self.text, self.at) is not None
        if self._is_at(":") and not bare:
            raise QuerySyntaxError(self.at, NAME_BEFORE_COLON)
        if self._is_at('"'):
            words = self._quoted()
            if not self._is_at(":"):
                return self._prefix_or(None, words, Phrase(None, words))
            name = words
        else:
            found = None if bare else _NAME.match(self.text, self.at)
            if found is None:
                return self._word(None, CONDITION)
            name = found[0]
            self.at = found.end()
        self._skip(self.at + 1)
        return self._group(name, depth) if self._is_at("(") else self._value(name, depth)

    def _value(self, name: str, depth: int) -> Query:
        if self._is_at('"'):
            words = self._quoted()
            return self._prefix_or(name, words, Phrase(name, words))
        if self._is_at("[") or self._is_at("{"):
            return self._range(name)
        comparison = _COMPARISON.match(self.text, self.at)
        if comparison is not None:
            return self._compared(name, comparison[0])
        return self._word(name, VALUE)

    def _prefix_or(self, name: str | None, words: str, phrase: Query) -> Query:
        """After a quoted text: a star that touches it makes it a prefix."""
        if not self._is_at("*"):
            self._skip(self.at)
            return phrase
        self._skip(self.at + 1)
        return Prefix(name, words)

    def _word(self, name: str | None, expected: Text) -> Query:
        found = _WORD.match(self.text, self.at)
        if found is None or found[0].lower() in _OPERATORS:
            raise QuerySyntaxError(self.at, expected)
        word = found[0]
        at, star = self.at, word.find("*")
        self._skip(found.end())
        if star < 0:
            return Word(word) if name is None else Term(name, word)
        if not word.strip("*"):
            return Everything() if name is None else Exists(name)
        if star == len(word) - 1:
            return Prefix(name, word[:-1])
        return wildcard(name, re.split(r"\*+", word), len(word), at)

    def _moment(self, name: str, bound: str, at: int) -> str:
        """The bound, with a moment counted from now as a time."""
        if field_type(name) != "date" or not bound.startswith("now"):
            return bound
        moment = read_moment(bound, self.now)
        if moment is None:
            raise QuerySyntaxError(at, MOMENT)
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def _compared(self, name: str, comparison: str) -> Query:
        self._require_order(name)
        self._skip(self.at + len(comparison))
        at = self.at
        if self._is_at('"'):
            bound = self._quoted()
            self._skip(self.at)
        else:
            found = _WORD.match(self.text, self.at)
            if found is None or found[0].lower() in _OPERATORS:
                raise QuerySyntaxError(self.at, BOUND_OF[field_type(name) or "long"])
            bound = found[0]
            self._skip(found.end())
        bound = self._moment(name, bound, at)
        self._require_fit(name, bound, at)
        included = comparison.endswith("=")
        if comparison[0] == ">":
            return Range(name, bound, None, included, True)
        return Range(name, None, bound, True, included)

    def _range(self, name: str) -> Query:
        self._require_order(name)
        low_included = self._is_at("[")
        self._skip(self.at + 1)
        low = self._bound(name)
        if not _TO.match(self.text, self.at):
            raise QuerySyntaxError(self.at, TO)
        self._skip(self.at + 2)
        high = self._bound(name)
        if not self._is_at("]") and not self._is_at("}"):
            raise QuerySyntaxError(self.at, CLOSING_RANGE)
        high_included = self._is_at("]")
        self._skip(self.at + 1)
        if low is None and high is None:
            return Exists(name)
        return Range(name, low, high, low_included or low is None, high_included or high is None)

    def _bound(self, name: str) -> str | None:
        at = self.at
        if self._is_at('"'):
            bound = self._quoted()
            self._skip(self.at)
        else:
            found = _BOUND.match(self.text, self.at)
            if found is None:
                raise QuerySyntaxError(self.at, BOUND)
            bound = found[0]
            self._skip(found.end())
            if bound == "*":
                return None
        bound = self._moment(name, bound, at)
        self._require_fit(name, bound, at)
        return bound

    def _quoted(self) -> str:
        """The text between quotes; `at` is then right behind the closing one, with no white space skipped."""
        found = _QUOTED.match(self.text, self.at)
        if found is None:
            raise QuerySyntaxError(len(self.text), CLOSING_QUOTE)
        self.at = found.end()
        return _ESCAPE.sub(r"\1", found[1])

    def _operator(self) -> str | None:
        """The operator that stands here, if one does: a whole word, and no field's name."""
        for operator in _OPERATORS:
            if self.text[self.at : self.at + len(operator)].lower() == operator:
                following = self.text[self.at + len(operator) : self.at + len(operator) + 1]
                return operator if not following or following.isspace() or following in '()"' else None
        return None

    def _require_depth(self, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise QuerySyntaxError(self.at, SHALLOWER)

    def _require_order(self, name: str) -> None:
        if field_type(name) not in ORDERED:
            raise QuerySyntaxError(self.at, NO_RANGE)

    def _require_fit(self, name: str, bound: str, at: int) -> None:
        kind = field_type(name) or ""
        if not fits(kind, bound):
            raise QuerySyntaxError(at, BOUND_OF[kind])

    def _is_at(self, mark: str) -> bool:
        return self.text.startswith(mark, self.at)

    def _skip(self, to: int) -> None:
        found = _SPACE.match(self.text, to)
        self.at = found.end() if found else to
