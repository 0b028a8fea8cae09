"""The keys that may bring records in, as the intake knows them: a small file, for the intake never asks the database.

The jobs process writes it when something changed. It holds digests alone: who reads it can send nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from org.access import decide
from org.actor import NO_UNIT, Actor
from org.secret import digest
from org.token import Token
from org.token_mark import KnownTokens, mark_key
from store.files import write_durably

FILE = "ingest-keys"


class IngestKey(msgspec.Struct, frozen=True):
    """A token that may bring records in. `unit`: whose they are, None for the unit of the settings."""

    number: int
    name: str
    unit: str | None
    expires_at: datetime | None


class KeyView(msgspec.Struct, frozen=True):
    """Every such token by its digest, and the key of the marks, by which made-up ones are told."""

    mark_key: bytes
    keys: Mapping[str, IngestKey]


def view_of(session: Session, now: datetime) -> KeyView:
    """The tokens that are valid at `now` and may, each asked of `access`. The key of the marks is there already."""
    keys = {}
    for row in session.scalars(select(Token).where(Token.revoked_at.is_(None)).order_by(Token.id)):
        actor = Actor(kind="token", number=row.id, name=row.name, role=row.role, scope=NO_UNIT)
        lives = row.expires_at is None or row.expires_at > now
        if lives and decide(actor, "record.ingest", "records").allowed:
            keys[row.digest] = IngestKey(row.id, row.name, row.unit_id, row.expires_at)
    return KeyView(mark_key(session), keys)


def write_view(folder: Path, view: KeyView) -> bool:
    """Write the file where it is not this already; whether it was written. Atomic, for its owner's eyes."""
    path, content = folder / FILE, msgspec.json.encode(view)
    if path.exists() and path.read_bytes() == content:
        return False
    write_durably(path, content)
    return True


class IngestKeys:
    """What the file says, read again when it is another; until there is one, nobody may. Not thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._version: tuple[int, int] | None = None
        self._view: KeyView | None = None
        self._known = KnownTokens(b"", frozenset())

    @property
    def ready(self) -> bool:
        """Whether there is a file to go by."""
        return self._view is not None

    def refresh(self) -> None:
        """Look whether the file is another; one that cannot be read leaves what was known."""
        try:
            known = self._path.stat()
            if (known.st_ino, known.st_mtime_ns) == self._version:
                return
            view = msgspec.json.decode(self._path.read_bytes(), type=KeyView)
        except (OSError, msgspec.MsgspecError):
            return
        self._view, self._version = view, (known.st_ino, known.st_mtime_ns)
        self._known = KnownTokens(view.mark_key, frozenset(view.keys))

    def find(self, secret: str, now: datetime) -> IngestKey | None:
        """The key with this secret while it is valid; None for any other text. 5 µs, 3 µs for what was made up."""
        if self._view is None or not self._known.may_be(secret):
            return None
        key = self._view.keys.get(digest(secret))
        return None if key is None or (key.expires_at is not None and key.expires_at <= now) else key
