"""A single-use link with which a person sets the password of their account, so that nobody else ever knows it.

It is handed out with a new account, and in place of a password that was forgotten.
Source: OWASP ASVS 5.0, 6.4.1 (activation codes: random, short-lived, good once)
"""

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Engine, ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.ids import new_secret
from core.language import Text
from core.scope import EVERY_UNIT
from org import audit, password
from org.access import decide
from org.account import Account, account_actor, find_account
from org.actor import Actor
from org.breached_passwords import BUILT_IN, BreachedPasswords
from org.log_in import end_all
from org.policy import policy_of
from org.refused import Refused
from org.second_factor import factors_of
from org.secret import digest
from store import db
from store.db import Base, Instant

COMMON_TABLES = frozenset({"invitation"})
VALID_FOR = timedelta(hours=72)

NOT_VALID = Text(
    "Liên kết này không còn hiệu lực (chỉ dùng được một lần, trong 72 giờ). Hãy xin quản trị viên liên kết mới.",
    "This link is no longer valid (it works once, within 72 hours). Ask an administrator for a new one.",
)
NOT_ONES_OWN = Text(
    "Mật khẩu của chính mình thì đổi ở trang “Tài khoản của tôi”.",
    "One's own password is changed on the page “My account”.",
)
IS_CLOSED = Text("Tài khoản “{name}” đã đóng: hãy mở lại trước.", "The account “{name}” is closed: reopen it first.")


class Invitation(Base):
    """The link of one account; a new one takes the place of the one before. Common: nobody is logged in yet."""

    __tablename__ = "invitation"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class Invited(msgspec.Struct, frozen=True):
    """Whose password a link sets, and how many letters it needs."""

    name: str
    min_letters: int


def invite(session: Session, actor: Actor, name: str, now: datetime) -> str | Refused:
    """The secret of a link for the account of this name, told only here; the link before ends. Or why there is none.

    The password there is stays good until the link is used. Asked of `access`, audited.
    """
    decision = decide(actor, "account.invite", "accounts")
    if not decision.allowed:
        audit.append(session, actor, "account.invite", "accounts", "denied", now)
        return Refused(decision.reason)
    account = find_account(session, name)
    if isinstance(account, Refused):
        return account
    if account.closed_at is not None:
        return Refused(IS_CLOSED.format(name=account.name))
    if actor.id == f"account:{account.id}":
        return Refused(NOT_ONES_OWN)
    secret = new_secret()
    session.execute(delete(Invitation).where(Invitation.account_id == account.id))
    session.add(Invitation(account_id=account.id, digest=digest(secret), expires_at=now + VALID_FOR))
    resource, detail = f"account:{account.id}", {"name": account.name}
    audit.append(session, actor, "account.invite", resource, "done", now, unit=account.unit_id, detail=detail)
    return secret


def find_invited(session: Session, secret: str, now: datetime) -> Invited | Refused:
    """Whose link this is. Looking does not use it up."""
    found = _valid(session, secret, now)
    if found is None:
        return Refused(NOT_VALID)
    account = found[1]
    return Invited(account.name, password.least_letters(with_second_factor=_has_factor(session, account, now)))


def accept(
    session: Session, secret: str, said: str, now: datetime, breached: BreachedPasswords = BUILT_IN
) -> Actor | Refused:
    """The account has the password `said`, no open sessions, and the link is used up; or why not, and the link stays.

    Audited. Give it a fresh session: the hash is computed before the write lock is taken.
    """
    engine = session.get_bind()
    assert isinstance(engine, Engine)  # noqa: S101 (ours: store.db.session binds to an engine)
    with db.session(engine, EVERY_UNIT, reading=True) as reading:
        found = _valid(reading, secret, now)
        if found is None:
            return Refused(NOT_VALID)
        account = found[1]
        wrong = password.refusal(
            said, (account.name,), with_second_factor=_has_factor(reading, account, now), breached=breached
        )
    if wrong is not None:
        return Refused(wrong)
    kept = password.hashed(said)
    found = _valid(session, secret, now)
    if found is None:
        return Refused(NOT_VALID)
    invitation, account = found
    account.password_hash, account.active_at = kept, now
    session.delete(invitation)
    end_all(session, account.id)
    actor = account_actor(session, account, now)
    resource = f"account:{account.id}"
    audit.append(session, actor, "account.accept_invitation", resource, "done", now, unit=account.unit_id)
    return actor


def expire_invitations(session: Session, now: datetime) -> int:
    """Delete the links that are no longer good; how many."""
    old = delete(Invitation).where(Invitation.expires_at <= now)
    return len(session.scalars(old.returning(Invitation.account_id)).all())


def _valid(session: Session, secret: str, now: datetime) -> tuple[Invitation, Account] | None:
    invitation = session.scalar(select(Invitation).where(Invitation.digest == digest(secret)))
    if invitation is None or not now < invitation.expires_at <= now + VALID_FOR:
        return None
    account = session.get_one(Account, invitation.account_id)
    return None if account.closed_at is not None else (invitation, account)


def _has_factor(session: Session, account: Account, now: datetime) -> bool:
    return account.role in policy_of(session, now).second_factor_roles or factors_of(session, account.id).any
