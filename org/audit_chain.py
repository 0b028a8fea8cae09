"""The chain over the audit: each row's hash covers the row and the hash before, and the end of it is signed.

The hashes lie in a table of their own and are written after the rows, by the jobs process alone, so that a state change
pays for nothing but its row. A hash is SHA-256 over `DOMAIN`, the 32 bytes of the hash before (zeros for the first
row) and the row's canonical form: a JSON object of its columns in the order of `COLUMNS`, without spaces, empty
columns left out. So a column added later changes no hash made before.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import String, delete, func, insert, select, type_coerce, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from org.audit import Audit
from org.audit_key import PublicKey, SigningKey
from store.db import Base

COMMON_TABLES = frozenset({"audit_link", "audit_checkpoint"})

DOMAIN = b"canh audit row 1\n"
CHECKPOINT_DOMAIN = b"canh audit checkpoint 1\n"
NOTHING = bytes(32)
CHECKPOINT_ROWS = 1000
CHECKPOINT_EVERY = timedelta(seconds=60)

COLUMNS = ("sequence", "at", "unit_id", "actor", "actor_name", "role", "action", "resource", "outcome", "detail")

_STORED_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{6})")

Row = Mapping[str, Any]
"""A row's columns as they are hashed: `sequence` a number, `at` as RFC 3339, `detail` as its JSON text."""


class AuditLink(Base):
    """The hash of the row with this sequence, as hex. Common: it tells nothing of what the row says."""

    __tablename__ = "audit_link"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[str]


class AuditCheckpoint(Base):
    """A signed end of the chain. Common. Columns as in `Checkpoint`, texts as they were signed.

    The newest is signed again whenever rows are chained, in the same transaction; it stays when it is `kept`.
    """

    __tablename__ = "audit_checkpoint"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[str]
    at: Mapped[str]
    key: Mapped[str]
    signature: Mapped[str]
    kept: Mapped[bool]


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """At `at` (RFC 3339) the chain ended with row `sequence` and `hash`, says the holder of `key`. One line of JSON:

    `{"sequence":1000,"hash":"9f86...","at":"2026-11-24T02:30:00.000000Z","key":"0d1e...","signature":"5a3c..."}`
    """

    sequence: int
    hash: str
    at: str
    key: str
    signature: str

    def message(self) -> bytes:
        """What the signature covers: `CHECKPOINT_DOMAIN` and the other four as a JSON list."""
        return CHECKPOINT_DOMAIN + msgspec.json.encode([self.sequence, self.hash, self.at, self.key])

    def signed_by(self, key: PublicKey) -> bool:
        """Whether the signature is that of this key."""
        try:
            signature = bytes.fromhex(self.signature)
            return self.key == key.id and key.signed(self.message(), signature)
        except ValueError:
            return False


def link(before: bytes, row: Row) -> bytes:
    """The hash of the row behind the hash `before`."""
    return hashlib.sha256(DOMAIN + before + canonical(row)).digest()


def canonical(row: Row) -> bytes:
    """The row as it is hashed: `{"sequence":1,"at":"2026-11-24T02:30:00.000000Z","actor":"operator",...}`."""
    return msgspec.json.encode({name: row[name] for name in COLUMNS if row.get(name) is not None})


