"""The time that a query is about, taken out of it: a store looks at no more than that. Pure."""

from datetime import datetime, tzinfo

from core.query.bounds import from_microseconds, microseconds
from core.query.interval import whole
from core.query.syntax import And, Everything, Query, Range

TIME = "@timestamp"


def split_window(query: Query, zone: tzinfo) -> tuple[Query, datetime | None, datetime | None]:
    """The query without the ranges of time that all of it is bound to, their start, and their end (not included).

    What is found stays the same. Raises `QuerySyntaxError` for a bound that is no time.
    """
    low: int | None = None
    high: int | None = None
    left: list[Query] = []
    for part in query.parts if isinstance(query, And) else (query,):
        if isinstance(part, And):
            inner, begins, ends = split_window(part, zone)
            left.append(inner)
            low = _later(low, None if begins is None else microseconds(begins))
            high = _earlier(high, None if ends is None else microseconds(ends))
        elif isinstance(part, Range) and part.field == TIME:
            first, last = whole("date", part, zone)
            low = _later(low, first if part.low is not None else None)
            high = _earlier(high, last + 1 if part.high is not None else None)
        else:
            left.append(part)
    rest = [part for part in left if not isinstance(part, Everything)]
    shorter: Query = And(tuple(rest)) if len(rest) > 1 else rest[0] if rest else Everything()
    start, end = (None if bound is None else from_microseconds(bound) for bound in (low, high))
    return shorter, start, end


def _later(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else max(one, other)


def _earlier(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else min(one, other)
