"""Where a page of events ends, as the asker keeps it: the same for every store."""

import base64
import binascii

import msgspec

from core.errors import QuerySyntaxError
from core.event import Event
from core.language import Text
from core.query.bounds import microseconds

BAD_PLACE = Text(
    "vị trí trang không hợp lệ; hãy tìm lại từ đầu", "the place of the page is not valid; search again from the start"
)


class Place(msgspec.Struct, frozen=True, array_like=True, order=True):
    """Where an event stands in the order of answers; the greatest comes first. `time` in microseconds since 1970."""

    time: int
    partition: str
    sequence: int


def place_of(event: Event) -> Place:
    """Where the event stands."""
    return Place(microseconds(event.time), event.position.partition, event.position.sequence)


def write_place(place: Place) -> str:
    """As `core.ports.Page.next`."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(place)).decode().rstrip("=")


def read_place(text: str) -> Place:
    """Raises `QuerySyntaxError` for what was never written by `write_place`."""
    try:
        data = base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
        return msgspec.msgpack.decode(data, type=Place)
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        raise QuerySyntaxError(0, BAD_PLACE) from error
