"""What administrators set in the console: each setting as it is declared, its value now, and every value it ever had.

What starting needs lies in `canh.toml` instead. A value is kept as the text that people type.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Generic, TypeVar

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.language import Text
from org.refused import Refused
from store.db import Base, Instant

COMMON_TABLES = frozenset({"setting_version"})

T = TypeVar("T")


class Setting(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One setting: `read` turns a text into its value or says what is wrong with it, `write` turns it back.

    `write(read(text))` is the form in which a text is kept. `basis` is the law or rule that bounds it.
    """

    key: str
    name: Text
    about: Text
    default: T
    read: Callable[[str], T | Refused]
    write: Callable[[T], str]
    basis: str = ""


class SettingVersion(Base):
    """One value of one setting; the newest counts. Rows are never changed: what was undone is a newer row."""

    __tablename__ = "setting_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(index=True)
    before: Mapped[str]
    after: Mapped[str]
    reason: Mapped[str]
    undoes: Mapped[int | None]
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str]


def current(session: Session) -> dict[str, SettingVersion]:
    """The newest version of each setting that was ever changed, by its key."""
    newest = select(func.max(SettingVersion.id)).group_by(SettingVersion.key)
    rows = session.scalars(select(SettingVersion).where(SettingVersion.id.in_(newest)))
    return {row.key: row for row in rows}


def whole_number(least: int, most: int) -> Callable[[str], int | Refused]:
    """Reads a whole number within bounds."""

    def read(text: str) -> int | Refused:
        digits = text.strip()
        if digits.isascii() and digits.isdigit() and len(digits) <= 6 and least <= int(digits) <= most:
            return int(digits)
        return Refused(NOT_WITHIN.format(least=least, most=most))

    return read


NOT_WITHIN = Text("Cần một số nguyên từ {least} đến {most}.", "A whole number from {least} to {most} is needed.")
