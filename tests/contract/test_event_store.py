"""What every event store promises. Each adapter of `ADAPTERS` passes all of it."""

import multiprocessing
import threading
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import QuerySyntaxError
from core.event import Event, Rejected
from core.ports import EventReader, Search
from core.query.syntax import Exists, Not, Prefix, Query, Range, Term, Wildcard
from core.record import Position, Record
from core.scope import EVERY_UNIT, Scope
from store.events.embedded import open_reader
from tests.contract.chance import MASKS, SEEDS, UNITS, Chance
from tests.contract.event_stores import ADAPTERS, MARKED, START, embedded, event, fill, ordered
from tests.contract.plain import answers
from tests.queries import parse


def every(reader: EventReader, query: str | Query | None = None, scope: Scope = EVERY_UNIT, **search) -> list[Event]:
    query = parse(query) if isinstance(query, str) else query
    return list(reader.search(Search(query=query, limit=1000, **search), scope).events)


def sequences(reader: EventReader, query: str | Query | None = None, scope: Scope = EVERY_UNIT, **search) -> list[int]:
    return [found.position.sequence for found in every(reader, query, scope, **search)]


# What is found.

CORPUS = [
    event(
        1,
        {
            "message": "Failed password for root from 203.0.113.9 port 50112 ssh2",
            "user.name": "root",
            "source.ip": "203.0.113.9",
            "source.port": 50112,
            "event.outcome": "failure",
            "event.category": ["authentication", "network"],
            "process.name": "sshd",
            "file.path": "C:\\Program Files\\Canh",
            "event.risk_score": 7.5,
            "event.start": "2026-11-23T23:30:00Z",
            "tls.established": True,
        },
        "<38>Nov 24 09:12:01 web-01 sshd[812]: Failed password for root from 203.0.113.9 port 50112 ssh2",
    ),
    event(
        2,
        {
            "message": "Đăng nhập thành công: Nguyễn Văn Ánh",
            "user.name": "Nguyễn Văn Ánh",
            "source.ip": "10.0.0.255",
            "source.port": 80,
            "event.outcome": "success",
            "event.risk_score": 7,
            "event.start": "2026-11-24T00:00:00+07:00",
            "fortinet.firewall.vd": "Root",
        },
        "Đăng nhập thành công: Nguyễn Văn Ánh",
        after_s=1,
    ),
    event(
        3,
        {
            "message": "denied",
            "source.ip": "2001:db8::1",
            "related.ip": ["2001:db8::1", "10.0.1.0"],
            "source.port": 443,
            "url.full": "https://canh.example/a?b=c&d=(e)",
            "process.hash.sha256": "ab" * 32,
            "fortinet.firewall.vd": "vd one",
            "labels.repeated": 3,
        },
        "10.0.1.0 denied " + "ab" * 32,
        after_s=2,
    ),
    event(
        4,
        {
            "message": unicodedata.normalize("NFD", "Đăng nhập thất bại"),
            "source.port": "8080",
            "source.ip": "not an address",
            "http.response.body.bytes": 2**70,
            "event.risk_score": "high",
            "event.start": "yesterday",
            "user.name": "root admin",
        },
        "x",
        after_s=3,
    ),
]

