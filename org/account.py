"""The accounts of people, and whether one who knocks is who they say."""

from datetime import datetime

from sqlalchemy import Engine, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.language import Text
from core.scope import EVERY_UNIT, Scope
from org import audit, password
from org.account_name import name_key
from org.actor import NO_UNIT, NOBODY, Actor, Role
from org.policy import Policy, policy_of
from org.refused import Refused
from org.unit import unit_scope
from store import db
from store.db import Base, Instant

MAX_NAME_LETTERS = 200
MAX_KNOWN = 10

BAD_NAME = Text("Tên đăng nhập cần từ 1 đến 200 ký tự in được.", "The user name needs 1 to 200 printable characters.")
NO_SUCH_ACCOUNT = Text("Không có tài khoản “{name}”. Có: {known}.", "There is no account “{name}”. There are: {known}.")
NO_ACCOUNTS = Text(
    "Chưa có tài khoản nào. Chạy “canh up” và mở liên kết lần chạy đầu.",
    "There are no accounts yet. Run “canh up” and open the first-run link.",
)
DORMANT = Text(
    "Tài khoản này đã không được dùng {days} ngày nên bị tạm khóa: hãy nhờ quản trị viên mở lại.",
    "This account was not used for {days} days and is suspended: ask an administrator to open it again.",
)
WRONG = Text("Tên đăng nhập hoặc mật khẩu không đúng.", "The user name or the password is wrong.")


class Account(Base):
    """One person, of one unit or (None) of the province.

    `key` is the name as it is compared: NFKC, case folded. `active_at` is the last log-in, before it when the account
    was made or opened again: one that was not used for `Policy.inactive` lets nobody in until it is opened again.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(String)
    password_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    unit_id: Mapped[str | None]
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    active_at: Mapped[datetime] = mapped_column(Instant, server_default="1970-01-01 00:00:00")


def find_account(session: Session, name: str) -> Account | Refused:
    """The account with this name, or those there are."""
    account = session.scalar(select(Account).where(Account.key == name_key(name)))
    if account is not None:
        return account
    known = session.scalars(select(Account.name).order_by(Account.id).limit(MAX_KNOWN)).all()
    return Refused(NO_SUCH_ACCOUNT.format(name=name, known=", ".join(known)) if known else NO_ACCOUNTS)


def account_actor(session: Session, account: Account, now: datetime) -> Actor:
    """The person as one who acts at `now`. The session must see every unit; of the province it costs nothing."""
    scope = scope_of(session, account.role, account.unit_id, now)
    return Actor(kind="account", number=account.id, name=account.name, role=account.role, scope=scope)


def scope_of(session: Session, role: Role, unit: str | None, now: datetime) -> Scope:
    """What a role in a unit sees at `now`; a contact without a unit sees nothing, and neither does a sender."""
    if role == "sender":
        return NO_UNIT  # should a route forget to ask, there is still nothing to be seen
    if unit is not None:
        return unit_scope(session, unit, now)
    return NO_UNIT if role == "unit_contact" else EVERY_UNIT


def is_dormant(account: Account, policy: Policy, now: datetime) -> bool:
    """Whether the account was not used for so long that it lets nobody in."""
    return now - account.active_at >= policy.inactive


def prove_password(session: Session, name: str, said: str, now: datetime) -> Actor | Refused:
    """The person with this name and password. An unknown name or a closed account gets the same answer as late.

    A failure is audited; success opens nothing (`org.log_in` does). Give it a fresh session: the hash is computed
    before the write lock is taken.
    """
    engine = session.get_bind()
    assert isinstance(engine, Engine)  # noqa: S101 (ours: store.db.session binds to an engine)
    with db.session(engine, EVERY_UNIT, reading=True) as reading:
        found = reading.scalar(select(Account).where(Account.key == name_key(name)))
    kept = found.password_hash if found else None
    right = password.is_right(kept, said) and found is not None and found.closed_at is None
    fresh = password.hashed(said) if right and kept and password.is_outdated(kept) else None
    if found is None or not right:
        # A name that nobody has is not written down: it may be a password typed into the wrong field.
        resource = f"account:{found.id}" if found else "accounts"
        audit.append(session, NOBODY, "account.log_in", resource, "failed", now)
        return Refused(WRONG)
    account = session.get_one(Account, found.id)
    admitted = admit(session, account, now)
    if fresh is not None and not isinstance(admitted, Refused):
        account.password_hash = fresh
    return admitted


def admit(session: Session, account: Account, now: datetime) -> Actor | Refused:
    """The person of an account that is open, once they have proven who they are; or why it lets nobody in. Audited."""
    policy = policy_of(session, now)
    if not is_dormant(account, policy, now):
        return account_actor(session, account, now)
    detail = {"why": "dormant"}
    audit.append(session, NOBODY, "account.log_in", f"account:{account.id}", "denied", now, detail=detail)
    return Refused(DORMANT.format(days=policy.inactive.days))
