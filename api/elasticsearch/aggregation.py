"""Elasticsearch's aggregations as ours, and our answers in its shape. Pure.

    {"2": {"date_histogram": {"field": "@timestamp", "fixed_interval": "30s", "min_doc_count": 0,
           "extended_bounds": {"min": 1764000000000, "max": 1764086400000}, "format": "epoch_millis"},
           "aggs": {"3": {"terms": {"field": "event.outcome", "size": "10", "order": {"_count": "desc"}}}}}}

Source: Elasticsearch reference, aggregations, https://www.elastic.co/docs/explore-analyze/query-filter/aggregations
"""

import math
import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, Literal

import msgspec

from api.elasticsearch.refusal import not_taken
from core.errors import QuerySyntaxError
from core.fields import field_type
from core.query.aggregation import (
    MAX_BUCKETS,
    MOST_FIRST,
    TOO_MANY_BUCKETS,
    Aggregation,
    Bucket,
    Buckets,
    Combined,
    Distinct,
    Histogram,
    Key,
    Order,
    Outcome,
    Percentiles,
    Quantiles,
    Statistics,
    Summary,
    Terms,
)
from core.query.bounds import MONDAY_MICROSECONDS, ahead_of_utc, from_microseconds

PERCENTS = (1.0, 5.0, 25.0, 50.0, 75.0, 95.0, 99.0)
UNITS = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000, "w": 604_800_000_000}
CALENDAR = {"second": "1s", "minute": "1m", "hour": "1h", "day": "1d", "week": "1w"}
NUMBERS = frozenset({"avg", "sum", "min", "max", "value_count", "stats"})
IGNORED = frozenset({"format", "keyed", "show_term_doc_count_error", "execution_hint", "collect_mode", "shard_size"})

_INTERVAL = re.compile(r"([0-9]+)(ms|s|m|h|d|w)\Z")
_OFFSET = re.compile(r"([+-]?[0-9]+)(ms|s|m|h|d|w)\Z")


class Asked(msgspec.Struct, frozen=True):
    """One aggregation as it was asked for: its kind, its body, and the ones within, beside our form of it.

    `ours` is None for a count of values on a field without numbers (`value_count`), which the bucket tells.
    """

    kind: str
    body: Mapping[str, Any]
    parts: Mapping[str, "Asked"]
    ours: Aggregation


def read_aggregations(said: Any, zone: tzinfo, now: datetime) -> dict[str, Asked]:
    """The aggregations by name. Raises `Refusal` for what we have no form of. `zone`: of days where none is named."""
    if not isinstance(said, Mapping):
        raise not_taken("aggregations that are not an object")
    try:
        return {str(name): _read(body, zone, now) for name, body in said.items()}
    except (TypeError, ValueError, OverflowError):
        raise not_taken("an aggregation with such a number") from None


def _read(said: Any, zone: tzinfo, now: datetime) -> Asked:
    if not isinstance(said, Mapping):
        raise not_taken("an aggregation that is not an object")
    kinds = [name for name in said if name not in ("aggs", "aggregations", "meta")]
    if len(kinds) != 1 or not isinstance(said[kinds[0]], Mapping):
        raise not_taken("an aggregation of other than one kind")
    kind, body = kinds[0], said[kinds[0]]
    within = read_aggregations(said.get("aggs", said.get("aggregations", {})), zone, now)
    parts = {name: each.ours for name, each in within.items()}
    field = str(body.get("field", ""))
    match kind:
        case "terms":
            _only(kind, body, "field", "size", "order", "min_doc_count", "missing")
            if int(body.get("min_doc_count", 1)) > 1 or body.get("missing") is not None:
                raise not_taken("[terms] with [min_doc_count] above 1 or [missing]")
            size = int(body.get("size", 10))
            return Asked(kind, body, within, Terms(field, size or 10_000, _order(body.get("order"), within), parts))
        case "date_histogram":
            _only(
                kind, body, "field", "fixed_interval", "calendar_interval", "interval", "min_doc_count",
                "extended_bounds", "hard_bounds", "offset", "time_zone",
            )  # fmt: skip
            interval, offset = _steps(body, zone, now)
            return Asked(kind, body, within, Histogram(field, interval, offset, parts))
        case "histogram":
            _only(kind, body, "field", "interval", "min_doc_count", "offset", "extended_bounds")
            number = float(body.get("interval", 0))
            return Asked(kind, body, within, Histogram(field, number, float(body.get("offset", 0)), parts))
        case "multi_terms":
            _only(kind, body, "terms", "size", "order")
            fields = tuple(str(each.get("field", "")) for each in body.get("terms", ()) if isinstance(each, Mapping))
            if within:
                raise not_taken("aggregations within [multi_terms]")
            return Asked(kind, body, within, Combined(fields, int(body.get("size", 10))))
        case "cardinality":
            _only(kind, body, "field", "precision_threshold")
            return Asked(kind, body, within, Distinct(field))
        case "percentiles":
            _only(kind, body, "field", "percents", "tdigest", "hdr")
            percents = tuple(float(each) for each in body.get("percents", PERCENTS))
            return Asked(kind, body, within, Percentiles(field, percents))
        case _ if kind in NUMBERS:
            _only(kind, body, "field")
            return Asked(kind, body, within, Statistics(field))
    raise not_taken(f"the aggregation [{kind}]")


