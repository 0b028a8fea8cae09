import re
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import QuerySyntaxError
from core.fields import FIELDS
from core.query.bounds import ORDERED
from core.query.grammar import BOUND_OF, MAX_DEPTH
from core.query.syntax import And, Everything, Exists, Not, Or, Phrase, Prefix, Query, Range, Term, Wildcard, Word
from tests.queries import parse


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("*", Everything()),
        ("failed", Word("failed")),
        ('"failed password"', Phrase(None, "failed password")),
        ("fail*", Prefix(None, "fail")),
        ('"failed pass"*', Prefix(None, "failed pass")),
        ("user.name:root", Term("user.name", "root")),
        ("user.name: root", Term("user.name", "root")),
        ("nobody_knows:x", Term("nobody_knows", "x")),
        ('user.name:"Nguyễn Văn Ánh"', Phrase("user.name", "Nguyễn Văn Ánh")),
        ("user.name:ro*", Prefix("user.name", "ro")),
        ('file.path:"C:\\\\Program Files"*', Prefix("file.path", "C:\\Program Files")),
        ("user.name:*", Exists("user.name")),
        ('"odd name":x', Term("odd name", "x")),
        ('"odd name":(x or "y z")', Or((Term("odd name", "x"), Phrase("odd name", "y z")))),
        # values that are easy to type
        ("source.ip:2001:db8::1", Term("source.ip", "2001:db8::1")),
        ("source.ip:10.0.0.0/8", Term("source.ip", "10.0.0.0/8")),
        ("url.full:https://canh.example/a?b=c", Term("url.full", "https://canh.example/a?b=c")),
        ("@timestamp:2026-11-24T09:12:01+07:00", Term("@timestamp", "2026-11-24T09:12:01+07:00")),
        ("file.path:C:\\Windows", Term("file.path", "C:\\Windows")),
        ("2001:db8::1", Word("2001:db8::1")),
        ("fe80::1", Word("fe80::1")),
        ("::1", Word("::1")),
        ("de:ad:be:ef:00:01", Word("de:ad:be:ef:00:01")),
        ("09:12:01", Word("09:12:01")),
        ("https://canh.example/", Word("https://canh.example/")),
        ("C:\\Windows", Word("C:\\Windows")),
        ("sshd[812]", Word("sshd[812]")),
        ("->", Word("->")),
        # quotes
        ('"a \\"b\\" \\\\ \\d"', Phrase(None, 'a "b" \\ \\d')),
        ('"and"', Phrase(None, "and")),
        ('"ab*"', Phrase(None, "ab*")),
        ('""', Phrase(None, "")),
        ('a"b"', And((Word("a"), Phrase(None, "b")))),
        # ranges
        ("source.port:>1024", Range("source.port", "1024", None, False, True)),
        ("source.port:>= 1024", Range("source.port", "1024", None, True, True)),
        ("source.port:<1024", Range("source.port", None, "1024", True, False)),
        ("source.port:<=1024", Range("source.port", None, "1024", True, True)),
        ("source.port:[1 TO 5]", Range("source.port", "1", "5")),
        ("source.port:{1 to 5]", Range("source.port", "1", "5", False, True)),
        ("source.port:[ 1 TO 5 }", Range("source.port", "1", "5", True, False)),
        ("source.port:{* TO 5}", Range("source.port", None, "5", True, False)),
        ("source.port:{1 TO *}", Range("source.port", "1", None, False, True)),
        ("source.port:[* TO *]", Exists("source.port")),
        ("source.ip:[10.0.0.0 TO 10.0.0.255]", Range("source.ip", "10.0.0.0", "10.0.0.255")),
        ("source.ip:>fe80::", Range("source.ip", "fe80::", None, False, True)),
        ('event.start:["2026-11-24 09:00" TO *]', Range("event.start", "2026-11-24 09:00", None)),
        ("event.risk_score:>-1.5", Range("event.risk_score", "-1.5", None, False, True)),
        # operators
        ("a b", And((Word("a"), Word("b")))),
        ("a and b AND c", And((Word("a"), Word("b"), Word("c")))),
        ("a Or b or c", Or((Word("a"), Word("b"), Word("c")))),
        ("a b or c", Or((And((Word("a"), Word("b"))), Word("c")))),
        ("a (b or c)", And((Word("a"), Or((Word("b"), Word("c")))))),
        ("not a b", And((Not(Word("a")), Word("b")))),
        ("not not a", Not(Not(Word("a")))),
        ("not(a)", Not(Word("a"))),
        ("((a))", Word("a")),
        ("nothing order android", And((Word("nothing"), Word("order"), Word("android")))),
        ("not:x or or.x:y", Or((Term("not", "x"), Term("or.x", "y")))),
        ("user.name:(a or not b*)", Or((Term("user.name", "a"), Not(Prefix("user.name", "b"))))),
        ("user.name:(a b)", And((Term("user.name", "a"), Term("user.name", "b")))),
        (
            "source.port:(>1 and <5 or 9)",
            Or(
                (
                    And((Range("source.port", "1", None, False), Range("source.port", None, "5", True, False))),
                    Term("source.port", "9"),
                )
            ),
        ),
        ("source.ip:(2001:db8::1 or *)", Or((Term("source.ip", "2001:db8::1"), Exists("source.ip")))),
        ("\t a\n\r b ", And((Word("a"), Word("b")))),
    ],
)
def test_a_query_is_read(text, tree):
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "at", "word"),
    [
        ("", 0, "word"),
        ("  ", 2, "word"),
        ("user.name:", 10, "value"),
        ("user.name: and x", 11, "value"),
        ("a and", 5, "word"),
        ("a or", 4, "word"),
        ("or a", 0, "word"),
        ("a and or b", 6, "word"),
        ("not", 3, "word"),
        ("()", 1, "word"),
        ("(a", 2, "closing"),
        ("(a or (b c)", 11, "closing"),
        ("a)", 1, "end of the query"),
        ("user.name:()", 11, "value"),
        ("user.name:(a", 12, "closing"),
        ('"a', 2, "quote"),
        ('user.name:"a\\"', 14, "quote"),
        (":x", 0, "field name"),
        ("x a*.b", 2, "one word"),
        ("message:*@tinh.gov.vn", 8, "one word"),
        ("user.name:" + "*a" * 9, 10, "at most 8"),
        ("user.name:a*" + "b" * 200, 10, "200"),
        ("@timestamp:>now-7x", 12, "now-7d"),
        ("@timestamp:>nowish", 12, "now-7d"),
        ("@timestamp:[now-1d/y TO *]", 12, "now-7d"),
        ("@timestamp:>now-999999w", 12, "now-7d"),
        ("source.port:>now", 13, "whole number"),
        ("source.port:>", 13, "whole number"),
        ("source.port:>x", 13, "whole number"),
        ("source.port:[1 2]", 15, "TO"),
        ("source.port:[1 TO]", 17, "bound"),
        ("source.port:[1 TO 2", 19, "close the range"),
        ("source.port:[a TO 2]", 13, "whole number"),
        ("source.port:[1 TO b]", 18, "whole number"),
        ("event.risk_score:>high", 18, "number"),
        ("source.ip:>10.0.0.0/8", 11, "IP"),
        ("@timestamp:<yesterday", 12, "2026-11-24"),
        ("user.name:>a", 10, "equality"),
        ("message:[a TO b]", 8, "equality"),
        ("fortinet.firewall.policy:{1 TO 2}", 25, "equality"),
        ("(" * 51, 50, "deep"),
        ("not " * 60 + "a", 200, "deep"),
    ],
)
def test_an_error_points_at_the_character_and_says_what_would_have_fitted(text, at, word):
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    assert caught.value.at == at
    assert word in caught.value.expected.en
    assert caught.value.expected.vi != caught.value.expected.en


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a*b", Wildcard(None, ("a", "b"))),
        ("*a", Wildcard(None, ("", "a"))),
        ("user.name:**", Exists("user.name")),
        ("**", Everything()),
        ("user.name:a**b*", Wildcard("user.name", ("a", "b", ""))),
        ("user.name:(*a or b*)", Or((Wildcard("user.name", ("", "a")), Prefix("user.name", "b")))),
        ('user.name:"a*b"', Phrase("user.name", "a*b")),
        ("url.full:https://*/a?b=*", Wildcard("url.full", ("https://", "/a?b=", ""))),
    ],
)
def test_a_star_in_a_word_stands_for_anything(text, tree):
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("moment", "time"),
    [
        ("now", "2026-11-24T02:30:15.000007Z"),
        ("now-7d", "2026-11-17T02:30:15.000007Z"),
        ("now+1h-30m", "2026-11-24T03:00:15.000007Z"),
        ("now-90s", "2026-11-24T02:28:45.000007Z"),
        ("now/m", "2026-11-24T02:30:00.000000Z"),
        ("now/h", "2026-11-24T02:00:00.000000Z"),
        ("now/d", "2026-11-23T17:00:00.000000Z"),
        ("now-1d/d", "2026-11-22T17:00:00.000000Z"),
        ("now/w", "2026-11-22T17:00:00.000000Z"),
    ],
)
def test_a_moment_is_counted_from_now_and_its_days_are_those_of_the_readers_zone(moment, time):
    now = datetime(2026, 11, 24, 9, 30, 15, 7, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    assert parse(f"@timestamp:>={moment}", now) == Range("@timestamp", time, None)
    assert parse(f"event.start:{{* TO {moment}}}", now) == Range("event.start", None, time, True, False)


def test_a_moment_on_a_field_of_no_times_is_a_word():
    assert parse("user.name:now-7d") == Term("user.name", "now-7d")


def test_every_example_of_the_users_page_is_read():
    page = Path(__file__).parents[4].joinpath("docs", "query.md").read_text("utf-8")
    examples = re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)
    assert len(examples) >= 14
    for example in examples:
        parse(example)


