"""Lines of a file, however its chunks are cut."""

import io

from hypothesis import given
from hypothesis import strategies as st

from collectors.lines import LineCutter, read_lines

LONGEST = 8


def reference(data: bytes, *, end: bool):
    """Offset, bytes and flags of every line, from the whole file; the last one only at the `end`."""
    lines = []
    at = 0
    pieces = data.split(b"\n")
    for number, line in enumerate(pieces):
        complete = number < len(pieces) - 1
        if len(line) > LONGEST:
            lines.append((at, line[:LONGEST], ("truncated",)))
        elif complete or end:
            line = line.removesuffix(b"\r") if complete else line.rstrip(b"\r")
            if line:
                lines.append((at, line, ()))
        at += len(pieces[number]) + 1
    return lines


_data = st.one_of(st.binary(max_size=200), st.text("ab\r\n\n", max_size=200).map(str.encode))


@given(data=_data, cuts=st.lists(st.integers(0, 200), max_size=8), resume=st.booleans())
def test_any_cut_gives_the_same_lines(data, cuts, resume):
    cutter = LineCutter(longest=LONGEST)
    lines = []
    for limit in sorted({len(data), *(cut % (len(data) + 1) for cut in cuts)}):
        lines += cutter.cut(data[cutter.offset : limit])
        if resume:
            cutter = LineCutter(cutter.offset, skipping=cutter.skipping, longest=LONGEST)
    assert lines == reference(data, end=False)


@given(data=_data)
def test_a_stream_gives_its_last_line_too(data):
    cutter = LineCutter(longest=LONGEST)
    lines = [line for portion in read_lines(io.BytesIO(data), cutter) for line in portion]
    assert lines == reference(data, end=True)


def test_a_long_line_is_never_in_memory():
    cutter = LineCutter()
    lines = cutter.cut(b"x" * (1 << 20))
    for _ in range(50):
        lines += cutter.cut(b"x" * (1 << 20))
    lines += cutter.cut(b"x\nnext\n")
    assert lines == [(0, b"x" * 65536, ("truncated",)), ((51 << 20) + 2, b"next", ())]
