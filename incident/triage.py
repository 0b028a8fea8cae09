"""What people decide about a group: look after it, or close it with a reason.

Each change asks `org.access` before anything is read, so that who may not decide learns nothing of what there is; then
it loads the group within the actor's scope and writes the row and its audit row in the caller's transaction. Commit
after `Denied` too, so that the refusal stays in the audit.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from core.language import Text
from incident.queue import Group, find_row, whole
from org import audit
from org.access import Action, decide
from org.actor import Actor

CLOSING_REASONS: Mapping[str, Text] = {
    "true_positive": Text("Đúng là tấn công, đã xử lý", "A real attack, dealt with"),
    "false_positive": Text("Báo động nhầm", "False positive"),
    "benign": Text("Hoạt động hợp lệ đã biết", "Known and legitimate"),
    "duplicate": Text("Trùng với cảnh báo khác", "Duplicate of another alert"),
    "not_actionable": Text("Không đủ thông tin để xử lý", "Too little to act on"),
}


class Acknowledged(msgspec.Struct, frozen=True):
    """The group as it is now."""

    group: Group


class Closed(msgspec.Struct, frozen=True):
    """The group as it is now."""

    group: Group


class Denied(msgspec.Struct, frozen=True):
    """The actor may not."""

    reason: Text


class Conflict(msgspec.Struct, frozen=True):
    """The group was changed since `version` was read, or its state does not allow it; `version` is the present one."""

    version: int


class Missing(msgspec.Struct, frozen=True):
    """No such group within the scope of the session and of the actor."""


def acknowledge(
    session: Session, actor: Actor, group_id: str, version: int, now: datetime
) -> Acknowledged | Denied | Conflict | Missing:
    """Take a new group into work: `actor` looks after it. `group_id` may be its number."""
    refusal = _refusal(session, actor, "alert.acknowledge", group_id, now)
    if refusal is not None:
        return refusal
    row = find_row(session, group_id, changing=True)
    if row is None or not actor.scope.covers(row.unit_id):
        return Missing()
    if row.version != version or row.state != "new":
        return Conflict(row.version)
    row.state = "acknowledged"
    row.version += 1
    row.acknowledged_at, row.acknowledged_by = now, actor.name
    audit.append(session, actor, "alert.acknowledge", f"alert:{row.id}", "done", now, unit=row.unit_id)
    session.flush()
    return Acknowledged(whole(session, row))


def close(
    session: Session, actor: Actor, group_id: str, version: int, reason: str, note: str, now: datetime
) -> Closed | Denied | Conflict | Missing:
    """Close an open group for good; `reason` is a key of `CLOSING_REASONS`. `group_id` may be its number."""
    if reason not in CLOSING_REASONS:
        raise ValueError(f"not a closing reason: {reason}")
    refusal = _refusal(session, actor, "alert.close", group_id, now)
    if refusal is not None:
        return refusal
    row = find_row(session, group_id, changing=True)
    if row is None or not actor.scope.covers(row.unit_id):
        return Missing()
    if row.version != version or row.state == "closed":
        return Conflict(row.version)
    row.state = "closed"
    row.version += 1
    row.closed_at, row.closed_by, row.closed_count = now, actor.name, row.count
    row.closing_reason, row.note = reason, note
    detail = {"reason": reason, "note": note}
    audit.append(session, actor, "alert.close", f"alert:{row.id}", "done", now, unit=row.unit_id, detail=detail)
    session.flush()
    return Closed(whole(session, row))


def _refusal(session: Session, actor: Actor, action: Action, group_id: str, now: datetime) -> Denied | None:
    decision = decide(actor, action, f"alert:{group_id}")
    if decision.allowed:
        return None
    audit.append(session, actor, action, decision.resource, "denied", now)
    return Denied(decision.reason)
