from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import QuerySyntaxError
from core.query.lucene import parse_lucene
from core.query.syntax import And, Everything, Exists, Not, Or, Phrase, Prefix, Range, Term, Wildcard, Word

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Everything()),
        ("*", Everything()),
        ("*:*", Everything()),
        ("failed", Word("failed")),
        ('"failed password"', Phrase(None, "failed password")),
        ("user.name:root", Term("user.name", "root")),
        ('user.name:"a \\"b\\""', Phrase("user.name", 'a "b"')),
        ("user.name:(root OR admin)", Or((Term("user.name", "root"), Term("user.name", "admin")))),
        ("user.name:(root admin)", Term("user.name", "root admin")),
        ("user.name:(root admin OR x*)", Or((Term("user.name", "root admin"), Prefix("user.name", "x")))),
        ("message:(root admin)", Or((Term("message", "root"), Term("message", "admin")))),
        ("user.name:*", Exists("user.name")),
        ("_exists_:user.name", Exists("user.name")),
        ("NOT _exists_:user.name", Not(Exists("user.name"))),
        ("user.name:ro*", Prefix("user.name", "ro")),
        ("user.name:*ro*ot", Wildcard("user.name", ("", "ro", "ot"))),
        ("user.name:ro\\*t", Term("user.name", "ro*t")),
        ("file.path:C\\:\\\\Windows\\\\*", Prefix("file.path", "C:\\Windows\\")),
        ("process.command_line:*\\ \\-enc\\ *", Wildcard("process.command_line", ("", " -enc ", ""))),
        ("source.ip:10.0.0.0\\/8", Term("source.ip", "10.0.0.0/8")),
        ("source.ip:2001:db8::1", Term("source.ip", "2001:db8::1")),
        ("source.port:>1024", Range("source.port", "1024", None, False, True)),
        ("source.port:>=1024", Range("source.port", "1024", None)),
        ("source.port:[1 TO 5}", Range("source.port", "1", "5", True, False)),
        ("source.port:[* TO 5]", Range("source.port", None, "5")),
        ("source.port:[* TO *]", Exists("source.port")),
        (
            "@timestamp:[now-1h TO now]",
            Range("@timestamp", "2026-11-24T01:00:00.000000Z", "2026-11-24T02:00:00.000000Z"),
        ),
        ("@timestamp:>=1795485600000", Range("@timestamp", "2026-11-24T02:00:00.000000Z", None)),
        ("a b", Or((Word("a"), Word("b")))),
        ("a AND b", And((Word("a"), Word("b")))),
        ("a && b || c", And((Word("a"), Word("b")))),
        ("a OR b AND c", And((Word("b"), Word("c")))),
        ("a OR (b AND c)", Or((Word("a"), And((Word("b"), Word("c")))))),
        ("a OR NOT b", And((Word("a"), Not(Word("b"))))),
        ("a OR (NOT b)", Or((Word("a"), Not(Word("b"))))),
        ("a NOT b", And((Word("a"), Not(Word("b"))))),
        ("a AND NOT b", And((Word("a"), Not(Word("b"))))),
        ("NOT a", Not(Word("a"))),
        ("!a", Not(Word("a"))),
        ("NOT NOT a", Word("a")),
        ("+a b", Word("a")),
        ("-a b", And((Word("b"), Not(Word("a"))))),
        ("+a -b", And((Word("a"), Not(Word("b"))))),
        ("failed^2", Word("failed")),
        ('"a b"^2', Phrase(None, "a b")),
        ("(a OR b) AND c", And((Or((Word("a"), Word("b"))), Word("c")))),
        ("ORACLE AND and", And((Word("ORACLE"), Word("and")))),
        ("tags:\\<script", Term("tags", "<script")),
    ],
)
def test_what_is_read(text, expected):
    assert parse_lucene(text, NOW) == expected


def test_clauses_side_by_side_are_joined_as_is_asked():
    assert parse_lucene("a b", NOW, "and") == And((Word("a"), Word("b")))
    assert parse_lucene("a OR b c", NOW, "and") == Word("c")
    assert parse_lucene("a", NOW, field="user.name") == Term("user.name", "a")
    assert parse_lucene("x:a", NOW, field="user.name") == Term("x", "a")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("(", 1),
        ("a AND", 5),
        ("a OR OR b", 5),
        ("user.name:", 10),
        ('"a', 2),
        ("(a", 2),
        ("a)", 1),
        ("/regex/", 0),
        ("user.name:/ro.t/", 10),
        ("roam~", 4),
        ('"a b"~2', 5),
        ("user.name:ro?t", 10),
        ("user.name:>5", 10),
        ("source.port:[1 5]", 15),
        ("source.port:[1 TO 5", 19),
        ("source.port:>x", 13),
        ("message:*two words*", 8),
        ("message:a*b-c*", 8),
        ("user.name:" + "*a" * 20, 10),
        ("(" * 60 + "a" + ")" * 60, 51),
    ],
)
def test_where_it_cannot_be_read(text, at):
    if text == "message:*two words*":
        assert parse_lucene(text, NOW)  # two clauses: a word that ends so, a word that begins so
        return
    with pytest.raises(QuerySyntaxError) as raised:
        parse_lucene(text, NOW)
    assert raised.value.at == at


@given(st.text(alphabet='ab:*()[]{}"\\+-!~^/<>=& |ANDORT\n', max_size=40))
def test_any_text_is_read_or_refused_at_a_place_in_it(text):
    try:
        parse_lucene(text, NOW)
    except QuerySyntaxError as error:
        assert 0 <= error.at <= len(text)
