"""A forgotten password: whoever runs the server sets another."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from org import audit, password
from org.access import decide
from org.account import find_account
from org.actor import Actor
from org.refused import Refused
from org.session import WebSession


def reset_password(session: Session, actor: Actor, name: str, said: str, now: datetime) -> Refused | None:
    """The person with this name has the password `said` from now on, and no open sessions; or why not.

    Asked of `access`, audited. Give it a fresh session: the hash is computed before the write lock is taken.
    """
    decision = decide(actor, "account.reset_password", "accounts")
    if not decision.allowed:
        audit.append(session, actor, "account.reset_password", "accounts", "denied", now)
        return Refused(decision.reason)
    wrong = password.refusal(said, (name,))
    if wrong is not None:
        return Refused(wrong)
    kept = password.hashed(said)
    account = find_account(session, name)
    if isinstance(account, Refused):
        return account
    account.password_hash = kept
    session.execute(delete(WebSession).where(WebSession.account_id == account.id))
    audit.append(session, actor, "account.reset_password", f"account:{account.id}", "done", now)
    return None
