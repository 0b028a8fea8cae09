"""The audit as people read it: newest first, narrowed, page by page."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from sqlalchemy import Select, String, func, select, type_coerce
from sqlalchemy.orm import Session

from org.access import decide
from org.actor import Actor
from org.audit import Audit
from org.audit_chain import AuditLink
from org.refused import Refused

MAX_SEQUENCE = 2**63 - 1


class Narrowing(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows; an empty text and None leave out nothing.

    `actor` is an id (`account:7`) or the name; `resource` is one (`alert:ID`) or a kind (`alert`). `start` is
    included, `end` is not.
    """

    actor: str = ""
    action: str = ""
    resource: str = ""
    start: datetime | None = None
    end: datetime | None = None


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """One act. `hash` is None while the row is not chained yet."""

    sequence: int
    at: datetime
    unit: str | None
    actor: str
    actor_name: str
    role: str
    action: str
    resource: str
    outcome: str
    detail: Mapping[str, str]
    hash: str | None


class AuditPage(msgspec.Struct, frozen=True):
    """Rows newest first by sequence, never by time; `total` counts all that match, `next` is the `before` that follows.

    `odd` are rows on the page that cannot be read as they lie there: nobody but a hand in the database writes such.
    """

    rows: tuple[AuditRow, ...]
    total: int
    next: int | None
    odd: tuple[int, ...]


def list_audit(
    session: Session, actor: Actor, narrowing: Narrowing, *, before: int | None = None, limit: int
) -> AuditPage | Refused:
    """The newest `limit` rows that match, behind sequence `before`. Asked of `access`."""
    decision = decide(actor, "audit.read", "audit")
    if not decision.allowed:
        return Refused(decision.reason)
    matching = _matching(narrowing)
    total = session.scalar(matching.with_only_columns(func.count(Audit.sequence))) or 0
    if before is not None:
        matching = matching.where(Audit.sequence < min(before, MAX_SEQUENCE))
    sequences = list(
        session.scalars(matching.with_only_columns(Audit.sequence).order_by(Audit.sequence.desc()).limit(limit + 1))
    )
    more, sequences = len(sequences) > limit, sequences[:limit]
    shown = {row.sequence: row for row in _read(session, sequences)}
    return AuditPage(
        tuple(shown[sequence] for sequence in sequences if sequence in shown),
        total,
        sequences[-1] if more else None,
        tuple(sequence for sequence in sequences if sequence not in shown),
    )


def audited_actions(session: Session) -> tuple[str, ...]:
    """The actions that the audit holds, by name."""
    return tuple(sorted(session.scalars(select(Audit.action).distinct())))


def _matching(narrowing: Narrowing) -> Select[Audit]:
    matching = select(Audit)
    if narrowing.actor:
        matching = matching.where((Audit.actor == narrowing.actor) | (Audit.actor_name == narrowing.actor))
    if narrowing.action:
        matching = matching.where(Audit.action == narrowing.action)
    if narrowing.resource:
        kind = narrowing.resource.rstrip(":")
        matching = matching.where(
            (Audit.resource == narrowing.resource) | Audit.resource.startswith(f"{kind}:", autoescape=True)
        )
    if narrowing.start is not None:
        matching = matching.where(Audit.at >= narrowing.start)
    if narrowing.end is not None:
        matching = matching.where(Audit.at < narrowing.end)
    return matching


def _read(session: Session, sequences: list[int]) -> list[AuditRow]:
    """Those of the rows that can be read; one by one only where a hand in the database left one that cannot."""
    raw = (type_coerce(Audit.detail, String), type_coerce(Audit.at, String))
    query = (
        select(Audit.sequence, *raw, Audit.unit_id, Audit.actor, Audit.actor_name, Audit.role)
        .add_columns(Audit.action, Audit.resource, Audit.outcome, AuditLink.hash)
        .outerjoin(AuditLink, AuditLink.sequence == Audit.sequence)
        .where(Audit.sequence.in_(sequences))
    )
    rows = []
    for sequence, detail, at, unit, actor, name, role, action, resource, outcome, hashed in session.execute(query):
        try:
            row = AuditRow(
                sequence=sequence,
                at=datetime.fromisoformat(f"{at}+00:00"),
                unit=unit,
                actor=actor,
                actor_name=name,
                role=role,
                action=action,
                resource=resource,
                outcome=outcome,
                detail=msgspec.json.decode(detail, type=dict[str, str]),
                hash=hashed,
            )
            rows.append(msgspec.convert(msgspec.structs.asdict(row), AuditRow))
        except (ValueError, TypeError):
            continue
    return rows
