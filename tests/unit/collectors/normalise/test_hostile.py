"""Whatever the bytes: no exception, no time but the line's length, the record whole, the same answer twice."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.normalise import FORMATS, normalise
from core.event import Event, Rejected
from core.record import Batch, Record
from tests.unit.collectors.normalise.samples import RECEIVED, ROWS, ZONE, read

LINES = [line.encode() for _, _, line, _ in ROWS]
PREFIXES = [
    b"",
    b"<38>Nov 24 09:12:01 h sshd[1]: ",
    b"<38>Nov 24 09:12:01 h sudo: ",
    b"<38>Nov 24 09:12:01 h su: ",
    b"<38>Nov 24 09:12:01 h useradd: ",
    b"<38>Nov 24 09:12:01 h x: pam_unix(sshd:auth): ",
    b"<38>Nov 24 09:12:01 h sshd[1]: Failed password for ",
    b"<38>Nov 24 09:12:01 h sshd[1]: Disconnecting invalid user ",
    b"<38>1 2026-11-24T02:12:01Z h p 1 - ",
    b"<189>",
    b"<189>45: ",
    b"<189>Nov 24 09:12:01 h 45: ",
    b"<38>Nov 24 09:12:01 h sshd[1]: Invalid user ",
    b'date=2026-11-24 time=09:12:01 devid="FG1" type="traffic" ',
    b'203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "',
    b'203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "CONNECT a',
    b'{"MESSAGE":',
]
REPEATED = [
    b'"', b"\\", b'\\"', b"[", b"]", b"=", b" ", b"a", b"a=", b"k=v ", b'k="v" ', b'k="', b"{", b"[[", b'"a":', b": ",
    b"'", b"' ", b" - ", b" ; ", b"\n", b"\x00", b"\xff", b"\xe2\x80\xa8", b"<1>", b"1 ", b"(uid=0)", b"\\033",
    b"1: ", b"1w", b"@", b"\\341", b" from ", b" port 1", b" for ", b" by ", b"date=", b" from a port 1 ssh2: ",
    b"user a 1.2.3.4 port 1: ", b"ruser= rhost= ",
    b" ; USER=x ; PWD=y", b"a : b ; TTY=x ; PWD=y ; USER=z ; ", b'[a@1 b="c"]', b"message repeated 1 times: [ ",
    b" Their offer: ", b"Failed password for x\n", b" ID (serial 0)",
    b"Change of username or service not allowed: (",
]  # fmt: skip
_AUTH = "pam_unix(sshd:auth): authentication failure; "
_HEADS = {
    "sshd": [
        "PAM 1 more authentication failures; ", "maximum authentication attempts exceeded for ", "User ",
        "Unable to negotiate with ", "Did not receive identification string from ",
        "Bad protocol version identification '", "error: PAM: a for ", "reverse mapping checking getaddrinfo for ",
        "Address ", "Disconnecting user ", "Disconnected from user ", "Connection closed by ", "Failed password for ",
        "Accepted publickey for ", "Invalid user ", "Received disconnect from ", "Timeout before authentication for ",
        "drop connection #1 from [", _AUTH, "pam_unix(sshd:session): session opened for user ",
        "message repeated 3 times: [ ", "Failed password for root from 1.1.1.1 port 1 ssh2: ",
        "Disconnecting user a 1.1.1.1 port 1: Change of username or service not allowed: (",
    ],
    "sudo": [
        "an : ", "pam_unix(sudo:auth): ", "an : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=",
        "an : 3 incorrect password attempts ; ", "an : user NOT in sudoers ; ",
    ],
    "su": ["FAILED SU (to root) ", "(to root) an on ", "+ ", "pam_unix(su:session): "],
    "useradd": ["new user: name=", "add '", ""],
    "usermod": ["change user '", "add '", ""],
    "userdel": ["delete user '", "removed group "],
    "passwd": ["password for "],
    "gpasswd": ["user "],
    "chage": ["changed password expiry for "],
    "nginx": ['1.1.1.1 - - [24/Nov/2026:09:12:01 +0700] "', "1.1.1.1 - "],
    "x": ['type="traffic" ', "date=2026-11-24 time=09:12:01 type=", "%ASA-1-1: ", "CEF:0|", _AUTH.replace("sshd", "x")],
}  # fmt: skip
"""How the lines that we read begin, by program."""
HEADS = [f"<38>Nov 24 09:12:01 h {program}[8]: {head}".encode() for program, heads in _HEADS.items() for head in heads]
OURS = [
    token.encode()
    for token in (
        "rhost=", "user=", " user=a", "rhost=a ", " from ", " from 1 port 1", " port 1", " port ", ": ", " : ", " ; ",
        "; ", "'", " for ", "a", "a ", " ", '"', "\\", "\\\\", '\\"', "[", "]", "[a] ", "(", ")", "=", "a=", 'a="',
        "a=b ", "uid=0 ", "logname= ", " [preauth]", "preauth] [", ".", "::", "1", "11:", "\\303", " by ",
        " by (uid=0)", "TTY=", "COMMAND=", " ; COMMAND=", " ; USER=", "PWD=", "Their offer: ", " Their offer: ",
        " not allowed because ", '] "', '" ', '"a" ', "GET / ", "http://", "@", ":", "%", "<1>", "{", '{"a":',
        "\t", "\n", ' "', "name=", "/", ",", ", ", "UID=", " (", "for user ", " session ", "' from ", "ssh2: ",
    )
]  # fmt: skip
"""What our own expressions look for: the more of it a line has, the more places they might try."""
DEEP = [
    b"[" * 100_000,
    b'{"MESSAGE":' + b"[" * 100_000,
    b'{"MESSAGE":' + b'{"a":' * 50_000,
    b'{"a":"\\ud800","MESSAGE":"x"}',
]


def check(outcome: Event | Rejected, raw: bytes) -> None:
    if isinstance(outcome, Rejected):
        assert outcome.record.raw == raw
        assert outcome.reason
        outcome = outcome.as_event()
    assert outcome.raw == raw
    assert outcome.time.tzinfo is UTC
    assert outcome.time - outcome.received <= timedelta(minutes=10)
    assert outcome.time >= datetime(1970, 1, 1, tzinfo=UTC)
    for name, value in outcome.fields.items():
        assert name.strip() and len(name) < 300
        for item in value if isinstance(value, list) else [value]:
            assert item != "" or (name == "message" and raw == b"")
            assert not isinstance(item, int) or abs(item) < 2**63
            if isinstance(item, str):
                item.encode()  # no half of a surrogate pair


def mutated() -> st.SearchStrategy[bytes]:
    """Real lines, cut, joined and with bytes exchanged: what random bytes alone would never reach."""

    def change(line: bytes, at: int, until: int, inserted: bytes) -> bytes:
        return line[: at % (len(line) + 1)] + inserted + line[until % (len(line) + 1) :]

    return st.builds(
        change,
        st.sampled_from(LINES),
        st.integers(0, 1000),
        st.integers(0, 1000),
        st.one_of(st.binary(max_size=12), st.sampled_from(REPEATED), st.sampled_from(LINES)),
    )


@pytest.mark.slow
@given(raw=st.one_of(st.binary(max_size=300), mutated()), format=st.sampled_from([*FORMATS, "unheard-of"]))
@settings(max_examples=600, deadline=None)
def test_no_bytes_raise(raw: bytes, format: str):
    outcome = read(raw, format)
    check(outcome, raw)
    assert read(raw, format) == outcome


@pytest.mark.parametrize("raw", DEEP, ids=lambda raw: repr(raw[:20]))
@pytest.mark.parametrize("format", FORMATS)
def test_depth(raw: bytes, format: str):
    check(read(raw, format), raw)


OTHER_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def test_digits_of_another_script_are_no_reason_to_end():
    """`\\d` and `int` know them; what is read from a line by its ASCII digits must not stumble over them."""
    stamps = [f"٢٠٢٦-١١-٢٤{between}09:12:01 host prog: msg".encode() for between in "T "]
    for line in [*LINES, *stamps]:
        for raw in (line.decode("utf-8", "replace").translate(OTHER_DIGITS).encode(), line):
            for format in FORMATS:
                read(raw, format)


@pytest.mark.parametrize("line", LINES, ids=lambda line: repr(line[:30]))
def test_bytes_that_are_no_text_keep_the_record_whole(line: bytes):
    for wrong in (b"\xff", b"\x00", b"\xc3", b"\xed\xa0\x80"):
        for at in (0, len(line) // 2, len(line)):
            raw = line[:at] + wrong + line[at:]
            check(read(raw), raw)


def test_an_ending_that_is_taken_off_is_taken_off_once():
    raw = b"<38>Nov 24 09:12:01 web-01 sshd[12]: hello" + b"#015" * 10_000
    check(read(raw), raw)


def cpu_seconds(raw: bytes, format: str) -> float:
    began = time.process_time()
    check(read(raw, format), raw)
    return time.process_time() - began


@pytest.mark.parametrize("prefix", PREFIXES, ids=lambda prefix: repr(prefix[-24:]))
def test_sixty_four_kib_are_read_in_a_moment(prefix: bytes):
    for repeated in REPEATED:
        raw = (prefix + repeated * (65536 // len(repeated) + 1))[:65536]
        assert cpu_seconds(raw, "auto") < 0.5, repeated


@pytest.mark.slow
@pytest.mark.parametrize("head", HEADS, ids=lambda head: repr(head[22:54]))
def test_no_expression_is_searched_over_and_over_for_what_it_looks_for(head: bytes):
    """Read in 3 ms at most where the time grows with the length alone; where it grows with the square, in a second."""
    for token in OURS:
        for end in (b" x", b"\x01 x", b'"', b"]"):
            raw = head + token * (16384 // len(token)) + end
            # Whoever is slow by accident is not so three times.
            assert any(cpu_seconds(raw, "auto") < 0.1 for _ in range(3)), (token, end)


@pytest.mark.slow
@pytest.mark.parametrize("prefix", PREFIXES, ids=lambda prefix: repr(prefix[-24:]))
def test_a_mebibyte_takes_sixteen_times_as_long_and_no_more(prefix: bytes):
    for repeated in REPEATED:
        raw = (prefix + repeated * (2**20 // len(repeated) + 1))[: 2**20]
        assert cpu_seconds(raw, "auto") < 4, repeated


@pytest.mark.slow
@pytest.mark.parametrize("format", FORMATS)
def test_a_mebibyte_of_one_thing_in_every_format(format: str):
    for repeated in REPEATED:
        raw = (repeated * (2**20 // len(repeated) + 1))[: 2**20]
        assert cpu_seconds(raw, format) < 4, repeated


def test_a_batch_is_answered_in_order():
    records = [Record(raw=line, source="t", received_at=RECEIVED, unit="u") for line in [*LINES, b"\xff", b""]]
    sequences = [10 + 2 * index for index in range(len(records))]
    outcomes = normalise(Batch("t.0", sequences, records, sequences[-1]), ZONE)
    assert [outcome.position.sequence for outcome in outcomes] == sequences
    assert [outcome.raw if isinstance(outcome, Event) else outcome.record.raw for outcome in outcomes] == [
        record.raw for record in records
    ]
    assert isinstance(outcomes[-1], Rejected)


def test_events_of_one_batch_share_nothing_that_changes():
    first, second = read(LINES[0]), read(LINES[0])
    assert first == second
    assert first.fields is not second.fields
