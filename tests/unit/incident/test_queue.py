"""The queue: filters, paging without gap or double, and what another unit's scope does not show."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.scope import EVERY_UNIT, Scope
from incident import intake, triage
from incident.queue import MAX_OCCURRENCES, get_group, list_groups
from store import db
from tests.unit.incident.conftest import HOUR, NOW, actor, alert, event

MINUTE = timedelta(minutes=1)
A = Scope(units=frozenset({"a"}))


def numbers(page):
    return [group.number for group in page.groups]


@pytest.fixture
def three(receive):
    """Groups 1 (low, a), 2 (high, a), 3 (critical, b); the second has the newest event, 1 and 3 the same time."""
    receive(alert(source="1", level="low"))
    receive(alert(NOW + MINUTE, source="2", level="high"))
    receive(alert(source="3", level="critical", unit="b"))


def test_newest_first_then_by_number(read, three):
    page = read(list_groups, limit=10)
    assert (numbers(page), page.total, page.next) == ([2, 3, 1], 3, None)


def test_filters(write, read, three):
    write(triage.acknowledge, actor(), "1", 1, NOW)
    assert numbers(read(list_groups, states=["new"], limit=10)) == [2, 3]
    assert numbers(read(list_groups, states=("acknowledged", "closed"), limit=10)) == [1]
    assert numbers(read(list_groups, states=(), limit=10)) == []
    assert numbers(read(list_groups, levels=["low", "critical"], limit=10)) == [3, 1]
    assert numbers(read(list_groups, since=NOW + MINUTE, limit=10)) == [2]
    assert numbers(read(list_groups, since=NOW + 2 * MINUTE, limit=10)) == []
    assert read(list_groups, levels=["low"], limit=10).total == 1


def test_the_total_is_of_all_pages(read, three):
    page = read(list_groups, limit=2)
    assert (numbers(page), page.total) == ([2, 3], 3)
    rest = read(list_groups, limit=2, before=page.next)
    assert (numbers(rest), rest.total, rest.next) == ([1], 3, None)


@pytest.mark.parametrize("before", ["", "x", "1", "-", "1-", "-1", "1-x", "9" * 30 + "-1", "٣-٣", "1" * 500, "1-2-3"])
def test_a_place_that_is_none_finds_nothing_and_ends(read, three, before):
    page = read(list_groups, limit=2, before=before)
    assert (page.groups, page.next) == ((), None)


def test_a_list_carries_no_events_and_one_group_all(read, three):
    assert all(group.events == () and group.alerts == () for group in read(list_groups, limit=10).groups)
    assert read(get_group, "2").events and read(get_group, "2").alerts


def test_what_moves_to_the_front_while_one_pages_is_not_met_twice(read, receive):
    for number in range(6):
        receive(alert(NOW - number * MINUTE, source=str(number)))
    first = read(list_groups, limit=3)
    receive(alert(NOW - MINUTE, source="1", count=2, last=NOW + HOUR))
    receive(alert(NOW - 4 * MINUTE, source="4", count=2, last=NOW + HOUR))
    rest = read(list_groups, limit=9, before=first.next)
    assert set(numbers(first)).isdisjoint(numbers(rest))
    assert {*numbers(first), *numbers(rest)} == {1, 2, 3, 4, 6}  # the fifth is now before the first page


@pytest.mark.slow
@given(st.lists(st.integers(0, 3), max_size=14), st.integers(1, 5))
@settings(max_examples=25, deadline=None)
def test_pages_put_together_are_the_whole_in_order(tmp_path_factory, minutes, limit):
    engine = db.open_engine(f"sqlite:///{tmp_path_factory.mktemp('pages') / 'canh.db'}")
    db.Base.metadata.create_all(engine)
    with db.session(engine, EVERY_UNIT) as session:
        alerts = [alert(NOW + minute * MINUTE, source=str(number)) for number, minute in enumerate(minutes)]
        intake.receive(session, alerts, NOW, window_hours=24)
    with db.session(engine, EVERY_UNIT, reading=True) as session:
        everything = list_groups(session, limit=100).groups
        paged, before = [], None
        while True:
            page = list_groups(session, limit=limit, before=before)
            assert len(page.groups) <= limit and page.total == len(minutes)
            paged += page.groups
            before = page.next
            if before is None:
                break
            assert len(page.groups) == limit
    engine.dispose()
    assert tuple(paged) == everything
    keys = [(group.last_seen, group.number) for group in everything]
    assert keys == sorted(keys, reverse=True) and len(set(keys)) == len(minutes)


def test_another_units_groups_are_not_there(write, read, three):
    page = read(list_groups, limit=10, scope=A)
    assert (numbers(page), page.total) == ([2, 1], 2)
    theirs = read(get_group, "3").id
    for identity in ("3", theirs):
        assert read(get_group, identity, scope=A) is None
    assert read(get_group, "1", scope=Scope(units=frozenset())) is None
    outcome = write(triage.close, actor(units=frozenset({"a"})), theirs, 1, "benign", "", NOW, scope=A)
    assert outcome == triage.Missing()
    assert read(get_group, "3").state == "new"


@pytest.mark.parametrize("identity", ["", "0", "4", "nope", "-1", "1 ", "٣", "9" * 40, "1.0"])
def test_what_is_not_there(read, three, identity):
    assert read(get_group, identity) is None


def test_the_events_shown_are_of_the_oldest_and_the_newest_alert(read, receive):
    for number in range(4):
        at = NOW + number * HOUR
        receive(
            alert(at, count=2, last=at + MINUTE, events=(event(at, 2 * number), event(at + MINUTE, 2 * number + 1)))
        )
    shown = read(get_group, "1").events
    assert [each.position.sequence for each in shown] == [0, 1, 6, 7]


def test_a_group_of_very_many_alerts_shows_the_newest_of_them(read, receive):
    many = MAX_OCCURRENCES + 20
    receive(*[alert(NOW + number * MINUTE) for number in range(many)], hours=24)
    group = read(get_group, "1")
    assert (group.count, len(group.alerts)) == (many, MAX_OCCURRENCES)
    assert group.alerts[0].first == NOW + (many - 1) * MINUTE
    assert group.first_seen == NOW
