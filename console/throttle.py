"""Slows down whoever guesses passwords: failures per key within a sliding window, in memory."""

import ipaddress
import threading
from collections import OrderedDict
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=15)
FAILURES_OF_A_NAME = 10
MAX_NAMES = 10_000
FAILURES_OF_A_PEER = 100
MAX_PEERS = 1_000

Key = tuple[str, ...]


class Throttle:
    """At most `limit` failures of a key within `WINDOW`. Thread-safe.

    Knows at most `max_keys` keys and forgets the one longest unused first.
    """

    def __init__(self, limit: int, max_keys: int) -> None:
        self._limit = limit
        self._max_keys = max_keys
        self._lock = threading.Lock()
        self._failures: OrderedDict[Key, list[datetime]] = OrderedDict()

    def wait(self, key: Key, now: datetime) -> timedelta:
        """How long the key has to wait before its next try; zero where it may try now."""
        with self._lock:
            recent = self._recent(key, now)
            return WINDOW - (now - recent[-self._limit]) if len(recent) >= self._limit else timedelta(0)

    def failed(self, key: Key, now: datetime) -> None:
        """Count a failure."""
        with self._lock:
            self._failures[key] = [*self._recent(key, now)[-self._limit :], now]
            self._failures.move_to_end(key)
            while len(self._failures) > self._max_keys:
                self._failures.popitem(last=False)

    def succeeded(self, key: Key) -> None:
        """Forget the failures of the key."""
        with self._lock:
            self._failures.pop(key, None)

    def _recent(self, key: Key, now: datetime) -> list[datetime]:
        return [time for time in self._failures.get(key, []) if now - time < WINDOW]


class LogInThrottle:
    """Who has to wait before the next password: a name that was guessed at from this peer, and the peer over all names.

    The second stops whoever tries one password on many names. Since a peer may be a whole office behind one address, it
    does not hold up a browser that has logged in under that name before (`browser`, proven by the caller): such a
    browser has tries of its own, which nobody else can use up.
    """

    def __init__(self) -> None:
        self._names = Throttle(FAILURES_OF_A_NAME, MAX_NAMES)
        self._peers = Throttle(FAILURES_OF_A_PEER, MAX_PEERS)

    def wait(self, peer: str, name: str, browser: str | None, now: datetime) -> timedelta:
        """How long; zero where a password may be tried now. `name` is an `org.account.name_key`."""
        wait = self._names.wait(_key(peer, name, browser), now)
        return wait if browser else max(wait, self._peers.wait((network(peer),), now))

    def failed(self, peer: str, name: str, browser: str | None, now: datetime) -> None:
        """Count a wrong password."""
        self._names.failed(_key(peer, name, browser), now)
        if not browser:
            self._peers.failed((network(peer),), now)

    def succeeded(self, peer: str, name: str, browser: str | None) -> None:
        """Forget what was wrong before under this name. What the peer did stays: a guesser may own an account too."""
        self._names.succeeded(_key(peer, name, browser))


def network(peer: str) -> str:
    """What one caller has for itself: an IPv4 address, the /64 of an IPv6 address; any other text as it is."""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return peer
    if isinstance(address, ipaddress.IPv4Address):
        return peer
    return str(address.ipv4_mapped or ipaddress.ip_network((int(address) >> 64 << 64, 64)))


def _key(peer: str, name: str, browser: str | None) -> Key:
    return ("browser", browser) if browser else (network(peer), name)
