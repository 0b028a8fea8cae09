"""Shifts and hand-overs as they are kept. Rows are never changed: a later one replaces a wrong or cancelled one."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.language import Text
from org import audit
from org.access import decide
from org.actor import Actor
from org.post import load_posts, person_of_account
from org.refused import Refused
from org.roster import LATE, DutyRole, Shift, may_hand_over, may_take_over
from org.unit import effective_date
from store.db import Base, Instant

MAX_SHIFT = timedelta(hours=24)
MAX_NOTE_LETTERS = 4000

NOT_ON_DUTY = Text(
    "Chỉ người đang trực, hoặc hết ca trong vòng một giờ, mới bàn giao ca.",
    "Only whoever is on duty, or was within the last hour, can hand over.",
)
NOT_NEXT = Text(
    "Người nhận phải đang trực hoặc vào ca trong vòng một giờ tới.",
    "Whoever takes over must be on duty or begin within the next hour.",
)
LONG_NOTE = Text("Ghi chú dài quá 4000 ký tự.", "The note has more than 4000 characters.")


class ShiftRow(Base):
    """One shift as it was recorded. `replaces`: the row that this one corrects or cancels."""

    __tablename__ = "shift"
    __table_args__ = (Index("shift_of", "unit_id", "starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[str]
    person: Mapped[str]
    role: Mapped[DutyRole] = mapped_column(String)
    starts_at: Mapped[datetime] = mapped_column(Instant, index=True)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    cancelled: Mapped[bool]
    replaces: Mapped[int | None] = mapped_column(ForeignKey("shift.id"), unique=True)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by: Mapped[str]


class HandOver(Base):
    """One hand-over between persons; never changed."""

    __tablename__ = "hand_over"
    __table_args__ = (Index("hand_over_of", "unit_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[str]
    given_by: Mapped[str]
    taken_by: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)
    note: Mapped[str]


def live_shifts(session: Session, start: datetime, end: datetime) -> dict[int, Shift]:
    """The shifts that touch the time between the two, by the number of their row, oldest first.

    Those that no later row replaces, cancelled ones among them.
    """
    later = select(ShiftRow.replaces).where(ShiftRow.replaces.is_not(None))
    rows = session.scalars(
        select(ShiftRow)
        .where(ShiftRow.starts_at < end, ShiftRow.starts_at > start - MAX_SHIFT, ShiftRow.ends_at > start)
        .where(ShiftRow.id.not_in(later))
        .order_by(ShiftRow.starts_at, ShiftRow.id)
    )
    return {row.id: _shift(row) for row in rows}


def hand_overs(session: Session, start: datetime, end: datetime) -> tuple[HandOver, ...]:
    """The hand-overs between the two times, newest first."""
    rows = select(HandOver).where(HandOver.at >= start, HandOver.at < end).order_by(HandOver.at.desc())
    return tuple(session.scalars(rows))


def record_shifts(
    session: Session, actor: Actor, shifts: Collection[Shift], corrections: Mapping[int, Shift], now: datetime
) -> Refused | None:
    """Write down new shifts, and others in the place of those with these row numbers; or why the actor may not.

    Asked of `access`; audited once for each unit. Whether they can be is asked before, in the same transaction.
    """
    decision = decide(actor, "roster.change", "roster")
    if not decision.allowed:
        audit.append(session, actor, "roster.change", "roster", "denied", now)
        return Refused(decision.reason)
    details: dict[str, dict[str, str]] = {}
    written = [*((shift, None) for shift in shifts), *((shift, number) for number, shift in corrections.items())]
    for shift, replaces in written:
        session.add(
            ShiftRow(
                unit_id=shift.unit,
                person=shift.person,
                role=shift.role,
                starts_at=shift.start,
                ends_at=shift.end,
                cancelled=shift.cancelled,
                replaces=replaces,
                recorded_at=now,
                recorded_by=actor.name,
            )
        )
        verb = "cancelled" if shift.cancelled else "recorded" if replaces is None else "corrected"
        said = f"{verb} {shift.role} until {shift.end.isoformat()}"
        details.setdefault(shift.unit, {})[f"{shift.person} {shift.start.isoformat()}"] = said
    for unit, detail in details.items():
        audit.append(session, actor, "roster.change", f"roster:{unit}", "done", now, unit=unit, detail=detail)
    session.flush()
    return None


def hand_over(session: Session, actor: Actor, taken_by: str, note: str, now: datetime) -> Refused | None:
    """Record that the one on duty hands over to another person; or why not.

    Asked of `access`, audited. The actor is on duty by the account that is written with the person.
    """
    decision = decide(actor, "roster.hand_over", "roster")
    if not decision.allowed:
        audit.append(session, actor, "roster.hand_over", "roster", "denied", now)
        return Refused(decision.reason)
    if len(note) > MAX_NOTE_LETTERS:
        return Refused(LONG_NOTE)
    giver, takers = hand_over_choices(session, actor, now)
    if giver is None:
        return Refused(NOT_ON_DUTY)
    if taken_by not in takers:
        return Refused(NOT_NEXT)
    session.add(HandOver(unit_id=giver.unit, given_by=giver.person, taken_by=taken_by, at=now, note=note.strip()))
    detail = {"given by": giver.person, "taken by": taken_by}
    audit.append(
        session, actor, "roster.hand_over", f"roster:{giver.unit}", "done", now, unit=giver.unit, detail=detail
    )
    session.flush()
    return None


def hand_over_choices(session: Session, actor: Actor, now: datetime) -> tuple[Shift | None, tuple[str, ...]]:
    """The shift that the actor can hand over at `now`, and the persons who can take it."""
    person = (
        person_of_account(load_posts(session), actor.name, effective_date(now)) if actor.kind == "account" else None
    )
    if person is None:
        return None, ()
    shifts = tuple(live_shifts(session, now - LATE, now + LATE).values())
    given = may_hand_over(shifts, person.person, now)
    return (given[-1], may_take_over(shifts, given[-1], now)) if given else (None, ())


def _shift(row: ShiftRow) -> Shift:
    return Shift(
        unit=row.unit_id,
        person=row.person,
        role=row.role,
        start=row.starts_at,
        end=row.ends_at,
        cancelled=row.cancelled,
    )
