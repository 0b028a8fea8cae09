"""Alerts into groups: once, exactly, in bounded windows, whatever is told twice or late."""

import time
from collections import Counter
from datetime import timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select

from core.hit import LEVELS, Why
from core.scope import EVERY_UNIT
from incident import intake, triage
from incident.queue import get_group, list_groups
from incident.tables import AlertGroup, GroupedAlert
from store import db
from tests.unit.incident.conftest import HOUR, NOW, RULE, actor, alert, event

MINUTE = timedelta(minutes=1)


def groups(read):
    return sorted(read(list_groups, limit=1000).groups, key=lambda group: group.number)


def close(write, group):
    assert isinstance(write(triage.close, actor(), group.id, group.version, "benign", "", NOW), triage.Closed)


def test_an_alert_opens_a_group_that_says_all_of_it(read, receive):
    told = alert(count=12, last=NOW + MINUTE, events=(event(NOW), event(NOW + MINUTE, 9, user="tiếng")))
    assert receive(told) == 1
    group = read(get_group, "1")
    assert (group.number, group.state, group.version, group.unit, group.level) == (1, "new", 1, "a", "high")
    assert (group.rule, group.reason, group.why, group.entities) == (RULE, told.reason, told.why, told.entities)
    assert (group.count, group.first_seen, group.last_seen) == (12, NOW, NOW + MINUTE)
    assert group.events == told.events
    assert [(each.id, each.count, each.reason) for each in group.alerts] == [(told.id, 12, told.reason)]
    assert read(get_group, group.id) == group
    assert group.id == told.id
    assert (group.acknowledged_at, group.closed_at, group.closing_reason, group.note) == (None, None, None, None)


def test_told_again_with_more_it_grows_and_with_as_much_or_less_nothing_changes(read, receive):
    receive(alert(count=10))
    more = alert(count=12, last=NOW + MINUTE, events=(event(NOW), event(NOW + MINUTE, 2)))
    assert receive(more) == 0
    grown = read(get_group, "1")
    assert (grown.count, grown.last_seen, grown.reason, grown.events) == (12, NOW + MINUTE, more.reason, more.events)
    assert grown.version == 1
    for again in (more, alert(count=10), alert(count=1)):
        assert receive(again) == 0
        assert read(get_group, "1") == grown


def test_of_several_tellings_in_one_call_the_furthest_counts(write, receive):
    assert receive(alert(count=3), alert(count=7, last=NOW + MINUTE), alert(count=5)) == 1
    (group,) = groups(write)
    assert (group.count, group.last_seen) == (7, NOW + MINUTE)


def test_alike_alerts_join_and_their_counts_add_up(write, read, receive):
    assert receive(alert(count=10)) == 1
    assert receive(alert(NOW + HOUR, count=4), alert(NOW + 2 * HOUR, count=1)) == 2
    (group,) = groups(write)
    assert (group.count, group.first_seen, group.last_seen) == (15, NOW, NOW + 2 * HOUR)
    whole = read(get_group, "1")
    assert [each.count for each in whole.alerts] == [1, 4, 10]
    assert whole.reason.en == "1 failures"
    assert [each.time for each in whole.events] == [NOW]  # one record explains them all in this test
    receive(alert(NOW + HOUR, count=40))
    assert groups(write)[0].count == 51


@pytest.mark.parametrize(
    "other",
    [
        alert(NOW + MINUTE, source="203.0.113.10"),
        alert(NOW + MINUTE, unit="b"),
        alert(NOW + MINUTE, rule=msgspec.structs.replace(RULE, id="other")),
    ],
)
def test_other_entities_unit_or_rule_are_another_group(write, receive, other):
    receive(alert())
    assert receive(other) == 1
    assert [group.number for group in groups(write)] == [1, 2]


def test_a_new_version_of_the_rule_joins_and_is_shown(write, receive):
    receive(alert())
    newer = msgspec.structs.replace(RULE, version="2", level="critical")
    receive(alert(NOW + MINUTE, rule=newer))
    (group,) = groups(write)
    assert (group.rule, group.level) == (newer, "critical")
    receive(alert(NOW + 2 * MINUTE, rule=msgspec.structs.replace(newer, level="low")))
    assert groups(write)[0].level == "critical"


def test_the_window_ends_after_the_first_event(write, receive):
    receive(alert())
    receive(alert(NOW + 24 * HOUR - MINUTE))
    assert len(groups(write)) == 1
    receive(alert(NOW + 24 * HOUR))
    assert [group.count for group in groups(write)] == [2, 1]
    receive(alert(NOW + 25 * HOUR))
    assert [group.count for group in groups(write)] == [2, 2]


def test_what_comes_late_joins_where_all_stays_within_the_window(write, receive):
    receive(alert())
    receive(alert(NOW - 23 * HOUR))
    (group,) = groups(write)
    assert (group.count, group.first_seen, group.last_seen) == (2, NOW - 23 * HOUR, NOW)
    receive(alert(NOW - 24 * HOUR), alert(NOW - 7 * 24 * HOUR), alert(NOW + 3 * HOUR))
    assert len(groups(write)) == 4


def test_a_closed_group_stays_closed_and_a_new_one_begins(write, receive):
    receive(alert(count=5))
    close(write, groups(write)[0])
    assert receive(alert(NOW + MINUTE, count=3)) == 1
    first, second = groups(write)
    assert (first.state, first.count, second.state, second.count) == ("closed", 5, "new", 3)
    receive(alert(NOW + 2 * MINUTE, count=1))
    assert [group.count for group in groups(write)] == [5, 4]


