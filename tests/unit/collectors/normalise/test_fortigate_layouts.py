"""A layout reads what the plain reader reads, whatever the line, and holds no more than it may."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.normalise import fortigate
from collectors.normalise.fortigate import LEARN_AFTER, MOST_LAYOUTS, Layouts, make_layout, parse, parse_plainly
from tests.unit.collectors.normalise.samples import FORTIGATE, FORTIGATE_TRAFFIC, ZONE

KEYS = st.sampled_from(
    [
        *fortigate.KEYWORDS,
        *fortigate.NUMBERS,
        *fortigate.ADDRESSES,
        *fortigate.READ_APART,
        "type",
        "subtype",
        "status",
        "la",
        "x.y-z",
    ]
)
VALUES = st.one_of(
    st.sampled_from(
        [
            "",
            "N/A",
            "0",
            "443",
            "10.1.1.5",
            "2001:db8::1",
            "deny",
            "login",
            "failed",
            "traffic",
            "event",
            "a b=c",
            "1795486321",
        ]
    ),
    st.text(alphabet=' abc=\\"019.,é\u3000\n', max_size=12),
)


@st.composite
def lines(draw) -> str:
    """What a FortiGate might write, and what it never would."""
    words = []
    for key, value, quoted in draw(st.lists(st.tuples(KEYS, VALUES, st.booleans()), max_size=12)):
        words.append(f'{key}="{value}"' if quoted else f"{key}={value}")
    words.append('devid="FG1" type="event"')
    return draw(st.sampled_from([" ", " ", " ", ",", "  "])).join(words)


@pytest.mark.slow
@given(line=lines(), other=lines())
@settings(max_examples=150, deadline=None)
def test_as_the_plain_reader(line: str, other: str):
    """The layout of one line, tried on itself and on another with the same keys in the same order."""
    layout = make_layout(line)
    for text in (line, other):
        if layout is None or (found := layout.pattern.fullmatch(text)) is None:
            continue
        plain: fortigate.Fields = {}
        time = parse_plainly(text, plain, ZONE)
        quick: fortigate.Fields = {}
        assert fortigate.fill(layout, found.groups(), quick, ZONE) == time
        assert quick == plain


def test_a_layout_is_learnt_and_nothing_changes():
    for _, _, line, _ in FORTIGATE:
        text = line[line.index("date=") if "date=" in line else 0 :]
        plain: fortigate.Fields = {}
        time = parse_plainly(text.strip(), plain, ZONE)
        for _ in range(LEARN_AFTER + 2):
            fields: fortigate.Fields = {}
            assert parse(text, fields, ZONE) == time
            assert fields == plain


def test_a_layout_serves_after_some_lines_and_is_given_up_for_another():
    layouts = Layouts()
    for _ in range(LEARN_AFTER):
        assert layouts.read(FORTIGATE_TRAFFIC) is None
    assert layouts.read(FORTIGATE_TRAFFIC) is not None
    swapped = FORTIGATE_TRAFFIC.replace("proto=6 ", "").replace("sessionid=901 ", "proto=6 sessionid=901 ")
    for _ in range(LEARN_AFTER):
        assert layouts.read(swapped) is None
    assert layouts.read(swapped) is not None


def test_what_a_sender_can_make_it_hold_is_bounded():
    layouts = Layouts()
    for number in range(3 * MOST_LAYOUTS):
        for _ in range(LEARN_AFTER):
            layouts.read(f'logid="{number:010d}" type="event"')
    assert 0 < len(layouts) <= MOST_LAYOUTS
    for number in range(3 * MOST_LAYOUTS):
        layouts.read(f'logid="{number:010d}" a=1')
    assert layouts.missed() <= MOST_LAYOUTS + 1


def test_a_line_that_has_no_layout_is_not_learnt():
    assert make_layout('logid="1" type="event" type="event"') is None
    assert make_layout('type="event"') is None
    assert make_layout('logid="1" type="event"  a=1') is None
