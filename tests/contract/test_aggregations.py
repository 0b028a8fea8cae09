"""What every event store says about many events at once. Each adapter of `ADAPTERS` passes all of it."""

import math
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import QuerySyntaxError
from core.ports import Search
from core.query.aggregation import (
    MAX_ROWS,
    Buckets,
    Combined,
    Distinct,
    FieldNames,
    Histogram,
    Order,
    Percentiles,
    Quantiles,
    Statistics,
    Summary,
    Terms,
)
from core.query.bounds import microseconds
from core.scope import EVERY_UNIT, Scope
from tests.contract.chance import MASKS, SEEDS, UNITS, Chance
from tests.contract.event_stores import ADAPTERS, MARKED, START, event, fill
from tests.contract.plain import answers, counted
from tests.queries import parse

HOUR = 3_600_000_000


def rows(outcome):
    """Rows as the plain evaluator writes them."""
    return [(row.key, row.count, {name: plain(part) for name, part in row.parts.items()}) for row in outcome.rows]


def plain(outcome):
    if isinstance(outcome, Buckets):
        return rows(outcome)
    if isinstance(outcome, Summary):
        return (outcome.count, outcome.sum, outcome.low, outcome.high)
    return outcome


CORPUS = [
    event(
        1,
        {
            "user.name": "root",
            "source.ip": "203.0.113.9",
            "source.port": 50112,
            "event.category": ["network", "authentication", "network"],
            "event.severity": 7,
            "event.risk_score": 7.5,
            "fortinet.firewall.vd": "Root",
            "tls.established": True,
        },
        "one",
    ),
    event(
        2,
        {
            "user.name": "ROOT",
            "source.ip": "::ffff:203.0.113.9",
            "source.port": "443",
            "event.category": "network",
            "event.severity": 7,
            "event.risk_score": "2",
            "event.start": "2026-11-24T00:00:00+07:00",
            "fortinet.firewall.vd": "Root",
            "tls.established": False,
        },
        "two",
        after_s=1800,
    ),
    event(
        3,
        {
            "user.name": "Nguyễn Văn Ánh",
            "source.ip": "2001:DB8::1",
            "source.port": 443,
            "event.severity": 2,
            "fortinet.firewall.vd": "",
            "process.command_line": "x" * 1024,
            "labels.when": "2026-11-24T00:00:00Z",
        },
        after_s=7200,
        received=START + timedelta(days=1),
        unit="school",
    ),
    event(
        4,
        {
            "user.name": 7,
            "source.ip": "not an address",
            "source.port": "many",
            "process.command_line": "x" * 1025,
            "labels.when": "2026-11-24T00:00:00Z",
            "user.id": 10**30,
            "message": "some words",
        },
        after_s=7201,
        received=START + timedelta(days=1),
        unit="school",
    ),
]

FIRST = microseconds(START)

ROWS = [
    # values as they were written, most first, then by key; a value twice in an event counts once
    (Terms("user.name"), [("7", 1, {}), ("Nguyễn Văn Ánh", 1, {}), ("ROOT", 1, {}), ("root", 1, {})]),
    (Terms("event.category"), [("network", 2, {}), ("authentication", 1, {})]),
    (Terms("tls.established"), [("false", 1, {}), ("true", 1, {})]),
    (Terms("user.id"), [(str(10**30), 1, {})]),
    # numbers, addresses and times however they are written; what does not fit is not there
    (Terms("source.port"), [(443, 2, {}), (50112, 1, {})]),
    (Terms("source.ip"), [("203.0.113.9", 2, {}), ("2001:db8::1", 1, {})]),
    (Terms("event.risk_score"), [(2.0, 1, {}), (7.5, 1, {})]),
    (Terms("event.start"), [(FIRST - 9 * HOUR, 1, {})]),
    # fields that we do not know, also what looks like a time
    (Terms("fortinet.firewall.vd"), [("Root", 2, {}), ("", 1, {})]),
    (Terms("labels.when"), [("2026-11-24T00:00:00Z", 2, {})]),
    (Terms("nobody.has.this"), []),
    # a key has 1,024 letters at most
    (Terms("process.command_line"), [("x" * 1024, 1, {})]),
    # the unit
    (Terms("canh.unit"), [("province", 2, {}), ("school", 2, {})]),
    # order
    (Terms("source.ip", 1), [("203.0.113.9", 2, {})]),
    (Terms("source.ip", order=Order(rising=True)), [("2001:db8::1", 1, {}), ("203.0.113.9", 2, {})]),
    (Terms("source.ip", order=Order("key", rising=True)), [("203.0.113.9", 2, {}), ("2001:db8::1", 1, {})]),
    (Terms("source.ip", order=Order("key")), [("2001:db8::1", 1, {}), ("203.0.113.9", 2, {})]),
    (
        Terms("canh.unit", order=Order("part", part="p", statistic="max"), parts={"p": Statistics("source.port")}),
        [("province", 2, {"p": (2, 50555.0, 443, 50112)}), ("school", 2, {"p": (1, 443.0, 443, 443)})],
    ),
    # steps of time and of numbers
    (Histogram("@timestamp", HOUR), [(FIRST, 2, {}), (FIRST + 2 * HOUR, 2, {})]),
    (Histogram("@timestamp", 24 * HOUR, 17 * HOUR), [(FIRST - 9 * HOUR, 4, {})]),
    (Histogram("event.risk_score", 2.5), [(0.0, 1, {}), (7.5, 1, {})]),
    (
        Histogram("@timestamp", HOUR, parts={"s": Terms("event.severity")}),
        [(FIRST, 2, {"s": [(7, 2, {})]}), (FIRST + 2 * HOUR, 2, {"s": [(2, 1, {})]})],
    ),
    # combinations
    (
        Combined(("event.category", "source.port")),
        [(("network", 443), 1, {}), (("network", 50112), 1, {}), (("authentication", 50112), 1, {})],
    ),
    # numbers
    (Distinct("user.name"), 4),
    (Distinct("source.ip"), 2),
    (Distinct("nobody.has.this"), 0),
    (Statistics("source.port"), (3, 50998.0, 443, 50112)),
    (Statistics("event.risk_score"), (2, 9.5, 2.0, 7.5)),
    (Statistics("event.duration"), (0, 0.0, None, None)),
]


