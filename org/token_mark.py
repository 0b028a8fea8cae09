"""The mark at the end of every token: a made-up one is told from a real one in memory, before anything is looked up.

It keeps guessers off the database. It proves nothing: who has a token's mark right is asked for all the same.
"""

import base64
import hmac

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.ids import new_secret, random_bytes
from org.secret import digest
from store.db import Base

COMMON_TABLES = frozenset({"token_mark"})
PREFIX = "canh_"  # so that a scanner for leaked secrets knows ours
MARK_LETTERS = 6
KEY_BYTES = 32


class TokenMark(Base):
    """The key of the marks; one row, made with the first token or the first start of the web process."""

    __tablename__ = "token_mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[bytes]


class KnownTokens(msgspec.Struct, frozen=True):
    """What a process knows of tokens. `before`: digests of those there were when it started; some may have no mark."""

    key: bytes
    before: frozenset[str]

    def may_be(self, secret: str) -> bool:
        """Whether this can be a token. False for whatever was made up, but for one in 69 billion. 3 µs."""
        if not secret.startswith(PREFIX) or not secret.isascii():
            return False
        said = secret[-MARK_LETTERS:]
        return hmac.compare_digest(_mark(self.key, secret[:-MARK_LETTERS]), said) or digest(secret) in self.before


def mark_key(session: Session) -> bytes:
    """The key, made where there is none yet: then it takes the write lock."""
    key = session.scalar(select(TokenMark.key).order_by(TokenMark.id).limit(1))
    if key is None:
        key = random_bytes(KEY_BYTES)
        session.add(TokenMark(id=1, key=key))
        session.flush()
    return key


def new_token(session: Session) -> str:
    """A secret of 256 bits between the prefix and its mark."""
    secret = PREFIX + new_secret()
    return secret + _mark(mark_key(session), secret)


def _mark(key: bytes, secret: str) -> str:
    return base64.urlsafe_b64encode(hmac.digest(key, secret.encode(), "sha256")).decode()[:MARK_LETTERS]