def _only(kind: str, body: Mapping[str, Any], *known: str) -> None:
    if unknown := set(body) - set(known) - IGNORED:
        raise not_taken(f"[{kind}] with [{sorted(unknown)[0]}]")


def _order(said: Any, within: Mapping[str, Asked]) -> Order:
    if isinstance(said, list):
        said = said[0] if said else None  # what follows the first breaks ties, as the key does with us
    if said is None:
        return MOST_FIRST
    if not isinstance(said, Mapping) or len(said) != 1:
        raise not_taken("[order] by other than one name")
    ((name, way),) = said.items()
    rising = str(way).lower() == "asc"
    if name == "_count":
        return Order("count", rising)
    if name in ("_key", "_term"):
        return Order("key", rising)
    part, _, statistic = str(name).partition(".")
    kind = within[part].kind if part in within else ""
    chosen = {"avg": "mean", "value_count": "count"}.get(statistic or kind, statistic or kind)
    if chosen not in ("count", "min", "max", "sum", "mean"):
        raise not_taken(f"[order] by [{name}]")
    by: Literal["part"] = "part"
    return Order(by, rising, part, chosen)  # type: ignore[arg-type]  # one of the five


def _steps(body: Mapping[str, Any], zone: tzinfo, now: datetime) -> tuple[int, int]:
    said = str(body.get("fixed_interval") or body.get("calendar_interval") or body.get("interval") or "")
    found = _INTERVAL.match(CALENDAR.get(said, said))
    if found is None:
        raise not_taken(f"the interval [{said}]")
    interval = int(found[1]) * UNITS[found[2]]
    offset = 0
    if "offset" in body:
        shift = _OFFSET.match(str(body["offset"]))
        if shift is None:
            raise not_taken("such an [offset]")
        offset = int(shift[1]) * UNITS[shift[2]]
    if interval % UNITS["w"] == 0 and "fixed_interval" not in body:
        offset += MONDAY_MICROSECONDS
    if "time_zone" in body:
        offset -= _shift(str(body["time_zone"]), zone, now)
    return interval, offset


def _shift(name: str, zone: tzinfo, now: datetime) -> int:
    """Microseconds that a zone is ahead of UTC: our own or UTC by name, any by its numbers."""
    if name.lower() in ("utc", "z", "browser"):
        return 0
    if name == str(zone):
        return ahead_of_utc(zone, now)
    found = re.fullmatch(r"([+-])([0-9]{2}):?([0-9]{2})", name)
    if found is None:
        raise not_taken(f"the time zone [{name}]")
    return (1 if found[1] == "+" else -1) * (int(found[2]) * UNITS["h"] + int(found[3]) * UNITS["m"])


