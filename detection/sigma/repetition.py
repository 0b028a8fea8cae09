r"""Whether a regular expression repeats what repeats: on Python's `re` some text of a few dozen letters may stall it.

    (a+)+$               ->  True
    (?:(?>[a-z]+)\.)+vn  ->  False: what is atomic or possessive is never tried again

Some that are found are harmless (`([a-z]+\.)+`), and some that stall are not found (`(a|a)+`): a warning, not a proof.
"""

from collections.abc import Iterable

# The parser of the standard library; it has no public name since 3.11.
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_TRIED_AGAIN = (code.MAX_REPEAT, code.MIN_REPEAT)
_NEVER_AGAIN = (code.POSSESSIVE_REPEAT, code.ATOMIC_GROUP)


def repeats_repetition(regex: str) -> bool:
    """Whether an unlimited repetition stands within another. Raises `re.error`."""
    return _repeats(parser.parse(regex), within=False)


def _repeats(items: Iterable[Any], *, within: bool) -> bool:
    for operation, argument in items:
        unlimited = operation in _TRIED_AGAIN and argument[1] is code.MAXREPEAT
        inside = (within or unlimited) and operation not in _NEVER_AGAIN
        if (unlimited and within) or any(_repeats(part, within=inside) for part in _parts(operation, argument)):
            return True
    return False


def _parts(operation: Any, argument: Any) -> Iterable[Any]:
    if operation in _TRIED_AGAIN or operation is code.POSSESSIVE_REPEAT:
        return (argument[2],)
    if operation is code.SUBPATTERN:
        return (argument[3],)
    if operation is code.ATOMIC_GROUP:
        return (argument,)
    return argument[1] if operation is code.BRANCH else ()
