"""The one place where time is read; everything else is handed `now`."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The wall clock, aware UTC."""
    return datetime.now(UTC)  # noqa: TID251 (this is core/clock.py)


def monotonic() -> float:
    """Seconds that never go back, for intervals and deadlines."""
    return time.monotonic()
