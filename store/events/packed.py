"""An event as bytes, from which it is given back as it was: MessagePack, whatever the fields hold."""

from typing import Any

import msgspec

from core.event import Event, Value
from core.query.bounds import from_microseconds, microseconds
from core.record import Position

_BIG_NUMBER, _ODD_TEXT = 1, 2


class _Stored(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An event on disk; times are microseconds since 1970."""

    time: int
    received: int
    partition: str
    sequence: int
    unit: str
    fields: dict[str, Any]
    raw: bytes


def _read_extension(code: int, data: memoryview) -> object:
    return int(bytes(data)) if code == _BIG_NUMBER else bytes(data).decode("utf-8", "surrogatepass")


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Stored, ext_hook=_read_extension)


def pack(event: Event) -> bytes:
    """The bytes. Does not raise, whatever the fields hold."""
    position = event.position
    stored = _Stored(
        microseconds(event.time),
        microseconds(event.received),
        position.partition,
        position.sequence,
        event.unit,
        event.fields,  # type: ignore[arg-type]  # any mapping is written like a dict
        event.raw,
    )
    try:
        return _ENCODER.encode(stored)
    except (OverflowError, ValueError, TypeError):
        return _ENCODER.encode(msgspec.structs.replace(stored, fields=_encodable(event.fields)))


def unpack(data: bytes) -> Event:
    """The event. Raises `msgspec.DecodeError` or ValueError for bytes that are none."""
    stored = _DECODER.decode(data)
    return Event(
        time=from_microseconds(stored.time),
        received=from_microseconds(stored.received),
        position=Position(stored.partition, stored.sequence),
        unit=stored.unit,
        fields=stored.fields,
        raw=stored.raw,
    )


def _encodable(fields: Any) -> dict[str, Value]:
    """The same fields with what msgpack has no form for (numbers above 64 bits, half surrogate pairs) as extensions."""
    return {
        name.encode("utf-8", "backslashreplace").decode(): _encodable_value(value) for name, value in fields.items()
    }


def _encodable_value(value: Any) -> Any:
    if isinstance(value, list):
        return [_encodable_value(each) for each in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return msgspec.msgpack.Ext(_BIG_NUMBER, str(value).encode())
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return msgspec.msgpack.Ext(_ODD_TEXT, value.encode("utf-8", "surrogatepass"))
    return value
