"""A CSV file of shifts: read, looked at beforehand, and taken whole or not at all.

    event;person;unit;role;start;end
    shift;nv-lan;so-tttt-cds;shift_leader;2026-11-24 07:00;2026-11-24 15:00

Times without a zone are Vietnam's. A shift is known again by its person and start; `cancelled` takes it back.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.language import Text
from org import audit
from org.access import decide
from org.actor import Actor
from org.csv_file import CELL_NEEDED, NO_SUCH_EVENT, SAME_ROW, CsvReading, Unfit, day_of, short
from org.fact_import import FactFile, ImportPlan, plan_import
from org.post import load_posts
from org.post_history import UNIT_NOT_LIVING, UNKNOWN_PERSON, UNKNOWN_UNIT, PostHistory
from org.refused import Refused
from org.roster import DUTY_ROLES, DutyRole, Shift, overlaps
from org.shift import MAX_SHIFT, live_shifts, record_shifts
from org.unit import VIETNAM, Unit, effective_date

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "event": ("việc",),
    "person": ("người", "mã người"),
    "unit": ("đơn vị", "mã đơn vị"),
    "role": ("vai trò",),
    "start": ("bắt đầu", "từ"),
    "end": ("kết thúc", "đến"),
}
"""The columns, each with what Vietnamese files may call it."""
REQUIRED = tuple(COLUMNS)
EVENTS: Mapping[str, bool] = {"shift": False, "ca trực": False, "cancelled": True, "hủy": True, "huỷ": True}
"""The events, and whether each takes a shift back."""
ROLES: Mapping[str, DutyRole] = {
    **{role: role for role in DUTY_ROLES},
    "phân tích viên": "analyst",
    "trưởng ca": "shift_leader",
}

BAD_TIME = Text("“{cell}” không phải thời điểm: dùng 2026-11-24 07:00", "“{cell}” is no time: use 2026-11-24 07:00")
BAD_ROLE = Text("không có vai trò “{cell}”; dùng: {known}", "there is no role “{cell}”; use: {known}")
END_BEFORE = Text(
    "sai thứ tự: kết thúc {end} không ở sau bắt đầu", "out of order: the end {end} is not after the start"
)
TOO_LONG = Text("ca trực dài quá 24 giờ", "the shift is longer than 24 hours")
TWICE_ON_DUTY = Text(
    "chồng ca: “{person}” đã có ca từ {start}", "overlapping: “{person}” has a shift from {start} already"
)

RosterFile = FactFile[Shift]
"""A file of shifts as it was read."""


def preview_roster(session: Session, actor: Actor, file: RosterFile, *, correct: bool) -> ImportPlan[Shift] | Refused:
    """What `import_roster` would do now. Asked of `access`; only reads."""
    decision = decide(actor, "roster.change", "roster")
    return _plan(session, file, correct=correct) if decision.allowed else Refused(decision.reason)


def import_roster(
    session: Session, actor: Actor, file: RosterFile, now: datetime, *, correct: bool
) -> ImportPlan[Shift] | Refused:
    """Take every shift of the file, or none where one is refused. The session must see every unit.

    `correct`: a shift that is recorded otherwise is replaced or cancelled. The same file again changes nothing. Asked
    of `access`, audited.
    """
    decision = decide(actor, "roster.change", "roster")
    if not decision.allowed:
        audit.append(session, actor, "roster.change", "roster", "denied", now)
        return Refused(decision.reason)
    session.execute(select(Unit.unit_id).with_for_update())  # one import at a time, on PostgreSQL too
    plan = _plan(session, file, correct=correct)
    if not plan.refusals and (plan.added or plan.corrections):
        refused = record_shifts(session, actor, plan.added, plan.corrections, now)
        if refused is not None:
            return refused
    return plan


def read_roster(content: bytes) -> RosterFile:
    """The shifts of a CSV file. Pure; every line that cannot be taken is refused with its reason (the first 100)."""
    csv = CsvReading(COLUMNS, REQUIRED)
    shifts: list[tuple[int, Shift]] = []
    lines: dict[object, int] = {}

    def take(line: int, cells: Mapping[str, str]) -> None:
        shift = _read(csv, cells)
        before = lines.setdefault(_key(shift), line)
        if before != line:
            raise Unfit(SAME_ROW.format(line=before))
        shifts.append((line, shift))

    csv.read(content, take)
    return FactFile(tuple(shifts), csv.notes, csv.refusals)


def _read(csv: CsvReading, cells: Mapping[str, str]) -> Shift:
    cancelled = EVENTS.get(cells["event"].casefold())
    if cancelled is None:
        raise Unfit(NO_SUCH_EVENT.format(cell=short(cells["event"]), known=", ".join(EVENTS)))
    for column in REQUIRED:
        if not cells[column]:
            raise Unfit(CELL_NEEDED.format(event=cells["event"], column=column))
    role = ROLES.get(cells["role"].casefold())
    if role is None:
        raise Unfit(BAD_ROLE.format(cell=short(cells["role"]), known=", ".join(DUTY_ROLES)))
    start, end = _time(cells["start"]), _time(cells["end"])
    if end <= start:
        raise Unfit(END_BEFORE.format(end=cells["end"]))
    if end - start > MAX_SHIFT:
        raise Unfit(TOO_LONG)
    unit, person = csv.code(cells["unit"]), csv.code(cells["person"])
    return Shift(unit=unit, person=person, role=role, start=start, end=end, cancelled=cancelled)


def _time(cell: str) -> datetime:
    """`2026-11-24 07:00`, `24/11/2026 07:00`, `2026-11-24T07:00+07:00`; Vietnam's time where no zone is said."""
    found = re.fullmatch(r"(\S+?)[T ](\d{1,2}:\d{2}(?::\d{2})?)(Z|[+-]\d{2}:\d{2})?", cell, re.ASCII)
    if found is None:
        raise Unfit(BAD_TIME.format(cell=short(cell)))
    day = day_of(found[1])
    try:
        clock = time.fromisoformat(found[2].zfill(5) + (found[3] or ""))
    except ValueError:
        raise Unfit(BAD_TIME.format(cell=short(cell))) from None
    moment = datetime.combine(day, clock)
    return (moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)).astimezone(UTC)


