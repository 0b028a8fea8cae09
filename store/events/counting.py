"""What both stores ask and make of counts alike: tantivy takes what Elasticsearch is asked. Pure but for `ask`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from core.errors import QuerySyntaxError
from core.fields import field_type
from core.query.aggregation import TOO_MANY_BUCKETS, Bucket, Buckets, Histogram, Key

MAX_DISTINCT = 1_000_000
"""So many different values, or combinations of them, are held by name."""

Ask = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Asks an index."""


def require_held(holds: bool) -> None:
    """Raises `QuerySyntaxError` where there are more buckets than can be held."""
    if not holds:
        raise QuerySyntaxError(0, TOO_MANY_BUCKETS)


def histogram_request(column: str, asked: Histogram) -> dict[str, Any]:
    """What an index is asked for a histogram over a column."""
    steps = {"field": column, "interval": asked.interval, "offset": asked.offset % asked.interval, "min_doc_count": 1}
    return {"histogram": steps}


def step_key(asked: Histogram, key: float) -> Key:
    """The key of a step: a whole number where only whole numbers can begin one."""
    return int(key) if isinstance(asked.interval, int) and field_type(asked.field) != "double" else float(key)


def number_key(field: str, key: Any) -> Key | None:
    """The key of a value of a field of numbers or times; None for any other field."""
    kind = field_type(field)
    if kind in ("long", "date"):
        return int(key)
    return float(key) if kind == "double" else None


def pages(ask: Ask, columns: Sequence[str], size: int) -> Iterator[tuple[list[Any], int]]:
    """Every combination of values of the columns, as the index writes them, with its count; so many at a time."""
    sources = [{str(number): {"terms": {"field": column}}} for number, column in enumerate(columns)]
    after: Mapping[str, Any] = {}
    while True:
        found = ask({"pages": {"composite": {"size": size, "sources": sources, **after}}}).get("pages", {})
        buckets = found.get("buckets", ())
        for bucket in buckets:
            yield [bucket["key"][str(number)] for number in range(len(columns))], bucket["doc_count"]
        if len(buckets) < size or "after_key" not in found:
            return
        after = {"after": found["after_key"]}


def cut(rows: tuple[Bucket, ...], size: int, other: int = 0, uncertain: int = 0) -> Buckets:
    """The first rows of an order; the others count among `other`. A last row above what is uncertain settles it."""
    settled = len(rows) >= size > 0 and rows[size - 1].count >= uncertain
    return Buckets(rows[:size], other + sum(row.count for row in rows[size:]), 0 if settled else uncertain)
