"""Shifts: who is on duty, gaps and overlaps against a minute-by-minute reference, the file, and the hand-over."""

from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core.scope import EVERY_UNIT, Scope
from org.actor import OPERATOR, Actor
from org.post_import import import_posts, read_posts
from org.refused import Refused
from org.roster import Shift, gaps, on_duty, overlaps
from org.roster_import import import_roster, preview_roster, read_roster
from org.shift import HandOver, ShiftRow, hand_over, live_shifts
from org.unit import record_facts
from tests.unit.org.conftest import NOW
from tests.unit.org.provinces import established

HEADER = "event,person,unit,role,start,end\n"
PEOPLE = """code,event,date,unit,name,account
lan,person,2024-01-01,soc,Trần Lan,Lan
minh,person,2024-01-01,soc,Lê Minh,minh
hoa,person,2024-01-01,soc,Nguyễn Hòa,
"""
# NOW is 09:30 in Vietnam on 24 November 2026.
DAY = (
    "shift,lan,soc,shift_leader,2026-11-24 07:00,2026-11-24 10:00",
    "shift,minh,soc,analyst,24/11/2026 10:00,24/11/2026 15:00",
    "shift,hoa,soc,analyst,2026-11-24T15:00,2026-11-24T23:00+07:00",
)


def rows(*lines):
    return read_roster((HEADER + "\n".join(lines) + "\n").encode())


def refusals(found):
    return [(refusal.line, refusal.reason.en) for refusal in found.refusals]


def account(name, role="analyst"):
    return Actor(kind="account", number=1, name=name, role=role, scope=EVERY_UNIT)


@pytest.fixture
def people(write):
    facts = [established("soc", "Trung tâm"), established("khac", "Đơn vị khác")]
    assert write(record_facts, OPERATOR, facts, {}, NOW) is None
    assert write(import_posts, OPERATOR, read_posts(PEOPLE.encode()), NOW, correct=False).refusals == ()


@pytest.fixture
def take(write, people):
    def run(*lines, correct=False):
        return write(import_roster, OPERATOR, rows(*lines), NOW, correct=correct)

    return run


@pytest.fixture
def live(read):
    def run(**named):
        return list(read(live_shifts, NOW - timedelta(days=1), NOW + timedelta(days=1), **named).values())

    return run


MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
a_shift = st.builds(
    lambda person, role, start, length, cancelled: Shift(
        unit="soc",
        person=person,
        role=role,
        start=MIDNIGHT + timedelta(hours=start),
        end=MIDNIGHT + timedelta(hours=start + length),
        cancelled=cancelled,
    ),
    st.sampled_from(["lan", "minh", "hoa"]),
    st.sampled_from(["analyst", "shift_leader"]),
    st.integers(-3, 20),
    st.integers(1, 8),
    st.integers(0, 4).map(lambda number: number == 0),
)


@given(st.lists(a_shift, max_size=7, unique=True), st.integers(0, 10), st.integers(0, 14))
def test_gaps_overlaps_and_who_is_on_duty_agree_with_an_hour_by_hour_reference(shifts, start, length):
    hours = [MIDNIGHT + timedelta(hours=number) for number in range(-3, 30)]
    there = {hour: {each for each in shifts if each.start <= hour < each.end and not each.cancelled} for hour in hours}
    assert all(set(on_duty(shifts, hour)) == there[hour] for hour in hours)
    begin, end = MIDNIGHT + timedelta(hours=start), MIDNIGHT + timedelta(hours=start + length)
    found = gaps(shifts, begin, end)
    empty = {hour for hour in hours if begin <= hour < end and not there[hour]}
    assert {hour for hour in hours if any(gap.start <= hour < gap.end for gap in found)} == empty
    assert all(one.end < other.start for one, other in pairwise(found)), "none touches the next"
    expected = {
        frozenset(pair)
        for hour in hours
        for pair in combinations(there[hour], 2)
        if pair[0].person == pair[1].person or {each.role for each in pair} == {"shift_leader"}
    }
    assert {frozenset((each.one, each.other)) for each in overlaps(shifts)} == expected