def _plan(session: Session, file: RosterFile, *, correct: bool) -> ImportPlan[Shift]:
    times = [time for _, shift in file.facts for time in (shift.start, shift.end)]
    live = live_shifts(session, min(times), max(times)) if times else {}
    history = load_posts(session)
    in_file = {shift for _, shift in file.facts}

    def wrong(shifts: list[Shift]) -> Iterator[tuple[Shift, Text]]:
        for shift in in_file:
            reason = _unknown(history, shift)
            if reason is not None:
                yield shift, reason
        for overlap in overlaps(shifts):
            if overlap.same_person:
                mine, before = (
                    (overlap.other, overlap.one) if overlap.other in in_file else (overlap.one, overlap.other)
                )
                start = f"{before.start.astimezone(VIETNAM):%Y-%m-%d %H:%M}"
                yield mine, TWICE_ON_DUTY.format(person=mine.person, start=start)

    return plan_import(file, live, key=_key, faults=wrong, described=_described, correct=correct)


def _unknown(history: PostHistory, shift: Shift) -> Text | None:
    if shift.unit not in history.units:
        return UNKNOWN_UNIT.format(code=shift.unit)
    on = effective_date(shift.start)
    if not history.units.lives(shift.unit, on):
        return UNIT_NOT_LIVING.format(code=shift.unit, on=on)
    return None if shift.person in history.persons else UNKNOWN_PERSON.format(code=shift.person)


def _key(shift: Shift) -> tuple[object, ...]:
    return shift.person, shift.start


def _described(shift: Shift) -> tuple[str, str]:
    until = f"{shift.end.astimezone(VIETNAM):%Y-%m-%d %H:%M}"
    return shift.person, " · ".join((shift.unit, shift.role, until))
