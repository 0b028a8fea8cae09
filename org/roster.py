"""Who is on duty: shifts, and what follows from them at any time. Pure. Times are aware."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Literal, get_args

import msgspec

DutyRole = Literal["analyst", "shift_leader"]
DUTY_ROLES: tuple[DutyRole, ...] = get_args(DutyRole)
LATE = timedelta(hours=1)
"""How long after its end, and how long before its begin, a shift can still and already be handed over."""


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """One person on duty for a unit from `start` until before `end`; a `cancelled` one is kept and does not count."""

    unit: str
    person: str
    role: DutyRole
    start: datetime
    end: datetime
    cancelled: bool = False

    def covers(self, at: datetime) -> bool:
        """Whether the person is on duty at the time."""
        return not self.cancelled and self.start <= at < self.end


class Gap(msgspec.Struct, frozen=True):
    """A time in which nobody is on duty."""

    start: datetime
    end: datetime


class Overlap(msgspec.Struct, frozen=True):
    """Two shifts that cannot both be, in the order in which they begin: one person twice, or two shift leaders."""

    one: Shift
    other: Shift

    @property
    def same_person(self) -> bool:
        """Whether one person is on duty twice; else a unit has two shift leaders at once."""
        return self.one.person == self.other.person


def on_duty(shifts: Iterable[Shift], at: datetime) -> tuple[Shift, ...]:
    """Whoever is on duty at the time, the shift leader first."""
    found = [shift for shift in shifts if shift.covers(at)]
    return tuple(sorted(found, key=lambda shift: (shift.unit, shift.role != "shift_leader", shift.start)))


def gaps(shifts: Iterable[Shift], start: datetime, end: datetime) -> tuple[Gap, ...]:
    """When nobody of these is on duty between the two times, oldest first."""
    found = []
    covered = start
    for shift in sorted((each for each in shifts if not each.cancelled), key=lambda each: each.start):
        if shift.start >= end:
            break
        if shift.start > covered:
            found.append(Gap(covered, shift.start))
        covered = max(covered, shift.end)
    if covered < end:
        found.append(Gap(covered, end))
    return tuple(found)


def overlaps(shifts: Collection[Shift]) -> tuple[Overlap, ...]:
    """Every two shifts at once of one person, or of two shift leaders of one unit."""
    alike: dict[tuple[str, ...], list[Shift]] = {}
    for shift in shifts:
        if not shift.cancelled:
            alike.setdefault(("person", shift.person), []).append(shift)
            if shift.role == "shift_leader":
                alike.setdefault(("leader", shift.unit), []).append(shift)
    found: dict[Overlap, None] = {}
    for group in alike.values():
        group.sort(key=lambda shift: (shift.start, shift.end, shift.person))
        for number, one in enumerate(group, 1):
            for other in group[number:]:
                if other.start >= one.end:
                    break
                found[Overlap(one, other)] = None
    return tuple(sorted(found, key=lambda overlap: overlap.other.start))


def may_hand_over(shifts: Iterable[Shift], person: str, at: datetime) -> tuple[Shift, ...]:
    """The shifts that the person can hand over: those on which they are, or were within the last hour."""
    return tuple(
        shift
        for shift in shifts
        if shift.person == person and not shift.cancelled and shift.start <= at < shift.end + LATE
    )


def may_take_over(shifts: Iterable[Shift], giver: Shift, at: datetime) -> tuple[str, ...]:
    """The persons who can take over from the giver: others of the unit on duty now or within the next hour."""
    return tuple(
        dict.fromkeys(
            shift.person
            for shift in shifts
            if shift.unit == giver.unit
            and shift.person != giver.person
            and not shift.cancelled
            and shift.start - LATE <= at < shift.end
        )
    )
