"""Databases for tests that are made once and then copied: making the tables takes ten times as long."""

import tempfile
from functools import lru_cache
from pathlib import Path

from store import db


def write_empty_database(file: Path) -> None:
    """A database with every table that is known by now, and nothing in them."""
    file.write_bytes(_empty_database(frozenset(db.Base.metadata.tables)))


@lru_cache(maxsize=8)
def _empty_database(_tables: frozenset[str]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "canh.db"
        engine = db.open_engine(f"sqlite:///{file}")
        db.Base.metadata.create_all(engine)
        engine.dispose()
        return file.read_bytes()
