"""The stored form of an event: packed (`store.events.packed`), then compressed with a dictionary of its day.

A day's first events are compressed alone; they train a dictionary that makes those that follow four times smaller. It
lies beside the index, written before the first event that needs it.
"""

import zlib
from pathlib import Path

import zstandard

from core.event import Event
from store.events.packed import pack, unpack
from store.files import write_durably

DICTIONARY_FILE = "dictionary"
DICTIONARY_BYTES = 32 << 10
SAMPLES = 1000
LEVEL = 1


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
        data = pack(event)
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
        return unpack(self._decompressor.decompress(source))


def read_dictionary(folder: Path) -> zstandard.ZstdCompressionDict | None:
    """The folder's dictionary, None where it has none yet. Raises ValueError where it is damaged."""
    try:
        data = (folder / DICTIONARY_FILE).read_bytes()
    except FileNotFoundError:
        return None
    if len(data) < 4 or zlib.crc32(data[4:]) != int.from_bytes(data[:4], "big"):
        raise ValueError("the dictionary is damaged")
    return zstandard.ZstdCompressionDict(data[4:])
