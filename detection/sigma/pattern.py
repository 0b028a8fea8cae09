"""One value of a rule as a test of one text.

A pattern is told apart by how it can be asked fast: whole, part, head and tail compare with one literal, `other` calls
a function. `necessary` are folded literals, one of which is in every accepted text, for the index.
"""

import re
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import Literal

from detection.sigma.necessary import necessary_literals
from detection.sigma.text import address_of, fold, number_of

Kind = Literal["whole", "part", "head", "tail", "other"]
Accepts = Callable[[str], bool]

ANY = object()
"""`*` in a list of parts."""
ONE = object()
"""`?` in a list of parts."""
Parts = Sequence[object]
"""Literal texts, `ANY` and `ONE`, in order."""


class Pattern:
    """`folded` says whether it is asked with the folded text (and `literal` is folded) or with the text as it is."""

    __slots__ = ("accepts", "folded", "kind", "literal", "necessary", "operator", "shown")

    def __init__(
        self,
        operator: str,
        shown: str,
        kind: Kind,
        literal: str,
        accepts: Accepts,
        *,
        folded: bool,
        necessary: tuple[str, ...] = (),
    ) -> None:
        self.operator = operator
        self.shown = shown
        self.kind = kind
        self.literal = literal
        self.accepts = accepts
        self.folded = folded
        self.necessary = necessary


def text_pattern(operator: str, shown: str, parts: Parts, *, cased: bool) -> Pattern:
    """A text with wildcards, compared whole."""
    if not cased:
        parts = [fold(part) if isinstance(part, str) else part for part in parts]
    parts = _merged(parts)
    longest = fold(max((part for part in parts if isinstance(part, str)), key=len, default=""))
    necessary = (longest,) if longest else ()
    kind: Kind
    match parts:
        case []:
            kind, literal, accepts = "whole", "", _equals("")
        case [str(text)]:
            kind, literal, accepts = "whole", text, _equals(text)
        case [only] if only is ANY:
            kind, literal, accepts = "part", "", _contains("")
        case [str(text), after] if after is ANY:
            kind, literal, accepts = "head", text, _starts(text)
        case [before, str(text)] if before is ANY:
            kind, literal, accepts = "tail", text, _ends(text)
        case [before, str(text), after] if before is ANY and after is ANY:
            kind, literal, accepts = "part", text, _contains(text)
        case _:
            kind, literal, accepts = "other", "", _glob(parts)
    return Pattern(operator, shown, kind, literal, accepts, folded=not cased, necessary=necessary)


def keyword_pattern(operator: str, shown: str, parts: Parts, *, cased: bool) -> Pattern:
    """A text with wildcards, searched anywhere."""
    return text_pattern(operator, shown, [ANY, *parts, ANY], cased=cased)


def regex_pattern(operator: str, shown: str, regex: str, flags: int) -> Pattern:
    """A regular expression searched in the text as it is. Raises `re.error`."""
    search = re.compile(regex, flags).search
    necessary = necessary_literals(regex, flags)
    return Pattern(
        operator, shown, "other", "", lambda text: search(text) is not None, folded=False, necessary=necessary
    )


def cidr_pattern(operator: str, shown: str, network: IPv4Network | IPv6Network) -> Pattern:
    """An address within a network; what is no address is not."""

    def accepts(text: str) -> bool:
        address = address_of(text)
        return address is not None and address in network

    return Pattern(operator, shown, "other", "", accepts, folded=False)


def compare_pattern(operator: str, shown: str, limit: int | float) -> Pattern:
    """A number below or above a limit; what is no number is neither."""
    compare: Callable[[int | float], bool] = {
        "lt": lambda number: number < limit,
        "lte": lambda number: number <= limit,
        "gt": lambda number: number > limit,
        "gte": lambda number: number >= limit,
    }[operator]

    def accepts(text: str) -> bool:
        number = number_of(text)
        return number is not None and compare(number)

    return Pattern(operator, shown, "other", "", accepts, folded=False)


def one_of(shown: str, patterns: Sequence[Pattern]) -> Pattern:
    """Any of several ways to write one value (windash, base64offset). All folded, or none."""
    first = patterns[0]
    if len(patterns) == 1:
        first.shown = shown
        return first
    tests = tuple(pattern.accepts for pattern in patterns)
    literals = [literal for pattern in patterns for literal in pattern.necessary]
    known = all(pattern.necessary for pattern in patterns)
    return Pattern(
        first.operator,
        shown,
        "other",
        "",
        lambda text: any(test(text) for test in tests),
        folded=first.folded,
        necessary=tuple(dict.fromkeys(literals)) if known else (),
    )


def _merged(parts: Parts) -> list[object]:
    """Neighbouring literals joined, empty ones dropped, `**` as `*`."""
    merged: list[object] = []
    for part in parts:
        if part == "" or (part is ANY and merged and merged[-1] is ANY):
            continue
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    return merged


def _equals(literal: str) -> Accepts:
    return lambda text: text == literal


def _contains(literal: str) -> Accepts:
    return lambda text: literal in text


def _starts(literal: str) -> Accepts:
    return lambda text: text.startswith(literal)


def _ends(literal: str) -> Accepts:
    return lambda text: text.endswith(literal)


def _glob(parts: Sequence[object]) -> Accepts:
    """Segments between the `*`, each found as far left as it can be: linear in the text for each segment."""
    segments: list[list[object]] = [[]]
    for part in parts:
        if part is ANY:
            segments.append([])
        else:
            segments[-1].append(part)
    if len(segments) == 1:
        only, _ = _segment(segments[0])
        return lambda text: only.fullmatch(text) is not None
    head, *middle, tail = [_segment(segment) for segment in segments]
    head_regex, tail_regex, tail_length = head[0], tail[0], tail[1]
    between = [regex for regex, _ in middle]

    def accepts(text: str) -> bool:
        found = head_regex.match(text)
        if found is None:
            return False
        at = found.end()
        for regex in between:
            found = regex.search(text, at)
            if found is None:
                return False
            at = found.end()
        start = len(text) - tail_length
        return start >= at and tail_regex.match(text, start) is not None

    return accepts


def _segment(parts: Sequence[object]) -> tuple[re.Pattern[str], int]:
    """A regular expression of fixed length, and the length."""
    source = "".join(re.escape(part) if isinstance(part, str) else "." for part in parts)
    length = sum(len(part) if isinstance(part, str) else 1 for part in parts)
    return re.compile(source, re.DOTALL), length
