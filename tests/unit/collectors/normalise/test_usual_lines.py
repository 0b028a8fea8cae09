"""The usual envelope, cut at blanks and remembered, says what one plain pattern says."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from collectors.normalise.fields import Fields, iso_time, relate, yearless_time
from collectors.normalise.syslog import Envelope, _read_usual, put_priority, read_envelope

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
RECEIVED = datetime(2026, 11, 24, 2, 12, 5, tzinfo=UTC)
PLAIN = re.compile(
    r"(?:<(\d{1,3})>)?"
    r"([A-Z][a-z]{2} [ 0-3]?\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)"
    r" ([^\s:]+|[0-9A-Fa-f:.]+) ([^\s\[\]:=%]{1,128})(?:\[(\d{1,10})\])?: ?(.*)$",
    re.DOTALL,
)


def read_plainly(text: str, fields: Fields) -> Envelope | None:
    """What the pattern says; None where it says nothing, or where the program is a device's count."""
    found = PLAIN.match(text)
    if found is None or (found[5] is None and found[4].isdecimal()):
        return None
    priority, stamp, host, program, process, message = found.groups()
    put_priority(priority, fields)
    fields["host.name"] = host
    fields["related.hosts"] = [host]
    fields["process.name"] = program
    if process is not None:
        fields["process.pid"] = int(process)
    time = (
        yearless_time(stamp, RECEIVED.toordinal(), ZONE)
        if "A" <= stamp[0] <= "Z"
        else iso_time(stamp.replace(",", "."), ZONE)
    )
    return Envelope(program, message, time, stamp)


def joined(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map("".join)


LINES = joined(
    st.sampled_from(("", "<38>", "<0>", "<191>", "<999>", "<3", "<<38>")),
    st.sampled_from(
        (
            "Nov 24 09:12:01",
            "Nov  4 09:12:01",
            "Nov 4 09:12:01",
            "Feb 30 09:12:01",
            "2026-11-24T09:12:01.123456+07:00",
            "2026-11-24 09:12:01,123",
            "2026-11-24T02:12:01Z",
            "nov 24 09:12:01",
            "٢٠٢٦-١١-٢٤T09:12:01",
            "",
        )
    ),
    st.sampled_from((" ", "  ", "\t", "")),
    st.sampled_from(("web-01", "2001:db8::9", "[10.0.0.1]", "a:b", "máy", "h" * 600, "")),
    st.sampled_from((" ", "  ", "\xa0", "")),
    st.sampled_from(("sshd", "812", "a" * 128, "a" * 129, "systemd-logind", "x=y", "%SYS-5-A", "[sshd]", "")),
    st.sampled_from(("", "[812]", "[]", "[1234567890]", "[12345678901]", "[x]", "[٣]", "[8][9]", "[812")),
    st.sampled_from((": ", ":", ":  ", "", " : ", "]: ")),
    st.sampled_from(("Failed password for root", "", ": ", "a: b", "x]: y", "\nz", "Nov 24 09:12:01 a b: c")),
)


@pytest.mark.slow
@given(text=LINES)
@example(text="<38>Nov 24 09:12:01 web-01 sshd[812]: Failed password for root")
@example(text="<38>Nov 24 09:12:01 web-01 sshd[812]:no blank: here")
@example(text="Nov 24 09:12:01 web-01 rebooted")
@example(text="Nov 24 09:12:01 2001:db8::9 sshd:Failed password for root")
@settings(max_examples=400, deadline=None)
def test_as_the_plain_pattern(text: str):
    """What is cut at blanks, and the whole envelope wherever the pattern says something."""
    plain: Fields = {}
    expected = read_plainly(text, plain)
    quick: Fields = {}
    cut = _read_usual(text, RECEIVED, ZONE, quick)
    assert (cut, quick) == ((None, {}) if cut is None else (expected, plain))
    if expected is not None:
        fields: Fields = {}
        assert (read_envelope(text, RECEIVED, ZONE, fields), fields) == (expected, plain)


@pytest.mark.parametrize("stamp", ["Nov 24 09:12:01", "Nov  4 09:12:01", "2026-11-24T09:12:01.123456+07:00"])
@pytest.mark.parametrize("tag", ["sshd[812]", "kernel", "systemd-logind[1]"])
def test_the_usual_lines_are_cut(stamp: str, tag: str):
    assert _read_usual(f"<38>{stamp} web-01 {tag}: a: b", RECEIVED, ZONE, {}) is not None


def test_what_is_remembered_is_never_changed_by_a_line():
    """An origin's fields are shared by its lines: what one line adds, another does not see."""
    text = "<38>Nov 24 09:12:01 web-01 sshd[812]: Failed password for root"
    first: Fields = {}
    read_envelope(text, RECEIVED, ZONE, first)
    first["host.name"] = "changed"
    first["more"] = "x"
    relate(first, "related.hosts", "x")
    second: Fields = {}
    read_envelope(text, RECEIVED, ZONE, second)
    assert second["host.name"] == "web-01"
    assert "more" not in second and second["related.hosts"] == ["web-01"]
