"""Service accounts: what a machine is for and which person answers for it. Its tokens are `org.token`'s.

It has no password and is no row of `account`, so nothing that lets people in can let it in.
"""

from datetime import datetime

import msgspec
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.language import Text
from org import audit
from org.access import Action, decide
from org.account import Account, find_account
from org.account_name import name_key
from org.actor import Actor
from org.refused import Refused
from org.unit import effective_date, load_history
from store.db import Base, Instant

MAX_NAME_LETTERS = 200
MAX_PURPOSE_LETTERS = 500

BAD_NAME = Text(
    "Tên tài khoản dịch vụ cần từ 1 đến 200 ký tự in được.",
    "The name of a service account needs 1 to 200 printable characters.",
)
BAD_PURPOSE = Text(
    "Hãy nói tài khoản dịch vụ dùng để làm gì, từ 1 đến 500 ký tự in được.",
    "Say what the service account is for, in 1 to 500 printable characters.",
)
NAME_TAKEN = Text(
    "Đang có tài khoản dịch vụ tên “{name}”.", "There is an open service account called “{name}” already."
)
NO_SUCH_SERVICE_ACCOUNT = Text(
    "Không có tài khoản dịch vụ “{name}” đang mở.", "There is no open service account “{name}”."
)
NO_SUCH_UNIT = Text("Hôm nay không có đơn vị “{unit}”.", "There is no unit “{unit}” today.")
OWNER_CLOSED = Text(
    "Tài khoản “{name}” đã đóng nên không chịu trách nhiệm được.",
    "The account “{name}” is closed and cannot answer for anything.",
)
OWNER_OF_ANOTHER_UNIT = Text(
    "“{name}” thuộc đơn vị khác nên không chịu trách nhiệm được cho tài khoản dịch vụ này.",
    "“{name}” is of another unit and cannot answer for this service account.",
)
THE_SAME_OWNER = Text("“{name}” đã là người chịu trách nhiệm.", "“{name}” is the owner already.")


class ServiceAccount(Base):
    """One machine, of one unit or (None) of the province. A closed one stays, and its name may be given again.

    `owner_id` is the account of the person who answers for it; `key` is the name as it is compared.
    """

    __tablename__ = "service_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    purpose: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    unit_id: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class ServiceAccountRow(msgspec.Struct, frozen=True, kw_only=True):
    """A service account as it is listed. `owner_open`: whether its owner could still log in."""

    number: int
    name: str
    purpose: str
    owner: str
    owner_open: bool
    unit: str | None
    created_at: datetime
    closed_at: datetime | None


def find_service_account(session: Session, name: str) -> ServiceAccount | Refused:
    """The open service account of this name."""
    is_open = ServiceAccount.closed_at.is_(None)
    found = session.scalar(select(ServiceAccount).where(ServiceAccount.key == name_key(name), is_open))
    return found or Refused(NO_SUCH_SERVICE_ACCOUNT.format(name=name))


def create_service_account(
    session: Session, actor: Actor, name: str, purpose: str, owner: str, unit: str | None, now: datetime
) -> int | Refused:
    """The number of the new service account; or why there is none. No two open ones share a name.

    `owner` names the open account of a person, of the province or of the same unit. Asked of `access`, audited.
    """
    decision = decide(actor, "service_account.create", "service_accounts")
    if not decision.allowed:
        audit.append(session, actor, "service_account.create", "service_accounts", "denied", now)
        return Refused(decision.reason)
    name, purpose = name.strip(), purpose.strip()
    if not 0 < len(name) <= MAX_NAME_LETTERS or not name.isprintable():
        return Refused(BAD_NAME)
    if not 0 < len(purpose) <= MAX_PURPOSE_LETTERS or not purpose.isprintable():
        return Refused(BAD_PURPOSE)
    if not isinstance(find_service_account(session, name), Refused):
        return Refused(NAME_TAKEN.format(name=name))
    if unit is not None and not load_history(session).lives(unit, effective_date(now)):
        return Refused(NO_SUCH_UNIT.format(unit=unit))
    person = _owner(session, owner, unit)
    if isinstance(person, Refused):
        return person
    row = ServiceAccount(
        key=name_key(name), name=name, purpose=purpose, owner_id=person.id, unit_id=unit, created_at=now
    )
    session.add(row)
    session.flush()
    resource, detail = f"service_account:{row.id}", {"name": name, "purpose": purpose, "owner": person.name}
    audit.append(session, actor, "service_account.create", resource, "done", now, unit=unit, detail=detail)
    return row.id


def change_owner(session: Session, actor: Actor, name: str, owner: str, now: datetime) -> Refused | None:
    """Another person answers for the service account from now on; or why not. Asked of `access`, audited."""
    row = asked_for(session, actor, "service_account.change_owner", name, now)
    if isinstance(row, Refused):
        return row
    person = _owner(session, owner, row.unit_id)
    if isinstance(person, Refused):
        return person
    if person.id == row.owner_id:
        return Refused(THE_SAME_OWNER.format(name=person.name))
    resource = f"service_account:{row.id}"
    detail = {"name": row.name, "from": session.get_one(Account, row.owner_id).name, "to": person.name}
    row.owner_id = person.id
    audit.append(session, actor, "service_account.change_owner", resource, "done", now, unit=row.unit_id, detail=detail)
    return None


def list_service_accounts(session: Session, actor: Actor) -> tuple[ServiceAccountRow, ...] | Refused:
    """Every service account, the closed too, oldest first. Asked of `access`; only reads."""
    decision = decide(actor, "service_account.read", "service_accounts")
    if not decision.allowed:
        return Refused(decision.reason)
    joined = select(ServiceAccount, Account).join(Account, Account.id == ServiceAccount.owner_id)
    return tuple(
        ServiceAccountRow(
            number=row.id,
            name=row.name,
            purpose=row.purpose,
            owner=owner.name,
            owner_open=owner.closed_at is None,
            unit=row.unit_id,
            created_at=row.created_at,
            closed_at=row.closed_at,
        )
        for row, owner in session.execute(joined.order_by(ServiceAccount.id))
    )


def asked_for(session: Session, actor: Actor, action: Action, name: str, now: datetime) -> ServiceAccount | Refused:
    """The open service account of this name for one who may do `action` with it; a denial is audited."""
    decision = decide(actor, action, "service_accounts")
    if not decision.allowed:
        audit.append(session, actor, action, "service_accounts", "denied", now)
        return Refused(decision.reason)
    return find_service_account(session, name)


def _owner(session: Session, name: str, unit: str | None) -> Account | Refused:
    """Who may answer for a service account of this unit: whoever is of the province, or of the unit itself."""
    account = find_account(session, name)
    if isinstance(account, Refused):
        return account
    if account.closed_at is not None:
        return Refused(OWNER_CLOSED.format(name=account.name))
    if account.unit_id not in (None, unit):
        return Refused(OWNER_OF_ANOTHER_UNIT.format(name=account.name))
    return account
