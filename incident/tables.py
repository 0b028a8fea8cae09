"""How the queue rests in the database: groups, and the alerts in them."""

from datetime import datetime
from typing import Literal

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.hit import Level, RuleIdentity, Why
from core.language import Text
from store.db import Base, Document, Instant

State = Literal["new", "acknowledged", "closed"]


class AlertGroup(Base):
    """One row of the queue. `id` is that of the alert that opened it; `number` is for people.

    `rule`, `reason` and `why` are those of the alert told last. `version` counts the decisions of people: more events
    in a group do not raise it, or a running attack could never be closed. `closed_count` is `count` as it was when the
    group was closed: an alert that was running then goes on counting.
    """

    __tablename__ = "alert_group"
    __table_args__ = (
        Index("alert_group_newest", "last_seen", "number"),
        Index("alert_group_fingerprint", "fingerprint", "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    unit_id: Mapped[str]
    fingerprint: Mapped[str]
    rule: Mapped[RuleIdentity] = mapped_column(Document(RuleIdentity))
    level: Mapped[Level] = mapped_column(String)
    entities: Mapped[dict[str, str]] = mapped_column(Document(dict[str, str]))
    reason: Mapped[Text] = mapped_column(Document(Text))
    why: Mapped[Why] = mapped_column(Document(Why))
    count: Mapped[int] = mapped_column(BigInteger)
    first_seen: Mapped[datetime] = mapped_column(Instant)
    last_seen: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[State] = mapped_column(String)
    version: Mapped[int]
    opened_at: Mapped[datetime] = mapped_column(Instant)
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)
    acknowledged_by: Mapped[str | None]
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_by: Mapped[str | None]
    closed_count: Mapped[int | None] = mapped_column(BigInteger)
    closing_reason: Mapped[str | None]
    note: Mapped[str | None]


class GroupedAlert(Base):
    """One alert as it was told last; `events` are its embedded events, packed whole (`incident.embedding`)."""

    __tablename__ = "alert"
    __table_args__ = (Index("alert_of_group", "group_id", "last"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    group_id: Mapped[str] = mapped_column(ForeignKey("alert_group.id"))
    unit_id: Mapped[str]
    rule_version: Mapped[str]
    count: Mapped[int] = mapped_column(BigInteger)
    first: Mapped[datetime] = mapped_column(Instant)
    last: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[Text] = mapped_column(Document(Text))
    why: Mapped[Why] = mapped_column(Document(Why))
    events: Mapped[bytes] = mapped_column(LargeBinary)