def test_rows(store):
    reader = fill(store, CORPUS)
    asked = {str(number): aggregation for number, (aggregation, _) in enumerate(ROWS)}
    found = reader.aggregate(Search(query=None), asked, EVERY_UNIT)
    assert list(found) == list(asked)
    for number, (aggregation, expected) in enumerate(ROWS):
        answer = plain(found[str(number)])
        if isinstance(aggregation, Combined):
            answer, expected = sorted(answer), sorted(expected)
        assert answer == expected, aggregation
        alone = reader.aggregate(Search(query=None), {"x": aggregation}, EVERY_UNIT)
        assert alone == {"x": found[str(number)]}


def test_only_what_the_question_the_time_and_the_scope_cover_is_counted(store):
    reader = fill(store, CORPUS)

    def users(scope=EVERY_UNIT, **search):
        return [row.key for row in reader.aggregate(Search(**search), {"x": Terms("user.name")}, scope)["x"].rows]

    assert users(query=parse("source.port:443")) == ["Nguyễn Văn Ánh", "ROOT"]
    assert users(query=None, start=START + timedelta(hours=1)) == ["7", "Nguyễn Văn Ánh"]
    assert users(query=None, end=START + timedelta(seconds=1)) == ["root"]
    assert users(query=None, scope=Scope(frozenset({"school"}))) == ["7", "Nguyễn Văn Ánh"]
    assert users(query=None, scope=Scope(frozenset())) == []
    assert users(query=None, scope=Scope(None, frozenset({"user.name"}))) == []
    masked = reader.aggregate(
        Search(query=None),
        {
            "statistics": Statistics("source.port"),
            "distinct": Distinct("user.name"),
            "percent": Percentiles("source.port", (50.0,)),
            "combined": Combined(("canh.unit", "user.name")),
            "steps": Histogram("source.port", 10),
        },
        Scope(None, frozenset({"user.name", "source.port"})),
    )
    assert masked == {
        "statistics": Summary(0, 0.0, None, None),
        "distinct": 0,
        "percent": Quantiles({50.0: None}),
        "combined": Buckets(()),
        "steps": Buckets(()),
    }


def test_an_empty_store_counts_nothing(store):
    reader = store.open_reader()
    asked = {
        "terms": Terms("user.name", parts={"x": Distinct("source.ip")}),
        "steps": Histogram("@timestamp", HOUR),
        "combined": Combined(("user.name", "source.ip")),
        "distinct": Distinct("user.name"),
        "statistics": Statistics("source.port"),
        "percent": Percentiles("source.port", (50.0,)),
        "names": FieldNames(),
    }
    assert reader.aggregate(Search(query=None), asked, EVERY_UNIT) == {
        "terms": Buckets(()),
        "steps": Buckets(()),
        "combined": Buckets(()),
        "distinct": 0,
        "statistics": Summary(0, 0.0, None, None),
        "percent": Quantiles({50.0: None}),
        "names": Buckets(()),
    }