def rfc3339(time: datetime) -> str:
    """UTC to the microsecond, always with six digits: `2026-11-24T02:30:00.000000Z`."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def sign(key: SigningKey, sequence: int, hashed: bytes, now: datetime) -> Checkpoint:
    """The signed statement that the chain ends here at `now`."""
    unsigned = Checkpoint(sequence=sequence, hash=hashed.hex(), at=rfc3339(now), key=key.public.id, signature="")
    return msgspec.structs.replace(unsigned, signature=key.sign(unsigned.message()).hex())


def is_due(kept: AuditCheckpoint | None, now: datetime) -> bool:
    """Whether the time since the last kept checkpoint asks for one; also when the clock has gone back behind it."""
    if kept is None:
        return True
    try:
        elapsed = now - datetime.fromisoformat(kept.at)
    except (ValueError, TypeError):
        return True
    return not timedelta(0) <= elapsed < CHECKPOINT_EVERY


def work_is_due(session: Session, now: datetime) -> bool:
    """Whether `chain` would do anything. Only reads: a few rows by their keys."""
    chained = session.scalar(select(func.max(AuditLink.sequence))) or 0
    if session.scalar(select(Audit.sequence).where(Audit.sequence > chained).limit(1)) is not None:
        return True
    head = _newest(session)
    return head is not None and not head.kept and is_due(_newest_kept(session), now)


def chain(session: Session, key: SigningKey, now: datetime) -> int:
    """Chain the rows behind the chain's end, `CHECKPOINT_ROWS` at most, and sign the new end; how many were chained.

    Give it a transaction that holds the write lock: a row that is not seen then has a higher sequence than all that
    are. Idempotent: it goes on from what is committed, whatever ended the run before.
    """
    last = session.scalar(select(AuditLink).order_by(AuditLink.sequence.desc()).limit(1))
    head, kept = _newest(session), _newest_kept(session)
    room = CHECKPOINT_ROWS - (_rows_between(session, kept, last) % CHECKPOINT_ROWS)
    hashed, sequence = (bytes.fromhex(last.hash), last.sequence) if last else (NOTHING, 0)
    links = []
    for row in stored_rows(session, after=sequence, limit=room):
        hashed, sequence = link(hashed, row), row["sequence"]
        links.append({"sequence": sequence, "hash": hashed.hex()})
    due = len(links) == room or is_due(kept, now)
    if links:
        session.execute(insert(AuditLink), links)
        if head is not None and not head.kept:
            session.execute(delete(AuditCheckpoint).where(AuditCheckpoint.sequence == head.sequence))
        signed = sign(key, sequence, hashed, now)
        session.execute(insert(AuditCheckpoint), [{**msgspec.structs.asdict(signed), "kept": due}])
    elif head is not None and not head.kept and due:
        session.execute(update(AuditCheckpoint).where(AuditCheckpoint.sequence == head.sequence).values(kept=True))
    return len(links)


def stored_rows(session: Session, *, after: int | None = None, limit: int | None = None) -> Iterator[Row]:
    """The rows, or those behind sequence `after`, oldest first, with the texts exactly as the database holds them."""
    columns = [type_coerce(getattr(Audit, name), String).label(name) for name in COLUMNS[1:]]
    query = select(Audit.sequence, *columns).order_by(Audit.sequence)
    if after is not None:
        query = query.where(Audit.sequence > after)
    for values in session.execute(query.limit(limit).execution_options(yield_per=CHECKPOINT_ROWS)):
        row = {name: _plain(value) for name, value in zip(COLUMNS, values, strict=True)}
        stored = _STORED_INSTANT.fullmatch(row["at"]) if isinstance(row["at"], str) else None
        if stored is not None:
            row["at"] = f"{stored[1]}T{stored[2]}Z"
        yield row


def checkpoints(session: Session, *, after: int | None = None, kept_only: bool = False) -> list[Checkpoint]:
    """The checkpoints behind sequence `after`, oldest first; the last one may be a head that is not `kept`."""
    query = select(AuditCheckpoint).order_by(AuditCheckpoint.sequence)
    if after is not None:
        query = query.where(AuditCheckpoint.sequence > after)
    if kept_only:
        query = query.where(AuditCheckpoint.kept)
    return [
        Checkpoint(sequence=row.sequence, hash=row.hash, at=row.at, key=row.key, signature=row.signature)
        for row in session.scalars(query)
    ]


def _plain(value: object) -> object:
    """What is neither text nor a whole number was not written by us; it is kept apart from every text."""
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return {"bytes": value.encode("utf-8", "surrogateescape").hex(), "as": "text"}
        return value
    return value if value is None or isinstance(value, int) else {"number": repr(value)}


def _newest(session: Session) -> AuditCheckpoint | None:
    return session.scalar(select(AuditCheckpoint).order_by(AuditCheckpoint.sequence.desc()).limit(1))


def _newest_kept(session: Session) -> AuditCheckpoint | None:
    newest = select(AuditCheckpoint).where(AuditCheckpoint.kept).order_by(AuditCheckpoint.sequence.desc()).limit(1)
    return session.scalar(newest)


def _rows_between(session: Session, kept: AuditCheckpoint | None, last: AuditLink | None) -> int:
    """Rows chained since the last kept checkpoint."""
    if last is None:
        return 0
    after = kept.sequence if kept else 0
    return session.scalar(select(func.count(AuditLink.sequence)).where(AuditLink.sequence > after)) or 0
