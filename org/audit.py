"""The record of what was done and refused, written in the transaction of what it records."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.language import Text
from org.access import ACTION_NAMES, Action
from org.actor import Actor
from store.db import Base, Document, Instant

Audited = (
    Action
    | Literal["account.log_in", "account.log_out", "first_run.offer", "audit.make_key", "event.search", "event.count"]
    | Literal["second_factor.enrol", "account.accept_invitation", "account.begin_log_in", "passkey.refuse"]
)
Outcome = Literal["done", "denied", "failed"]

AUDITED_NAMES: Mapping[str, Text] = {
    **{str(action): name for action, name in ACTION_NAMES.items()},
    "account.log_in": Text("đăng nhập", "log in"),
    "account.log_out": Text("đăng xuất", "log out"),
    "first_run.offer": Text("tạo liên kết lần đầu", "offer the first-run link"),
    "second_factor.enrol": Text("thiết lập yếu tố thứ hai", "set up the second factor"),
    "account.begin_log_in": Text(
        "qua bước đầu đăng nhập, còn yếu tố thứ hai", "pass the first step, second factor due"
    ),
    "passkey.refuse": Text("không nhận một khóa truy cập (passkey)", "refuse a passkey"),
    "account.accept_invitation": Text("đặt mật khẩu bằng liên kết", "set the password by a link"),
    "event.search": Text("tìm sự kiện", "search events"),
    "event.count": Text("đếm sự kiện", "count events"),
    "audit.make_key": Text("tạo khóa ký nhật ký kiểm toán", "make the key that signs the audit"),
}
"""What people call each audited act (`Audited`)."""

OUTCOME_NAMES: Mapping[str, Text] = {
    "done": Text("đã làm", "done"),
    "denied": Text("bị từ chối", "denied"),
    "failed": Text("không thành", "failed"),
}


class Audit(Base):
    """One act. `sequence` rises without gaps on SQLite and is never used twice; rows are never changed.

    `unit_id` is the unit of the resource, none where the act concerns the whole product. The actor is written out
    (`actor` is `Actor.id`), so that the row says the same when the account is gone.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("audit_action", "action", "resource", "sequence"), {"sqlite_autoincrement": True})

    sequence: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    unit_id: Mapped[str | None]
    actor: Mapped[str]
    actor_name: Mapped[str]
    role: Mapped[str]
    action: Mapped[str]
    resource: Mapped[str] = mapped_column(index=True)
    outcome: Mapped[str]
    detail: Mapped[dict[str, str]] = mapped_column(Document(dict[str, str]))


def append(
    session: Session,
    actor: Actor,
    action: Audited,
    resource: str,
    outcome: Outcome,
    now: datetime,
    *,
    unit: str | None = None,
    detail: Mapping[str, str] | None = None,
) -> None:
    """Write the act down; it stands or falls with the caller's transaction. `detail` never holds a secret."""
    session.add(
        Audit(
            at=now,
            unit_id=unit,
            actor=actor.id,
            actor_name=actor.name,
            role=actor.role,
            action=action,
            resource=resource,
            outcome=outcome,
            detail=dict(detail or {}),
        )
    )
