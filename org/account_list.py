"""The accounts there are, and what each of them may do and why."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.scope import Scope
from org.access import ACTIONS, Decision, decide
from org.account import Account, account_actor, find_account, is_dormant, scope_of
from org.account_creation import NO_SUCH_ROLE, ROLES
from org.account_name import name_key
from org.actor import Actor, Role
from org.password import NOBODYS_HASH
from org.policy import Policy, policy_of
from org.provider_identity import linked_subjects
from org.refused import Refused
from org.second_factor import enrolled_accounts
from org.session import WebSession, living


class AccountRow(msgspec.Struct, frozen=True, kw_only=True):
    """One account. `active_at`: last log-in, before it when it was made or opened again; `sessions` that live.

    `subject`: who the person is at the identity provider, `issuer` at which.
    """

    number: int
    name: str
    role: Role
    unit: str | None
    created_at: datetime
    active_at: datetime
    closed_at: datetime | None
    dormant: bool
    has_password: bool
    has_factor: bool
    sessions: int
    issuer: str | None
    subject: str | None


class Rights(msgspec.Struct, frozen=True, kw_only=True):
    """What one account, or anyone of a role, may do, each with its reason, and what of the province they see.

    `name` and `since` are None where a role is asked about; `closed` accounts may do nothing, whatever stands here.
    """

    name: str | None
    role: Role
    unit: str | None
    since: datetime | None
    closed: bool
    needs_factor: bool
    scope: Scope
    decisions: tuple[Decision, ...]


def list_accounts(session: Session, actor: Actor, now: datetime) -> tuple[AccountRow, ...] | Refused:
    """Every account, the closed too, by name. Asked of `access`; only reads."""
    decision = decide(actor, "account.read", "accounts")
    if not decision.allowed:
        return Refused(decision.reason)
    policy = policy_of(session, now)
    enrolled, linked = enrolled_accounts(session), linked_subjects(session)
    open_sessions = _open_sessions(session, policy, now)
    return tuple(
        AccountRow(
            number=account.id,
            name=account.name,
            role=account.role,
            unit=account.unit_id,
            created_at=account.created_at,
            active_at=account.active_at,
            closed_at=account.closed_at,
            dormant=is_dormant(account, policy, now),
            has_password=account.password_hash != NOBODYS_HASH,
            has_factor=account.id in enrolled,
            sessions=0 if account.closed_at is not None else open_sessions.get(account.id, 0),
            issuer=linked.get(account.id, (None, None))[0],
            subject=linked.get(account.id, (None, None))[1],
        )
        for account in session.scalars(select(Account).order_by(Account.key))
    )


def rights_of_account(session: Session, actor: Actor, name: str, now: datetime) -> Rights | Refused:
    """What the account of this name may do. Everyone may ask about themselves. Only reads."""
    own = actor.kind == "account" and name_key(name) == name_key(actor.name)
    decision = decide(actor, "self.read" if own else "account.read", "accounts")
    if not decision.allowed:
        return Refused(decision.reason)
    account = find_account(session, name)
    if isinstance(account, Refused):
        return account
    person = account_actor(session, account, now)
    return Rights(
        name=account.name,
        role=account.role,
        unit=account.unit_id,
        since=account.created_at,
        closed=account.closed_at is not None,
        needs_factor=account.role in policy_of(session, now).second_factor_roles,
        scope=person.scope,
        decisions=_decisions(person),
    )


def rights_of_role(session: Session, actor: Actor, role: str, now: datetime) -> Rights | Refused:
    """What anyone of this role may do. Asked of `access`; only reads."""
    decision = decide(actor, "account.read", "accounts")
    if not decision.allowed:
        return Refused(decision.reason)
    if role not in ROLES:
        return Refused(NO_SUCH_ROLE.format(role=role, known=", ".join(ROLES)))
    known = ROLES[role]
    scope = scope_of(session, known, None, now)
    anyone = Actor(kind="account", name="", role=known, scope=scope)
    return Rights(
        name=None,
        role=known,
        unit=None,
        since=None,
        closed=False,
        needs_factor=known in policy_of(session, now).second_factor_roles,
        scope=scope,
        decisions=_decisions(anyone),
    )


def _decisions(person: Actor) -> tuple[Decision, ...]:
    return tuple(decide(person, action, "") for action in ACTIONS)


def _open_sessions(session: Session, policy: Policy, now: datetime) -> Mapping[int, int]:
    counted = select(WebSession.account_id, func.count(WebSession.digest)).where(living(policy, now))
    rows = session.execute(counted.group_by(WebSession.account_id)).all()
    return {row[0]: row[1] for row in rows}
