"""Queries as tests write them: most have nothing to do with the time."""

from datetime import UTC, datetime

from core.query import grammar
from core.query.syntax import Query

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)


def parse(text: str, now: datetime = NOW) -> Query:
    """As `core.query.grammar.parse`."""
    return grammar.parse(text, now)