ROWS = [
    ("*", [4, 3, 2, 1]),
    # equality on fields we know: the whole value; case and accents do not count
    ("user.name:root", [1]),
    ("user.name:ROOT", [1]),
    ('user.name:"root admin"', [4]),
    ('user.name:"nguyen van anh"', [2]),
    ("user.name:nguyen", []),
    ("event.category:network", [1]),
    ('file.path:"C:\\\\Program Files\\\\Canh"', [1]),
    ('url.full:"https://canh.example/a?b=c&d=(e)"', [3]),
    (f"process.hash.sha256:{'AB' * 32}", [3]),
    ("tls.established:true", [1]),
    # on numbers and addresses: whatever way they are written, whether or not the value fits the type
    ("source.port:443", [3]),
    ("source.port:0443", [3]),
    ("source.port:8080", [4]),
    ("event.risk_score:7", [2]),
    ("event.risk_score:7.50", [1]),
    ("event.risk_score:high", [4]),
    (f"http.response.body.bytes:{2**70}", [4]),
    ("source.ip:2001:db8::1", [3]),
    ("source.ip:2001:0DB8:0:0::0001", [3]),
    ("source.ip:::ffff:203.0.113.9", [1]),
    ('source.ip:"not an address"', [4]),
    ("source.ip:10.0.0.0/24", [2]),
    ("related.ip:10.0.0.0/15", [3]),
    ("source.ip:2001:db8::/32", [3]),
    # times: a day, a second, with their zone
    ("@timestamp:2026-11-24", [4, 3, 2, 1]),
    ("@timestamp:2026-11-24T02:00:01", [2]),
    ("@timestamp:2026-11-24T09:00:01+07:00", [2]),
    ("event.start:2026-11-23", [2, 1]),
    ("event.start:yesterday", [4]),
    # equality, prefix and existence on fields we do not know
    ("fortinet.firewall.vd:root", [2]),
    ('fortinet.firewall.vd:"VD one"', [3]),
    ("fortinet.firewall.vd:v*", [3]),
    ("fortinet.firewall.vd:*", [3, 2]),
    ("labels.repeated:3", [3]),
    ("nobody.has.this:*", []),
    ("nobody.has.this:x", []),
    # prefix
    ("user.name:ro*", [4, 1]),
    ("user.name:nguyễn*", [2]),
    ('user.name:"root a"*', [4]),
    ('file.path:"c:\\\\program f"*', [1]),
    ("source.ip:203.*", [1]),
    ("message:fail*", [1]),
    ('message:"failed pass"*', [1]),
    ("pass*", [1]),
    ('"sshd[81"*', [1]),
    # anything in between
    ("user.name:*admin", [4]),
    ("user.name:r*t", [1]),
    ("user.name:*văn*ánh", [2]),
    ("user.name:*v*n*n*h", [2]),
    ("user.name:r*x", []),
    ("user.name:*o*", [4, 1]),
    ("file.path:c:\\\\program*canh", []),
    ("file.path:c:\\program*canh", [1]),
    ("url.full:https://*?b=*&d=*", [3]),
    ("fortinet.firewall.vd:*o*", [3, 2]),
    ("source.ip:203.*.9", [1]),
    ("source.port:5*2", [1]),
    ("process.hash.sha256:ab*ab", [3]),
    ("message:f*d", [1]),
    ("message:*assw*", [1]),
    ("*hành", [2]),
    ("d*ied", [3]),
    ("nobody.has.this:*x", []),
    # existence
    ("user.name:*", [4, 2, 1]),
    ("not user.name:*", [3]),
    ("message:*", [4, 3, 2, 1]),
    ("event.original:*", [4, 3, 2, 1]),
    ("@timestamp:*", [4, 3, 2, 1]),
    # words and phrases, in the message and in the line as it was read
    ("message:failed", [1]),
    ("message:web", []),
    ('message:"failed password"', [1]),
    ('message:"password failed"', []),
    ("failed", [1]),
    ("web-01", [1]),
    ("812", [1]),
    ('"sshd[812]: failed"', [1]),
    ("event.original:sshd", [1]),
    ('event.original:"09:12:01 web"', [1]),
    ("203.0.113.9", [1]),
    ('"dang nhap"', [4, 2]),
    ('"Đăng nhập"', [4, 2]),
    (unicodedata.normalize("NFD", '"Đăng nhập"'), [4, 2]),
    ("anh", [2]),
    ("ab" * 32, [3]),
    ("ab" * 31, []),
    ("---", []),
    ("not ---", [4, 3, 2, 1]),
    ('""', []),
    # ranges
    ("source.port:>443", [4, 1]),
    ("source.port:>=443", [4, 3, 1]),
    ("source.port:<443", [2]),
    ("source.port:<=443", [3, 2]),
    ("source.port:[80 TO 443]", [3, 2]),
    ("source.port:{80 TO 443]", [3]),
    ("source.port:[80 TO 443}", [2]),
    ("source.port:{80 TO 443}", []),
    ("source.port:[* TO 443]", [3, 2]),
    ("source.port:[444 TO *]", [4, 1]),
    ("source.port:[443 TO 80]", []),
    (f"source.port:<{2**80}", [4, 3, 2, 1]),
    (f"source.port:>{2**80}", []),
    ("event.risk_score:>7", [1]),
    ("event.risk_score:[7 TO 7.5}", [2]),
    ("source.ip:[10.0.0.0 TO 10.0.1.0]", [2]),
    ("source.ip:>10.0.0.255", [3, 1]),
    ("source.ip:>=2001:db8::", [3]),
    ("source.ip:<=255.255.255.255", [2, 1]),
    ("related.ip:[10.0.1.0 TO 10.0.1.0]", [3]),
    ("@timestamp:>2026-11-24T02:00:01", [4, 3]),
    ("@timestamp:>=2026-11-24T02:00:01", [4, 3, 2]),
    ("@timestamp:<2026-11-24T02:00:01", [1]),
    ("@timestamp:<=2026-11-24T02:00:01", [2, 1]),
    ("@timestamp:<=2026-11-24", [4, 3, 2, 1]),
    ("@timestamp:>2026-11-24", []),
    ("@timestamp:{2026-11-23 TO 2026-11-24}", []),
    ("event.start:<2026-11-23T18:00:00Z", [2]),
    # and, or, not, groups
    ("user.name:root and event.outcome:failure", [1]),
    ("user.name:root or source.port:443", [3, 1]),
    ("denied or failed password", [3, 1]),
    ("NOT failed AND NOT denied", [4, 2]),
    ("(failed or denied) and source.port:>1000", [1]),
    ("not (failed or denied)", [4, 2]),
    ("not not failed", [1]),
    ("source.port:(80 or 443 or >50000)", [3, 2, 1]),
    ("user.name:(root or nguyen*) not source.port:80", [1]),
    ("event.category:(network and authentication)", [1]),
]


