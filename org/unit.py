"""The units whose events and alerts are kept apart, and the dated facts of what became of them.

Facts are never overwritten: a fact that was recorded wrongly stays, and a later row replaces it.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta, timezone
from weakref import WeakKeyDictionary

import msgspec
from sqlalchemy import Date, ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.scope import Scope
from org import audit
from org.access import decide
from org.actor import Actor
from org.refused import Refused
from org.settings import OrgSettings
from org.unit_history import FactKind, UnitFact, UnitHistory
from store.db import Base, Instant

VIETNAM = timezone(timedelta(hours=7))
"""Where a decision's date begins and ends, whatever zone times are shown in. There is no summer time."""


class Unit(Base):
    """The unit of the settings: what is collected belongs to it. It needs no facts."""

    __tablename__ = "unit"

    unit_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class UnitFactRow(Base):
    """One fact as it was recorded. `replaces`: the row that this one corrects; rows are never changed."""

    __tablename__ = "unit_fact"
    __table_args__ = (Index("unit_fact_of", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[str]
    kind: Mapped[FactKind] = mapped_column(String)
    on: Mapped[date] = mapped_column(Date)
    name: Mapped[str | None]
    parent_id: Mapped[str | None]
    successor_id: Mapped[str | None]
    decision: Mapped[str]
    decided_on: Mapped[date | None] = mapped_column(Date)
    replaces: Mapped[int | None] = mapped_column(ForeignKey("unit_fact.id"), unique=True)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by: Mapped[str]


def ensure_unit(session: Session, settings: OrgSettings) -> None:
    """The unit of the settings exists under its present name afterwards. Idempotent."""
    row = session.get(Unit, settings.unit)
    if row is None:
        session.add(Unit(unit_id=settings.unit, name=settings.unit_name))
    else:
        row.name = settings.unit_name


def effective_date(now: datetime) -> date:
    """The date by which facts count at `now` (aware)."""
    return now.astimezone(VIETNAM).date()


def load_history(session: Session) -> UnitHistory:
    """What the session's scope sees of the units. One pass over the facts: 4 ms for a thousand."""
    return UnitHistory(live_facts(session).values(), undated_units(session))


def undated_units(session: Session) -> dict[str, str]:
    """The name of the unit of the settings, by its code."""
    return {row.unit_id: row.name for row in session.scalars(select(Unit).order_by(Unit.unit_id))}


def live_facts(session: Session) -> dict[int, UnitFact]:
    """The facts that no later row replaces, by the number of their row, in the order in which they were recorded.

    A correction stands where stood what it corrects.
    """
    row = UnitFactRow
    columns = (row.unit_id, row.kind, row.on, row.name, row.parent_id, row.successor_id, row.decision, row.decided_on)
    place: dict[int, int] = {}
    facts: dict[int, UnitFact] = {}
    corrected = False
    for number, replaces, *values in session.execute(select(row.id, row.replaces, *columns).order_by(row.id)):
        unit, kind, on, name, parent, successor, decision, decided_on = values
        place[number] = number
        if replaces is not None:
            corrected = True
            place[number] = place.get(replaces, number)
            facts.pop(replaces, None)
        facts[number] = UnitFact(
            unit=unit,
            kind=kind,
            on=on,
            name=name,
            parent=parent,
            successor=successor,
            decision=decision,
            decided_on=decided_on,
        )
    return {number: facts[number] for number in sorted(facts, key=place.__getitem__)} if corrected else facts


def unit_scope(session: Session, unit: str, now: datetime) -> Scope:
    """What a person or token of the unit sees at `now`. The session must see every unit.

    Asked at each request of a contact: as long as no fact was added, the day's scopes are computed once. 0.5 ms then.
    """
    facts = session.execute(select(func.count(UnitFactRow.id), func.max(UnitFactRow.id))).one()
    state = (*facts, effective_date(now))
    database = session.get_bind().engine.pool  # what every session of a database shares
    known = _known_scopes.get(database)
    if known is None or known.state != state:
        known = _known_scopes[database] = _Scopes(state, load_history(session), {})
    scope = known.by_unit.get(unit)
    if scope is None:
        scope = known.by_unit[unit] = Scope(units=known.history.scope(unit, effective_date(now)))
    return scope


class _Scopes(msgspec.Struct, frozen=True):
    """The scopes of a day, computed from the facts there were: their number, the last one's, the date."""

    state: tuple[object, ...]
    history: UnitHistory
    by_unit: dict[str, Scope]


_known_scopes: WeakKeyDictionary[object, _Scopes] = WeakKeyDictionary()


def record_facts(
    session: Session, actor: Actor, facts: Collection[UnitFact], corrections: Mapping[int, UnitFact], now: datetime
) -> Refused | None:
    """Write down new facts, and others in the place of those with these row numbers; or why the actor may not.

    Asked of `access`; audited once for each unit. Whether the facts can be true is for the caller to ask of
    `unit_history.faults` in the same transaction.
    """
    decision = decide(actor, "unit.change", "units")
    if not decision.allowed:
        audit.append(session, actor, "unit.change", "units", "denied", now)
        return Refused(decision.reason)
    written = [*((fact, None) for fact in facts), *((fact, number) for number, fact in corrections.items())]
    details: dict[str, dict[str, str]] = {}
    for fact, replaces in written:
        session.add(
            UnitFactRow(
                unit_id=fact.unit,
                kind=fact.kind,
                on=fact.on,
                name=fact.name,
                parent_id=fact.parent,
                successor_id=fact.successor,
                decision=fact.decision,
                decided_on=fact.decided_on,
                replaces=replaces,
                recorded_at=now,
                recorded_by=actor.name,
            )
        )
        said = details.setdefault(fact.unit, {})
        verb = f"{fact.kind} {fact.on}" if replaces is None else f"corrected {fact.kind} {fact.on}"
        what = " ".join(each for each in (fact.name, fact.parent, fact.successor, f"({fact.decision})") if each)
        said[verb] = f"{said[verb]}; {what}" if verb in said else what
    for unit, detail in details.items():
        audit.append(session, actor, "unit.change", f"unit:{unit}", "done", now, unit=unit, detail=detail)
    session.flush()
    return None
