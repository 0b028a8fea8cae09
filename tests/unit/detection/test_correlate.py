"""Counting: windows, late events, groups, what an alert says, and what a crash may not change."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.hit import Why
from core.language import Text
from detection.correlate import EMBEDDED, Correlator
from detection.match import Matcher
from detection.sigma.text import texts_of
from incident.embedding import pack
from tests.unit.detection.rules import BEGIN, BRUTE_FORCE, FAILED, ROOT, SPRAYING, loaded, login


@pytest.fixture(scope="module")
def brute(tmp_path_factory):
    return loaded(tmp_path_factory.mktemp("brute"), FAILED, BRUTE_FORCE)


@pytest.fixture(scope="module")
def spraying(tmp_path_factory):
    return loaded(tmp_path_factory.mktemp("spraying"), FAILED, SPRAYING)


@pytest.fixture(scope="module")
def all_rules(tmp_path_factory):
    return loaded(tmp_path_factory.mktemp("all"), FAILED, BRUTE_FORCE, SPRAYING, ROOT)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return loaded(tmp_path_factory.mktemp("plain"), ROOT.removeprefix("---\n"))


def alerts_of(rules, events, *, max_groups=1000):
    correlator = Correlator(rules, max_groups=max_groups)
    correlator.feed(Matcher(rules).match(events))
    return correlator.take_alerts()


def test_below_the_threshold_nothing_is_told(brute):
    assert alerts_of(brute, [login(1, 0), login(2, 1)]) == []


def test_at_the_threshold_one_alert_and_the_base_rule_is_silent(brute):
    (alert,) = alerts_of(brute, [login(1, 0), login(2, 30), login(3, 60)])
    assert alert.rule.title.en == "Brute force"
    assert alert.entities == {"source.ip": "203.0.113.9"}
    assert (alert.count, alert.first, alert.last) == (3, BEGIN, BEGIN + timedelta(seconds=60))
    assert alert.window_start == BEGIN
    assert alert.reason.vi == "3 lần từ 203.0.113.9 trong 1 phút vào web-01"
    assert alert.reason.en == "3 times from 203.0.113.9 within 1 minute into web-01"
    assert (alert.why.kind, alert.why.pattern, alert.why.value) == ("correlation", ">= 3", "3")


def test_one_second_more_than_the_timespan_is_too_long(brute):
    assert alerts_of(brute, [login(1, 0), login(2, 30), login(3, 60.000001)]) == []


def test_events_join_and_the_same_alert_is_told_again_with_the_higher_count(brute):
    correlator = Correlator(brute, max_groups=10)
    matcher = Matcher(brute)
    told = []
    for number in range(1, 41):
        correlator.feed(matcher.match([login(number, number * 6)]))
        told += correlator.take_alerts()
    assert {alert.id for alert in told} == {told[0].id}
    assert [alert.count for alert in told] == list(range(3, 41))
    assert len(told[-1].events) == EMBEDDED
    assert told[-1].events[0].position.sequence == 1
    assert told[-1].events[-1].position.sequence == 40
    assert correlator.take_alerts() == []


def test_after_a_pause_longer_than_the_timespan_a_new_alert_opens(brute):
    events = [login(number, seconds) for number, seconds in enumerate([0, 1, 2, 63, 64, 65], 1)]
    assert sorted(alert.count for alert in alerts_of(brute, events)) == [3, 3]


def test_slow_beginnings_within_the_timespan_are_counted_too(brute):
    """Before the window, but as near to it as what joins afterwards."""
    (alert,) = alerts_of(brute, [login(1, 0), login(2, 50), login(3, 100), login(4, 101), login(5, 102)])
    assert (alert.window_start, alert.first) == (BEGIN + timedelta(seconds=50), BEGIN)
    assert alert.count == 5


def test_a_day_after_the_window_opened_a_new_count_begins(brute):
    events = [login(number, number * 25) for number in range(1, 5000)]
    alerts = sorted(alerts_of(brute, events), key=lambda alert: alert.window_start)
    assert len(alerts) == 2
    assert sum(alert.count for alert in alerts) == 4999
    assert alerts[0].last - alerts[0].window_start <= timedelta(days=1)


def test_late_events_open_a_window_in_the_past(brute):
    """Two collectors, one an hour behind, take turns."""
    events = []
    for number in range(5):
        events.append(login(2 * number + 1, 3600 + number, received=3600))
        events.append(login(2 * number + 2, number, received=3600))
    early, late = sorted(alerts_of(brute, events), key=lambda alert: alert.window_start)
    assert (early.count, late.count) == (5, 5)
    assert late.window_start - early.window_start == timedelta(hours=1)


def test_a_week_old_file_replayed_at_once_is_no_brute_force(brute):
    events = [login(number, -7 * 86400 + number * 45, received=0) for number in range(1, 200)]
    assert alerts_of(brute, events) == []


def test_groups_and_units_are_counted_apart(brute):
    events = [
        login(n, n, source=source, unit=unit)
        for n, (source, unit) in enumerate([("a", "x"), ("b", "x"), ("a", "y"), ("b", "x"), ("a", "x"), ("b", "x")], 1)
    ]
    (alert,) = alerts_of(brute, events)
    assert (alert.entities, alert.unit, alert.count) == ({"source.ip": "b"}, "x", 3)


def test_an_event_without_any_field_of_the_group_is_not_counted(brute):
    assert alerts_of(brute, [login(n, n, source=None) for n in range(1, 10)]) == []


def test_different_values_are_counted_not_events(spraying):
    same = [login(n, n, user="an") for n in range(1, 50)]
    assert alerts_of(spraying, same) == []
    (alert,) = alerts_of(spraying, [*same, login(50, 50, user="binh"), login(51, 51, user="chi")])
    assert alert.count == 51
    assert alert.why.value == "3"


def test_different_values_must_lie_within_the_timespan(spraying):
    events = [login(1, 0, user="a"), login(2, 100, user="b"), login(3, 121, user="c"), login(4, 122, user="c")]
    assert alerts_of(spraying, events) == []
    assert len(alerts_of(spraying, [*events, login(5, 123, user="d")])) == 1


def test_a_plain_rule_alerts_at_once_over_the_usual_entities(plain):
    (alert,) = alerts_of(plain, [login(1, 0, user="root"), login(2, 600, user="root"), login(3, 5, user="an")])
    assert alert.entities == {"source.ip": "203.0.113.9", "user.name": "root", "host.name": "web-01"}
    assert alert.count == 2
    assert alert.why.kind == "selection"
    assert alert.reason.en.startswith("Rule “Root” held on 2 events of source.ip 203.0.113.9")
    assert alert.reason.vi.startswith("Quy tắc “Root” khớp 2 sự kiện")


def test_generate_lets_the_base_rule_alert_too(tmp_path):
    rules = loaded(tmp_path, FAILED, BRUTE_FORCE.replace("  timespan", "  generate: true\n  timespan"))
    titles = Counter(alert.rule.title.en for alert in alerts_of(rules, [login(n, n) for n in range(1, 4)]))
    assert titles == {"Failed log-in": 1, "Brute force": 1}


def test_one_event_under_two_counted_rules_is_one_event(tmp_path):
    twin = FAILED.replace("1111-4111", "1111-4112").replace("name: failed", "name: twin")
    rules = loaded(tmp_path, FAILED, "---\n", twin, BRUTE_FORCE.replace("[failed]", "[failed, twin]"))
    assert alerts_of(rules, [login(1, 0), login(2, 1)]) == []
    assert alerts_of(rules, [login(1, 0), login(2, 1), login(3, 2)])[0].count == 3


def test_the_group_least_recently_seen_goes_first_and_its_alert_is_told(brute):
    correlator = Correlator(brute, max_groups=2)
    matcher = Matcher(brute)
    correlator.feed(matcher.match([login(n, n, source="a") for n in range(1, 4)]))
    correlator.feed(matcher.match([login(4, 4, source="b"), login(5, 5, source="c")]))
    assert [alert.entities["source.ip"] for alert in correlator.take_alerts()] == ["a"]
    changes = correlator.take_changes()
    assert sum(saved is None for saved in changes.values()) == 1
    assert sum(saved is not None for saved in changes.values()) == 2


def test_seen_again_is_seen_last_also_after_a_restart(brute):
    matcher = Matcher(brute)
    correlator = Correlator(brute, max_groups=3)
    for number, source in enumerate("cbab", 1):
        correlator.feed(matcher.match([login(number, number, source=source)]))
    restored = Correlator(brute, max_groups=3)
    restored.restore([saved.body for saved in correlator.take_changes().values()][::-1])
    for each in (correlator, restored):
        # c goes for d, then a for e; b, seen twice, is still there and alerts at its third.
        each.feed(matcher.match([login(5, 5, source="d"), login(6, 6, source="e"), login(7, 7, source="b")]))
        (alert,) = each.take_alerts()
        assert (alert.entities["source.ip"], alert.count) == ("b", 3)


def test_received_time_goes_on_after_a_restart(brute):
    """What was received late before the restart makes what comes after it old."""
    matcher = Matcher(brute)
    correlator = Correlator(brute, max_groups=100)
    correlator.feed(matcher.match([login(1, 0, source="a"), login(2, 1, source="a"), login(3, 9000, source="b")]))
    restored = Correlator(brute, max_groups=100)
    restored.restore([saved.body for saved in correlator.take_changes().values() if saved is not None])
    for each in (correlator, restored):
        each.feed(matcher.match([login(4, 2, source="a", received=10), login(5, 3, source="a", received=10)]))
        each.feed(matcher.match([login(6, 4, source="a", received=10)]))
        each.take_changes()
    assert correlator.take_alerts() == restored.take_alerts() == []


def test_an_alert_that_no_hit_reached_for_long_is_closed(brute):
    """A late event, near in its own time but hours behind in receipt, begins a new count."""
    correlator = Correlator(brute, max_groups=100)
    matcher = Matcher(brute)
    correlator.feed(matcher.match([login(n, n) for n in range(1, 4)]))
    assert [alert.count for alert in correlator.take_alerts()] == [3]
    correlator.feed(matcher.match([login(4, 3600, received=3600), login(5, 3700, received=3700)]))
    correlator.feed(matcher.match([login(6, 4, received=3701)]))
    assert correlator.take_alerts() == []


def test_what_nobody_can_reach_any_more_is_given_up_by_received_time(brute):
    correlator = Correlator(brute, max_groups=1000)
    matcher = Matcher(brute)
    correlator.feed(matcher.match([login(1, 0, source="a")]))
    first = correlator.take_changes()
    correlator.feed(matcher.match([login(2, 3661, source="b")]))
    assert dict.fromkeys(first).items() <= dict(correlator.take_changes()).items()


def test_a_group_is_bounded_however_many_events_open_nothing(spraying):
    correlator = Correlator(spraying, max_groups=10)
    correlator.feed(Matcher(spraying).match([login(n, n / 1000, user="an") for n in range(1, 5000)]))
    (saved,) = correlator.take_changes().values()
    assert saved is not None
    assert len(saved.body) < 60_000


def test_a_changed_rule_begins_anew_and_a_vanished_one_is_forgotten(tmp_path, brute):
    before = Correlator(brute, max_groups=10)
    before.feed(Matcher(brute).match([login(1, 0), login(2, 1)]))
    changes = before.take_changes()
    changed = loaded(tmp_path, FAILED, BRUTE_FORCE.replace("gte: 3", "gte: 4"))
    after = Correlator(changed, max_groups=10)
    after.restore([saved.body for saved in changes.values()])
    assert after.take_changes() == dict.fromkeys(changes)


def test_a_count_outlives_new_words_of_its_rule(tmp_path, brute):
    before = Correlator(brute, max_groups=10)
    before.feed(Matcher(brute).match([login(1, 0), login(2, 1), login(3, 2)]))
    (first,) = before.take_alerts()
    reworded = BRUTE_FORCE.replace("title: Brute force", "title: Guessing").replace("level: high", "level: critical")
    rules = loaded(tmp_path, FAILED, reworded)
    after = Correlator(rules, max_groups=10)
    after.restore([saved.body for saved in before.take_changes().values()])
    after.feed(Matcher(rules).match([login(4, 3)]))
    (grown,) = after.take_alerts()
    assert (grown.id, grown.count, grown.rule.title.en, grown.rule.level) == (first.id, 4, "Guessing", "critical")


def test_hostile_values_stay_on_one_short_line(brute):
    events = [login(n, n, source="x\n\x1b[31m" + "y" * 500) for n in range(1, 4)]
    (alert,) = alerts_of(brute, events)
    assert "\n" not in alert.reason.vi and "\x1b" not in alert.reason.vi
    assert len(alert.reason.vi) < 200


REPEATED = [("3", 3), (3, 3), ("0", 1), ("-5", 1), ("x", 1), ("2.5", 1), (["3"], 1), ("9" * 5000, 1), ("9" * 9, 10_000)]


@pytest.mark.parametrize(("repeated", "weight"), REPEATED, ids=lambda each: str(each)[:9])
def test_a_folded_line_counts_as_often_as_it_says_within_bounds(brute, repeated, weight):
    events = [login(1, 0), login(2, 1), login(3, 2, **{"labels.repeated": repeated})]
    (alert,) = alerts_of(brute, events)
    assert (alert.count, alert.why.value) == (2 + weight, str(2 + weight))
    assert alert.reason.en.startswith(f"{2 + weight} times from")


def test_a_folded_line_is_enough_where_the_lines_it_stands_for_would_be(brute):
    """rsyslog wrote the first line; of the second kind of event two followed."""
    assert alerts_of(brute, [login(1, 0, **{"labels.repeated": "2"})]) == []
    (alert,) = alerts_of(brute, [login(1, 0), login(2, 9, **{"labels.repeated": "2"})])
    assert (alert.count, alert.window_start) == (3, BEGIN)


def test_folding_adds_no_different_value_but_events(spraying):
    folded = {"labels.repeated": "50"}
    events = [login(1, 0, user="an", **folded), login(2, 1, user="binh", **folded)]
    assert alerts_of(spraying, events) == []
    (alert,) = alerts_of(spraying, [*events, login(3, 2, user="chi")])
    assert (alert.why.value, alert.count) == ("3", 101)


def test_why_says_the_window_the_group_and_the_rule_that_was_counted(brute, spraying):
    events = [login(n, n * 12.5, user=user) for n, user in enumerate(["an", "binh", "chi"])]
    (alert,) = alerts_of(brute, events)
    window, group, rule = alert.why.children
    assert alert.why == Why(
        kind="correlation", operator="event_count", pattern=">= 3", value="3", children=alert.why.children
    )
    assert window == Why(kind="window", pattern="60", value="25")
    assert group == Why(kind="group", field="source.ip", value="203.0.113.9")
    assert (rule.kind, rule.name) == ("rule", "11111111-1111-4111-8111-111111111111")
    assert rule.title == Text("Failed log-in", "Failed log-in")
    assert [child.kind for child in rule.children] == ["selection"]
    (alert,) = alerts_of(spraying, events)
    assert (alert.why.operator, alert.why.field) == ("value_count", "user.name")
    assert alert.reason.en == (
        "Rule “Many accounts” saw 3 different values of user.name of source.ip 203.0.113.9 within 25 seconds; "
        "the threshold is 3 within 2 minutes."
    )


def test_why_names_every_rule_that_was_counted_once(tmp_path):
    other = ROOT.replace("title: Root", "title: Root\nname: root").replace("root: {", "root: {event.action: su, ")
    rules = loaded(tmp_path, FAILED, other, BRUTE_FORCE.replace("[failed]", "[failed, root]"))
    su = {"event.action": "su"}
    events = [login(1, 0, user="root", **su), login(2, 1), login(3, 2), login(4, 3, user="root", **su)]
    for number in (3, 4):
        (alert,) = alerts_of(rules, events[:number])
        either = alert.why.children[-1]
        assert either.kind == "or"
        assert sorted(rule.title.en for rule in either.children) == ["Failed log-in", "Root"]
    (alert,) = alerts_of(rules, [events[1], events[2], login(5, 4)])
    assert alert.why.children[-1].kind == "rule"


numbers = st.integers(-(10**300), 10**300) | st.sampled_from([2**63, 2**64 - 1, 2**64, -(2**63) - 1]) | st.floats()
values = numbers | st.text(max_size=5) | st.booleans() | st.lists(st.text(max_size=3)) | st.lists(numbers, max_size=3)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(
    fields=st.dictionaries(
        st.sampled_from(["source.ip", "user.name", "labels.repeated", "event.duration", "process.pid"]), values
    )
)
def test_no_value_of_a_field_is_too_much(all_rules, fields):
    """Numbers of any length, as JSON may bring them; what an alert embeds can be packed and is restored alike."""
    event = login(1, 0, **fields)
    correlator = Correlator(all_rules, max_groups=10)
    correlator.feed(Matcher(all_rules).match([event, login(2, 0, **fields), login(3, 0, **fields)]))
    states = [saved.body for saved in correlator.take_changes().values() if saved is not None]
    for alert in correlator.take_alerts():
        for embedded in alert.events:
            assert pack([embedded])
            assert {name: texts_of(value) for name, value in embedded.fields.items()} == {
                name: texts_of(value) for name, value in event.fields.items()
            }
    restored = Correlator(all_rules, max_groups=10)
    restored.restore(states)
    assert restored.take_changes() == {}


def test_a_state_saved_before_events_had_a_weight_is_read(brute):
    matcher = Matcher(brute)
    correlator = Correlator(brute, max_groups=10)
    correlator.feed(matcher.match([login(1, 0), login(2, 1), login(3, 2)]))
    correlator.feed(matcher.match([login(4, 900), login(5, 901)]))
    (saved,) = correlator.take_changes().values()
    group = msgspec.msgpack.decode(saved.body)
    pending, opened = group[6:]
    group[6] = [each[:4] for each in pending]
    (opened[0][5],) = opened[0][5]["children"]
    restored = Correlator(brute, max_groups=10)
    restored.restore([msgspec.msgpack.encode(group)])
    restored.feed(matcher.match([login(6, 902), login(7, 3)]))
    assert [(alert.count, alert.why.children[-1].kind) for alert in restored.take_alerts()] == [
        (3, "rule"),
        (4, "selection"),
    ]


# What a crash and the cutting into batches may not change.

streams = st.lists(
    st.tuples(
        st.integers(0, 400) | st.integers(0, 20),  # its own time
        st.integers(0, 3),  # source
        st.sampled_from(["an", "binh", "chi", "root"]),
        st.sampled_from([0, 0, 0, 1, 30, 5000]),  # received so much later than the one before
        st.sampled_from([{}, {}, {"labels.repeated": "2"}]),
    ),
    max_size=60,
)


def events_of(stream):
    received, events = 400, []
    for number, (seconds, source, user, later, labels) in enumerate(stream, 1):
        received += later
        events.append(login(number, seconds, source=f"10.0.0.{source}", user=user, received=received, **labels))
    return events


def run(rules, events, cuts, crashes, max_groups):
    """A pipeline: after each batch, what is told and changed is written at once; a crash loses what was not."""
    matcher = Matcher(rules)
    alerts, states = {}, {}
    correlator = Correlator(rules, max_groups=max_groups)
    bounds = sorted({0, len(events), *(cut for cut in cuts if cut <= len(events))})
    for batch, (start, end) in enumerate(pairwise(bounds)):
        middle = (start + end) // 2
        for _ in range(2 if batch in crashes else 1):
            correlator.feed(matcher.match(events[start:middle]))
            if batch in crashes:
                # Killed after half a batch: what was not written is gone.
                correlator = Correlator(rules, max_groups=max_groups)
                correlator.restore(sorted(states.values()))
                crashes = crashes - {batch}
                continue
            correlator.feed(matcher.match(events[middle:end]))
            for alert in correlator.take_alerts():
                alerts[alert.id] = alert
            for key, saved in correlator.take_changes().items():
                if saved is None:
                    states.pop(key, None)
                else:
                    states[key] = saved.body
    return alerts, states


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    stream=streams,
    cuts=st.lists(st.integers(1, 60), max_size=8),
    crashes=st.sets(st.integers(0, 8)),
    max_groups=st.sampled_from([1, 2, 3, 1000]),
)
def test_crashes_and_batches_change_no_alert_and_no_count(all_rules, stream, cuts, crashes, max_groups):
    events = events_of(stream)
    assert run(all_rules, events, cuts, crashes, max_groups) == run(all_rules, events, [], set(), max_groups)


@settings(max_examples=100, deadline=None)
@given(times=st.lists(st.integers(0, 1200), min_size=1, max_size=60))
def test_in_any_order_nothing_is_counted_twice_and_no_window_is_missed(brute, times):
    correlator = Correlator(brute, max_groups=10)
    events = [login(number, at, received=1200) for number, at in enumerate(times, 1)]
    correlator.feed(Matcher(brute).match(events))
    alerts = correlator.take_alerts()
    assert sum(alert.count for alert in alerts) <= len(times)
    within = [
        at for at in times if not any(alert.first <= BEGIN + timedelta(seconds=at) <= alert.last for alert in alerts)
    ]
    within.sort()
    assert not any(third - first <= 60 for first, third in zip(within, within[2:], strict=False))
