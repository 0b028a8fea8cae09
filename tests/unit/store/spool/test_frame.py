"""Frames: all or nothing, and of a damaged one what its own CRC vouches for."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.spool import frame
from store.spool.frame import FramePacker, find_header, is_whole, read_cursors, read_header, read_records, salt_of
from tests.unit.store.spool.records import record, records

SALT = salt_of("intake.5f0c9a11d2e3")


def split(data: bytes):
    header = read_header(data, 0, SALT)
    assert header is not None
    return header, data[frame.HEADER_BYTES : header.length]


@given(raws=st.lists(st.binary(max_size=2000), max_size=30), first=st.integers(1, 2**62))
def test_a_frame_comes_back(raws, first):
    data = FramePacker(SALT).pack(first, [record(raw) for raw in raws], {"tail": "ở đây"})
    header, body = split(data + b"next")
    assert header.length == len(data)
    assert is_whole(header, body)
    assert read_cursors(header, body) == {"tail": "ở đây"}
    assert (header.first, header.last) == (first, first + len(raws) - 1)
    sequences, read = read_records(header, body, trusted=True)
    assert sequences == list(range(first, first + len(raws)))
    assert [each.raw for each in read] == raws


def test_small_frames_are_plain_and_large_ones_packed():
    small = FramePacker(SALT).pack(1, records(1), {})
    assert b"line 1" in small
    large = FramePacker(SALT).pack(1, [record(b"Failed password for root " * 4)] * 100, {})
    assert len(large) < 2000


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7), packed=st.booleans())
def test_a_flipped_bit_never_makes_a_wrong_record(at, bit, packed):
    written = [record(b"line %d" % number * (40 if packed else 1)) for number in range(1, 21 if packed else 7)]
    data = bytearray(FramePacker(SALT).pack(1, written, {"tail": "1"}))
    data[at % len(data)] ^= 1 << bit
    header = read_header(bytes(data), 0, SALT)
    if header is None:
        # The last 8 bytes of the header are spare: a flip there is not seen and does no harm.
        assert at % len(data) < frame.HEADER_BYTES
        return
    body = bytes(data[frame.HEADER_BYTES :])
    assert is_whole(header, body) == (at % len(data) in range(40, frame.HEADER_BYTES))
    sequences, read = read_records(header, body, trusted=False)
    assert all(written[sequence - 1] == each for sequence, each in zip(sequences, read, strict=True))
    assert len(sequences) == len(set(sequences))


@pytest.mark.parametrize("length", [1 << 40, 1 << 62, (1 << 64) - 3])
def test_a_damaged_frame_that_says_it_is_enormous_takes_no_memory(length):
    """After zstandard's magic number stand a byte of flags (0xE0: 8 bytes of length follow) and the length.

    Source: RFC 8878, section 3.1.1.1
    """
    data = bytearray(FramePacker(SALT).pack(1, [record(b"Failed password for root " * 4)] * 100, {}))
    begin = data.index(b"\x28\xb5\x2f\xfd") + 4
    data[begin : begin + 9] = b"\xe0" + length.to_bytes(8, "little")
    header, body = split(bytes(data))
    assert read_records(header, body, trusted=False) == ([], [])


def test_of_a_damaged_plain_frame_the_other_records_are_kept():
    data = bytearray(FramePacker(SALT).pack(1, records(1, 2, 3), {}))
    data[data.index(b"line 2")] ^= 1
    header, body = split(bytes(data))
    assert not is_whole(header, body)
    assert read_records(header, body, trusted=False) == ([1, 3], records(1, 3))


def test_of_a_damaged_packed_frame_the_blocks_before_are_kept():
    chance = random.Random(1)
    written = [record(chance.randbytes(200).hex().encode()) for _ in range(3000)]
    data = bytearray(FramePacker(SALT).pack(1, written, {}))
    for at in range(len(data) - 2000, len(data) - 1000):
        data[at] ^= 0xFF
    header, body = split(bytes(data))
    sequences, read = read_records(header, body, trusted=False)
    assert 1000 < len(sequences) < 3000
    assert read == [written[sequence - 1] for sequence in sequences]


def test_a_sequence_is_under_its_crc():
    data = bytearray(FramePacker(SALT).pack(5, records(5, 6, 7, 8), {}))
    at = frame.HEADER_BYTES + 4 * 8
    assert data[at] == 5
    data[at] = 7
    sequences, _ = read_records(*split(bytes(data)), trusted=False)
    assert sequences == [6, 7, 8]


def test_a_line_that_quotes_a_frame_is_no_frame():
    quoted = FramePacker(salt_of("other.0123456789ab")).pack(900, records(900), {})
    data = FramePacker(SALT).pack(1, [record(quoted)], {})
    assert frame.MAGIC in data[4:]
    assert find_header(data, 1, SALT) == -1


@given(junk=st.binary(max_size=200))
def test_the_next_header_is_found_behind_junk(junk):
    data = junk + FramePacker(SALT).pack(1, records(1), {})
    assert find_header(data, 0, SALT) == len(junk)


def test_what_no_reader_would_take_is_not_written(monkeypatch):
    monkeypatch.setattr(frame, "LONGEST_FRAME_BYTES", 1000)
    with pytest.raises(ValueError):
        FramePacker(SALT).pack(1, [record(b"x" * 2000)], {})
