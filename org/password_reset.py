"""A forgotten password: whoever runs the server sets another."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.language import Text
from org import audit, password
from org.access import decide
from org.account import Account
from org.account_name import name_key
from org.actor import Actor
from org.refused import Refused
from org.session import WebSession

NO_SUCH_ACCOUNT = Text("Không có tài khoản “{name}”. Có: {known}.", "There is no account “{name}”. There are: {known}.")
NO_ACCOUNTS = Text(
    "Chưa có tài khoản nào. Chạy “canh up” và mở liên kết lần chạy đầu.",
    "There are no accounts yet. Run “canh up” and open the first-run link.",
)
MAX_KNOWN = 10


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
    account = session.scalar(select(Account).where(Account.key == name_key(name)))
    if account is None:
        known = session.scalars(select(Account.name).order_by(Account.id).limit(MAX_KNOWN)).all()
        return Refused(NO_SUCH_ACCOUNT.format(name=name, known=", ".join(known)) if known else NO_ACCOUNTS)
    account.password_hash = kept
    session.execute(delete(WebSession).where(WebSession.account_id == account.id))
    audit.append(session, actor, "account.reset_password", f"account:{account.id}", "done", now)
    return None