@pytest.fixture(scope="module", params=MARKED)
def corpus(request, tmp_path_factory) -> EventReader:
    return fill(ADAPTERS[request.param](tmp_path_factory.mktemp("corpus") / "events"), CORPUS)


@pytest.mark.parametrize(("query", "expected"), ROWS, ids=[query[:60] for query, _ in ROWS])
def test_a_query_finds(corpus, query, expected):
    assert sequences(corpus, query) == expected
    assert corpus.count(Search(query=parse(query)), EVERY_UNIT) == len(expected)
    assert [found.position.sequence for found in answers(parse(query), CORPUS, EVERY_UNIT)] == expected, "the plain way"


@pytest.mark.parametrize("field", ["user.name", "message", "fortinet.firewall.vd", "tls.established"])
def test_a_range_is_refused_where_there_is_no_order(corpus, field):
    with pytest.raises(QuerySyntaxError):
        corpus.search(Search(query=Range(field, "a", "b")), EVERY_UNIT)
    with pytest.raises(QuerySyntaxError):
        corpus.count(Search(query=Not(Range(field, "a", None))), EVERY_UNIT)


def test_times_are_half_open(corpus):
    def between(start: float | None, end: float | None) -> list[int]:
        bounds = [None if bound is None else START + timedelta(seconds=bound) for bound in (start, end)]
        return sequences(corpus, start=bounds[0], end=bounds[1])

    assert between(1, 3) == [3, 2]
    assert between(None, 1) == [1]
    assert between(3, None) == [4]
    assert between(1, 1) == between(3, 1) == between(100, None) == []


# Against the plain evaluator.


@pytest.mark.slow
@pytest.mark.parametrize("adapter", MARKED)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=SEEDS, deadline=None)
def test_a_store_answers_as_the_plain_evaluator_does(tmp_path_factory, adapter, seed):
    chance = Chance(seed)
    events = [chance.event(number) for number in range(1, chance.randint(1, 30))]
    store = ADAPTERS[adapter](tmp_path_factory.mktemp("plain") / "events")
    reader = fill(store, events)
    for _ in range(100):
        query, scope = chance.query(), Scope(chance.choice(UNITS), chance.choice(MASKS))
        expected = [found.position for found in answers(query, events, scope)]
        assert [found.position for found in every(reader, query, scope)] == expected, (query, scope)
        assert reader.count(Search(query=query), scope) == len(expected)
    store.drop()


