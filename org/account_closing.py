"""What becomes of an account: closed, opened again, another role; or only what it has open ends."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.language import Text
from org import audit
from org.access import Action, decide
from org.account import Account, find_account, is_dormant
from org.account_creation import NO_SUCH_ROLE, ROLES, unit_refusal
from org.actor import Actor
from org.invitation import Invitation
from org.log_in import end_all
from org.password import NOBODYS_HASH
from org.policy import policy_of
from org.provider_identity import remove_link
from org.refused import Refused
from org.second_factor import remove_factors

LAST_ADMINISTRATOR = Text(
    "“{name}” là quản trị viên cuối cùng còn vào được: hãy để một quản trị viên khác đăng nhập trước.",
    "“{name}” is the last administrator who can get in: let another one log in first.",
)
CLOSED_ALREADY = Text("Tài khoản “{name}” đã đóng.", "The account “{name}” is closed already.")
THE_SAME_ROLE = Text("“{name}” đã có đúng vai trò ấy.", "“{name}” has that very role.")
NOT_ONES_OWN = Text(
    "Yếu tố thứ hai của chính mình thì đổi ở trang “Tài khoản của tôi”.",
    "One's own second factor is changed on the page “My account”.",
)
NOT_CLOSED = Text("Tài khoản “{name}” đang mở.", "The account “{name}” is open.")


def close_account(session: Session, actor: Actor, name: str, now: datetime) -> Refused | None:
    """The person logs in no more and their sessions end, in every process with its next request; or why not.

    The name stays theirs: what they did is told under it. Their subject at the identity provider may be linked to
    another account. Asked of `access`, audited.
    """
    account = _asked(session, actor, "account.close", name, now)
    if isinstance(account, Refused):
        return account
    if account.closed_at is not None:
        return Refused(CLOSED_ALREADY.format(name=account.name))
    if is_last_administrator(session, account, now):
        return Refused(LAST_ADMINISTRATOR.format(name=account.name))
    account.closed_at = now
    session.execute(delete(Invitation).where(Invitation.account_id == account.id))
    subject = remove_link(session, account.id)
    end_all(session, account.id)
    detail = {"subject": subject} if subject is not None else {}
    _written(session, actor, "account.close", account, now, detail)
    return None


def reopen_account(session: Session, actor: Actor, name: str, now: datetime) -> Refused | None:
    """The person may log in again, with the password they had, after the account was closed or long unused; or why not.

    Asked of `access`, audited.
    """
    account = _asked(session, actor, "account.reopen", name, now)
    if isinstance(account, Refused):
        return account
    if account.closed_at is None and not is_dormant(account, policy_of(session, now), now):
        return Refused(NOT_CLOSED.format(name=account.name))
    account.closed_at, account.active_at = None, now
    _written(session, actor, "account.reopen", account, now)
    return None


def change_role(
    session: Session, actor: Actor, name: str, role: str, unit: str | None, now: datetime
) -> Refused | None:
    """The person has this role, in this unit, from their next log-in on; their sessions end. Or why not.

    Asked of `access`, audited with what was before.
    """
    account = _asked(session, actor, "account.change_role", name, now)
    if isinstance(account, Refused):
        return account
    if role not in ROLES:
        return Refused(NO_SUCH_ROLE.format(role=role, known=", ".join(ROLES)))
    wrong = unit_refusal(session, ROLES[role], unit, now)
    if wrong is not None:
        return Refused(wrong)
    if ROLES[role] != "administrator" and is_last_administrator(session, account, now):
        return Refused(LAST_ADMINISTRATOR.format(name=account.name))
    if (account.role, account.unit_id) == (role, unit):
        return Refused(THE_SAME_ROLE.format(name=account.name))
    detail = {"from": account.role, "to": role, "from_unit": account.unit_id or "", "to_unit": unit or ""}
    account.role, account.unit_id = ROLES[role], unit
    session.execute(delete(Invitation).where(Invitation.account_id == account.id))
    end_all(session, account.id)
    _written(session, actor, "account.change_role", account, now, detail)
    return None


def end_sessions(session: Session, actor: Actor, name: str, now: datetime) -> int | Refused:
    """The person's sessions end, in every process with its next request; how many. Asked of `access`, audited."""
    account = _asked(session, actor, "account.end_sessions", name, now)
    if isinstance(account, Refused):
        return account
    ended = end_all(session, account.id)
    _written(session, actor, "account.end_sessions", account, now)
    return ended


def is_last_administrator(session: Session, account: Account, now: datetime) -> bool:
    """Whether nobody could administer without this account.

    One who has set no password yet, or whose account is suspended because it was not used, could not.
    """
    if account.role != "administrator" or account.closed_at is not None:
        return False
    others = select(Account).where(
        Account.role == "administrator",
        Account.closed_at.is_(None),
        Account.id != account.id,
        Account.password_hash != NOBODYS_HASH,
    )
    policy = policy_of(session, now)
    return all(is_dormant(other, policy, now) for other in session.scalars(others))


def _asked(session: Session, actor: Actor, action: Action, name: str, now: datetime) -> Account | Refused:
    decision = decide(actor, action, "accounts")
    if not decision.allowed:
        audit.append(session, actor, action, "accounts", "denied", now)
        return Refused(decision.reason)
    return find_account(session, name)


def _written(
    session: Session,
    actor: Actor,
    action: Action,
    account: Account,
    now: datetime,
    detail: Mapping[str, str] | None = None,
) -> None:
    resource, detail = f"account:{account.id}", {"name": account.name, **(detail or {})}
    audit.append(session, actor, action, resource, "done", now, unit=account.unit_id, detail=detail)


def remove_second_factor(session: Session, actor: Actor, name: str, now: datetime) -> Refused | None:
    """For one who lost app and recovery codes: they have none, and no sessions; or why not. Asked of `access`, audited.

    Where their role must have one, or their password is short, they enrol another at their next log-in.
    """
    account = _asked(session, actor, "account.remove_factor", name, now)
    if isinstance(account, Refused):
        return account
    if actor.id == f"account:{account.id}":
        return Refused(NOT_ONES_OWN)
    remove_factors(session, account.id)
    end_all(session, account.id)
    _written(session, actor, "account.remove_factor", account, now)
    return None
