"""A forgotten password: whoever runs the server sets another."""

from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.scope import EVERY_UNIT
from org import audit, password
from org.access import decide
from org.account import Account, find_account
from org.actor import Actor
from org.breached_passwords import BUILT_IN, BreachedPasswords
from org.log_in import end_all
from org.policy import policy_of
from org.refused import Refused
from org.second_factor import factors_of
from store import db


def reset_password(
    session: Session, actor: Actor, name: str, said: str, now: datetime, breached: BreachedPasswords = BUILT_IN
) -> Refused | None:
    """The person with this name has the password `said` from now on, and no open sessions; or why not.

    Asked of `access`, audited. Give it a fresh session: the hash is computed before the write lock is taken.
    """
    decision = decide(actor, "account.reset_password", "accounts")
    if not decision.allowed:
        audit.append(session, actor, "account.reset_password", "accounts", "denied", now)
        return Refused(decision.reason)
    engine = session.get_bind()
    assert isinstance(engine, Engine)  # noqa: S101 (ours: store.db.session binds to an engine)
    with db.session(engine, EVERY_UNIT, reading=True) as reading:
        found = find_account(reading, name)
        if isinstance(found, Refused):
            return found
        enrolled = found.role in policy_of(reading, now).second_factor_roles or factors_of(reading, found.id).any
    wrong = password.refusal(said, (name,), with_second_factor=enrolled, breached=breached)
    if wrong is not None:
        return Refused(wrong)
    kept = password.hashed(said)
    account = session.get_one(Account, found.id)
    account.password_hash = kept
    end_all(session, account.id)
    audit.append(session, actor, "account.reset_password", f"account:{account.id}", "done", now)
    return None
