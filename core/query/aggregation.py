"""What can be asked about many events at once, and the answers: the same for every store. Pure.

A bucket's key is the value as the event has it: of a field of type keyword or boolean, or one that we do not know, a
text (letter case and accents count here), of a number a number, of an address its usual form, of a time microseconds
since 1970. A value that does not fit its field's type is in no bucket, and neither is a text of more than
`MAX_KEY_LETTERS` letters. A text field has no buckets, and no event has a masked field.
"""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from core.errors import QuerySyntaxError
from core.fields import FieldType, field_type
from core.language import Text
from core.query.bounds import read_ip

Key = str | int | float

UNIT = "canh.unit"
"""The name under which an event's unit is counted: no event has a field of this name."""

MAX_KEY_LETTERS = 1024
MAX_NAME_LETTERS = 200
MAX_ROWS = 10_000
MAX_BUCKETS = 60_000
MAX_DEPTH = 4
MAX_PARTS = 100
MAX_COMBINED = 5

_NAME = re.compile(r"[A-Za-z0-9_@][A-Za-z0-9_@.-]*\Z")
_NUMBERS: tuple[FieldType | None, ...] = ("long", "double", "date")

NO_BUCKETS = Text(
    "trường này không đếm theo giá trị được; hãy dùng trường từ khóa, số, địa chỉ hoặc thời gian",
    "the values of this field cannot be counted; use a field of keywords, numbers, addresses or times",
)
NO_NUMBERS = Text(
    "trường này không có giá trị số; hãy dùng trường số hoặc thời gian",
    "this field has no numbers; use a field of numbers or times",
)
TOO_MANY_BUCKETS = Text(
    "câu hỏi chia sự kiện thành quá nhiều nhóm; hãy thu hẹp thời gian, dùng khoảng dài hơn hoặc ít nhóm hơn",
    "the question splits the events into too many groups; narrow the time, use longer steps or fewer groups",
)
TOO_DEEP = Text(
    "các phép đếm lồng nhau quá sâu hoặc quá nhiều", "the counts are nested too deep, or there are too many of them"
)
BAD_STEP = Text(
    "khoảng chia phải là số dương; theo thời gian thì tính bằng số nguyên micrô giây",
    "a step is a positive number; of time, in whole microseconds",
)
BAD_PERCENT = Text("phần trăm phải từ 0 đến 100", "a percentage is from 0 to 100")


class Order(msgspec.Struct, frozen=True):
    """How rows are ordered: by their count, their key, or a number (`statistic`) of the summary called `part`.

    Rows that are alike in it are ordered by rising key.
    """

    by: Literal["count", "key", "part"] = "count"
    rising: bool = False
    part: str = ""
    statistic: Literal["count", "min", "max", "sum", "mean"] = "mean"


MOST_FIRST = Order()
BY_KEY = Order("key", rising=True)


class Terms(msgspec.Struct, frozen=True, tag=True):
    """The most frequent values of a field."""

    field: str
    size: int = 10
    order: Order = MOST_FIRST
    parts: Mapping[str, "Aggregation"] = {}


class Histogram(msgspec.Struct, frozen=True, tag=True):
    """Events per step of a number or a time: a bucket's key is where its step begins. Empty steps have no bucket.

    For times `interval` and `offset` are microseconds; `offset` is where, after 1970 in UTC, steps begin.
    """

    field: str
    interval: int | float
    offset: int | float = 0
    parts: Mapping[str, "Aggregation"] = {}


class Combined(msgspec.Struct, frozen=True, tag=True):
    """The most frequent combinations of the values of several fields. Stands alone: within no other, with no parts."""

    fields: tuple[str, ...]
    size: int = 10


class Distinct(msgspec.Struct, frozen=True, tag=True):
    """How many different values a field has."""

    field: str


class Percentiles(msgspec.Struct, frozen=True, tag=True):
    """The values of a field of numbers below which so many percent of all its values are."""

    field: str
    percents: tuple[float, ...]


class Statistics(msgspec.Struct, frozen=True, tag=True):
    """Count, sum, smallest, greatest and mean of a field of numbers or times; a value that comes twice in one event
    counts once.
    """

    field: str


class FieldNames(msgspec.Struct, frozen=True, tag=True):
    """Which fields the events have, and how many events have each; stands alone.

    A guide: events with hundreds of fields or with very odd names are not in it.
    """


Aggregation = Terms | Histogram | Combined | Distinct | Percentiles | Statistics | FieldNames


class Bucket(msgspec.Struct, frozen=True):
    """How many events have a key (of `Combined` a tuple of keys), and the answers about them."""

    key: Key | tuple[Key, ...]
    count: int
    parts: Mapping[str, "Outcome"] = {}


class Buckets(msgspec.Struct, frozen=True):
    """Rows in the order asked for (of a histogram by rising key).

    `other` counts values in no row. A value that has no row may have up to `uncertain` events, where so many would have
    deserved one: 0 where every value was looked at. Counts of texts are exact, those of numbers may then lack as many.
    """

    rows: tuple[Bucket, ...]
    other: int = 0
    uncertain: int = 0


