"""Frames of a syslog stream: octet counted and newlines mixed, and whatever else arrives."""

import itertools
import re
import resource

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from collectors.framing import BadOctetCount, StreamFraming

LONGEST = 64


def reference(data: bytes) -> tuple[list[tuple[bytes, tuple[str, ...]]], bool]:
    """The same grammar over the whole stream at once; the messages, and whether the stream was given up."""
    out = []
    while data:
        counted = re.match(rb"(\d{1,10}) (?=<\d{1,3}>)", data)
        if counted:
            length = int(counted[1])
            if length > LONGEST * 16:
                return out, True
            body, complete = data[counted.end() :][:length], len(data) - counted.end() >= length
            if length > LONGEST and len(body) >= LONGEST:
                out.append((body[:LONGEST], ("truncated",)))
            elif not complete:
                if body.strip(b"\r\n\0"):
                    out.append((body.rstrip(b"\r\n\0"), () if body.endswith(b"\0") else ("partial",)))
            elif body.rstrip(b"\r\n\0"):
                out.append((body.rstrip(b"\r\n\0"), ()))
            data = data[counted.end() + length :]
            continue
        end = re.search(rb"\n|\0(?=<)", data)
        line = data[: end.start()] if end else data
        if len(line) - (not end and line.endswith(b"\0")) > LONGEST:
            out.append((line[:LONGEST], ("truncated",)))
        elif line.rstrip(b"\r\n\0"):
            flags = () if end or line.endswith(b"\0") else ("partial",)
            out.append((line.rstrip(b"\r\n\0"), flags))
        data = data[end.end() :] if end else b""
    return out, False


def framed(chunks: list[bytes]) -> tuple[list[tuple[bytes, tuple[str, ...]]], bool]:
    framing = StreamFraming(LONGEST)
    out = []
    for chunk in chunks:
        try:
            out += framing.feed(chunk)
        except BadOctetCount as bad:
            return out + bad.args[0], True
    return out + framing.finish(), False


def octets(message: bytes) -> bytes:
    return b"%d %s" % (len(message), message)


_message = st.one_of(
    st.just(b"<13>Nov 23 22:39:11 vm app: msg"),
    st.binary(max_size=20).map(lambda raw: b"<38>" + raw),
    st.integers(0, 200).map(lambda size: b"<1>" + b"x" * size),
)
_piece = st.one_of(
    _message.map(octets),
    _message.map(lambda raw: raw + b"\n"),
    _message.map(lambda raw: raw + b"\r\n"),
    _message.map(lambda raw: raw + b"\0"),
    _message,
    st.sampled_from([b"\n", b"\0", b"\r", b"<", b"9", b"12 <", b"99999 <1>", b"0 <1>", b"10 ", b"\0<", b"3 <13>"]),
    st.binary(max_size=8),
    st.text("0123456789 <>\n\0\rx", max_size=12).map(str.encode),
)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(pieces=st.lists(_piece, max_size=12), cuts=st.lists(st.integers(0, 1000), max_size=12))
@example(pieces=[b"<1>" + b"x" * 61 + b"\0<2>b\n"], cuts=[65])
@example(pieces=[b"<1>" + b"x" * 61 + b"\r\n"], cuts=[65])
@example(pieces=[b"<1>" + b"x" * 100 + b"\0<2>b\n"], cuts=[70, 104])
def test_the_same_bytes_give_the_same_messages_however_they_are_cut(pieces, cuts):
    data = b"".join(pieces)
    expected = reference(data)
    assert framed([data]) == expected
    assert framed([data[at : at + 1] for at in range(len(data))]) == expected
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    assert framed([data[a:b] for a, b in itertools.pairwise(places)]) == expected


def test_both_framings_in_one_stream():
    stream = octets(b"<13>1 - - one\nwith LF") + b"<13>two\n" + octets(b"<13>three\n") + b"no priority\r\n"
    assert framed([stream])[0] == [
        (b"<13>1 - - one\nwith LF", ()),
        (b"<13>two", ()),
        (b"<13>three", ()),
        (b"no priority", ()),
    ]


def test_bytes_are_kept_as_they_are():
    assert framed([b"<13>\xff\xfe a\0b \xc3\n"])[0] == [(b"<13>\xff\xfe a\0b \xc3", ())]


def test_a_length_that_cannot_be_meant_gives_what_came_before():
    framing = StreamFraming(65536)
    with pytest.raises(BadOctetCount) as raised:
        framing.feed(b"<13>before\n999999999 <13>x")
    assert raised.value.args[0] == [(b"<13>before", ())]


def test_half_a_counted_frame_is_partial_without_its_count():
    assert framed([b"54 <13>1 2026"])[0] == [(b"<13>1 2026", ("partial",))]


def test_a_line_of_64_kib_is_whole_and_one_byte_more_is_cut():
    whole = b"<13>" + b"x" * 65532
    for chunk in (1000, 1 << 20):
        framing = StreamFraming(65536)
        stream = whole + b"\n" + whole + b"y\n<13>next\n"
        out = [message for at in range(0, len(stream), chunk) for message in framing.feed(stream[at : at + chunk])]
        assert out == [(whole, ()), (whole, ("truncated",)), (b"<13>next", ())]


@pytest.mark.slow
@pytest.mark.parametrize("begin", [b"", b"1000000 <13>"])
def test_a_gibibyte_without_an_end_stays_small(begin):
    framing = StreamFraming(65536)
    chunk = b"x" * (1 << 18)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    out = framing.feed(begin)
    for _ in range(4096):
        out += framing.feed(chunk)
    out += framing.feed(b"\n<13>next\n")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 << 10
    assert out[0][1] == ("truncated",)
    assert out[-1] == (b"<13>next", ())
    assert len(out) == (2 if not begin else 3)
