"""The roster of a week: who is on duty, gaps and overlaps, and the hand-overs."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from starlette.responses import Response

from console import texts
from console.door import redirect, require
from console.page import Page, Visit
from core.language import Text
from org.access import decide
from org.post import load_posts
from org.post_history import PostHistory
from org.refused import Refused as NotDone
from org.roster import DutyRole, Shift, gaps, on_duty, overlaps
from org.shift import hand_over, hand_over_choices, hand_overs, live_shifts
from org.unit import VIETNAM, effective_date
from store import db

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class ShiftView:
    """One shift, in the names of its date."""

    start: datetime
    end: datetime
    person: str | Text
    unit: str
    role: DutyRole
    now: bool


@dataclass(frozen=True)
class DayView:
    """The shifts that begin on a day."""

    day: date
    shifts: tuple[ShiftView, ...]


@dataclass(frozen=True)
class GapView:
    """When nobody of a unit is on duty."""

    unit: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class OverlapView:
    """Two shifts that cannot both be."""

    one: ShiftView
    other: ShiftView
    same_person: bool


@dataclass(frozen=True)
class HandOverView:
    """One hand-over."""

    at: datetime
    given_by: str | Text
    taken_by: str | Text
    note: str


@dataclass(frozen=True, kw_only=True)
class RosterPage(Page):
    """The week that begins on `monday`. `takers`: to whom the reader can hand over now."""

    template = "roster.html"

    monday: date
    before: date
    after: date
    this_week: bool
    wrong: Text | None
    now: tuple[ShiftView, ...]
    days: tuple[DayView, ...]
    gaps: tuple[GapView, ...]
    overlaps: tuple[OverlapView, ...]
    hand_overs: tuple[HandOverView, ...]
    takers: tuple[tuple[str, str | Text], ...]
    on_duty: bool
    note: str
    may_change: bool


def show(visit: Visit) -> Page:
    """The page. A date that cannot be read is said to be none, and this week is shown."""
    require(visit, "roster.read", "roster")
    typed = visit.request.query_params.get("on", "").strip()[:40]
    on, wrong = effective_date(visit.desk.now()), None
    if typed:
        try:
            on = date.fromisoformat(typed)
            datetime.combine(on, time(), VIETNAM) + 2 * WEEK, datetime.combine(on, time(), VIETNAM) - 2 * WEEK
        except (ValueError, OverflowError):
            on, wrong = effective_date(visit.desk.now()), texts.BAD_DATE.format(text=typed)
    return _page(visit, on, wrong)


def give(visit: Visit) -> Page | Response:
    """Record that the one on duty hands over."""
    require(visit, "roster.hand_over", "roster")
    taken_by, note = visit.form.get("taken_by", "")[:63], visit.form.get("note", "")
    with db.session(visit.desk.engine, visit.actor.scope) as session:
        refused = hand_over(session, visit.actor, taken_by, note, visit.desk.now())
    if isinstance(refused, NotDone):
        return _page(visit, effective_date(visit.desk.now()), refused.reason, note)
    return redirect("/roster")


def _page(visit: Visit, on: date, wrong: Text | None, note: str = "") -> Page:
    now = visit.desk.now()
    monday = on - timedelta(days=on.weekday())
    start = datetime.combine(monday, time(), VIETNAM)
    end = start + WEEK
    with db.session(visit.desk.engine, visit.actor.scope, reading=True) as session:
        history = load_posts(session)
        shifts = [shift for shift in live_shifts(session, start, end).values() if not shift.cancelled]
        on_now = on_duty(live_shifts(session, now, now + timedelta(seconds=1)).values(), now)
        given = hand_overs(session, start, end)
        may_give = decide(visit.actor, "roster.hand_over", "roster").allowed
        shift, takers = hand_over_choices(session, visit.actor, now) if may_give else (None, ())
    units = tuple(dict.fromkeys(each.unit for each in shifts))
    view = _Viewing(history, now)
    return RosterPage(
        title=texts.ROSTER_TITLE,
        here="/roster" if visit.request.method == "POST" else None,
        monday=monday,
        before=monday - WEEK,
        after=monday + WEEK,
        this_week=start <= now < end,
        wrong=wrong,
        now=tuple(view.shift(each) for each in on_now),
        days=tuple(view.day(monday + timedelta(days=number), shifts) for number in range(7)),
        gaps=tuple(
            GapView(view.unit(unit, on), gap.start.astimezone(VIETNAM), gap.end.astimezone(VIETNAM))
            for unit in units
            for gap in gaps([each for each in shifts if each.unit == unit], start, end)
        ),
        overlaps=tuple(
            OverlapView(view.shift(each.one), view.shift(each.other), each.same_person) for each in overlaps(shifts)
        ),
        hand_overs=tuple(
            HandOverView(row.at, view.person(row.given_by, on), view.person(row.taken_by, on), row.note)
            for row in given
        ),
        takers=tuple((code, view.person(code, effective_date(now))) for code in takers),
        on_duty=shift is not None,
        note=note,
        may_change=decide(visit.actor, "roster.change", "roster").allowed,
    )


class _Viewing:
    """Names as one reader sees them."""

    def __init__(self, history: PostHistory, now: datetime) -> None:
        self._history = history
        self._now = now

    def person(self, code: str, on: date) -> str | Text:
        person = self._history.person(code, on)
        return person.name if person else texts.ANOTHER_ONE

    def unit(self, code: str, on: date) -> str:
        return self._history.units.name(code, on)

    def shift(self, shift: Shift) -> ShiftView:
        on = effective_date(shift.start)
        return ShiftView(
            shift.start.astimezone(VIETNAM),
            shift.end.astimezone(VIETNAM),
            self.person(shift.person, on),
            self.unit(shift.unit, on),
            shift.role,
            shift.covers(self._now),
        )

    def day(self, day: date, shifts: list[Shift]) -> DayView:
        return DayView(day, tuple(self.shift(shift) for shift in shifts if effective_date(shift.start) == day))
