"""Who can get in, with what rights, and whether they still do: read every quarter, and that it was read is recorded."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.ids import digest
from core.language import Text
from org import audit
from org.access import decide
from org.account import Account, is_dormant
from org.actor import Actor, Role
from org.audit import Audit
from org.policy import Policy, policy_of
from org.provider_identity import linked_subjects
from org.refused import Refused
from org.second_factor import enrolled_accounts
from org.service_account import ServiceAccount
from org.token import Token
from org.unit import effective_date, load_history

EVERY = timedelta(days=92)
"""A quarter at its longest."""
ENDS_SOON = timedelta(days=30)

NEVER_USED = Text("chưa dùng lần nào", "never used")
UNUSED = Text("không dùng đã {days} ngày", "unused for {days} days")
SUSPENDED = Text("tạm khóa vì không dùng đã {days} ngày", "suspended, unused for {days} days")
WITHOUT_FACTOR = Text("chưa có yếu tố thứ hai", "has no second factor yet")
MAY_ALL = Text("làm được mọi việc", "may do everything")
UNIT_ENDED = Text("đơn vị đã kết thúc", "its unit has ended")
WITHOUT_END = Text("không có ngày hết hạn", "has no end")
CHANGED = Text(
    "Từ lúc mở trang đã có thay đổi: hãy xem lại danh sách rồi ghi nhận.",
    "The list has changed since it was opened: look at it again, then record.",
)
LINKED = Text("vào được bằng {subject} ở {issuer}", "may log in as {subject} at {issuer}")
OWNER_GONE = Text("tài khoản của người chịu trách nhiệm đã đóng", "the account of its owner is closed")
NOBODYS = Text("không thuộc tài khoản dịch vụ nào", "belongs to no service account")
NO_TOKENS = Text("không có khóa nào còn hiệu lực", "has no valid token")
EXPIRES_SOON = Text("hết hạn sau {days} ngày", "ends in {days} days")


UnitEnded = Callable[[str | None], bool]
"""Says of a unit, or of None for the province, whether it has ended."""


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """One account, service account or token. `used_at`: last log-in, or last use to the hour, of a service account that
    of any of its tokens. `ended_at`: closed, revoked or expired.

    `linked`: an account's (issuer, subject) at the identity provider.
    A service account has no role of its own (None), an `owner` and a `purpose`; a token `belongs_to` one, or to none.
    `remarks` is what a reviewer should look at; empty for one that has ended.
    """

    kind: Literal["account", "service_account", "token"]
    number: int
    name: str
    role: Role | None
    unit: str | None
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None
    ended_at: datetime | None
    remarks: tuple[Text, ...]
    owner: str | None = None
    purpose: str | None = None
    belongs_to: str | None = None
    linked: tuple[str, str] | None = None


class AccessReview(msgspec.Struct, frozen=True, kw_only=True):
    """Every holder of an access: accounts, service accounts, tokens, each kind in the order they were made.

    `due`: the next review.
    """

    holders: tuple[Holder, ...]
    reviewed_at: datetime | None
    reviewed_by: str
    due: datetime

    @property
    def version(self) -> str:
        """The same as long as the same may get in, with the same rights."""
        living = (each for each in self.holders if each.ended_at is None)
        return digest(*(f"{each.kind}:{each.number}:{each.role}:{each.unit}:{each.linked}" for each in living))


def review_access(session: Session, actor: Actor, now: datetime) -> AccessReview | Refused:
    """The review as of `now`. Asked of `access`; only reads."""
    decision = decide(actor, "access.review", "accounts")
    if not decision.allowed:
        return Refused(decision.reason)
    tokens = session.scalars(select(Token).order_by(Token.id)).all()
    policy, unit_ended = policy_of(session, now), _unit_ended(session, now)
    holders = (
        *_accounts(session, unit_ended, policy, now),
        *_service_accounts(session, unit_ended, tokens, now),
        *_tokens(session, unit_ended, tokens, policy, now),
    )
    last_review = session.execute(
        select(Audit.at, Audit.actor_name)
        .where(Audit.action == "access.review", Audit.outcome == "done")
        .order_by(Audit.sequence.desc())
        .limit(1)
    ).one_or_none()
    began = last_review[0] if last_review else min((holder.created_at for holder in holders), default=now)
    return AccessReview(
        holders=holders,
        reviewed_at=last_review[0] if last_review else None,
        reviewed_by=last_review[1] if last_review else "",
        due=began + EVERY,
    )


def record_review(session: Session, actor: Actor, version: str, now: datetime) -> Refused | None:
    """The actor has read the review of this version: it is due again in a quarter; refused where it has changed since.

    Asked of `access`, audited, with what there was.
    """
    review = review_access(session, actor, now)
    if isinstance(review, Refused):
        audit.append(session, actor, "access.review", "accounts", "denied", now)
        return review
    if review.version != version:
        return Refused(CHANGED)
    living = [holder for holder in review.holders if holder.ended_at is None]
    detail = {
        "accounts": str(sum(holder.kind == "account" for holder in living)),
        "service_accounts": str(sum(holder.kind == "service_account" for holder in living)),
        "tokens": str(sum(holder.kind == "token" for holder in living)),
        "remarks": str(sum(len(holder.remarks) for holder in living)),
    }
    audit.append(session, actor, "access.review", "accounts", "done", now, detail=detail)
    return None


def _accounts(session: Session, unit_ended: UnitEnded, policy: Policy, now: datetime) -> Iterator[Holder]:
    used = _last_log_ins(session)
    enrolled, linked = enrolled_accounts(session), linked_subjects(session)
    for account in session.scalars(select(Account).order_by(Account.id)):
        last, ended = used.get(account.id), account.closed_at
        remarks = [MAY_ALL] if account.role == "administrator" else []
        if account.role in policy.second_factor_roles and account.id not in enrolled:
            remarks.append(WITHOUT_FACTOR)
        if is_dormant(account, policy, now):
            remarks.append(NEVER_USED if last is None else SUSPENDED.format(days=(now - last).days))
        if account.id in linked:
            issuer, subject = linked[account.id]
            remarks.append(LINKED.format(subject=subject, issuer=issuer))
        if unit_ended(account.unit_id):
            remarks.append(UNIT_ENDED)
        yield Holder(
            kind="account",
            number=account.id,
            name=account.name,
            role=account.role,
            unit=account.unit_id,
            created_at=account.created_at,
            used_at=last,
            expires_at=None,
            ended_at=ended,
            remarks=() if ended else tuple(remarks),
            linked=linked.get(account.id),
        )


def _service_accounts(
    session: Session, unit_ended: UnitEnded, tokens: Sequence[Token], now: datetime
) -> Iterator[Holder]:
    joined = select(ServiceAccount, Account).join(Account, Account.id == ServiceAccount.owner_id)
    for service, owner in session.execute(joined.order_by(ServiceAccount.id)):
        own = [token for token in tokens if token.service_account_id == service.id]
        remarks = [OWNER_GONE] if owner.closed_at is not None else []
        if unit_ended(service.unit_id):
            remarks.append(UNIT_ENDED)
        if all(_ended(token, now) is not None for token in own):
            remarks.append(NO_TOKENS)
        yield Holder(
            kind="service_account",
            number=service.id,
            name=service.name,
            role=None,
            unit=service.unit_id,
            created_at=service.created_at,
            used_at=max((token.used_at for token in own if token.used_at), default=None),
            expires_at=None,
            ended_at=service.closed_at,
            remarks=() if service.closed_at else tuple(remarks),
            owner=owner.name,
            purpose=service.purpose,
        )


def _tokens(
    session: Session, unit_ended: UnitEnded, tokens: Sequence[Token], policy: Policy, now: datetime
) -> Iterator[Holder]:
    services = dict(session.execute(select(ServiceAccount.id, ServiceAccount.name)).all())
    for token in tokens:
        expires, ended = token.expires_at, _ended(token, now)
        remarks = [MAY_ALL] if token.role == "administrator" else []
        if now - (token.used_at or token.created_at) >= policy.inactive:
            remarks.append(UNUSED.format(days=(now - token.used_at).days) if token.used_at else NEVER_USED)
        if unit_ended(token.unit_id):
            remarks.append(UNIT_ENDED)
        if expires is None:
            remarks.append(WITHOUT_END)
        elif expires - now <= ENDS_SOON:
            remarks.append(EXPIRES_SOON.format(days=(expires - now).days))
        if token.service_account_id is None:
            remarks.append(NOBODYS)
        yield Holder(
            kind="token",
            number=token.id,
            name=token.name,
            role=token.role,
            unit=token.unit_id,
            created_at=token.created_at,
            used_at=token.used_at,
            expires_at=expires,
            ended_at=ended,
            remarks=() if ended else tuple(remarks),
            belongs_to=services[token.service_account_id] if token.service_account_id is not None else None,
        )


def _ended(token: Token, now: datetime) -> datetime | None:
    """When the token was revoked or expired; None while it is valid."""
    expires = token.expires_at
    return token.revoked_at or (expires if expires is not None and expires <= now else None)


def _unit_ended(session: Session, now: datetime) -> UnitEnded:
    history, on = load_history(session), effective_date(now)
    return lambda unit: unit is not None and not history.lives(unit, on)


def _last_log_ins(session: Session) -> Mapping[int, datetime]:
    """The time of each account's last log-in, by its number."""
    rows = session.execute(
        select(Audit.resource, func.max(Audit.sequence))
        .where(Audit.action == "account.log_in", Audit.outcome == "done")
        .group_by(Audit.resource)
    ).all()
    sequences = [sequence for _, sequence in rows]
    times = {row.sequence: row.at for row in session.scalars(select(Audit).where(Audit.sequence.in_(sequences)))}
    return {int(resource.partition(":")[2]): times[sequence] for resource, sequence in rows}