def test_a_bound_can_be_named_for_every_ordered_type():
    assert set(BOUND_OF) == set(ORDERED)


@given(st.text(alphabet=st.sampled_from('ab:()"*\\<>=[]{} \n.@đ') | st.characters(), max_size=60))
def test_any_text_is_read_or_refused_at_a_place_in_it(text):
    try:
        parse(text)
    except QuerySyntaxError as error:
        assert 0 <= error.at <= len(text)


FRAGMENTS = [
    "user.name:",
    "source.port:",
    "@timestamp:",
    "[",
    "{",
    "]",
    "}",
    " TO ",
    "*",
    ">",
    "<=",
    '"',
    "\\",
    "(",
    ")",
    " and ",
    " or ",
    " not ",
    "1",
    "a",
    "10.0.0.1",
    "2026-11-24",
    " ",
]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join))
def test_any_heap_of_fragments_is_read_or_refused_at_a_place_in_it(text):
    test_any_text_is_read_or_refused_at_a_place_in_it.hypothesis.inner_test(text)


def written(query: Query) -> str:
    """The query as text, every part of it in parentheses or quotes."""

    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def named(name: str | None, value: str) -> str:
        return value if name is None else f"{quoted(name)}:{value}"

    match query:
        case Everything():
            return "*"
        case Word(value):
            return value
        case Term(name, value):
            return f"{quoted(name)}:{value}"
        case Phrase(name, value):
            return named(name, quoted(value))
        case Prefix(name, value):
            return named(name, f"{quoted(value)}*")
        case Exists(name):
            return f"{quoted(name)}:*"
        case Range(name, low, high, low_included, high_included):
            bounds = ("*" if bound is None else quoted(bound) for bound in (low, high))
            return f"{name}:{'[' if low_included else '{'}{' TO '.join(bounds)}{']' if high_included else '}'}"
        case And(parts):
            return " and ".join(f"({written(part)})" for part in parts)
        case Or(parts):
            return " or ".join(f"({written(part)})" for part in parts)
        case Not(part):
            return f"not ({written(part)})"
    raise TypeError(query)


