"""The bytes of a spool segment: frames of records. Pure.

    segment = frame*
    frame   = header (48 bytes, little-endian) + cursors (JSON object) + payload
    header  = magic "CNF1", flags, cursors length, payload length, payload length unpacked, first sequence, record
              count, CRC-32 of cursors and payload, CRC-32 of the header before it (begun with the partition's salt)
    payload = table + bodies, packed with zstd where flag 1 is set
    table   = a column each of lengths, CRC-32s (begun with the sequence) and sequences of the records
    body    = MessagePack array of `core.record.Record`

A frame is all or nothing after a crash. The CRC in the header tells a torn or damaged frame; then the CRC of each
record tells which of its records can still be trusted. The salt comes from the incarnation, which no sender knows: a
log line that quotes a frame, or a block left over from another partition, is never taken for a frame of this one.
"""

import contextlib
import struct
from collections.abc import Mapping, Sequence
from zlib import crc32

import msgspec
import zstandard

from core.record import Record

MAGIC = b"CNF1"
PACKED = 1
_HEADER = struct.Struct("<4sIIIIQIII8x")
_TABLE_ROW_BYTES = 16
HEADER_BYTES = _HEADER.size
_CHECKED = 36
PACK_FROM_BYTES = 512
LONGEST_FRAME_BYTES = 1 << 28

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Record)
_unpacker = zstandard.ZstdDecompressor()


class FrameHeader(msgspec.Struct, frozen=True):
    """What a frame says of itself before its payload is read."""

    flags: int
    cursors_length: int
    payload_length: int
    unpacked_length: int
    first: int
    count: int
    crc: int

    @property
    def length(self) -> int:
        """Bytes of the whole frame."""
        return HEADER_BYTES + self.cursors_length + self.payload_length

    @property
    def last(self) -> int:
        """The sequence of its last record; `first - 1` for a frame that holds cursors alone."""
        return self.first + self.count - 1


def salt_of(partition: str) -> int:
    """Where the header CRC of this partition's frames begins."""
    return crc32(partition.rpartition(".")[2].encode())


class FramePacker:
    """Builds frames. One per writer: the compressor keeps its own state and is not thread-safe."""

    def __init__(self, salt: int) -> None:
        self._salt = salt
        self._compressor = zstandard.ZstdCompressor(level=1)

    def pack(self, first: int, records: Sequence[Record], cursors: Mapping[str, str]) -> bytes:
        """One frame of the records, numbered from `first`. Raises ValueError where it is longer than readers take."""
        bodies = list(map(_encoder.encode, records))
        count = len(bodies)
        sequences = range(first, first + count)
        table = struct.pack(f"<{2 * count}I{count}Q", *map(len, bodies), *map(crc32, bodies, sequences), *sequences)
        payload = b"".join((table, *bodies))
        unpacked = len(payload)
        flags = 0
        if unpacked >= PACK_FROM_BYTES:
            packed = self._compressor.compress(payload)
            if len(packed) < unpacked:
                payload, flags = packed, PACKED
        note = msgspec.json.encode(cursors) if cursors else b""
        if max(unpacked, len(note) + len(payload)) > LONGEST_FRAME_BYTES:
            raise ValueError(f"a frame of {unpacked} bytes")
        crc = crc32(payload, crc32(note))
        fields = (MAGIC, flags, len(note), len(payload), unpacked, first, len(records), crc)
        header = _HEADER.pack(*fields, crc32(_HEADER.pack(*fields, 0)[:_CHECKED], self._salt))
        return b"".join((header, note, payload))


def read_header(data: bytes, at: int, salt: int) -> FrameHeader | None:
    """The header at an offset, or None where no intact header stands there."""
    if len(data) - at < HEADER_BYTES:
        return None
    magic, flags, cursors, payload, unpacked, first, count, crc, own = _HEADER.unpack_from(data, at)
    if magic != MAGIC or crc32(data[at : at + _CHECKED], salt) != own:
        return None
    if cursors + payload > LONGEST_FRAME_BYTES or unpacked > LONGEST_FRAME_BYTES:
        return None
    return FrameHeader(flags, cursors, payload, unpacked, first, count, crc)


def is_whole(header: FrameHeader, body: bytes) -> bool:
    """Whether the bytes after the header are those that were written."""
    return len(body) == header.length - HEADER_BYTES and crc32(body) == header.crc


def read_cursors(header: FrameHeader, body: bytes) -> dict[str, str]:
    """The cursors of a whole frame; the payload is not unpacked."""
    if not header.cursors_length:
        return {}
    return msgspec.json.decode(body[: header.cursors_length], type=dict[str, str])


def read_records(header: FrameHeader, body: bytes, *, trusted: bool) -> tuple[list[int], list[Record]]:
    """Sequences and records of a frame; of a damaged (not `trusted`) one those whose own CRC still holds."""
    payload = body[header.cursors_length :]
    if header.flags & PACKED:
        payload = _unpack(payload, header.unpacked_length)
    count = header.count
    if len(payload) < count * _TABLE_ROW_BYTES:
        return [], []
    columns = struct.unpack_from(f"<{2 * count}I{count}Q", payload)
    sequences: list[int] = []
    records: list[Record] = []
    decode = _decoder.decode
    at = count * _TABLE_ROW_BYTES
    for length, crc, sequence in zip(columns[:count], columns[count : 2 * count], columns[2 * count :], strict=True):
        raw = payload[at : at + length]
        at += length
        if not trusted and (
            len(raw) != length or crc32(raw, sequence) != crc or not header.first <= sequence <= header.last
        ):
            continue
        sequences.append(sequence)
        records.append(decode(raw))
    return sequences, records


def _unpack(payload: bytes, length: int) -> bytes:
    """The table and the records; of damaged ones what can be had."""
    try:
        # zstandard takes as much memory as the bytes say they need, and damaged ones may say anything.
        if zstandard.frame_content_size(payload) == length:
            return _unpacker.decompress(payload)
    except zstandard.ZstdError:
        pass
    return _unpack_what_can_be(payload, length)


def _unpack_what_can_be(payload: bytes, longest: int) -> bytes:
    """The zstd blocks before the damaged one."""
    unpacked = bytearray()
    with contextlib.suppress(zstandard.ZstdError), _unpacker.stream_reader(payload) as stream:
        while len(unpacked) < longest and (piece := stream.read(4096)):
            unpacked += piece
    return bytes(unpacked)


def find_header(data: bytes, at: int, salt: int) -> int:
    """The offset of the next intact header at or after `at`; -1 where there is none."""
    while (at := data.find(MAGIC, at)) >= 0:
        if read_header(data, at, salt) is not None:
            return at
        at += 1
    return -1
