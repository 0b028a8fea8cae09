"""The whole numbers that a range of the query language asks for, the same for every store: pure."""

from datetime import tzinfo
from typing import TypeVar

from core.errors import QuerySyntaxError
from core.query.bounds import LONG_MAX, LONG_MIN, read_double, read_ip, read_long, read_span
from core.query.grammar import BOUND_OF
from core.query.syntax import Range

ADDRESS_MAX = (1 << 128) - 1

Bound = TypeVar("Bound", int, float, tuple[int, int])


def whole(kind: str, query: Range, zone: tzinfo) -> tuple[int, int]:
    """The lowest and the highest number inside, both included; the lowest may be above the highest: then there is none.

    For `long` the numbers themselves, for `ip` addresses in the order of `core.query.bounds.read_ip`, for `date`
    microseconds since 1970; `zone` is for times that name none. Raises `QuerySyntaxError` for a bound of another type.
    """
    if kind == "date":
        begins, ends = (_bound(kind, text, read_span(text or "", zone)) for text in (query.low, query.high))
        return (
            LONG_MIN if begins is None else begins[0] if query.low_included else begins[1] + 1,
            LONG_MAX if ends is None else ends[1] if query.high_included else ends[0] - 1,
        )
    read, least, most = (read_ip, 0, ADDRESS_MAX) if kind == "ip" else (read_long, LONG_MIN, LONG_MAX)
    low, high = (_bound(kind, text, read(text or "")) for text in (query.low, query.high))
    return (
        least if low is None else low + (not query.low_included),
        most if high is None else high - (not query.high_included),
    )


def decimals(query: Range) -> tuple[float | None, float | None]:
    """The bounds of a range of decimal numbers; None is open. Raises `QuerySyntaxError` for a bound that is none."""
    low, high = (_bound("double", text, read_double(text or "")) for text in (query.low, query.high))
    return low, high


def _bound(kind: str, text: str | None, value: Bound | None) -> Bound | None:
    """A bound as a value of the type; None is open."""
    if text is not None and value is None:
        raise QuerySyntaxError(0, BOUND_OF[kind])
    return None if text is None else value