WORDS = st.text(st.characters(categories=["L", "N"]) | st.sampled_from(".-/[]{}=<>\\'đ"), min_size=1, max_size=8)
BARE = WORDS.filter(lambda word: word.lower() not in ("and", "or", "not") and word[0] not in "[{<>")
TEXTS = st.text(max_size=12)
NAMES = st.text(min_size=1, max_size=8)
BOUNDS = {
    "long": ["0", "-17", "443"],
    "double": ["0.5", "1e9"],
    "ip": ["10.0.0.1", "::1"],
    "date": ["2026-11-24", "2026-11-24 09:12"],
}
RANGES = st.sampled_from([name for name, field in FIELDS.items() if field.type in ORDERED]).flatmap(
    lambda name: st.tuples(
        st.just(name),
        st.sampled_from([None, *BOUNDS[FIELDS[name].type]]),
        st.sampled_from(BOUNDS[FIELDS[name].type]),
        st.booleans(),
        st.booleans(),
    ).map(lambda drawn: Range(drawn[0], drawn[1], drawn[2], drawn[3] or drawn[1] is None, drawn[4]))
)
LEAVES = st.one_of(
    st.builds(Everything),
    st.builds(Word, BARE),
    st.builds(Term, NAMES, BARE),
    st.builds(Phrase, st.none() | NAMES, TEXTS),
    st.builds(Prefix, st.none() | NAMES, TEXTS),
    st.builds(Exists, NAMES),
    RANGES,
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=12,
)


@pytest.mark.slow
@given(TREES)
def test_a_written_tree_is_read_back(tree):
    assert parse(written(tree)) == tree


def test_depth_is_bounded_and_length_is_not():
    assert parse("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH) == Word("a")
    assert len(parse(" or ".join(f"user.name:u{number}" for number in range(20_000))).parts) == 20_000


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "a" * 200_000,
        '"' + "\\" * 200_000,
        '"' + "\\a" * 100_000 + '"',
        "a:" * 100_000,
        "a " * 100_000,
        "<" * 200_000,
        "a.:" + "[" * 200_000,
        "1:" * 100_000 + "*",
    ],
)
def test_reading_takes_linear_time(text):
    began = time.process_time()
    try:
        parse(text)
    except QuerySyntaxError as error:
        assert 0 <= error.at <= len(text)
    assert time.process_time() - began < 2.0