# What comes back.


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"message": "một", "event.category": ["a", "b"], "labels.n": [1, 2, -3], "source.port": 0},
        {"a": True, "b": False, "c": 1.5, "d": 2**63, "e": -(2**70), "f": float("inf"), "g": "", "h": "x" * 100_000},
        {"source.port": "many", "source.ip": "x", "@timestamp": "never", "event.original": "other", "_unit": "school"},
        {"half": "\ud800", "message": "\udfff tail", "user.name": "a\x00b\n\x1d\x1e\x1f\t=", "related.ip": ["\ud800"]},
        {"a b=c|d": "x", "=": "=", "": "empty", "é": "é", "message": 7, "source.port": [1, "x", 2.5, True]},
        {"event.risk_score": float("nan")} | {f"field.{number}": number for number in range(2000)},
    ],
    ids=["none", "plain", "types", "unfit", "odd text", "odd names", "many"],
)
def test_an_event_comes_back_as_it_was(store, fields):
    times = [
        datetime(1969, 7, 20, 20, 17, 40, 1, tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=UTC),
    ]
    stored = [
        Event(
            time=time,
            received=START,
            position=Position("intake.1", n),
            unit="một",
            fields=fields,
            raw=bytes(range(256)),
        )
        for n, time in enumerate(times, 1)
    ]
    reader = fill(store, stored)
    found = sorted(every(reader), key=lambda each: each.position)
    for was, now in zip(stored, found, strict=True):
        assert repr(ordered(now)) == repr(ordered(was)), "1 is not True"
        assert {name: type(value) for name, value in now.fields.items()} == {n: type(v) for n, v in was.fields.items()}
        found_again = reader.get(was.id, EVERY_UNIT)
        assert found_again is not None and repr(ordered(found_again)) == repr(ordered(was))


def test_odd_values_are_found(store):
    fields = {"user.name": "a\x00b\n\x1d=|", "x=y": "z", "x": "y=z", "labels.a b": "c  d", "long": "y" * 70_000}
    reader = fill(store, [event(1, fields), event(2, {"user.name": "a b"}), event(3, {"long": "y" * 69_999 + "z"})])
    for name, value in fields.items():
        assert sequences(reader, Term(name, value)) == [1], name
        assert 1 in sequences(reader, Exists(name)), name
    assert sequences(reader, Term("x", "z")) == []
    assert sequences(reader, Term("user.name", "a  b")) == []
    assert sequences(reader, Prefix("long", "y" * 100)) == [3, 1]
    assert sequences(reader, Wildcard("long", ("", "yy", ""))) == [3, 1], "its first letters are looked at"
    assert sequences(reader, Wildcard("long", ("y", "z"))) == [], "and no digest"
    assert sequences(reader, Wildcard("user.name", ("a", "b", ""))) == [2, 1]
    assert sequences(reader, Wildcard("x=y", ("", "z"))) == [1]


def test_a_line_of_64_kib_with_control_bytes_is_found_by_its_words(store):
    line = b"begin \x00\x01\xff\xfe " + b"word " * 13_000 + b"needle\x00\x1b[31m " + b"q" * 500 + b" " + b"z" * 66_000
    reader = fill(store, [event(1, {"message": line.decode("utf-8", "backslashreplace")}, line)])
    for query in ("begin", "needle", "q" * 500, '"word needle"'):
        assert [found.raw for found in every(reader, query)] == [line], query


