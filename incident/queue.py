"""The queue as staff and scripts see it: groups of alerts, newest first, or one of them whole."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session, defer

from core.event import Event
from core.hit import Level, RuleIdentity, Why
from core.language import Text
from incident.embedding import unpack
from incident.tables import AlertGroup, GroupedAlert, State

__all__ = ["Group", "GroupPage", "Occurrence", "State", "get_group", "list_groups"]

MAX_OCCURRENCES = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Occurrence(msgspec.Struct, frozen=True, kw_only=True):
    """One alert within its group. Times are those of its first and last event."""

    id: str
    count: int
    first: datetime
    last: datetime
    reason: Text


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Alerts of one rule about the same entities.

    `count` is the exact number of events over all its alerts, `first_seen` and `last_seen` their times (aware UTC).
    `closed_count` is `count` when it was closed; what an alert that was running then counted since is the difference.
    `rule`, `reason` and `why` are those of the alert told last. `alerts` (newest first, `MAX_OCCURRENCES` at
    most) and `events` (of the oldest and the newest of them, in order of time) are there in `get_group` alone.
    """

    id: str
    number: int
    rule: RuleIdentity
    level: Level
    state: State
    version: int
    unit: str
    entities: Mapping[str, str]
    count: int
    first_seen: datetime
    last_seen: datetime
    reason: Text
    why: Why
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    closed_at: datetime | None
    closed_by: str | None
    closed_count: int | None
    closing_reason: str | None
    note: str | None
    alerts: tuple[Occurrence, ...] = ()
    events: tuple[Event, ...] = ()


class GroupPage(msgspec.Struct, frozen=True):
    """Groups newest first (last event, then number); `total` counts all that match, `next` asks for those after."""

    groups: tuple[Group, ...]
    total: int
    next: str | None


def list_groups(
    session: Session,
    *,
    states: Collection[State] | None = None,
    levels: Collection[Level] | None = None,
    since: datetime | None = None,
    before: str | None = None,
    limit: int,
) -> GroupPage:
    """The groups with one of `states` and `levels` whose last event is at or after `since`.

    `before` is the `next` of the page before; a text that is none finds nothing. A group whose last event comes while
    one pages moves to the front and is never met twice behind it.
    """
    matching = select(AlertGroup)
    if states is not None:
        matching = matching.where(AlertGroup.state.in_(states))
    if levels is not None:
        matching = matching.where(AlertGroup.level.in_(levels))
    if since is not None:
        matching = matching.where(AlertGroup.last_seen >= since)
    total = session.scalar(matching.with_only_columns(func.count(AlertGroup.id))) or 0
    if before is not None:
        place = _read_place(before)
        if place is None:
            return GroupPage((), total, None)
        matching = matching.where(tuple_(AlertGroup.last_seen, AlertGroup.number) < place)
    newest = matching.order_by(AlertGroup.last_seen.desc(), AlertGroup.number.desc()).limit(limit + 1)
    rows = session.scalars(newest).all()
    more = len(rows) > limit
    rows = rows[:limit]
    return GroupPage(tuple(_group(row) for row in rows), total, _place(rows[-1]) if more else None)


def get_group(session: Session, identity: str) -> Group | None:
    """The group with this id or number, whole; None where there is none within the session's scope."""
    row = find_row(session, identity)
    return None if row is None else whole(session, row)


def find_row(session: Session, identity: str, *, changing: bool = False) -> AlertGroup | None:
    """The row with this id or number, read anew and, for a change, locked until the end of the transaction."""
    number = int(identity) if identity.isascii() and identity.isdecimal() and len(identity) <= 12 else None
    wanted = AlertGroup.id == identity if number is None else AlertGroup.number == number
    query = select(AlertGroup).where(wanted).execution_options(populate_existing=True)
    return session.scalar(query.with_for_update() if changing else query)


def whole(session: Session, row: AlertGroup) -> Group:
    """The group of the row with its alerts and their events."""
    of_group = select(GroupedAlert).where(GroupedAlert.group_id == row.id)
    newest = of_group.order_by(GroupedAlert.last.desc(), GroupedAlert.id).limit(MAX_OCCURRENCES)
    alerts = session.scalars(newest.options(defer(GroupedAlert.events))).all()
    ends = {alert.id for alert in (*alerts[:1], *alerts[-1:])}
    packed = session.scalars(select(GroupedAlert.events).where(GroupedAlert.id.in_(ends)))
    events = {event.position: event for each in packed for event in unpack(each)}
    group = _group(row)
    return msgspec.structs.replace(
        group,
        alerts=tuple(
            Occurrence(id=alert.id, count=alert.count, first=alert.first, last=alert.last, reason=alert.reason)
            for alert in alerts
        ),
        events=tuple(sorted(events.values(), key=lambda event: (event.time, event.position))),
    )


def _group(row: AlertGroup) -> Group:
    return Group(
        id=row.id,
        number=row.number,
        rule=row.rule,
        level=row.level,
        state=row.state,
        version=row.version,
        unit=row.unit_id,
        entities=row.entities,
        count=row.count,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        reason=row.reason,
        why=row.why,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        closed_count=row.closed_count,
        closing_reason=row.closing_reason,
        note=row.note,
    )


def _place(row: AlertGroup) -> str:
    """Where a page ends, `1795487400000000-12`: microseconds since 1970 and number."""
    return f"{(row.last_seen - _EPOCH) // _MICROSECOND}-{row.number}"


def is_place(text: str) -> bool:
    """Whether the text can be the `next` of a page."""
    return _read_place(text) is not None


def _read_place(text: str) -> tuple[datetime, int] | None:
    microseconds, _, number = text.partition("-")
    if not (text.isascii() and microseconds.isdecimal() and number.isdecimal() and len(text) <= 40):
        return None
    if int(number) >= 1 << 63:
        return None
    try:
        return _EPOCH + int(microseconds) * _MICROSECOND, int(number)
    except OverflowError:
        return None
