"""The stored form of an event, from which it is given back as it was: msgpack, compressed with a dictionary of its day.

A day's first events are compressed alone; they train a dictionary that makes those that follow four times smaller. It
lies beside the index, written before the first event that needs it.
"""

import zlib
from pathlib import Path
from typing import Any

import msgspec
import zstandard

from core.event import Event, Value
from core.query.bounds import from_microseconds, microseconds
from core.record import Position
from store.files import write_durably

DICTIONARY_FILE = "dictionary"
DICTIONARY_BYTES = 32 << 10
SAMPLES = 1000
LEVEL = 1

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


class SourcePacker:
    """Packs the events of one day folder. Not thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._samples: list[bytes | bytearray | memoryview] | None = None
        dictionary = read_dictionary(folder)
        if dictionary is None:
            self._samples = []
            self._compressor = zstandard.ZstdCompressor(level=LEVEL)
        else:
            self._use(dictionary)

    def pack(self, event: Event) -> bytes:
        """The bytes to store."""
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
            data = _ENCODER.encode(stored)
        except (OverflowError, ValueError, TypeError):
            data = _ENCODER.encode(msgspec.structs.replace(stored, fields=_encodable(event.fields)))
        if self._samples is not None:
            self._samples.append(data[:4096])
            if len(self._samples) == SAMPLES:
                self._learn(self._samples)
                self._samples = None
        return self._compressor.compress(data)

    def _learn(self, samples: list[bytes | bytearray | memoryview]) -> None:
        try:
            dictionary = zstandard.train_dictionary(DICTIONARY_BYTES, samples, level=LEVEL).as_bytes()
            write_durably(self._folder / DICTIONARY_FILE, zlib.crc32(dictionary).to_bytes(4, "big") + dictionary)
        except (zstandard.ZstdError, OSError):
            return  # events all alike, or a full disk: it goes without as well
        self._use(zstandard.ZstdCompressionDict(dictionary))

    def _use(self, dictionary: zstandard.ZstdCompressionDict) -> None:
        dictionary.precompute_compress(level=LEVEL)
        self._compressor = zstandard.ZstdCompressor(level=LEVEL, dict_data=dictionary)


class SourceUnpacker:
    """Gives events back. Cheap to make; not to be shared between threads."""

    def __init__(self, dictionary: zstandard.ZstdCompressionDict | None) -> None:
        self._decompressor = zstandard.ZstdDecompressor(dict_data=dictionary)

    def unpack(self, source: bytes) -> Event:
        """The event as it was stored."""
        stored = _DECODER.decode(self._decompressor.decompress(source))
        return Event(
            time=from_microseconds(stored.time),
            received=from_microseconds(stored.received),
            position=Position(stored.partition, stored.sequence),
            unit=stored.unit,
            fields=stored.fields,
            raw=stored.raw,
        )


def read_dictionary(folder: Path) -> zstandard.ZstdCompressionDict | None:
    """The folder's dictionary, None where it has none yet. Raises ValueError where it is damaged."""
    try:
        data = (folder / DICTIONARY_FILE).read_bytes()
    except FileNotFoundError:
        return None
    if len(data) < 4 or zlib.crc32(data[4:]) != int.from_bytes(data[:4], "big"):
        raise ValueError("the dictionary is damaged")
    return zstandard.ZstdCompressionDict(data[4:])


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
