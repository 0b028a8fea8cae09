"""Which account a person at the identity provider is: linked by an administrator, never by a name or a mail address.

The provider's subject is the only thing that it promises never to give to another person.
Source: OpenID Connect Core 1.0, sections 2 (`sub`) and 5.7; OWASP ASVS 5.0, 10.5.2
"""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.language import Text
from org import audit
from org.access import Action, decide
from org.account import Account, find_account
from org.actor import Actor
from org.identity_token import MAX_SUBJECT_LETTERS, Identity
from org.log_in import end_all
from org.refused import Refused
from store.db import Base, Instant

COMMON_TABLES = frozenset({"provider_identity"})

BAD_SUBJECT = Text(
    "Mã định danh cần từ 1 đến {most} ký tự ASCII in được.", "The subject needs 1 to {most} printable ASCII characters."
)
TAKEN = Text("Mã định danh này đã gắn với “{name}”.", "This subject is linked to “{name}” already.")
NO_PROVIDER = Text("Chưa đặt nhà cung cấp định danh (identity_provider.issuer).", "No identity provider is set.")
NOT_LINKED = Text("“{name}” chưa gắn với mã định danh nào.", "“{name}” is linked to no subject.")
NOT_ONES_OWN = Text(
    "Mã định danh của chính mình do một quản trị viên khác gắn.",
    "One's own subject is linked by another administrator.",
)


class ProviderIdentity(Base):
    """One person at one provider, and the account that they are here. Common: asked before anyone's scope is known."""

    __tablename__ = "provider_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    issuer: Mapped[str]
    subject: Mapped[str]
    linked_at: Mapped[datetime] = mapped_column(Instant)


def linked_account(session: Session, identity: Identity) -> Account | None:
    """The account of this person. Only reads."""
    here = (ProviderIdentity.issuer == identity.issuer, ProviderIdentity.subject == identity.subject)
    return session.scalar(select(Account).join(ProviderIdentity).where(*here))


def linked_subjects(session: Session) -> dict[int, tuple[str, str]]:
    """(issuer, subject) of each account that is linked, by the account's number. Only reads."""
    return {row.account_id: (row.issuer, row.subject) for row in session.scalars(select(ProviderIdentity))}


def link_identity(
    session: Session, actor: Actor, name: str, issuer: str | None, subject: str, now: datetime
) -> Refused | None:
    """The person of this account logs in at the provider as `subject` from now on, and as no other; or why not.

    Their sessions end. Asked of `access`, audited.
    """
    account = _asked(session, actor, "account.link", name, now)
    if isinstance(account, Refused):
        return account
    subject = subject.strip()
    if issuer is None:
        return Refused(NO_PROVIDER)
    if not 0 < len(subject) <= MAX_SUBJECT_LETTERS or not subject.isascii() or not subject.isprintable():
        return Refused(BAD_SUBJECT.format(most=MAX_SUBJECT_LETTERS))
    other = linked_account(session, Identity(issuer, subject, frozenset()))
    if other is not None:
        return Refused(TAKEN.format(name=other.name))
    was = remove_link(session, account.id)
    session.add(ProviderIdentity(account_id=account.id, issuer=issuer, subject=subject, linked_at=now))
    end_all(session, account.id)
    detail = {"issuer": issuer, "subject": subject, **({"was": was} if was is not None else {})}
    _written(session, actor, "account.link", account, now, detail)
    return None


def unlink_identity(session: Session, actor: Actor, name: str, now: datetime) -> Refused | None:
    """The person logs in at the provider no more, and their sessions end; or why not. Asked of `access`, audited."""
    account = _asked(session, actor, "account.unlink", name, now)
    if isinstance(account, Refused):
        return account
    subject = remove_link(session, account.id)
    if subject is None:
        return Refused(NOT_LINKED.format(name=account.name))
    end_all(session, account.id)
    _written(session, actor, "account.unlink", account, now, {"subject": subject})
    return None


def remove_link(session: Session, account: int) -> str | None:
    """The account is nobody's at the provider; the subject that it was linked to. The caller audits."""
    gone = delete(ProviderIdentity).where(ProviderIdentity.account_id == account)
    return session.scalars(gone.returning(ProviderIdentity.subject)).one_or_none()


def _asked(session: Session, actor: Actor, action: Action, name: str, now: datetime) -> Account | Refused:
    decision = decide(actor, action, "accounts")
    if not decision.allowed:
        audit.append(session, actor, action, "accounts", "denied", now)
        return Refused(decision.reason)
    account = find_account(session, name)
    if isinstance(account, Account) and actor.id == f"account:{account.id}":
        return Refused(NOT_ONES_OWN)
    return account


def _written(
    session: Session, actor: Actor, action: Action, account: Account, now: datetime, detail: dict[str, str]
) -> None:
    resource = f"account:{account.id}"
    audit.append(session, actor, action, resource, "done", now, unit=account.unit_id, detail=detail)
