"""Counts over day folders: what each day's index is asked, and how the answers of the days become one.

tantivy gives finished answers of one index, so only what adds up is asked for: values with their counts, steps, sums.
Different values are counted by name, percentages by narrow ranges; both are the same however the events are spread
over days.
"""

import contextlib
import itertools
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from core.errors import QuerySyntaxError
from core.fields import FieldType, field_type
from core.query.aggregation import (
    BY_KEY,
    MAX_ROWS,
    TOO_MANY_BUCKETS,
    UNIT,
    Aggregation,
    Bucket,
    Buckets,
    Combined,
    Distinct,
    FieldNames,
    Histogram,
    Key,
    Order,
    Outcome,
    Percentiles,
    Quantiles,
    Statistics,
    Summary,
    Terms,
    few_enough,
    ordered_rows,
)
from store.events.counting import (
    MAX_DISTINCT,
    Ask,
    cut,
    histogram_request,
    number_key,
    pages,
    require_held,
    step_key,
)
from store.events.embedded.layout import KEY_MARK, KEYS, UNCOUNTED, Layout

MOST_VALUES = 64_000
"""tantivy stops at 65,000 buckets."""
PAGE = 60_000
STEP = 1.05
"""Ranges for percentages are so much wider than the one before: a value is known within 2.5 percent."""
LEAST_STEP = 1e-9

_POOL = ThreadPoolExecutor(min(8, os.cpu_count() or 1), thread_name_prefix="counting")
"""For all questions of the process: tantivy counts without holding the interpreter."""

_LIMITS = ("bucket limit was exceeded", "memory limit was exceeded")


class _Rows(msgspec.Struct):
    """Buckets of some days. A sum so far: changed in place."""

    rows: dict[Key | tuple[Key, ...], tuple[int, "_Sums"]] = {}
    other: int = 0
    uncertain: int = 0


class _Ranges(msgspec.Struct):
    """How many values are in each of the ranges."""

    counts: list[int]


_Sum = _Rows | _Ranges | Summary | set[Key]
_Sums = dict[str, _Sum]


class Day(msgspec.Struct, frozen=True):
    """One day's index and which of its events are asked about."""

    layout: Layout
    ask: Ask
    """Raises `QuerySyntaxError` as `within_limits` does."""
    holds_term: Callable[[str], bool]
    """Whether an event asked about has this term."""


def aggregate(days: Iterable[Day], asked: Mapping[str, Aggregation], masked: frozenset[str]) -> dict[str, Outcome]:
    """The answers. The aggregations have passed `require_answerable`.

    Raises `QuerySyntaxError` where there are more buckets than can be held.
    """
    days = list(days)
    for day in days:
        for field in {field for each in asked.values() for field in _fields(each)}:
            if field_type(field) is None and field != UNIT and day.holds_term(UNCOUNTED + field):
                raise QuerySyntaxError(0, TOO_MANY_BUCKETS)
    bounds = _bounds(days, asked, masked)
    outcomes: dict[str, Outcome] = {}
    together = {name: each for name, each in asked.items() if not isinstance(each, Combined | FieldNames | Distinct)}
    if together:
        sums: _Sums = {}
        for answer in _each(days, lambda day: day.ask(_request(day.layout, together, masked, bounds))):
            _add(sums, _read(together, answer, bounds, alone=len(days) == 1))
        _recount(days, together, masked, bounds, sums)
        outcomes.update(_finish(together, sums, bounds))
    for name, each in asked.items():
        match each:
            case Combined(fields, size):
                combined: _Rows = _Rows({})
                if masked.isdisjoint(fields):
                    for day in days:
                        for key, count in _combinations(day, fields):
                            combined.rows[key] = (combined.rows.get(key, (0, {}))[0] + count, {})
                            require_held(len(combined.rows) <= MAX_DISTINCT)
                outcomes[name] = cut(ordered_rows(_buckets(combined, {}, {})), size)
            case Distinct(field):
                values: set[Key | tuple[Key, ...]] = set()
                if field not in masked:
                    for day in days:
                        for key, _ in _combinations(day, (field,)):
                            values.add(key)
                            require_held(len(values) <= MAX_DISTINCT)
                outcomes[name] = len(values)
            case FieldNames():
                outcomes[name] = _field_names(days, masked)
    return few_enough({name: outcomes[name] for name in asked})