def write_outcomes(asked: Mapping[str, Asked], outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    """The answers in Elasticsearch's shape."""
    return {name: _write(each, outcomes[name]) for name, each in asked.items()}


def _write(asked: Asked, outcome: Outcome) -> dict[str, Any]:
    match outcome:
        case Buckets():
            return _buckets(asked, outcome)
        case Quantiles(values):
            return {"values": {str(percent): value for percent, value in values.items()}}
        case Summary():
            return _numbers(asked.kind, outcome)
    return {"value": outcome}


def _numbers(kind: str, summary: Summary) -> dict[str, Any]:
    match kind:
        case "value_count":
            return {"value": summary.count}
        case "avg":
            return {"value": summary.mean}
        case "min" | "max" | "sum":
            return {"value": summary.number(kind)}
    return {
        "count": summary.count,
        "min": summary.low,
        "max": summary.high,
        "avg": summary.mean,
        "sum": summary.sum,
    }


def _buckets(asked: Asked, outcome: Buckets) -> dict[str, Any]:
    ours = asked.ours
    match ours:
        case Histogram():
            rows = [_row(asked, ours.field, row) for row in _filled(asked, ours, outcome.rows)]
            return {"buckets": rows}
        case Combined(fields):
            told = []
            for row in outcome.rows:
                keys = [
                    _shown(field, key)
                    for field, key in zip(fields, row.key if isinstance(row.key, tuple) else (row.key,), strict=True)
                ]
                told.append({"key": keys, "key_as_string": "|".join(map(str, keys)), "doc_count": row.count})
            return {"doc_count_error_upper_bound": 0, "sum_other_doc_count": outcome.other, "buckets": told}
        case Terms(field=field):
            return {
                "doc_count_error_upper_bound": outcome.uncertain,
                "sum_other_doc_count": outcome.other,
                "buckets": [_row(asked, field, row) for row in outcome.rows],
            }
    raise TypeError(ours)


def _row(asked: Asked, field: str, row: Bucket) -> dict[str, Any]:
    key = row.key if not isinstance(row.key, tuple) else row.key[0]
    told: dict[str, Any] = {"key": _shown(field, key), "doc_count": row.count}
    if field_type(field) == "date":
        told["key_as_string"] = (
            str(told["key"])
            if asked.body.get("format") == "epoch_millis"
            else from_microseconds(int(key)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        )
    parts = row.parts or {name: _nothing(each.ours) for name, each in asked.parts.items()}
    return {**told, **write_outcomes(asked.parts, parts)}


def _shown(field: str, key: Key) -> Key:
    """A time is milliseconds there, microseconds with us."""
    return int(key) // 1000 if field_type(field) == "date" else key


def _filled(asked: Asked, ours: Histogram, rows: tuple[Bucket, ...]) -> list[Bucket]:
    """With the empty steps that `min_doc_count: 0` (what Elasticsearch does unasked) and the bounds ask for."""
    if int(asked.body.get("min_doc_count", 0)) > 0:
        return list(rows)
    scale = 1000 if field_type(ours.field) == "date" else 1
    bounds = asked.body.get("extended_bounds") or {}
    keys = [float(row.key) for row in rows if not isinstance(row.key, tuple)]
    ends = [float(bounds[name]) * scale for name in ("min", "max") if _is_number(bounds.get(name))]
    ends = [math.floor((end - ours.offset) / ours.interval) * ours.interval + ours.offset for end in ends]
    if not keys and not ends:
        return []
    low, high = min(*keys, *ends, math.inf), max(*keys, *ends, -math.inf)
    steps = round((high - low) / ours.interval) + 1
    if steps > MAX_BUCKETS:
        raise QuerySyntaxError(0, TOO_MANY_BUCKETS)
    there = {round((float(row.key) - low) / ours.interval): row for row in rows if not isinstance(row.key, tuple)}
    step = int(ours.interval) if isinstance(ours.interval, int) else ours.interval
    first = int(low) if isinstance(step, int) else low
    return [there.get(number) or Bucket(first + number * step, 0) for number in range(steps)]


def _is_number(value: Any) -> bool:
    try:
        return math.isfinite(float(value))
    except (TypeError, ValueError):
        return False


def _nothing(ours: Aggregation) -> Outcome:
    match ours:
        case Distinct():
            return 0
        case Percentiles(percents=percents):
            return Quantiles(dict.fromkeys(percents))
        case Statistics():
            return Summary(0, 0.0, None, None)
    return Buckets(())
