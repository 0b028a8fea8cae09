"""A document as it is sent to Elasticsearch: nested or with dotted keys, in ECS or in names of its own.

    {"@timestamp":"2026-11-24T02:30:00.123Z","host":{"name":"web-01"},"event.dataset":"system.auth",
     "message":"Failed password for root from 203.0.113.9 port 50112 ssh2"}

(one line). A document whose `message` is a line that we know is read as that line too; what the document says itself
counts before it.

Source: Elastic Common Schema 9; Elasticsearch's mapping of objects, arrays and dots in names
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from collectors.normalise.fields import LONGEST_STAMP, Fields

MAX_FIELDS = 1000
MAX_DEPTH = 20
MAX_VALUES = 1000
MAX_NAME_LETTERS = 300
RESERVED = ("error.code", "error.type", "log.flags", "log.source.address")
"""What Canh itself says of a record: a sender does not."""

_decoder = msgspec.json.Decoder(dict[str, object])
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Scalar = str | int | float | bool


def parse(raw: bytes, fields: Fields) -> tuple[datetime | None, str] | None:
    """Add what the document says; its time and the stamp as written. None where it is no JSON object."""
    try:
        document = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    stamp = document.pop("@timestamp", None)
    found: dict[str, list[Scalar]] = {}
    whole = _flatten(document, found)
    for name, values in found.items():
        if name not in RESERVED and values:
            fields[name] = _value(values)
    if isinstance(fields.get("host"), str):  # as rsyslog and older Logstash name it
        fields.setdefault("host.name", fields.pop("host"))
    if fields.get("event.kind") == "pipeline_error":
        del fields["event.kind"]
    if not whole:
        fields["labels.fields_left_out"] = "true"
    return _time(stamp), "" if stamp is None else str(stamp)[:LONGEST_STAMP]


def _flatten(document: dict[str, object], found: dict[str, list[Scalar]]) -> bool:
    """Every value under its dotted name, arrays of objects beside each other; whether all of it was taken."""
    waiting: list[tuple[str, object, int]] = [(name, value, 0) for name, value in reversed(document.items())]
    whole = True
    while waiting:
        name, value, depth = waiting.pop()
        if isinstance(value, dict):
            if depth >= MAX_DEPTH:
                whole = False
                continue
            waiting += [(f"{name}.{inner}", each, depth + 1) for inner, each in reversed(value.items())]
        elif isinstance(value, list):
            if depth >= MAX_DEPTH or len(value) > MAX_VALUES:
                whole = False
            if depth < MAX_DEPTH:
                waiting += [(name, each, depth + 1) for each in reversed(value[:MAX_VALUES])]
        elif value is not None and value != "":
            if not name or len(name) > MAX_NAME_LETTERS or (name not in found and len(found) >= MAX_FIELDS):
                whole = False
                continue
            values = found.setdefault(name, [])
            if len(values) < MAX_VALUES and isinstance(value, str | int | float):
                values.append(value)
    return whole


def _value(values: list[Scalar]) -> str | int | float | bool | list[str] | list[int]:
    """One value, or a list of one type: of several types all are text."""
    if len(values) == 1:
        return values[0]
    if all(type(each) is int for each in values):
        return [each for each in values if isinstance(each, int)]
    return [_text(each) for each in values]


def _text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _time(stamp: object) -> datetime | None:
    """A time as Elasticsearch's `strict_date_optional_time||epoch_millis` reads it; aware UTC. None for none."""
    try:
        if isinstance(stamp, bool):
            return None
        if isinstance(stamp, int | float):
            return _EPOCH + timedelta(milliseconds=stamp)
        if not isinstance(stamp, str) or len(stamp) > LONGEST_STAMP:
            return None
        if stamp.isascii() and stamp.isdigit() and len(stamp) > 4:
            return _EPOCH + timedelta(milliseconds=int(stamp))
        read = datetime.fromisoformat(stamp)
    except (ValueError, OverflowError):
        return None
    try:
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def merge(
    fields: Fields, inner: Fields, related: Iterable[str] = ("related.ip", "related.user", "related.hosts")
) -> None:
    """Add what the line within the document says and the document does not."""
    for name, value in inner.items():
        if name not in fields:
            fields[name] = value
        elif name in related:
            own = fields[name]
            before = [str(each) for each in own] if isinstance(own, list) else [str(own)]
            more = value if isinstance(value, list) else [value]
            fields[name] = before + [str(each) for each in more if str(each) not in before]