def test_a_file_is_taken_once_and_read_in_vietnams_time(take, live):
    plan = take(*DAY)
    assert plan.refusals == () and len(plan.added) == 3
    assert live()[0].start == datetime(2026, 11, 24, 0, tzinfo=UTC), "07:00 in Vietnam"
    assert live()[2].end == datetime(2026, 11, 24, 16, tzinfo=UTC)
    again = take(*DAY)
    assert (again.added, again.unchanged) == ((), 3)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("shift,lan,soc,boss,2026-11-24 07:00,2026-11-24 10:00", "no role “boss”"),
        ("sleep,lan,soc,analyst,2026-11-24 07:00,2026-11-24 10:00", "no event “sleep”"),
        ("shift,lan,soc,analyst,2026-11-24 10:00,2026-11-24 07:00", "out of order"),
        ("shift,lan,soc,analyst,2026-11-24 07:00,2026-11-25 07:01", "longer than 24 hours"),
        ("shift,lan,soc,analyst,2026-11-24,2026-11-25 07:01", "is no time"),
        ("shift,lan,soc,analyst,2026-11-24 25:00,2026-11-25 07:01", "is no time"),
        ("shift,lan,soc,analyst,2026-13-24 07:00,2026-11-25 07:01", "is no date"),
        ("shift,,soc,analyst,2026-11-24 07:00,2026-11-24 10:00", "needs the cell “person”"),
        ("shift,=lan,soc,analyst,2026-11-24 07:00,2026-11-24 10:00", "is a formula"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused(line, said):
    ((number, reason),) = refusals(rows(line))
    assert number == 2 and said in reason


def test_the_end_of_time_is_refused_and_no_crash():
    for line in (
        "shift,a,soc,analyst,2101-01-01 00:00,2101-01-01 01:00",
        "shift,a,soc,analyst,0001-01-01 00:00,9999-12-31 23:59",
    ):
        assert len(refusals(rows(line))) == 1


def test_who_is_not_known_and_who_is_there_already_is_refused_and_nothing_taken(take, live):
    assert refusals(take(DAY[0], "shift,ghost,soc,analyst,2026-11-24 07:00,2026-11-24 10:00")) == [
        (3, "there is no person “ghost”")
    ]
    assert refusals(take("shift,lan,ghost,analyst,2026-11-24 07:00,2026-11-24 10:00")) == [
        (2, "there is no unit “ghost”")
    ]
    assert live() == []
    take(*DAY)
    clash = "shift,lan,soc,analyst,2026-11-24 09:00,2026-11-24 11:00"
    assert refusals(take(clash)) == [(2, "overlapping: “lan” has a shift from 2026-11-24 07:00 already")]
    early = "shift,lan,soc,analyst,2026-11-24 06:00,2026-11-24 08:00"
    assert refusals(take(early))[0][0] == 2


def test_a_shift_is_cancelled_and_the_old_row_stays(take, live, read):
    take(*DAY)
    gone = DAY[0].replace("shift,", "cancelled,")
    assert "add --correct" in refusals(take(gone))[0][1]
    assert take(gone, correct=True).refusals == ()
    assert [shift.person for shift in live() if not shift.cancelled] == ["minh", "hoa"]
    kept = read(lambda session: session.scalars(select(ShiftRow).order_by(ShiftRow.id)).all())
    assert (kept[-1].replaces, kept[0].cancelled, len(kept)) == (kept[0].id, False, 4)
    assert take(DAY[0].replace("lan", "hoa")).refusals == (), "somebody else steps in"


def test_another_unit_sees_no_shift(take, live):
    take(*DAY)
    assert len(live(scope=Scope(units=frozenset({"soc"})))) == 3
    assert live(scope=Scope(units=frozenset({"khac"}))) == []


@pytest.mark.parametrize("role", ["analyst", "reader", "unit_contact", "integration"])
def test_whoever_may_not_changes_nothing(people, write, read, live, audited, role):
    actor = account("x", role)
    assert isinstance(read(preview_roster, actor, rows(*DAY), correct=False), Refused)
    assert isinstance(write(import_roster, actor, rows(*DAY), NOW, correct=False), Refused)
    assert live() == [] and audited()[-1] == ("account:1", "roster.change", "roster", "denied")


def test_the_one_on_duty_hands_over_to_the_next(take, write, read, audited):
    take(*DAY)
    assert write(hand_over, account("LAN"), "minh", " máy in hỏng ", NOW) is None
    (row,) = read(lambda session: session.scalars(select(HandOver)).all())
    assert (row.given_by, row.taken_by, row.at, row.note, row.unit_id) == ("lan", "minh", NOW, "máy in hỏng", "soc")
    assert audited()[-1] == ("account:1", "roster.hand_over", "roster:soc", "done")


@pytest.mark.parametrize(
    ("actor", "taken_by", "minutes", "done"),
    [
        (account("lan"), "minh", 0, True),
        (account("lan"), "minh", 89, True),  # an hour after its end but a minute
        (account("lan"), "minh", 90, False),
        (account("lan"), "minh", -31, False),  # the next begins in more than an hour
        (account("lan"), "hoa", 0, False),
        (account("lan"), "lan", 0, False),
        (account("minh"), "lan", 0, False),
        (account("nobody"), "minh", 0, False),
        (account("lan", "reader"), "minh", 0, False),
        (OPERATOR, "minh", 0, False),
        (account("lan"), "ghost", 0, False),
    ],
)
def test_who_may_hand_over_to_whom(take, write, read, actor, taken_by, minutes, done):
    take(*DAY)
    outcome = write(hand_over, actor, taken_by, "", NOW + timedelta(minutes=minutes))
    assert isinstance(outcome, Refused) is not done
    assert len(read(lambda session: session.scalars(select(HandOver)).all())) == done


def test_a_note_is_not_endless(take, write):
    take(*DAY)
    assert isinstance(write(hand_over, account("lan"), "minh", "x" * 4001, NOW), Refused)
