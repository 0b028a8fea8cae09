"""The first administrator: a link printed at the start sets name and password, once, within a day."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.ids import new_secret
from core.language import Text
from org import audit, password
from org.account import BAD_NAME, MAX_NAME_LETTERS, Account, account_actor
from org.account_name import name_key
from org.actor import OPERATOR, Actor
from org.breached_passwords import BUILT_IN, BreachedPasswords
from org.policy import policy_of
from org.refused import Refused
from org.secret import digest
from store.db import Base, Instant

COMMON_TABLES = frozenset({"first_run"})
VALID_FOR = timedelta(hours=24)

LINK_NOT_VALID = Text(
    "Liên kết này không còn hiệu lực. Khởi động lại “canh up” để nhận liên kết mới.",
    "This link is no longer valid. Start “canh up” again for a new one.",
)
HAS_ADMINISTRATOR = Text(
    "Đã có quản trị viên, liên kết này không dùng nữa. Hãy đăng nhập.",
    "There is an administrator already; this link is of no more use. Log in.",
)


class FirstRun(Base):
    """The link that may be used; no row: none may. Common: it belongs to the whole product."""

    __tablename__ = "first_run"

    digest: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(Instant)


def ensure_first_run(session: Session, now: datetime) -> str | None:
    """The secret of a new link while there is no administrator, else None. The links before it end."""
    if _has_administrator(session):
        return None
    secret = new_secret()
    session.execute(delete(FirstRun))
    session.add(FirstRun(digest=digest(secret), expires_at=now + VALID_FOR))
    audit.append(session, OPERATOR, "first_run.offer", "first_run", "done", now)
    return secret


def refusal(session: Session, secret: str, now: datetime) -> Text | None:
    """Why the link cannot be used now, None where it can; looking does not use it up."""
    if _has_administrator(session):
        return HAS_ADMINISTRATOR
    link = session.get(FirstRun, digest(secret))
    return LINK_NOT_VALID if link is None or link.expires_at <= now else None


def set_administrator(
    session: Session, secret: str, name: str, said: str, now: datetime, breached: BreachedPasswords = BUILT_IN
) -> Actor | Refused:
    """Make the first administrator and use the link up; or why not, and the link stays. Audited when done."""
    wrong = refusal(session, secret, now)
    if wrong is not None:
        return Refused(wrong)
    link = session.get_one(FirstRun, digest(secret))
    name = name.strip()
    if not 0 < len(name) <= MAX_NAME_LETTERS or not name.isprintable():
        return Refused(BAD_NAME)
    factor = "administrator" in policy_of(session, now).second_factor_roles
    wrong = password.refusal(said, (name,), with_second_factor=factor, breached=breached)
    if wrong is not None:
        return Refused(wrong)
    account = Account(
        key=name_key(name),
        name=name,
        role="administrator",
        password_hash=password.hashed(said),
        created_at=now,
        active_at=now,
    )
    session.add(account)
    session.delete(link)
    session.flush()
    actor = account_actor(session, account, now)
    audit.append(session, actor, "account.create", f"account:{account.id}", "done", now)
    return actor


def _has_administrator(session: Session) -> bool:
    return session.scalar(select(Account.id).where(Account.role == "administrator").limit(1)) is not None