def _recount(
    days: list[Day],
    asked: Mapping[str, Aggregation],
    masked: frozenset[str],
    bounds: Mapping[str, list[float]],
    sums: _Sums,
) -> None:
    """Where rows were cut off, those that will be shown are counted once more, by name: then their counts are exact.

    Of numbers that cannot be asked.
    """
    named: dict[str, list[str]] = {}
    for name, each in asked.items():
        found = sums.get(name)
        if not isinstance(each, Terms) or not isinstance(found, _Rows) or not found.uncertain:
            continue
        if each.field != UNIT and field_type(each.field) in (None, "keyword", "boolean", "ip"):
            rows = ordered_rows(_buckets(found, {}, bounds), each.order, each.field)
            named[name] = [str(row.key) for row in rows[: 2 * each.size]]
    if not named:
        return
    again: _Sums = {}
    chosen = {name: asked[name] for name in named}
    for answer in _each(days, lambda day: day.ask(_request(day.layout, chosen, masked, bounds, named))):
        _add(again, _read(chosen, answer, bounds, alone=True))
    for name in named:
        first, second = sums[name], again[name]
        assert isinstance(first, _Rows) and isinstance(second, _Rows)  # noqa: S101 (those of terms are)
        every = first.other + sum(count for count, _ in first.rows.values())
        sums[name] = _Rows(second.rows, every - sum(count for count, _ in second.rows.values()), first.uncertain)


