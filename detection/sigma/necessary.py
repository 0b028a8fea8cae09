r"""What every text that a regular expression finds must contain: literals of which one is there.

    union(?:\s|\+)+select   ->  ("select",)
    (?:'|%27).*(?:or|and)   ->  ("or", "and")

Only for the index: a literal too few costs time, one too many would lose detections, so anything unusual says nothing.
"""

import re
from collections.abc import Iterable

# The parser of the standard library; it has no public name since 3.11.
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from detection.sigma.text import fold

_MAX_LITERALS = 32


def necessary_literals(regex: str, flags: int) -> tuple[str, ...]:
    """Folded literals, one of which is in every folded text that the expression finds; empty where nothing is known."""
    parsed = parser.parse(regex, flags)
    if (parsed.state.flags & re.IGNORECASE) or "(?i" in regex or re.search(r"\(\?[a-z]*i", regex):
        return _required(parsed, any_case=True)
    return _required(parsed, any_case=False)


def _required(items: Iterable[Any], *, any_case: bool) -> tuple[str, ...]:
    """The best of what a sequence asks for: the longest run of letters, or the alternatives of a group."""
    found: list[tuple[str, ...]] = []
    run = ""
    for operation, argument in items:
        # Without case the dotless and the dotted i are an i too, which folding does not know: no literal holds one.
        if operation is code.LITERAL and not (any_case and chr(argument) in "iIıİ"):
            run += chr(argument)
            continue
        found.append((run,))
        run = ""
        if operation is code.SUBPATTERN:
            found.append(_required(argument[3], any_case=any_case))
        elif operation is code.BRANCH:
            branches = [_required(branch, any_case=any_case) for branch in argument[1]]
            if all(branches):
                found.append(tuple(dict.fromkeys(literal for branch in branches for literal in branch)))
        elif operation in (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT) and argument[0] > 0:
            found.append(_required(argument[2], any_case=any_case))
        elif operation is code.ATOMIC_GROUP:
            found.append(_required(argument, any_case=any_case))
    found.append((run,))
    folded = [tuple(fold(literal) for literal in each) for each in found]
    usable = [each for each in folded if each and all(each) and len(each) <= _MAX_LITERALS]
    return max(usable, key=_worth, default=())


def _worth(literals: tuple[str, ...]) -> float:
    return min(map(len, literals)) - len(literals) / 4
