"""Tokens of scripts and senders: made once, shown once, kept as digests."""

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import ColumnElement, ForeignKey, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.language import Text
from org import audit
from org.access import decide
from org.account import scope_of
from org.account_creation import unit_refusal
from org.actor import Actor, Role
from org.refused import Refused
from org.secret import digest
from org.service_account import ServiceAccount, find_service_account
from org.token_mark import KnownTokens, mark_key, new_token
from store.db import Base, Instant

MAX_NAME_LETTERS = 200
NOTE_USE_EVERY = timedelta(hours=1)
LIFETIME_DAYS = 365
MOST_DAYS = 3 * 365

ROLES: dict[str, Role] = {
    "administrator": "administrator",
    "analyst": "analyst",
    "reader": "reader",
    "unit_contact": "unit_contact",
    "integration": "integration",
    "sender": "sender",
}
"""What a token may be used for. A sender's only brings records in: whoever takes it from a server reads nothing."""

NO_SUCH_ROLE = Text(
    "Không có vai trò “{role}” cho khóa API; dùng: {known}.", "No token has the role “{role}”; use: {known}."
)
BAD_NAME = Text(
    "Tên của khóa API cần từ 1 đến 200 ký tự in được.", "The name of a token needs 1 to 200 printable characters."
)
NAME_TAKEN = Text(
    "Khóa API số {number} còn hiệu lực đã có tên “{name}”. Chọn tên khác, hoặc thu hồi khóa ấy trước.",
    "The valid token number {number} is called “{name}” already. Choose another name, or revoke that one first.",
)
BAD_LIFETIME = Text(
    "Khóa API có hiệu lực từ 1 đến {most} ngày, không phải {days}.",
    "A token is valid for 1 to {most} days, not {days}.",
)
OF_ANOTHER_UNIT = Text(
    "Tài khoản dịch vụ “{name}” thuộc đơn vị {unit}: khóa của nó phải thuộc đúng đơn vị ấy.",
    "The service account “{name}” is of the unit {unit}: its tokens are of that unit and no other.",
)
NO_SUCH_TOKEN = Text("Không có khóa API số {number} còn hiệu lực.", "No valid token has the number {number}.")


class Token(Base):
    """One token, of one unit or (None) of the province. A revoked one stays: no number returns.

    `expires_at` is None for tokens made before there was an end to them, `service_account_id` for those made without
    one, for which nobody answers.
    """

    __tablename__ = "token"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(String)
    created_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    unit_id: Mapped[str | None]
    service_account_id: Mapped[int | None] = mapped_column(ForeignKey("service_account.id"), index=True)