def test_an_alert_in_a_closed_group_goes_on_counting_there(write, receive):
    receive(alert(count=5))
    close(write, groups(write)[0])
    assert receive(alert(count=9, last=NOW + MINUTE)) == 0
    (group,) = groups(write)
    assert (group.state, group.count, group.last_seen, group.version) == ("closed", 9, NOW + MINUTE, 2)


def test_an_acknowledged_group_takes_more_without_a_conflict(write, receive):
    receive(alert())
    write(triage.acknowledge, actor(), "1", 1, NOW)
    receive(alert(count=8), alert(NOW + MINUTE))
    (group,) = groups(write)
    assert (group.state, group.count, group.version) == ("acknowledged", 9, 2)
    close(write, group)


def test_a_call_without_alerts_costs_nothing(engine, receive):
    with counting(engine) as statements:
        assert receive() == 0
    assert statements == []


def test_a_call_that_fails_leaves_nothing(engine, write):
    with pytest.raises(KeyError), db.session(engine, EVERY_UNIT) as session:
        intake.receive(session, [alert()], NOW, window_hours=24)
        raise KeyError
    assert groups(write) == []


class counting:
    def __init__(self, engine):
        self.engine, self.statements = engine, []

    def __enter__(self):
        sqlalchemy_event.listen(self.engine, "before_cursor_execute", self.seen)
        return self.statements

    def seen(self, _connection, _cursor, statement, *_):
        if not statement.startswith("BEGIN"):
            self.statements.append(statement)

    def __exit__(self, *_):
        sqlalchemy_event.remove(self.engine, "before_cursor_execute", self.seen)


def test_the_number_of_statements_does_not_grow_with_the_alerts(engine, receive):
    with counting(engine) as few:
        receive(alert(source="1"))
    with counting(engine) as many:
        receive(*[alert(source=str(number)) for number in range(2, 400)])
    assert len(many) <= len(few) + 2
    with counting(engine) as grown:
        receive(*[alert(source=str(number), count=3) for number in range(1, 400)])
    assert len(grown) <= len(few) + 2


@pytest.mark.slow
def test_thousands_at_once(write, receive):
    many = [alert(source=str(number), count=number) for number in range(1, 2101)]
    began = time.process_time()
    assert receive(*many) == 2100
    assert receive(*many) == 0
    spent = time.process_time() - began
    rows = write(lambda session: session.execute(select(AlertGroup.number, AlertGroup.count)).all())
    assert sorted(number for number, _ in rows) == list(range(1, 2101))
    assert sum(count for _, count in rows) == 2100 * 2101 // 2
    assert spent < 5


tellings = st.lists(
    st.builds(
        lambda hour, source, count, minutes: alert(
            NOW + hour * HOUR, source=f"203.0.113.{source}", count=count, last=NOW + hour * HOUR + minutes * MINUTE
        ),
        st.integers(-60, 60),
        st.integers(1, 2),
        st.integers(1, 9),
        st.integers(0, 90),
    ),
    min_size=1,
    max_size=25,
)


@pytest.mark.slow
@given(tellings, st.data())
@settings(max_examples=40, deadline=None)
def test_in_any_order_and_portions_each_alert_is_counted_once_with_its_highest_count(tmp_path_factory, told, data):
    """Against the plainest account: a dictionary. Every portion is told twice, as after a crash."""
    engine = db.open_engine(f"sqlite:///{tmp_path_factory.mktemp('intake') / 'canh.db'}")
    db.Base.metadata.create_all(engine)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(told)), max_size=4)) | {0, len(told)})
    opened = 0
    for start, end in pairwise(cuts):
        for _ in range(2):
            with db.session(engine, EVERY_UNIT) as session:
                opened += len(intake.receive(session, told[start:end], NOW, window_hours=24))
    highest = {}
    for each in told:
        if each.id not in highest or each.count > highest[each.id].count:
            highest[each.id] = each
    with db.session(engine, EVERY_UNIT, reading=True) as session:
        alerts = session.scalars(select(GroupedAlert)).all()
        rows = session.scalars(select(AlertGroup)).all()
    engine.dispose()
    assert opened == len(highest) == len(alerts)
    assert {row.id: row.count for row in alerts} == {id: each.count for id, each in highest.items()}
    counted, sources = Counter(), {}
    for row in alerts:
        counted[row.group_id] += row.count
        sources.setdefault(row.group_id, set()).add(highest[row.id].entities["source.ip"])
    assert {row.id: row.count for row in rows} == counted
    assert all(len(each) == 1 for each in sources.values())
    assert sorted(row.number for row in rows) == list(range(1, len(rows) + 1))
    for row in rows:
        firsts = [highest[each.id].first for each in alerts if each.group_id == row.id]
        assert max(firsts) - min(firsts) < 24 * HOUR
        assert row.first_seen == min(firsts)


@given(st.permutations(LEVELS))
@settings(max_examples=10, deadline=None)
def test_a_group_has_the_highest_of_its_levels(tmp_path_factory, levels):
    engine = db.open_engine(f"sqlite:///{tmp_path_factory.mktemp('levels') / 'canh.db'}")
    db.Base.metadata.create_all(engine)
    for number, level in enumerate(levels):
        with db.session(engine, EVERY_UNIT) as session:
            intake.receive(session, [alert(NOW + number * MINUTE, level=level)], NOW, window_hours=24)
    with db.session(engine, EVERY_UNIT, reading=True) as session:
        assert session.scalars(select(AlertGroup.level)).all() == ["critical"]
    engine.dispose()


def test_a_deep_why_is_kept_whole(read, receive):
    why = Why(kind="test", field="a", operator="equals", pattern='"\x00\u2028', value="ễ")
    for _ in range(60):
        why = Why(kind="and", children=(why, why) if why.kind == "test" else (why,))
    receive(alert(why=why))
    assert read(get_group, "1").why == why
