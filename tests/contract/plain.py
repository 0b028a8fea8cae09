"""The query language once more, plainly: one event at a time, no index. The stores are proven against it."""

import ipaddress
import itertools
import math
import re
import unicodedata
from datetime import UTC, datetime, timedelta

from core.event import Event
from core.fields import FIELDS
from core.query.aggregation import Aggregation, Combined, Distinct, Histogram, Percentiles, Statistics, Terms
from core.query.syntax import And, Everything, Exists, Not, Or, Phrase, Prefix, Query, Range, Term, Wildcard, Word
from core.scope import Scope

TEXTS = ("event.original", "message")


def holds(query: Query, event: Event, masked: frozenset[str] = frozenset()) -> bool:
    """Whether the event answers the query."""
    match query:
        case Everything():
            return True
        case And(parts):
            return all(holds(part, event, masked) for part in parts)
        case Or(parts):
            return any(holds(part, event, masked) for part in parts)
        case Not(part):
            return not holds(part, event, masked)
        case Word(value) | Phrase(None, value):
            return any(_has_words(text, value) for text in _texts(event, masked))
        case Prefix(None, value):
            return any(_has_words(text, value, prefix=True) for text in _texts(event, masked))
        case Wildcard(None, pieces):
            return any(_like(word, pieces) for text in _texts(event, masked) for word in _cut(text))
    if query.field in masked:
        return False
    values = _values(event, query.field)
    kind = FIELDS[query.field].type if query.field in FIELDS else None
    match query:
        case Exists():
            return query.field in event.fields or query.field in ("@timestamp", "event.original")
        case Prefix(_, value) if kind == "text":
            return any(_has_words(str(each), value, prefix=True) for each in values)
        case Prefix("@timestamp", value):
            return any(_equal(kind, each, value) for each in values)
        case Prefix(_, value):
            return any(_folded(_written(kind, each)).startswith(_folded(value)) for each in values)
        case Wildcard(_, pieces) if kind == "text":
            return any(_like(word, pieces) for each in values for word in _cut(str(each)))
        case Wildcard("@timestamp", _):
            return False
        case Wildcard(_, pieces):
            return any(_like(_folded(_written(kind, each)), pieces) for each in values)
        case Term(_, value) | Phrase(_, value) if kind == "text":
            return any(_has_words(str(each), value) for each in values)
        case Term(_, value) | Phrase(_, value):
            return any(_equal(kind, each, value) for each in values)
        case Range():
            return any(_inside(kind, each, query) for each in values)
    raise TypeError(query)


def answers(query: Query, events: list[Event], scope: Scope) -> list[Event]:
    """All answers within the scope, newest first."""
    found = [event for event in events if scope.covers(event.unit) and holds(query, event, scope.masked)]
    return sorted(found, key=lambda event: (event.time, event.position), reverse=True)