def test_the_writer_tells_how_many_events_it_holds(store):
    writer = store.open_writer()
    assert writer.count() == 0
    writer.append([event(1), event(2, received=START + timedelta(days=1))])
    assert writer.count() == 0, "durable ones only"
    writer.commit()
    assert writer.count() == 2
    writer.append([event(2, received=START + timedelta(days=1)), event(3, received=START + timedelta(days=1))])
    writer.append([event(1, partition="other.000000000001", received=START + timedelta(days=5))])
    writer.close()
    writer = store.open_writer()
    assert writer.count() == 4
    writer.close()
    reader = store.open_reader()
    assert list(reader.missing(Search(query=None))) == []
    assert reader.count(Search(query=None), EVERY_UNIT) == 4


def test_a_rejected_record_is_stored_and_found(store):
    record = Record(raw=b"\x00\xff rubbish", source="syslog/udp", received_at=START, unit="province")
    rejected = Rejected(record=record, position=Position("intake.1", 1), stage="normalise", reason="no_known_format")
    reader = fill(store, [rejected])
    assert every(reader, "event.kind:pipeline_error and rubbish") == [rejected.as_event()]
    assert every(reader, 'error.message:"known format" and error.code:no_known_format') == [rejected.as_event()]
    assert reader.get(rejected.id, EVERY_UNIT) == rejected.as_event()


def test_an_id_that_nothing_has_finds_nothing(store):
    reader = fill(store, [event(1), event(1, partition="replay.aa")])
    assert reader.get("5f0c9a11d2e3-1", EVERY_UNIT) == event(1)
    assert reader.get("aa-1", EVERY_UNIT) == event(1, partition="replay.aa")
    for identity in (
        "",
        "-",
        "x",
        "5f0c9a11d2e3-2",
        "5f0c9a11d2e3-01",
        "5F0C9A11D2E3-1",
        "aa--1",
        f"aa-{2**64:x}",
        ".*-1",
    ):
        assert reader.get(identity, EVERY_UNIT) is None, identity


# Who may see what.


def test_a_scope_shows_its_units_only(store):
    events = [event(1, unit="a"), event(2, unit="b", after_s=1), event(3, {"_unit": "a"}, unit="c", after_s=2)]
    reader = fill(store, events)
    assert sequences(reader, scope=Scope(frozenset({"a"}))) == [1]
    assert sequences(reader, "not nothing", Scope(frozenset({"a", "b"}))) == [2, 1]
    assert sequences(reader, scope=Scope(frozenset())) == []
    assert reader.count(Search(query=None), Scope(frozenset({"b"}))) == 1
    assert reader.get(events[0].id, Scope(frozenset({"b"}))) is None
    assert reader.get(events[0].id, Scope(frozenset({"a"}))) == events[0]


@pytest.mark.slow
@pytest.mark.parametrize("seen", [0, 1, 2, 20, 38, 39, 40, 41])
def test_a_scope_of_any_share_of_the_units_shows_those_alone(store, seen):
    """Few, half, all but a few, all, and units of which there is nothing: the shorter list is asked for."""
    units = [f"u{number:02}" for number in range(40)]
    reader = fill(store, [event(number + 1, unit=unit, after_s=number) for number, unit in enumerate(units)])
    scope = Scope(frozenset({*units[:seen], *([] if seen <= 40 else ["elsewhere"])}) | {"nothing-of-it"})
    expected = list(range(min(seen, 40), 0, -1))
    assert sequences(reader, scope=scope) == expected
    assert reader.count(Search(query=None), scope) == len(expected)
    assert sequences(reader, "not nothing", scope) == expected
    got = [reader.get(event(number + 1, unit=unit, after_s=number).id, scope) for number, unit in enumerate(units)]
    assert [found is not None for found in got] == [number < seen for number in range(40)]


def test_a_masked_field_is_neither_shown_nor_searched(store):
    stored = event(1, {"user.name": "lan", "source.port": 7, "message": "only here", "host.name": "h"}, "lan as read")
    reader = fill(store, [stored])
    scope = Scope(None, frozenset({"user.name", "source.port", "message"}))
    (found,) = every(reader, scope=scope)
    assert found.fields == {"host.name": "h"}
    assert found.raw == stored.raw
    assert reader.get(stored.id, scope) == found
    for query in (
        "user.name:lan",
        "user.name:*",
        "user.name:l*",
        "source.port:>1",
        "message:only",
        "here",
        '"only here"',
    ):
        assert sequences(reader, query, scope) == [], query
        assert sequences(reader, query) == [1], query
    assert sequences(reader, "lan and not user.name:lan and host.name:h", scope) == [1]
    blind = Scope(None, frozenset({"event.original"}))
    assert every(reader, scope=blind)[0].raw == b""
    assert sequences(reader, "read", blind) == sequences(reader, "event.original:*", blind) == []
    assert sequences(reader, "here", blind) == [1]