def test_the_fields_that_events_have_are_listed(store):
    reader = fill(store, CORPUS)
    names = reader.aggregate(Search(query=None), {"x": FieldNames()}, Scope(None, frozenset({"source.ip"})))["x"]
    found = {row.key: row.count for row in names.rows}
    assert found["user.name"] == 4 and found["fortinet.firewall.vd"] == 3 and found["message"] == 1
    assert "source.ip" not in found
    assert [row.count for row in names.rows] == sorted(found.values(), reverse=True)


def test_rows_beyond_those_shown_are_counted(store):
    events = [event(number, {"user.name": f"u{number % 7}"}, after_s=number) for number in range(1, 71)]
    reader = fill(store, events)
    found = reader.aggregate(Search(query=None), {"x": Terms("user.name", 3)}, EVERY_UNIT)["x"]
    assert [(row.key, row.count) for row in found.rows] == [("u0", 10), ("u1", 10), ("u2", 10)]
    assert (found.other, found.uncertain) == (40, 0)


def test_many_values_are_counted_over_days(store):
    """More values than are asked for at first, most of them on one day only: the frequent ones are not missed."""
    events = []
    for number in range(1, 9001):
        user = f"u{number}" if number % 3 else f"often{number % 2}"
        day = timedelta(days=number // 3001)
        events.append(event(number, {"user.name": user, "source.port": number}, after_s=number, received=START + day))
    reader = fill(store, events)
    found = reader.aggregate(
        Search(query=None),
        {"top": Terms("user.name", 2), "distinct": Distinct("user.name"), "ports": Distinct("source.port")},
        EVERY_UNIT,
    )
    assert [(row.key, row.count) for row in found["top"].rows] == [("often0", 1500), ("often1", 1500)]
    assert found["top"].other == 6000
    assert found["distinct"] == pytest.approx(6002, rel=0.05)
    assert found["ports"] == pytest.approx(9000, rel=0.05)


@pytest.mark.parametrize(
    ("values", "percents"),
    [
        (range(1000), (0.0, 1.0, 50.0, 95.0, 100.0)),
        ([1] * 98 + [1000, 10**9], (50.0, 95.0)),
        ([2**40 + 7 * n for n in range(500)], (5.0, 50.0, 99.0)),
        (range(-500, 500), (10.0, 50.0, 90.0)),
    ],
)
def test_percentiles(store, values, percents):
    values = list(values)
    events = [
        event(number, {"http.response.body.bytes": value}, received=START + timedelta(days=number % 2))
        for number, value in enumerate(values, 1)
    ]
    reader = fill(store, events)
    asked = {"x": Percentiles("http.response.body.bytes", percents)}
    require_near(reader.aggregate(Search(query=None), asked, EVERY_UNIT)["x"], sorted(values))


def require_near(found: Quantiles, values: list) -> None:
    """The stated tolerance: 3 percent of the value, or two percent of the ranks (one at least)."""
    for percent, value in found.values.items():
        if not values:
            assert value is None
            continue
        rank = (len(values) - 1) * percent / 100
        slack = max(1.0, len(values) * 0.02)
        low = values[max(0, math.floor(rank - slack))]
        high = values[min(len(values) - 1, math.ceil(rank + slack))]
        assert low - abs(low) * 0.03 <= value <= high + abs(high) * 0.03, (percent, value, low, high)


@pytest.mark.parametrize(
    "asked",
    [
        Terms("message"),
        Terms("event.original"),
        Terms("odd name="),
        Terms(""),
        Terms("x" * 201),
        Terms("user.name", 0),
        Terms("user.name", MAX_ROWS + 1),
        Terms("user.name", MAX_ROWS, parts={"x": Terms("source.ip")}),
        Terms("user.name", order=Order("part", part="x")),
        Terms("user.name", order=Order("part", part="x"), parts={"x": Distinct("source.ip")}),
        Terms("a", parts={"x": Terms("b", parts={"x": Terms("c", parts={"x": Terms("d", parts={"x": Terms("e")})})})}),
        Terms("user.name", parts={"x": Combined(("source.ip",))}),
        Terms("user.name", parts={"x": FieldNames()}),
        Combined(()),
        Combined(("a", "b", "c", "d", "e", "f")),
        Histogram("user.name", 10),
        Histogram("source.port", 0),
        Histogram("source.port", -1),
        Histogram("source.port", math.nan),
        Histogram("source.port", math.inf),
        Histogram("@timestamp", 0.5),
        Histogram("@timestamp", 1000),
        Distinct("message"),
        Percentiles("user.name", (50.0,)),
        Percentiles("source.port", ()),
        Percentiles("source.port", (101.0,)),
        Statistics("source.ip"),
    ],
    ids=lambda asked: type(asked).__name__,
)
def test_what_no_store_answers_is_refused_alike(store, asked):
    reader = fill(store, CORPUS)
    with pytest.raises(QuerySyntaxError):
        reader.aggregate(
            Search(query=None, start=START, end=START + timedelta(days=1)),
            {"fine": Distinct("user.name"), "x": asked},
            EVERY_UNIT,
        )


def test_more_buckets_than_can_be_held_are_refused(store):
    """Steps of a field of numbers have no bound that is known before."""
    many = event(1, {"source.port": list(range(300)), "user.name": [f"u{number}" for number in range(300)]})
    reader = fill(store, [many])
    with pytest.raises(QuerySyntaxError):
        reader.aggregate(
            Search(query=None),
            {"x": Terms("user.name", 1000, parts={"y": Histogram("source.port", 1)})},
            EVERY_UNIT,
        )
    assert reader.aggregate(Search(query=None), {"x": Distinct("user.name")}, EVERY_UNIT) == {"x": 300}


COUNTABLE = [
    "user.name",
    "labels.x",
    "tags",
    "source.port",
    "event.risk_score",
    "source.ip",
    "related.ip",
    "event.start",
]
NUMERIC = ["source.port", "event.risk_score", "event.start"]


def draw(chance: Chance, depth: int = 2):
    match chance.randrange(7):
        case 0 if depth == 2:
            return Combined(tuple(chance.sample(COUNTABLE, 2)), 100)
        case 1:
            return Distinct(chance.choice(COUNTABLE))
        case 2:
            return Statistics(chance.choice(NUMERIC))
        case 3:
            return Percentiles(chance.choice(NUMERIC), (chance.choice([0.0, 25.0, 50.0, 99.0]),))
        case 4:
            parts = {"p": draw(chance, depth - 1)} if depth else {}
            return Histogram("@timestamp", chance.choice([500_000, 1_000_000, HOUR]), chance.choice([0, 7]), parts)
    order = chance.choice([Order(), Order(), Order("key", rising=True), Order("key"), Order(rising=True)])
    parts = {"p": draw(chance, depth - 1)} if depth and chance.random() < 0.6 else {}
    if parts and isinstance(parts["p"], Statistics) and chance.random() < 0.5:
        order = Order("part", chance.random() < 0.5, "p", chance.choice(["count", "min", "max"]))
    return Terms(chance.choice([*COUNTABLE, "canh.unit"]), chance.choice([1, 3, 30]), order, parts)


def require_alike(found, expected, asked) -> None:
    """The answer is the plain one; sums and percentages within their tolerance."""
    if isinstance(asked, Percentiles):
        require_near(found, expected)
    elif isinstance(asked, Statistics):
        assert (found.count, found.low, found.high) == (expected[0], *map(_float, expected[2:]))
        greatest = max(abs(found.low or 0), abs(found.high or 0))
        assert found.sum == pytest.approx(expected[1], abs=greatest * 1e-9), (found, expected, asked)
    elif isinstance(asked, Distinct):
        assert found == expected
    else:
        ours, theirs = found.rows, expected
        if isinstance(asked, Combined):
            ours, theirs = sorted(ours, key=lambda row: repr(row.key)), sorted(theirs, key=lambda row: repr(row[0]))
        assert [(row.key, row.count) for row in ours] == [row[:2] for row in theirs], asked
        for row, plain_row in zip(ours, theirs, strict=True):
            for name, part in getattr(asked, "parts", {}).items():
                require_alike(row.parts[name], plain_row[2][name], part)


def _float(value):
    return None if value is None else float(value)


@pytest.mark.slow
@pytest.mark.parametrize("adapter", MARKED)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=SEEDS, deadline=None)
def test_a_store_counts_as_the_plain_evaluator_does(tmp_path_factory, adapter, seed):
    chance = Chance(seed)
    events = [chance.event(number) for number in range(1, chance.randint(1, 40))]
    store = ADAPTERS[adapter](tmp_path_factory.mktemp("plain") / "events")
    reader = fill(store, events)
    for _ in range(40):
        query, scope = chance.query(1), Scope(chance.choice(UNITS), chance.choice(MASKS))
        asked = {str(number): draw(chance) for number in range(3)}
        matching = answers(query, events, scope)
        found = reader.aggregate(Search(query=query), asked, scope)
        for name, aggregation in asked.items():
            require_alike(found[name], counted(aggregation, matching, scope.masked), aggregation)
    store.drop()