class TokenRow(msgspec.Struct, frozen=True):
    """A token as it is listed; of its secret nothing is known. `number` is what `revoke_token` asks for.

    `service_account` is the name of the one it belongs to.
    """

    number: int
    name: str
    role: Role
    unit: str | None
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    expires_at: datetime | None
    service_account: str | None

    def is_valid(self, now: datetime) -> bool:
        """Whether it speaks for anybody at `now`."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


class Bearer(msgspec.Struct, frozen=True):
    """Who a token speaks for; `note_due`: its use has not been noted for an hour."""

    actor: Actor
    note_due: bool


def create_token(
    session: Session,
    actor: Actor,
    role: str,
    name: str,
    now: datetime,
    *,
    unit: str | None = None,
    days: int = LIFETIME_DAYS,
    service_account: str | None = None,
) -> str | Refused:
    """The secret of a new token; it cannot be had again. No two valid ones share a name. Asked of `access`, audited.

    `unit`: whose token it is, for the roles that are of a unit and for no other. It is valid for `days`.
    `service_account`: the name of the open one it belongs to and ends with; that of a unit has tokens of its unit only.
    """
    decision = decide(actor, "token.create", "tokens")
    if not decision.allowed:
        audit.append(session, actor, "token.create", "tokens", "denied", now, detail={"role": role, "name": name})
        return Refused(decision.reason)
    if role not in ROLES:
        return Refused(NO_SUCH_ROLE.format(role=role, known=", ".join(ROLES)))
    wrong = unit_refusal(session, ROLES[role], unit, now)
    if wrong is not None:
        return Refused(wrong)
    name = name.strip()
    if not 0 < len(name) <= MAX_NAME_LETTERS or not name.isprintable():
        return Refused(BAD_NAME)
    if not 1 <= days <= MOST_DAYS:
        return Refused(BAD_LIFETIME.format(most=MOST_DAYS, days=days))
    service = None if service_account is None else find_service_account(session, service_account)
    if isinstance(service, Refused):
        return service
    if service is not None and service.unit_id not in (None, unit):
        return Refused(OF_ANOTHER_UNIT.format(name=service.name, unit=service.unit_id))
    taken = session.scalar(select(Token.id).where(Token.name == name, *_is_valid(now)).limit(1))
    if taken is not None:
        return Refused(NAME_TAKEN.format(name=name, number=taken))
    secret = new_token(session)
    until = now + timedelta(days=days)
    row = Token(digest=digest(secret), name=name, role=ROLES[role], created_at=now, expires_at=until, unit_id=unit)
    row.service_account_id = service.id if service is not None else None
    session.add(row)
    session.flush()
    detail = {"role": role, "name": name, "days": str(days)}
    if service is not None:
        detail["service_account"] = service.name
    audit.append(session, actor, "token.create", f"token:{row.id}", "done", now, unit=unit, detail=detail)
    return secret


def known_tokens(session: Session) -> KnownTokens:
    """What a process that refuses made-up tokens must know; read once, when it starts. May take the write lock."""
    return KnownTokens(mark_key(session), frozenset(session.scalars(select(Token.digest))))


def authenticate_token(session: Session, secret: str, now: datetime) -> Bearer | None:
    """Who bears the secret, None for any other text. Only reads."""
    row = session.scalar(select(Token).where(Token.digest == digest(secret), *_is_valid(now)))
    if row is None:
        return None
    scope = scope_of(session, row.role, row.unit_id, now)
    actor = Actor(kind="token", number=row.id, name=row.name, role=row.role, scope=scope)
    return Bearer(actor, row.used_at is None or now - row.used_at >= NOTE_USE_EVERY)


def list_tokens(session: Session, actor: Actor) -> tuple[TokenRow, ...] | Refused:
    """All tokens, the revoked and expired too, oldest first. `used_at` is right to the hour."""
    decision = decide(actor, "token.read", "tokens")
    if not decision.allowed:
        return Refused(decision.reason)
    joined = select(Token, ServiceAccount.name).outerjoin(ServiceAccount, ServiceAccount.id == Token.service_account_id)
    return tuple(
        TokenRow(
            number=row.id,
            name=row.name,
            role=row.role,
            unit=row.unit_id,
            created_at=row.created_at,
            used_at=row.used_at,
            revoked_at=row.revoked_at,
            expires_at=row.expires_at,
            service_account=service,
        )
        for row, service in session.execute(joined.order_by(Token.id))
    )


def revoke_token(session: Session, actor: Actor, number: int, now: datetime) -> Refused | None:
    """The token with this number speaks for nobody from now on; or why not. Asked of `access`, audited."""
    resource = f"token:{number}"
    decision = decide(actor, "token.revoke", resource)
    if not decision.allowed:
        audit.append(session, actor, "token.revoke", resource, "denied", now)
        return Refused(decision.reason)
    with session.no_autoflush:  # what waits is of other tokens, or is this row; written together it costs half
        row = session.get(Token, number)
    if row is None or row.revoked_at is not None:
        return Refused(NO_SUCH_TOKEN.format(number=number))
    row.revoked_at = now
    audit.append(session, actor, "token.revoke", resource, "done", now, detail={"name": row.name})
    return None


def _is_valid(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Token.revoked_at.is_(None), or_(Token.expires_at.is_(None), Token.expires_at > now)


def note_use(session: Session, actor: Actor, now: datetime) -> None:
    """The token was used about now: what tells an administrator which tokens nobody needs any more."""
    row = session.get(Token, actor.number)
    if row is not None:
        row.used_at = now
