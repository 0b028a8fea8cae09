"""Slows down whoever guesses passwords: failures per key within a sliding window, in memory."""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

FAILURES = 10
WINDOW = timedelta(minutes=15)
MAX_KEYS = 10_000


class Throttle:
    """Thread-safe. Knows at most `MAX_KEYS` keys and forgets the one longest unused first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: OrderedDict[tuple[str, ...], list[datetime]] = OrderedDict()

    def wait(self, key: tuple[str, ...], now: datetime) -> timedelta:
        """How long the key has to wait before its next try; zero where it may try now."""
        with self._lock:
            recent = self._recent(key, now)
            return WINDOW - (now - recent[-FAILURES]) if len(recent) >= FAILURES else timedelta(0)

    def failed(self, key: tuple[str, ...], now: datetime) -> None:
        """Count a failure."""
        with self._lock:
            self._failures[key] = [*self._recent(key, now)[-FAILURES:], now]
            self._failures.move_to_end(key)
            while len(self._failures) > MAX_KEYS:
                self._failures.popitem(last=False)

    def succeeded(self, key: tuple[str, ...]) -> None:
        """Forget the failures of the key."""
        with self._lock:
            self._failures.pop(key, None)

    def _recent(self, key: tuple[str, ...], now: datetime) -> list[datetime]:
        return [time for time in self._failures.get(key, []) if now - time < WINDOW]
