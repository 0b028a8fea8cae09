"""Every change asks, checks the version, writes the row and the audit together; and says which of these said no."""

import threading

import pytest
from sqlalchemy import select

from core.scope import EVERY_UNIT
from incident import triage
from incident.queue import get_group
from org.audit import Audit
from store import db
from tests.unit.incident.conftest import HOUR, NOW, actor, alert


@pytest.fixture
def group(read, receive):
    receive(alert())
    return read(get_group, "1")


@pytest.fixture
def audited(write):
    def rows():
        return write(
            lambda session: [
                (row.actor, row.action, row.resource, row.outcome, row.unit_id, row.detail)
                for row in session.scalars(select(Audit).order_by(Audit.sequence))
            ]
        )

    return rows


def test_acknowledge_then_close(write, read, group, audited):
    taken = write(triage.acknowledge, actor(), group.id, 1, NOW)
    assert isinstance(taken, triage.Acknowledged)
    assert (taken.group.state, taken.group.version) == ("acknowledged", 2)
    assert (taken.group.acknowledged_by, taken.group.acknowledged_at) == ("lan", NOW)
    closed = write(triage.close, actor(name="minh"), group.id, 2, "false_positive", "máy quét", NOW)
    assert isinstance(closed, triage.Closed)
    assert (closed.group.state, closed.group.version, closed.group.acknowledged_by) == ("closed", 3, "lan")
    assert (closed.group.closed_by, closed.group.closing_reason, closed.group.note) == (
        "minh",
        "false_positive",
        "máy quét",
    )
    assert closed.group == read(get_group, group.id)
    resource = f"alert:{group.id}"
    assert audited() == [
        ("account:1", "alert.acknowledge", resource, "done", "a", {}),
        ("account:1", "alert.close", resource, "done", "a", {"reason": "false_positive", "note": "máy quét"}),
    ]


def test_a_new_group_may_be_closed_at_once_and_by_its_number(write, group):
    assert isinstance(write(triage.close, actor(), "1", 1, "benign", "", NOW), triage.Closed)


@pytest.mark.parametrize("role", ["reader", "integration", "nobody"])
def test_who_may_not_changes_nothing_and_is_audited(write, read, group, audited, role):
    who = actor(role)
    for denied in (
        write(triage.acknowledge, who, group.id, 1, NOW),
        write(triage.close, who, group.id, 1, "benign", "", NOW),
        write(triage.close, who, "nope", 1, "benign", "", NOW),
    ):
        assert isinstance(denied, triage.Denied) and denied.reason.vi and denied.reason.en
    assert read(get_group, group.id) == group
    assert [(action, outcome) for _, action, _, outcome, _, _ in audited()] == [
        ("alert.acknowledge", "denied"),
        ("alert.close", "denied"),
        ("alert.close", "denied"),
    ]


def test_an_old_version_is_told_the_present_one_and_changes_nothing(write, read, group, audited):
    write(triage.acknowledge, actor(), group.id, 1, NOW)
    before = (read(get_group, group.id), audited())
    assert write(triage.close, actor(), group.id, 1, "benign", "", NOW) == triage.Conflict(2)
    assert write(triage.acknowledge, actor(), group.id, 1, NOW) == triage.Conflict(2)
    assert write(triage.acknowledge, actor(), group.id, 99, NOW) == triage.Conflict(2)
    assert (read(get_group, group.id), audited()) == before


def test_a_state_that_does_not_allow_it_is_a_conflict(write, group):
    write(triage.acknowledge, actor(), group.id, 1, NOW)
    assert write(triage.acknowledge, actor(), group.id, 2, NOW) == triage.Conflict(2)
    write(triage.close, actor(), group.id, 2, "benign", "", NOW)
    assert write(triage.close, actor(), group.id, 3, "benign", "", NOW) == triage.Conflict(3)
    assert write(triage.acknowledge, actor(), group.id, 3, NOW) == triage.Conflict(3)


def test_what_is_not_there_is_missing(write, group, audited):
    assert write(triage.acknowledge, actor(), "nope", 1, NOW) == triage.Missing()
    assert write(triage.close, actor(), "7", 1, "benign", "", NOW) == triage.Missing()
    assert audited() == []


def test_a_group_outside_the_actors_scope_is_missing_whatever_the_session_sees(read, write, group, audited):
    stranger = actor(units=frozenset({"b"}))
    assert write(triage.acknowledge, stranger, group.id, 1, NOW) == triage.Missing()
    assert write(triage.close, stranger, group.id, 1, "benign", "", NOW) == triage.Missing()
    assert read(get_group, group.id) == group
    assert audited() == []


def test_what_is_counted_after_closing_is_told_apart(read, write, receive, group):
    assert group.closed_count is None
    write(triage.close, actor(), group.id, 1, "benign", "", NOW)
    assert read(get_group, "1").closed_count == 1
    receive(alert(count=4, last=NOW + HOUR))
    running = read(get_group, "1")
    assert (running.state, running.count, running.closed_count, running.last_seen) == ("closed", 4, 1, NOW + HOUR)


def test_a_reason_of_ones_own_is_an_error_of_the_caller(write, group):
    with pytest.raises(ValueError, match="because"):
        write(triage.close, actor(), group.id, 1, "because", "", NOW)


def test_row_and_audit_stand_or_fall_together(engine, read, group, audited):
    with pytest.raises(KeyError), db.session(engine, EVERY_UNIT) as session:
        triage.close(session, actor(), group.id, 1, "benign", "", NOW)
        raise KeyError
    assert read(get_group, group.id) == group
    assert audited() == []


def test_of_two_who_press_at_once_one_wins(engine, write, group, audited):
    outcomes, at_once = [], threading.Barrier(4)

    def press(name):
        at_once.wait()
        with db.session(engine, EVERY_UNIT) as session:
            outcomes.append(triage.close(session, actor(name=name), group.id, 1, "benign", "", NOW))

    threads = [threading.Thread(target=press, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Closed", "Conflict", "Conflict", "Conflict"]
    assert len(audited()) == 1


def test_every_closing_reason_is_said_in_both_languages():
    assert "false_positive" in triage.CLOSING_REASONS
    assert all(text.vi and text.en and text.vi != text.en for text in triage.CLOSING_REASONS.values())