class Summary(msgspec.Struct, frozen=True):
    """Of a field's numbers; `low` and `high` are None where there is none."""

    count: int
    sum: float
    low: float | None
    high: float | None

    @property
    def mean(self) -> float | None:
        """The mean; None where there is no number."""
        return self.sum / self.count if self.count else None

    def number(self, statistic: str) -> float | None:
        """The one that `Order.statistic` names."""
        match statistic:
            case "min":
                return self.low
            case "max":
                return self.high
            case "count":
                return self.count
            case "sum":
                return self.sum
        return self.mean


class Quantiles(msgspec.Struct, frozen=True):
    """A value for each percentage asked for, None where there is no value.

    Right within 3 percent of the value, or two percent of the ranks.
    """

    values: Mapping[float, float | None]


Outcome = Buckets | Summary | Quantiles | int


def is_countable(name: str) -> bool:
    """Whether a field's values may be counted."""
    if name == UNIT:
        return True
    is_plain = len(name) <= MAX_NAME_LETTERS and _NAME.match(name) is not None
    return is_plain and field_type(name) != "text" and name != "event.original"


def key_of(value: object) -> str | None:
    """The key of a value of a keyword, boolean or unknown field; None where it is too long for one."""
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is float and math.isfinite(value):
        return msgspec.json.encode(value).decode()
    if type(value) is not str:
        return str(value)
    if len(value) * 2 > MAX_KEY_LETTERS and len(value.encode("utf-16-le", "replace")) > MAX_KEY_LETTERS * 2:
        return None
    return value


def require_answerable(
    aggregations: Mapping[str, Aggregation], start_to_end_us: int | None, depth: int = 1, buckets: int = 1
) -> None:
    """Raises `QuerySyntaxError` for what no store answers.

    `start_to_end_us` is the length of the time asked for, None where it is not bounded.
    """
    if depth > MAX_DEPTH or len(aggregations) > MAX_PARTS:
        raise QuerySyntaxError(0, TOO_DEEP)
    for each in aggregations.values():
        match each:
            case Terms(field, size, order, parts):
                _require(is_countable(field), NO_BUCKETS)
                _require(0 < size <= MAX_ROWS and buckets * size <= MAX_BUCKETS, TOO_MANY_BUCKETS)
                _require(order.by != "part" or isinstance(parts.get(order.part), Statistics), NO_NUMBERS)
                require_answerable(parts, start_to_end_us, depth + 1, buckets * size)
            case Histogram(field, interval, offset, parts):
                _require(field_type(field) in _NUMBERS, NO_NUMBERS)
                _require(math.isfinite(interval) and interval > 0 and math.isfinite(offset), BAD_STEP)
                _require(
                    field_type(field) != "date" or (isinstance(interval, int) and isinstance(offset, int)), BAD_STEP
                )
                steps = 1
                if field == "@timestamp" and start_to_end_us is not None:
                    steps = max(1, start_to_end_us // int(interval))
                _require(buckets * steps <= MAX_BUCKETS, TOO_MANY_BUCKETS)
                require_answerable(parts, start_to_end_us, depth + 1, buckets * steps)
            case Combined(fields, size):
                _require(depth == 1 and 0 < len(fields) <= MAX_COMBINED, TOO_DEEP)
                _require(0 < size <= MAX_ROWS, TOO_MANY_BUCKETS)
                _require(all(map(is_countable, fields)), NO_BUCKETS)
            case Distinct(field):
                _require(is_countable(field), NO_BUCKETS)
            case Percentiles(field, percents):
                _require(field_type(field) in _NUMBERS, NO_NUMBERS)
                _require(0 < len(percents) <= MAX_PARTS, TOO_DEEP)
                _require(all(0 <= percent <= 100 for percent in percents), BAD_PERCENT)
            case Statistics(field):
                _require(field_type(field) in _NUMBERS, NO_NUMBERS)
            case FieldNames():
                _require(depth == 1, TOO_DEEP)


def _require(holds: bool, otherwise: Text) -> None:
    if not holds:
        raise QuerySyntaxError(0, otherwise)


def few_enough(outcomes: dict[str, Outcome]) -> dict[str, Outcome]:
    """The answers. Raises `QuerySyntaxError` where they have more than `MAX_BUCKETS` rows, those within rows too."""
    _require(_count_rows(outcomes) <= MAX_BUCKETS, TOO_MANY_BUCKETS)
    return outcomes


def _count_rows(outcomes: Mapping[str, Outcome]) -> int:
    every = (row for each in outcomes.values() if isinstance(each, Buckets) for row in each.rows)
    return sum(1 + (_count_rows(row.parts) if row.parts else 0) for row in every)


def ordered_rows(rows: Iterable[Bucket], order: Order = MOST_FIRST, field: str = "") -> tuple[Bucket, ...]:
    """The rows of a field in an order, whatever order they come in; addresses follow each other as numbers do."""

    def place(row: Bucket) -> Any:
        return read_ip(str(row.key)) if field_type(field) == "ip" else row.key

    def number(row: Bucket) -> float:
        if order.by == "count":
            return row.count if order.rising else -row.count
        summary = row.parts[order.part]
        value = summary.number(order.statistic) if isinstance(summary, Summary) else None
        if value is None:
            return math.inf
        return value if order.rising else -value

    by_key = sorted(rows, key=place, reverse=order.by == "key" and not order.rising)
    return tuple(by_key) if order.by == "key" else tuple(sorted(by_key, key=number))