# Order and pages.


def pages(
    reader: EventReader, limit: int, scope: Scope = EVERY_UNIT, query: Query | None = None
) -> Iterator[list[Event]]:
    before = None
    while True:
        page = reader.search(Search(query=query, limit=limit, before=before), scope)
        yield list(page.events)
        if page.next is None:
            return
        assert len(page.events) == limit
        before = page.next


@pytest.mark.parametrize("limit", [1, 7, 100, 1000])
def test_pages_hold_every_event_once_newest_first(store, limit):
    events = []
    for number in range(1, 401):
        # Three partitions, two days, and a second in which half of all events fall.
        partition = ("intake.1", "replay.2", "intake.3")[number % 3]
        after_s = 5.0 if number % 2 else float(number % 11)
        events.append(event(number, partition=partition, after_s=after_s, received=START + timedelta(days=number % 2)))
    reader = fill(store, events)
    shown = [found for page in pages(reader, limit) for found in page]
    assert shown == sorted(events, key=lambda each: (each.time, each.position), reverse=True)


def test_a_page_stays_what_it_was_while_events_arrive(store):
    writer = store.open_writer()
    writer.append([event(number, after_s=number) for number in range(1, 21)])
    writer.commit()
    reader = store.open_reader()
    first = reader.search(Search(query=None, limit=5), EVERY_UNIT)
    writer.append([event(number, after_s=number) for number in range(21, 31)])
    writer.commit()
    reader.refresh()
    second = reader.search(Search(query=None, limit=5, before=first.next), EVERY_UNIT)
    assert [found.position.sequence for found in first.events + second.events] == list(range(20, 10, -1))
    assert (first.total, second.total) == (20, 30)
    writer.close()


@pytest.mark.parametrize("before", ["", "x", "äö", "!!!!", "AAAA", "k" * 399, "lAEC"])
def test_a_strange_place_is_refused(store, before):
    reader = fill(store, [event(1)])
    with pytest.raises(QuerySyntaxError):
        reader.search(Search(query=None, before=before), EVERY_UNIT)


def test_a_store_that_is_empty_or_not_there_finds_nothing(store):
    reader = store.open_reader()
    assert every(reader) == [] and reader.count(Search(query=None), EVERY_UNIT) == 0
    assert reader.get("5f0c9a11d2e3-1", EVERY_UNIT) is None
    writer = store.open_writer()
    writer.commit()
    reader.refresh()
    assert every(reader) == [] and writer.positions() == {}
    writer.append([event(1)])
    writer.close()
    reader.refresh()
    assert sequences(reader) == [1]


def test_no_rows_may_be_asked_for(store):
    page = fill(store, [event(1)]).search(Search(query=None, limit=0), EVERY_UNIT)
    assert (page.events, page.total, page.next) == ((), 1, None)


# Exactly once.


def test_nothing_is_seen_before_commit_and_all_after_refresh(store):
    writer = store.open_writer()
    reader = store.open_reader()
    writer.append([event(1)])
    reader.refresh()
    assert sequences(reader) == [] and writer.positions() == {}
    writer.commit()
    assert sequences(reader) in ([], [1]), "a store may show it sooner"
    reader.refresh()
    assert sequences(reader) == [1] and writer.positions() == {"intake.5f0c9a11d2e3": 1}
    writer.close()


