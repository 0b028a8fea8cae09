"""The one place where time is read; everything else is handed `now`."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The wall clock, aware UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that never go back, for intervals and deadlines."""
    return time.monotonic()
