"""Events kept inside an alert, whole, so that retention never empties it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from core.event import Event
from core.record import Position


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """An event as it is packed; values keep the types that MessagePack knows: text, numbers, booleans, lists."""

    time: datetime
    received: datetime
    partition: str
    sequence: int
    unit: str
    fields: dict[str, Any]
    raw: bytes


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(tuple[_Kept, ...])


def pack(events: Iterable[Event]) -> bytes:
    """The events as MessagePack, in their order."""
    return _encoder.encode(
        [
            _Kept(
                event.time,
                event.received,
                event.position.partition,
                event.position.sequence,
                event.unit,
                dict(event.fields),
                event.raw,
            )
            for event in events
        ]
    )


def unpack(packed: bytes) -> tuple[Event, ...]:
    """What `pack` packed."""
    return tuple(
        Event(
            time=kept.time,
            received=kept.received,
            position=Position(kept.partition, kept.sequence),
            unit=kept.unit,
            fields=kept.fields,
            raw=kept.raw,
        )
        for kept in _decoder.decode(packed)
    )