def _each(days: list[Day], ask: Callable[[Day], Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The answers of the days, in their order; as many days at once as there are processors."""
    if len(days) < 2:
        return map(ask, days)
    return _POOL.map(ask, days)


def _request(
    layout: Layout,
    asked: Mapping[str, Aggregation],
    masked: frozenset[str],
    bounds: Mapping[str, list[float]],
    named: Mapping[str, list[str]] | None = None,
) -> dict[str, Any]:
    """What tantivy is asked. `named`: of these aggregations, the keys that alone are counted."""
    request: dict[str, Any] = {}
    for name, each in asked.items():
        column = _column(layout, each.field, masked)  # type: ignore[union-attr]  # all that come here have one
        match each:
            case Terms(field=field, size=size, order=order):
                own: dict[str, Any] = {"terms": {"field": column, **_sizes(field, size, order, each.parts)}}
                if named and name in named:
                    keys = [KEY_MARK + key for key in named[name]]
                    own["terms"] = {"field": column, "size": len(keys), "segment_size": len(keys), "include": keys}
            case Histogram():
                own = histogram_request(column, each)
            case Distinct():
                own = {"terms": {"field": column, "size": MOST_VALUES, "segment_size": MOST_VALUES}}
            case Percentiles(field=field):
                edges = bounds[field]
                ranges = [{"from": low, "to": high} for low, high in itertools.pairwise(edges)]
                own = {"range": {"field": column, "ranges": ranges}}
            case _:
                own = {"stats": {"field": column}}
        parts = getattr(each, "parts", {})
        if parts:
            own["aggs"] = _request(layout, parts, masked, bounds)
        request[name] = own
    return request


def _sizes(field: str, size: int, order: Order, parts: Mapping[str, Aggregation]) -> dict[str, Any]:
    """More than is asked for, so that what is little here and much on another day is not missed."""
    if order.by == "key" and field_type(field) != "ip":
        return {"size": size, "segment_size": size, "order": {"_key": "asc" if order.rising else "desc"}}
    if order.by != "count" or order.rising:
        wide = MAX_ROWS
    else:
        # Each segment looks up the keys of so many buckets, which is the most of the answer's time.
        wide = max(4 * size, 100) if parts else max(10 * size, 200)
    return {"size": wide, "segment_size": wide}


def _column(layout: Layout, field: str, masked: frozenset[str]) -> str:
    """The column's name in the index; for a masked field, one of nothing."""
    if field in masked:
        return f"{KEYS}.none"
    if field == UNIT:
        return "_unit"
    kind: FieldType | None = layout.fields.get(field)
    if kind in (None, "keyword", "boolean", "ip"):  # an address is counted faster as a word than as a number
        return f"{KEYS}.{field.replace('.', chr(92) + '.')}"
    return field


def _read(
    asked: Mapping[str, Aggregation],
    answer: Mapping[str, Any],
    bounds: Mapping[str, list[float]],
    *,
    alone: bool,
) -> _Sums:
    """One day's answer as sums. `alone`: no other day is asked, where rows cut off here may stand."""
    sums: _Sums = {}
    for name, each in asked.items():
        found = answer[name]
        match each:
            case Terms(field=field, order=order, parts=parts):
                rows: dict[Key | tuple[Key, ...], tuple[int, _Sums]] = {
                    _key(field, bucket["key"]): (bucket["doc_count"], _read(parts, bucket, bounds, alone=alone))
                    for bucket in found["buckets"]
                }
                other = found.get("sum_other_doc_count") or 0
                uncertain = 0
                if other and (order.by != "key" or field_type(field) == "ip"):
                    require_held(order.by == "count" and not order.rising)
                    uncertain = found.get("doc_count_error_upper_bound") or 0
                    uncertain += 0 if alone else min((count for count, _ in rows.values()), default=0)
                sums[name] = _Rows(rows, other, uncertain)
            case Histogram(parts=parts):
                sums[name] = _Rows(
                    {
                        step_key(each, bucket["key"]): (
                            bucket["doc_count"],
                            _read(parts, bucket, bounds, alone=alone),
                        )
                        for bucket in found["buckets"]
                    }
                )
            case Distinct(field=field):
                require_held(not found.get("sum_other_doc_count"))
                sums[name] = {_key(field, bucket["key"]) for bucket in found["buckets"]}
            case Percentiles(field=field):
                counts = [0] * (len(bounds[field]) - 1)
                at = {low: number for number, low in enumerate(bounds[field][:-1])}
                for bucket in found["buckets"]:
                    # What is outside by a rounding of great numbers belongs to the ends.
                    number = -1 if "to" not in bucket else at[bucket["from"]] if "from" in bucket else 0
                    counts[number] += bucket["doc_count"]
                sums[name] = _Ranges(counts)
            case _:
                sums[name] = Summary(found["count"], found["sum"] or 0.0, found["min"], found["max"])
    return sums


def _add(sums: _Sums, more: _Sums) -> None:
    """Adds to `sums`."""
    for name, each in more.items():
        sums[name] = _added(sums[name], each) if name in sums else each


def _added(one: _Sum, other: _Sum) -> _Sum:
    match one, other:
        case _Rows(), _Rows():
            for key, (count, parts) in other.rows.items():
                if key in one.rows:
                    before, sums = one.rows[key]
                    _add(sums, parts)
                    one.rows[key] = (before + count, sums)
                else:
                    one.rows[key] = (count, parts)
            one.other += other.other
            one.uncertain += other.uncertain
        case _Ranges(), _Ranges():
            one.counts = [a + b for a, b in zip(one.counts, other.counts, strict=True)]
        case Summary(), Summary():
            lows = [low for low in (one.low, other.low) if low is not None]
            highs = [high for high in (one.high, other.high) if high is not None]
            return Summary(
                one.count + other.count, one.sum + other.sum, min(lows, default=None), max(highs, default=None)
            )
        case set(), set():
            one |= other
        case _:
            raise TypeError(one, other)
    return one


def _finish(asked: Mapping[str, Aggregation], sums: _Sums, bounds: Mapping[str, list[float]]) -> dict[str, Outcome]:
    """The sums of all days as answers; where no day was asked, those of no events."""
    outcomes: dict[str, Outcome] = {}
    for name, each in asked.items():
        match each, sums.get(name):
            case Terms(field, size, order, parts), found:
                found = found if isinstance(found, _Rows) else _Rows({})
                rows = ordered_rows(_buckets(found, parts, bounds), order, field)
                outcomes[name] = cut(rows, size, found.other, found.uncertain)
            case Histogram(parts=parts), found:
                found = found if isinstance(found, _Rows) else _Rows({})
                outcomes[name] = Buckets(ordered_rows(_buckets(found, parts, bounds), BY_KEY))
            case Percentiles(field, percents), found:
                counts = found.counts if isinstance(found, _Ranges) else []
                edges, whole = bounds.get(field, []), field_type(field) != "double"
                outcomes[name] = Quantiles(
                    {percent: _percentile(edges, counts, percent, whole) for percent in percents}
                )
            case _, Summary() as found:
                outcomes[name] = found
            case _, set() as found:
                outcomes[name] = len(found)
            case _:
                outcomes[name] = 0 if isinstance(each, Distinct) else Summary(0, 0.0, None, None)
    return outcomes


def _buckets(found: _Rows, parts: Mapping[str, Aggregation], bounds: Mapping[str, list[float]]) -> Iterator[Bucket]:
    for key, (count, sums) in found.rows.items():
        yield Bucket(key, count, _finish(parts, sums, bounds) if parts else {})


def _percentile(edges: list[float], counts: list[int], percent: float, whole: bool) -> float | None:
    """The middle of the range in which the value of that rank is; `whole`: of the whole numbers in it."""
    total = sum(counts)
    rank, seen = (total - 1) * percent / 100, 0
    for number, count in enumerate(counts):
        seen += count
        if count and seen > rank:
            low, high = edges[number], edges[number + 1]
            return low if high - low <= LEAST_STEP else (low + high - whole) / 2
    return None


def _bounds(days: list[Day], asked: Mapping[str, Aggregation], masked: frozenset[str]) -> dict[str, list[float]]:
    """Per field of percentages the edges of ranges that hold all its values."""
    fields = {field for each in asked.values() for field in _fields(each, of_percentiles=True)}
    if not fields:
        return {}
    statistics: dict[str, Aggregation] = {field: Statistics(field) for field in fields}
    sums: _Sums = {}
    for answer in _each(days, lambda day: day.ask(_request(day.layout, statistics, masked, {}))):
        _add(sums, _read(statistics, answer, {}, alone=True))
    return {field: _edges(sums.get(field), field_type(field) != "double") for field in fields}


def _edges(summary: _Sum | None, whole: bool) -> list[float]:
    """Rising; the first is the least value, the last above the greatest."""
    if not isinstance(summary, Summary) or summary.low is None or summary.high is None:
        return [0.0, 1.0]
    low, high = summary.low, summary.high
    edges = [low]
    least = 1.0 if whole else LEAST_STEP
    while edges[-1] <= high:
        at = edges[-1]
        # Away from zero the steps grow with the value, towards it they shrink: as narrow as the value is small.
        step = max(abs(at) * (STEP - 1), least)
        after = at + step
        if at < 0 < after:
            after = 0.0
        edges.append(float(math.ceil(after)) if whole and after < 2**53 else after)
        if edges[-1] <= at:
            edges[-1] = math.nextafter(at, math.inf)
    return edges


def _fields(each: Aggregation, *, of_percentiles: bool = False) -> Iterator[str]:
    """The fields that are asked for by an aggregation and its parts."""
    match each:
        case Combined(fields):
            if not of_percentiles:
                yield from fields
        case FieldNames():
            pass
        case Percentiles(field):
            yield field
        case _:
            if not of_percentiles:
                yield each.field
            for part in getattr(each, "parts", {}).values():
                yield from _fields(part, of_percentiles=of_percentiles)


def _combinations(day: Day, fields: tuple[str, ...]) -> Iterator[tuple[Key | tuple[Key, ...], int]]:
    """Every combination of values of a day with its count; of one field the value alone."""
    columns = [_column(day.layout, field, frozenset()) for field in fields]
    for values, count in pages(day.ask, columns, PAGE):
        keys = tuple(map(_key, fields, values))
        yield keys if len(keys) > 1 else keys[0], count


def _field_names(days: list[Day], masked: frozenset[str]) -> Buckets:
    """Fields by the shapes of events."""
    counts: dict[str, int] = {}
    request = {"shapes": {"terms": {"field": "_shape", "size": MOST_VALUES, "segment_size": MOST_VALUES}}}
    for answer in _each(days, lambda day: day.ask(request)):
        for bucket in answer["shapes"]["buckets"]:
            for name in bucket["key"].split("="):
                if name and name not in masked:
                    counts[name] = counts.get(name, 0) + bucket["doc_count"]
    return Buckets(ordered_rows(Bucket(name, count) for name, count in counts.items()))


def _key(field: str, key: Any) -> Key:
    """A key of tantivy's as ours."""
    number = number_key(field, key)
    if number is not None:
        return number
    return str(key) if field == UNIT else str(key).removeprefix(KEY_MARK)


@contextlib.contextmanager
def within_limits() -> Iterator[None]:
    """Around asking an index: what tantivy refuses for its size is raised as `QuerySyntaxError`."""
    try:
        yield
    except ValueError as error:
        if any(limit in str(error) for limit in _LIMITS):
            raise QuerySyntaxError(0, TOO_MANY_BUCKETS) from error
        raise
