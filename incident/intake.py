"""Alerts become groups: each alert once, whatever was told before, counted exactly."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.orm import Session

from core.alert import Alert, group_key
from core.hit import LEVELS, Level
from core.ids import digest
from incident.embedding import pack
from incident.tables import AlertGroup, GroupedAlert

NAMES_AT_ONCE = 500


def fingerprint(alert: Alert) -> str:
    """What the alerts of one group have in common: rule, unit, entities."""
    return digest("group", alert.rule.id, alert.unit, group_key(alert.entities))


def receive(session: Session, alerts: Sequence[Alert], now: datetime, *, window_hours: int) -> Sequence[Alert]:
    """Take the alerts into the queue; those never told before. The session must see every unit.

    Idempotent: an alert counts once, with its highest `count`; told again with the same or a lower one it changes
    nothing. A new alert joins the open group of its rule, unit and entities whose events and its own lie within
    `window_hours`; else it opens one. A closed group is not reopened and takes no new alert; an alert that is in
    it already goes on counting there. Costs a few statements per 500 alerts.
    """
    told = _furthest(alerts)
    counted = _counted(session, told.keys())
    fresh = sorted((told[id] for id in told.keys() - counted.keys()), key=lambda alert: (alert.first, alert.id))
    grown = [alert for id, alert in told.items() if id in counted and alert.count > counted[id].count]
    if not fresh and not grown:
        return ()
    desk = _Desk(window=timedelta(hours=window_hours))
    desk.lay_out(_groups_by_id(session, {counted[alert.id].group for alert in grown}))
    desk.lay_out(_open_groups(session, {fingerprint(alert) for alert in fresh}))
    for alert in grown:
        desk.groups[counted[alert.id].group].take(alert, alert.count - counted[alert.id].count)
    group_of = {alert.id: desk.place(alert).id for alert in fresh}
    _write_groups(session, desk.groups.values(), now)
    if fresh:
        session.execute(
            insert(GroupedAlert), [{"group_id": group_of[alert.id], **_alert_row(alert)} for alert in fresh]
        )
    if grown:
        session.execute(update(GroupedAlert), [_alert_row(alert) for alert in grown])
    return fresh


@dataclass(frozen=True)
class _Counted:
    """What the database knows of an alert."""

    group: str
    count: int


@dataclass
class _Group:
    """A group on the desk. `newest` is the alert of this call that shows what the group says now."""

    id: str
    fingerprint: str
    level: Level
    open: bool
    count: int
    first: datetime
    last: datetime
    opener: Alert | None = None
    newest: Alert | None = None
    changed: bool = False

    def has_room_for(self, alert: Alert, window: timedelta) -> bool:
        return self.open and self.last - window < alert.first < self.first + window

    def take(self, alert: Alert, events: int) -> None:
        if alert.last >= self.last:
            self.newest = alert
        self.count += events
        self.first = min(self.first, alert.first)
        self.last = max(self.last, alert.last)
        self.level = max(self.level, alert.rule.level, key=LEVELS.index)
        self.changed = True


@dataclass
class _Desk:
    """The groups that one call works on."""

    window: timedelta
    groups: dict[str, _Group] = field(default_factory=dict)
    alike: dict[str, list[_Group]] = field(default_factory=dict)

    def lay_out(self, groups: Iterator[_Group]) -> None:
        for group in groups:
            if group.id not in self.groups:
                self._add(group)

    def place(self, alert: Alert) -> _Group:
        """The group the alert joins (of several with room the one that began last), or the one it opens."""
        mark = fingerprint(alert)
        roomy = [group for group in self.alike.get(mark, []) if group.has_room_for(alert, self.window)]
        if roomy:
            group = max(roomy, key=lambda group: group.first)
        else:
            group = _Group(alert.id, mark, alert.rule.level, True, 0, alert.first, alert.last, opener=alert)
            self._add(group)
        group.take(alert, alert.count)
        return group

    def _add(self, group: _Group) -> None:
        self.groups[group.id] = group
        self.alike.setdefault(group.fingerprint, []).append(group)


def _furthest(alerts: Sequence[Alert]) -> dict[str, Alert]:
    """Each alert as it was told with the highest count."""
    told: dict[str, Alert] = {}
    for alert in alerts:
        id = alert.id
        if id not in told or alert.count > told[id].count:
            told[id] = alert
    return told


def _counted(session: Session, ids: Collection[str]) -> dict[str, _Counted]:
    query = select(GroupedAlert.id, GroupedAlert.group_id, GroupedAlert.count)
    return {
        id: _Counted(group, count)
        for some in _portions(ids)
        for id, group, count in session.execute(query.where(GroupedAlert.id.in_(some)))
    }


def _groups_by_id(session: Session, ids: Collection[str]) -> Iterator[_Group]:
    for some in _portions(ids):
        yield from _groups(session, AlertGroup.id.in_(some))


def _open_groups(session: Session, fingerprints: Collection[str]) -> Iterator[_Group]:
    for some in _portions(fingerprints):
        yield from _groups(session, AlertGroup.fingerprint.in_(some) & (AlertGroup.state != "closed"))


def _groups(session: Session, condition: ColumnElement[bool]) -> Iterator[_Group]:
    columns = (
        AlertGroup.id,
        AlertGroup.fingerprint,
        AlertGroup.level,
        AlertGroup.state,
        AlertGroup.count,
        AlertGroup.first_seen,
        AlertGroup.last_seen,
    )
    for id, mark, level, state, count, first, last in session.execute(
        select(*columns).where(condition).with_for_update()
    ):
        yield _Group(id, mark, level, state != "closed", count, first, last)


def _portions(names: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(names)
    for start in range(0, len(ordered), NAMES_AT_ONCE):
        yield ordered[start : start + NAMES_AT_ONCE]


def _write_groups(session: Session, groups: Collection[_Group], now: datetime) -> None:
    opened = [group for group in groups if group.opener is not None]
    if opened:
        last_number = session.scalar(select(func.max(AlertGroup.number))) or 0
        rows = [_opened_row(group, number, now) for number, group in enumerate(opened, last_number + 1)]
        session.execute(insert(AlertGroup), rows)
    taken = [group for group in groups if group.opener is None and group.changed]
    # Rows with the same columns go to the database as one statement.
    for rows in (
        [_counted_row(group) for group in taken if group.newest is None],
        [_counted_row(group) | _told_row(group.newest) for group in taken if group.newest is not None],
    ):
        if rows:
            session.execute(update(AlertGroup), rows)


def _opened_row(group: _Group, number: int, now: datetime) -> dict[str, Any]:
    assert group.opener is not None  # noqa: S101 (ours)
    return {
        "number": number,
        "unit_id": group.opener.unit,
        "fingerprint": group.fingerprint,
        "entities": dict(group.opener.entities),
        "state": "new",
        "version": 1,
        "opened_at": now,
        **_counted_row(group),
        **_told_row(group.newest or group.opener),
    }


def _counted_row(group: _Group) -> dict[str, Any]:
    return {
        "id": group.id,
        "count": group.count,
        "first_seen": group.first,
        "last_seen": group.last,
        "level": group.level,
    }


def _told_row(alert: Alert) -> dict[str, Any]:
    return {"rule": alert.rule, "reason": alert.reason, "why": alert.why}


def _alert_row(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.id,
        "unit_id": alert.unit,
        "rule_version": alert.rule.version,
        "count": alert.count,
        "first": alert.first,
        "last": alert.last,
        "reason": alert.reason,
        "why": alert.why,
        "events": pack(alert.events),
    }
