"""What may come next in a query that is being typed. Pure.

`source.ip:10.` with the cursor at its end asks for values of `source.ip` that begin with `10.`.
"""

import re
from collections.abc import Iterable

import msgspec

from core.fields import FIELDS, field_type

MOST = 12

_NAME = r"@?[A-Za-z_][\w.-]*"
_QUOTED_VALUE = re.compile(rf'(?:({_NAME}):(?:\([^()]*)?)?"((?:[^"\\]|\\.)*)\Z')
_LIST = re.compile(rf"({_NAME}):\([^()]*?([^\s()\"]*)\Z")
_WORD = re.compile(rf"(?:({_NAME}):)?([^\s()\"\[\]{{}}:]*)\Z")
_ESCAPE = re.compile(r"\\(.)")
_WORDS = ("and", "or", "not", "to")


class Completion(msgspec.Struct, frozen=True):
    """The piece of the query from `start` to `end` is being typed and begins with `prefix`.

    `field` None: it is the name of a field (or a word); otherwise a value of that field.
    """

    start: int
    end: int
    field: str | None
    prefix: str


def completion_at(text: str, at: int) -> Completion | None:
    """What is being typed where the cursor stands; None where nothing can be offered."""
    before = text[: max(0, at)]
    if _in_quotes(before):
        found = _QUOTED_VALUE.search(before)
        if found is None or found[1] is None:
            return None
        return _value(found[1], found.start(2) - 1, at, _ESCAPE.sub(r"\1", found[2]))
    found = _LIST.search(before) or _WORD.search(before)
    if found is None:
        return None
    if found[1] is not None:
        return _value(found[1], found.start(2), at, found[2])
    if found[2].lower() in _WORDS or "*" in found[2] or before[: found.start(2)].endswith(":"):
        return None
    return Completion(found.start(2), at, None, found[2])


def _value(field: str, start: int, at: int, prefix: str) -> Completion | None:
    if field_type(field) in ("text", "date") or prefix[:1] in ("<", ">") or "*" in prefix:
        return None
    return Completion(start, at, field, prefix)


def _in_quotes(text: str) -> bool:
    return len(re.findall(r'"', re.sub(r"\\.", "", text))) % 2 == 1


def names_like(prefix: str, others: Iterable[str] = ()) -> list[str]:
    """Names of fields that begin so, or of which a part does, the nearest first; `others` beside those we know."""
    sought = prefix.casefold()
    ranked: list[tuple[int, int, str]] = []
    for name in {*FIELDS, *others}:
        folded = name.casefold()
        if folded.startswith(sought):
            ranked.append((0, len(name), name))
        elif f".{sought}" in folded:
            ranked.append((1, len(name), name))
    return [name for _, _, name in sorted(ranked)[:MOST]]
