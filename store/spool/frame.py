"""The bytes of a spool segment: frames of records. Pure.

    segment = frame*
    frame   = header (48 bytes, little-endian) + cursors (JSON object) + payload
    header  = magic "CNF1", flags, cursors length, payload length, payload length unpacked, first sequence, record count,
              CRC-32 of cursors and payload, CRC-32 of the header before it
    payload = record*, packed with zstd where flag 1 is set
    record  = length, CRC-32 of the body, sequence, body (MessagePack array of `core.record.Record`)

A frame is all or nothing after a crash. The CRC in the header tells a torn or damaged frame; then the CRC of each
record tells which of its records can still be trusted.
"""

import struct
import zlib
from collections.abc import Mapping, Sequence

import msgspec
import zstandard

from core.record import Record

MAGIC = b"CNF1"
PACKED = 1
_HEADER = struct.Struct("<4sIIIIQIII8x")
_RECORD = struct.Struct("<IIQ")
HEADER_BYTES = _HEADER.size
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


class FramePacker:
    """Builds frames. One per writer: the compressor keeps its own state and is not thread-safe."""

    def __init__(self) -> None:
        self._compressor = zstandard.ZstdCompressor(level=1)

    def pack(self, first: int, records: Sequence[Record], cursors: Mapping[str, str]) -> bytes:
        """One frame of the records, numbered from `first`."""
        encode, pack_record, crc32 = _encoder.encode, _RECORD.pack, zlib.crc32
        parts: list[bytes] = []
        sequence = first
        for record in records:
            body = encode(record)
            parts.append(pack_record(len(body), crc32(body), sequence))
            parts.append(body)
            sequence += 1
        payload = b"".join(parts)
        unpacked = len(payload)
        flags = 0
        if unpacked >= PACK_FROM_BYTES:
            packed = self._compressor.compress(payload)
            if len(packed) < unpacked:
                payload, flags = packed, PACKED
        note = msgspec.json.encode(cursors) if cursors else b""
        crc = crc32(payload, crc32(note))
        fields = (MAGIC, flags, len(note), len(payload), unpacked, first, len(records), crc)
        header = _HEADER.pack(*fields, crc32(_HEADER.pack(*fields, 0)[:36]))
        return b"".join((header, note, payload))


def read_header(data: bytes | memoryview, at: int = 0) -> FrameHeader | None:
    """The header at an offset, or None where no intact header stands there."""
    if len(data) - at < HEADER_BYTES:
        return None
    magic, flags, cursors, payload, unpacked, first, count, crc, own = _HEADER.unpack_from(data, at)
    if magic != MAGIC or zlib.crc32(bytes(data[at : at + 36])) != own:
        return None
    if cursors + payload > LONGEST_FRAME_BYTES or unpacked > LONGEST_FRAME_BYTES:
        return None
    return FrameHeader(flags, cursors, payload, unpacked, first, count, crc)


def is_whole(header: FrameHeader, body: bytes) -> bool:
    """Whether the bytes after the header are those that were written."""
    return len(body) == header.length - HEADER_BYTES and zlib.crc32(body) == header.crc


def read_cursors(header: FrameHeader, body: bytes) -> dict[str, str]:
    """The cursors of a whole frame; the payload is not unpacked."""
    if not header.cursors_length:
        return {}
    return msgspec.json.decode(body[: header.cursors_length], type=dict[str, str])


def read_records(header: FrameHeader, body: bytes) -> tuple[list[int], list[Record]]:
    """Sequences and records of a frame; of a damaged one those whose own CRC still holds."""
    payload = body[header.cursors_length :]
    if header.flags & PACKED:
        try:
            payload = _unpacker.decompress(payload, max_output_size=header.unpacked_length)
        except zstandard.ZstdError:
            return [], []
    sequences: list[int] = []
    records: list[Record] = []
    decode, crc32, unpack_from = _decoder.decode, zlib.crc32, _RECORD.unpack_from
    at, end, head = 0, len(payload), _RECORD.size
    while at + head <= end:
        length, crc, sequence = unpack_from(payload, at)
        at += head
        body = payload[at : at + length]
        at += length
        if len(body) != length or crc32(body) != crc or not header.first <= sequence <= header.last:
            if at > end:
                break
            continue
        try:
            record = decode(body)
        except msgspec.DecodeError:
            continue
        sequences.append(sequence)
        records.append(record)
    return sequences, records


def find_header(data: bytes, at: int) -> int:
    """The offset of the next intact header at or after `at`; -1 where there is none."""
    while (at := data.find(MAGIC, at)) >= 0:
        if read_header(data, at) is not None:
            return at
        at += 1
    return -1