def counted(asked: Aggregation, events: list[Event], masked: frozenset[str] = frozenset()) -> object:
    """What the aggregation says about these events: rows as (key, count, parts), a count, or a summary.

    For percentages all the values, rising: whoever compares has a tolerance.
    """
    match asked:
        case Terms(field, size, order, parts):
            rows = [
                (key, len(having), {name: counted(part, having, masked) for name, part in parts.items()})
                for key, having in _by_key(events, field, masked).items()
            ]
            if order.by == "key":
                rows.sort(key=lambda row: _place(field, row[0]), reverse=not order.rising)
            else:
                rows.sort(key=lambda row: _place(field, row[0]))
                sign = 1 if order.rising else -1
                if order.by == "count":
                    rows.sort(key=lambda row: sign * row[1])
                else:
                    rows.sort(key=lambda row: _statistic(row[2][order.part], order.statistic, sign))
            return rows[:size]
        case Histogram(field, interval, offset, parts):
            steps: dict = {}
            for event in events:
                for number in {(key - offset) // interval for key in _keys(event, field, masked)}:
                    steps.setdefault(number * interval + offset, []).append(event)
            return [
                (key, len(having), {name: counted(part, having, masked) for name, part in parts.items()})
                for key, having in sorted(steps.items())
            ]
        case Combined(fields, size):
            combined: dict = {}
            for event in events:
                for key in itertools.product(*(_keys(event, field, masked) for field in fields)):
                    combined[key] = combined.get(key, 0) + 1
            rows = sorted(combined.items(), key=lambda row: (-row[1], row[0]))
            return [(key if len(fields) > 1 else key[0], count, {}) for key, count in rows[:size]]
        case Distinct(field):
            return len(_by_key(events, field, masked))
        case Percentiles(field):
            return sorted(key for event in events for key in _keys(event, field, masked))
        case Statistics(field):
            values = [key for event in events for key in _keys(event, field, masked)]
            return (len(values), math.fsum(values), min(values, default=None), max(values, default=None))
    raise TypeError(asked)


def _by_key(events: list[Event], field: str, masked: frozenset[str]) -> dict:
    found: dict = {}
    for event in events:
        for key in _keys(event, field, masked):
            found.setdefault(key, []).append(event)
    return found


def _keys(event: Event, field: str, masked: frozenset[str]) -> list:
    """The keys of an event in a field, each once."""
    if field in masked:
        return []
    if field == "canh.unit":
        return [event.unit]
    kind = FIELDS[field].type if field in FIELDS else None
    keys: list = []
    for value in _values(event, field):
        key: object = None
        if kind in ("long", "double"):
            key = None if isinstance(value, bool) else _number(kind, value)
            if kind == "long" and key is not None and not -(2**63) <= key < 2**63:
                key = None
        elif kind == "date":
            time = _time(str(value))
            key = None if time is None else (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        elif kind == "ip":
            number = None if isinstance(value, bool) else _number(kind, value)
            key = (
                None
                if number is None
                else str(ipaddress.IPv6Address(number).ipv4_mapped or ipaddress.IPv6Address(number))
            )
        elif isinstance(value, bool):
            key = str(value).lower()
        else:
            key = str(value) if len(str(value)) <= 1024 else None
        if key is not None and key not in keys:
            keys.append(key)
    return keys


def _place(field: str, key: object) -> object:
    return _number("ip", key) if field in FIELDS and FIELDS[field].type == "ip" else key


def _statistic(summary: tuple, statistic: str, sign: int) -> float:
    count, total, low, high = summary
    mean = total / count if count else None
    value = {"count": count, "sum": total, "min": low, "max": high, "mean": mean}[statistic]
    return math.inf if value is None else sign * value


def _texts(event: Event, masked: frozenset[str]) -> list[str]:
    return [str(each) for name in TEXTS if name not in masked for each in _values(event, name)]


def _values(event: Event, name: str) -> list:
    if name == "@timestamp":
        return [event.time.isoformat()]
    if name == "event.original":
        return [event.raw.decode("utf-8", "backslashreplace")]
    value = event.fields.get(name, [])
    return value if isinstance(value, list) else [value]


def _folded(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in letters if unicodedata.category(letter) not in ("Mn", "Me"))
    return bare.casefold().replace("đ", "d")


def _cut(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", _folded(text))


def _like(text: str, pieces: tuple[str, ...]) -> bool:
    """Of a long text the first 1,024 letters are known, and that there are more."""
    if len(text) > 1024:
        text = text[:1024]
        if pieces[-1]:
            return False
    return re.fullmatch(".*".join(re.escape(_folded(each)) for each in pieces), text, re.DOTALL) is not None


def _has_words(text: str, value: str, prefix: bool = False) -> bool:
    sought, there = _cut(value), _cut(text)
    if not sought:
        return False
    for at in range(len(there) - len(sought) + 1):
        part = there[at : at + len(sought)]
        if part == sought or (prefix and part[:-1] == sought[:-1] and part[-1].startswith(sought[-1])):
            return True
    return False


def _written(kind: str | None, value: object) -> str:
    number = None if isinstance(value, bool) else _number(kind, value)
    if number is not None and kind == "ip":
        address = ipaddress.IPv6Address(number)
        return str(address.ipv4_mapped or address)
    return str(value) if number is None else str(number)


def _number(kind: str | None, value: object) -> int | float | None:
    text = str(value)
    try:
        if kind == "long":
            return int(value) if isinstance(value, float) and value.is_integer() else int(text)
        if kind == "double":
            return float(text)
        if kind == "ip":
            address = ipaddress.ip_address(text)
            return int(address) if address.version == 6 else int(ipaddress.IPv6Address(f"::ffff:{text}"))
    except ValueError:
        pass
    return None


def _equal(kind: str | None, value: object, sought: str) -> bool:
    if kind == "date" and (span := _span(sought)) is not None:
        time = _time(str(value))
        return time is not None and span[0] <= time < span[1]
    if kind == "ip" and "/" in sought:
        try:
            network = ipaddress.ip_network(sought, strict=False)
            first, last = _number("ip", str(network[0])), _number("ip", str(network[-1]))
            return first <= _number("ip", str(value)) <= last
        except (ValueError, TypeError):
            pass
    return _folded(_written(kind, value)) == _folded(_written(kind, sought))


def _inside(kind: str | None, value: object, query: Range) -> bool:
    if isinstance(value, bool):
        return False
    if kind == "date":
        time = _time(str(value))
        low, high = (None if text is None else _span(text) for text in (query.low, query.high))
        return (
            time is not None
            and (low is None or (time >= low[0] if query.low_included else time >= low[1]))
            and (high is None or (time < high[1] if query.high_included else time < high[0]))
        )
    number = _number(kind, value)
    if number is None or (kind == "long" and not -(2**63) <= number < 2**63):
        return False
    low, high = (None if text is None else _number(kind, text) for text in (query.low, query.high))
    return (low is None or number > low or (query.low_included and number == low)) and (
        high is None or number < high or (query.high_included and number == high)
    )


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _span(text: str) -> tuple[datetime, datetime] | None:
    """Start and end (not included) of the time written: a day, an hour, a minute or a second."""
    time = _time(text)
    units = {10: timedelta(days=1), 13: timedelta(hours=1), 16: timedelta(minutes=1)}
    return None if time is None else (time, time + units.get(len(text), timedelta(seconds=1)))
