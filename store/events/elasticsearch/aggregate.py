"""Counts by Elasticsearch: what it is asked and what its answers mean."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.fields import field_type
from core.query.aggregation import (
    MAX_ROWS,
    UNIT,
    Aggregation,
    Bucket,
    Buckets,
    Combined,
    Distinct,
    FieldNames,
    Histogram,
    Key,
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
from store.events.terms import TIME

PAGE = 10_000
EXACT_DISTINCT = 40_000
"""The most that the server counts exactly."""


def aggregate(ask: Ask, asked: Mapping[str, Aggregation], masked: frozenset[str]) -> dict[str, Outcome]:
    """The answers. The aggregations have passed `require_answerable`.

    Raises `QuerySyntaxError` where there are more buckets than can be held.
    """
    outcomes: dict[str, Outcome] = {}
    together = {name: each for name, each in asked.items() if not isinstance(each, Combined)}
    if together:
        outcomes.update(_read(together, ask(_request(together, masked)), masked))
    for name, each in asked.items():
        if isinstance(each, Combined):
            found: list[Bucket] = []
            if masked.isdisjoint(each.fields):
                for bucket in _combinations(ask, each.fields):
                    found.append(bucket)
                    require_held(len(found) <= MAX_DISTINCT)
            outcomes[name] = cut(ordered_rows(found), each.size)
    return few_enough({name: outcomes[name] for name in asked})


def _request(asked: Mapping[str, Aggregation], masked: frozenset[str]) -> dict[str, Any]:
    request: dict[str, Any] = {}
    for name, each in asked.items():
        match each:
            case Terms(field=field, size=size, order=order):
                wide = size
                if order.by == "part" or (order.by == "count" and order.rising):
                    wide = MAX_ROWS
                own: dict[str, Any] = {
                    "terms": {
                        "field": _column(field, masked),
                        "size": wide,
                        "shard_size": max(wide, 10 * size if order.by == "count" else size),
                    }
                }
                if order.by == "key":
                    own["terms"]["order"] = {"_key": "asc" if order.rising else "desc"}
            case Histogram(field=field):
                own = histogram_request(_column(field, masked), each)
            case Distinct(field=field):
                own = {"cardinality": {"field": _column(field, masked), "precision_threshold": EXACT_DISTINCT}}
            case Percentiles(field=field, percents=percents):
                own = {"percentiles": {"field": _column(field, masked), "percents": list(percents), "keyed": False}}
            case Statistics(field=field):
                own = {"stats": {"field": _column(field, masked)}}
            case _:
                own = {"terms": {"field": "canh.names", "size": MAX_ROWS}}
        parts = getattr(each, "parts", {})
        if parts:
            own["aggs"] = _request(parts, masked)
        request[name] = own
    return request


def _column(field: str, masked: frozenset[str]) -> str:
    """The field of the index that is counted; of a masked one, one that no document has."""
    if field in masked:
        return "canh.none"
    if field == TIME:
        return "canh.time"
    if field == UNIT:
        return field
    kind = field_type(field)
    if kind is None:
        return f"canh.keys.{field}"
    return field if kind in ("keyword", "boolean") else f"canh.columns.{field}"


def _read(asked: Mapping[str, Aggregation], answer: Mapping[str, Any], masked: frozenset[str]) -> dict[str, Outcome]:
    outcomes: dict[str, Outcome] = {}
    for name, each in asked.items():
        found = answer.get(name, {})
        match each:
            case Terms(field, size, order, parts):
                other = found.get("sum_other_doc_count", 0)
                require_held(not other or order.by == "key" or (order.by == "count" and not order.rising))
                rows = ordered_rows(
                    (
                        Bucket(_key(field, row["key"]), row["doc_count"], _read(parts, row, masked))
                        for row in found.get("buckets", ())
                    ),
                    order,
                    field,
                )
                outcomes[name] = cut(rows, size, other, max(0, found.get("doc_count_error_upper_bound", 0)))
            case Histogram(parts=parts):
                outcomes[name] = Buckets(
                    tuple(
                        Bucket(step_key(each, row["key"]), row["doc_count"], _read(parts, row, masked))
                        for row in found.get("buckets", ())
                    )
                )
            case Distinct():
                outcomes[name] = found.get("value", 0)
            case Percentiles(_, percents):
                values = {row["key"]: row["value"] for row in found.get("values", ())}
                outcomes[name] = Quantiles({percent: values.get(percent) for percent in percents})
            case Statistics():
                outcomes[name] = Summary(
                    found.get("count", 0), found.get("sum") or 0.0, found.get("min"), found.get("max")
                )
            case FieldNames():
                outcomes[name] = Buckets(
                    ordered_rows(
                        Bucket(row["key"], row["doc_count"])
                        for row in found.get("buckets", ())
                        if row["key"] not in masked
                    )
                )
    return outcomes


def _combinations(ask: Ask, fields: tuple[str, ...]) -> Iterator[Bucket]:
    """Every combination of values with its count."""
    columns = [_column(field, frozenset()) for field in fields]
    for values, count in pages(ask, columns, PAGE):
        keys = tuple(map(_key, fields, values))
        yield Bucket(keys if len(keys) > 1 else keys[0], count)


def _key(field: str, key: Any) -> Key:
    number = number_key(field, key)
    return str(key) if number is None else number