def test_what_is_stored_is_skipped(store):
    days = [START, START + timedelta(days=1)]
    events = [event(number, received=days[number % 2]) for number in range(1, 11)]
    writer = store.open_writer()
    assert writer.append(events[:6]) == 6
    assert writer.append(events[:6]) == 0, "not even before the commit"
    writer.commit()
    assert writer.append(events[4:8]) == 2
    writer.close()
    writer = store.open_writer()
    assert writer.positions() == {"intake.5f0c9a11d2e3": 8}
    assert writer.append(events) == 2
    writer.commit()
    assert writer.positions() == {"intake.5f0c9a11d2e3": 10}
    writer.close()
    assert sorted(sequences(store.open_reader())) == list(range(1, 11))


def test_partitions_interleave(store):
    writer = store.open_writer()
    for number in range(1, 6):
        writer.append([event(number, partition="a.1"), event(number * 10, partition="b.2")])
        writer.append([event(number, partition="a.1"), event(number * 100, partition="c.3")])
    writer.commit()
    assert writer.positions() == {"a.1": 5, "b.2": 50, "c.3": 500}
    writer.close()
    assert len(every(store.open_reader())) == 15


@pytest.mark.slow
def test_a_clock_that_jumps_over_days_loses_nothing(store):
    writer = store.open_writer()
    events = [
        event(number, received=START + timedelta(days=(0, 1, 2, 0, -5, 1, 30)[number % 7])) for number in range(1, 36)
    ]
    for at in range(0, 35, 5):
        writer.append(events[at : at + 5])
        if at % 10:
            writer.commit()
    writer.close()
    assert sorted(sequences(store.open_reader())) == list(range(1, 36))
    writer = store.open_writer()
    assert writer.positions() == {"intake.5f0c9a11d2e3": 35}
    assert writer.append(events) == 0
    writer.close()


# Several at once.


def _count_from_elsewhere(adapter: str, folder: Path, asked, told) -> None:
    reader = ADAPTERS[adapter](folder).open_reader()
    while asked.get():
        reader.refresh()
        told.put(reader.count(Search(query=Term("user.name", "an")), EVERY_UNIT))


@pytest.mark.slow
@pytest.mark.parametrize("adapter", MARKED)
def test_another_process_sees_what_is_committed(tmp_path, adapter):
    folder = tmp_path / "events"
    writer = ADAPTERS[adapter](folder).open_writer()
    context = multiprocessing.get_context("spawn")
    asked, told = context.Queue(), context.Queue()
    other = context.Process(target=_count_from_elsewhere, args=(adapter, folder, asked, told))
    other.start()
    try:
        for number in range(1, 15):
            writer.append([event(number, {"user.name": "An"}, received=START + timedelta(hours=4 * number))])
            writer.commit()
            asked.put(True)
            assert told.get(timeout=60) == number
    finally:
        asked.put(False)
        other.join(10)
        writer.close()


@pytest.mark.slow
def test_a_reader_is_shared_between_threads_while_events_arrive(store):
    writer = store.open_writer()
    writer.append([event(1, {"message": "một hai"})])
    writer.commit()
    reader = store.open_reader()
    troubles: list[BaseException] = []
    stop = threading.Event()

    def ask() -> None:
        try:
            while not stop.is_set():
                reader.refresh()
                page = reader.search(Search(query=parse('"mot hai" or ba* or not message:*'), limit=20), EVERY_UNIT)
                assert page.total >= 1
                assert all(found.fields["message"] == "một hai" for found in page.events)
                assert reader.get(page.events[0].id, EVERY_UNIT) == page.events[0]
        except BaseException as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(2, 25):
        writer.append([event(number * 50 + each, {"message": "một hai"}, after_s=number) for each in range(50)])
        writer.commit()
    stop.set()
    for thread in threads:
        thread.join()
    writer.close()
    assert troubles == []


def test_a_query_reads_times_without_zone_in_the_readers_zone(tmp_path):
    """The embedded store's own: the zone is given when a reader is opened."""
    fill(embedded(tmp_path), [event(1)])
    for zone, found in ((ZoneInfo("Asia/Ho_Chi_Minh"), [1]), (UTC, [])):
        reader = open_reader(tmp_path, zone)
        assert sequences(reader, "@timestamp:2026-11-24T09:00") == found
        assert sequences(reader, "@timestamp:2026-11-24T02:00Z") == [1]
