"""An account ends, or only what it has open; and it can be let in again."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.language import Text
from org import audit
from org.access import Action, decide
from org.account import Account, find_account, is_dormant
from org.actor import Actor
from org.refused import Refused
from org.second_factor import remove_factors
from org.session import WebSession

LAST_ADMINISTRATOR = Text(
    "“{name}” là quản trị viên cuối cùng còn mở: hãy tạo người khác trước.",
    "“{name}” is the last administrator whose account is open: make another one first.",
)
CLOSED_ALREADY = Text("Tài khoản “{name}” đã đóng.", "The account “{name}” is closed already.")
NOT_CLOSED = Text("Tài khoản “{name}” đang mở.", "The account “{name}” is open.")


def close_account(session: Session, actor: Actor, name: str, now: datetime) -> Refused | None:
    """The person logs in no more and their sessions end, in every process with its next request; or why not.

    The name stays theirs: what they did is told under it. Asked of `access`, audited.
    """
    account = _asked(session, actor, "account.close", name, now)
    if isinstance(account, Refused):
        return account
    if account.closed_at is not None:
        return Refused(CLOSED_ALREADY.format(name=account.name))
    others = select(func.count(Account.id)).where(
        Account.role == "administrator", Account.closed_at.is_(None), Account.id != account.id
    )
    if account.role == "administrator" and not session.scalar(others):
        return Refused(LAST_ADMINISTRATOR.format(name=account.name))
    account.closed_at = now
    _end_sessions(session, account)
    _written(session, actor, "account.close", account, now)
    return None


def reopen_account(session: Session, actor: Actor, name: str, now: datetime) -> Refused | None:
    """The person may log in again, with the password they had, after the account was closed or long unused; or why not.

    Asked of `access`, audited.
    """
    account = _asked(session, actor, "account.reopen", name, now)
    if isinstance(account, Refused):
        return account
    if account.closed_at is None and not is_dormant(account, now):
        return Refused(NOT_CLOSED.format(name=account.name))
    account.closed_at, account.active_at = None, now
    _written(session, actor, "account.reopen", account, now)
    return None


def end_sessions(session: Session, actor: Actor, name: str, now: datetime) -> int | Refused:
    """The person's sessions end, in every process with its next request; how many. Asked of `access`, audited."""
    account = _asked(session, actor, "account.end_sessions", name, now)
    if isinstance(account, Refused):
        return account
    ended = _end_sessions(session, account)
    _written(session, actor, "account.end_sessions", account, now)
    return ended


def _asked(session: Session, actor: Actor, action: Action, name: str, now: datetime) -> Account | Refused:
    decision = decide(actor, action, "accounts")
    if not decision.allowed:
        audit.append(session, actor, action, "accounts", "denied", now)
        return Refused(decision.reason)
    return find_account(session, name)


def _end_sessions(session: Session, account: Account) -> int:
    ended = delete(WebSession).where(WebSession.account_id == account.id).returning(WebSession.digest)
    return len(session.scalars(ended).all())


def _written(session: Session, actor: Actor, action: Action, account: Account, now: datetime) -> None:
    resource, detail = f"account:{account.id}", {"name": account.name}
    audit.append(session, actor, action, resource, "done", now, unit=account.unit_id, detail=detail)


def remove_second_factor(session: Session, actor: Actor, name: str, now: datetime) -> Refused | None:
    """For one who lost app and recovery codes: they have none, and no sessions; or why not. Asked of `access`, audited.

    Where their role must have one, or their password is short, they enrol another at their next log-in.
    """
    account = _asked(session, actor, "account.remove_factor", name, now)
    if isinstance(account, Refused):
        return account
    remove_factors(session, account.id)
    _end_sessions(session, account)
    _written(session, actor, "account.remove_factor", account, now)
    return None
