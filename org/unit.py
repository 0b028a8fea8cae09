"""The units whose events and alerts are kept apart. There is one as yet."""

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from org.settings import OrgSettings
from store.db import Base

COMMON_TABLES = frozenset({"unit"})


class Unit(Base):
    """A department, a commune, the province itself. Common: it is what the others are kept apart by."""

    __tablename__ = "unit"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


def ensure_unit(session: Session, settings: OrgSettings) -> None:
    """The unit of the settings exists under its present name afterwards. Idempotent."""
    row = session.get(Unit, settings.unit)
    if row is None:
        session.add(Unit(id=settings.unit, name=settings.unit_name))
    else:
        row.name = settings.unit_name


def unit_names(session: Session) -> dict[str, str]:
    """What people call each unit, by its id."""
    return {row.id: row.name for row in session.scalars(select(Unit))}
