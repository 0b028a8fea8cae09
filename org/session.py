"""The sessions of people who logged in: kept on the server, ended by idleness, age or log-out."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import ColumnElement, ForeignKey, and_, delete, not_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.ids import new_secret
from org import audit
from org.account import Account, account_actor
from org.actor import Actor
from org.policy import Policy, policy_of
from org.secret import digest
from store.db import Base, Instant

COMMON_TABLES = frozenset({"web_session"})
NOTE_SEEN_EVERY = timedelta(minutes=1)
AHEAD = timedelta(minutes=5)
"""A session that was used later than this from now was used by another clock: set back, it would live too long."""

Proof = Literal["password", "authenticator", "recovery_code", "passkey", "identity_provider"]
"""What was asked for last before a session opened; a code or a passkey came after the password or the provider."""


class WebSession(Base):
    """One log-in of one browser. Common: it is asked for before anyone's scope is known."""

    __tablename__ = "web_session"

    digest: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)


class LivingSession(msgspec.Struct, frozen=True):
    """Whose session it is; `note_due`: that it is in use has not been noted for a minute."""

    actor: Actor
    note_due: bool


def open_session(session: Session, actor: Actor, proof: Proof, now: datetime) -> str:
    """The secret of a new session of the account that `actor` is; audited as their log-in."""
    secret = new_secret()
    account = session.get_one(Account, actor.number)
    account.active_at = now
    session.add(WebSession(digest=digest(secret), account_id=account.id, opened_at=now, seen_at=now))
    resource, detail = f"account:{account.id}", {"by": proof}
    audit.append(session, actor, "account.log_in", resource, "done", now, unit=account.unit_id, detail=detail)
    return secret


def living(policy: Policy, now: datetime) -> ColumnElement[bool]:
    """The condition of a session that lives at `now`."""
    return and_(
        WebSession.seen_at > now - policy.idle,
        WebSession.opened_at > now - policy.absolute,
        WebSession.seen_at <= now + AHEAD,
    )


def find_session(session: Session, secret: str, now: datetime) -> LivingSession | None:
    """The session with this secret while it lives, its actor's scope as of `now`. Only reads."""
    found = session.execute(
        select(WebSession, Account)
        .join(Account, Account.id == WebSession.account_id)
        .where(WebSession.digest == digest(secret), living(policy_of(session, now), now), Account.closed_at.is_(None))
    ).one_or_none()
    if found is None:
        return None
    row, account = found
    return LivingSession(account_actor(session, account, now), now - row.seen_at >= NOTE_SEEN_EVERY)


def note_seen(session: Session, secret: str, now: datetime) -> None:
    """The session is in use at `now`; without this it ends `Policy.idle` after it was last noted."""
    row = session.get(WebSession, digest(secret))
    if row is not None:
        row.seen_at = now


def close_session(session: Session, secret: str, now: datetime) -> None:
    """End the session with this secret, if it is there; audited."""
    row = session.get(WebSession, digest(secret))
    if row is None:
        return
    account = session.get_one(Account, row.account_id)
    session.delete(row)
    actor = account_actor(session, account, now)
    audit.append(session, actor, "account.log_out", f"account:{account.id}", "done", now, unit=account.unit_id)


def expire_sessions(session: Session, now: datetime) -> int:
    """Delete the sessions that no longer live; how many."""
    lives = living(policy_of(session, now), now)
    return len(session.scalars(delete(WebSession).where(not_(lives)).returning(WebSession.digest)).all())
