"""The ports: what the rooms above may ask of a spool and of an event store, whatever it stands on.

Each has one contract suite in `tests/contract/` that every adapter passes.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

import msgspec

from core.event import Event, Rejected
from core.query.aggregation import Aggregation, Outcome
from core.query.bounds import microseconds
from core.query.syntax import Query
from core.record import Batch, Record
from core.scope import Scope


class SpoolWriter(Protocol):
    """The append end of one partition. One writer at a time; opening takes a lock and repairs a torn tail."""

    @property
    def partition(self) -> str:
        """`<producer>.<incarnation>`."""

    @property
    def last_sequence(self) -> int:
        """The sequence of the last durable record; 0 before the first."""

    @property
    def cursors(self) -> Mapping[str, str]:
        """Where each source was read up to, as of the last durable append."""

    def append(self, records: Sequence[Record], cursors: Mapping[str, str]) -> int:
        """Make the records durable and the cursors with them, in one atomic frame; the last sequence.

        Returns only after fdatasync. `cursors` replaces the named cursors (an empty value withdraws one), not others.
        Either all of the call is read back after a crash or none of it.
        Raises `Unavailable` with nothing written when the spool is above its high-water mark or the disk is full.
        """

    def end(self) -> None:
        """Nothing is appended to this partition any more: close it, and let readers retire it when all was taken."""

    def close(self) -> None:
        """Release the lock; the partition stays."""


class SpoolReader(Protocol):
    """The taking end over all partitions; any number of readers, in any process. Sees durable records only."""

    def partitions(self) -> Sequence[str]:
        """All partitions there are now, sorted."""

    def last_sequence(self, partition: str) -> int:
        """The highest durable sequence of the partition; 0 where it has none."""

    def take(self, partition: str, after: int, limit: int) -> Batch:
        """Up to about `limit` records with a sequence above `after`, in order; empty when there are none yet.

        Damaged records are passed over, copied to the damage folder and counted in the batch; never raised.
        """

    def release(self, partition: str, through: int) -> None:
        """Nothing up to `through` will be asked for again: its disk space may go. Idempotent."""

    def has_ended(self, partition: str) -> bool:
        """Whether nothing is appended to it any more: its producer said so, or it is not there any more."""

    def remove(self, partition: str) -> None:
        """Forget a partition that has ended, with all that rests in it. Idempotent."""

    def size_bytes(self) -> int:
        """Bytes of segments on disk, all partitions."""


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """A question to the event store. `query` None asks for everything.

    `start` and `end` are event times, aware UTC, half-open; None is unbounded. `before` is a `Page.next`.
    """

    query: Query | None
    start: datetime | None = None
    end: datetime | None = None
    limit: int = 50
    before: str | None = None


def length_of(search: Search) -> int | None:
    """Microseconds between `start` and `end`; None where one of them is open."""
    if search.start is None or search.end is None:
        return None
    return microseconds(search.end) - microseconds(search.start)


class Page(msgspec.Struct, frozen=True):
    """Events newest first (time, then position); `total` counts all that match; `next` asks for the page after."""

    events: tuple[Event, ...]
    total: int
    next: str | None


class Missing(msgspec.Struct, frozen=True, order=True):
    """A stretch of the store that cannot be read: what was received on `day` (UTC), kept under the name `place`."""

    day: date
    place: str


class EventWriter(Protocol):
    """The one writer of the event store."""

    def count(self) -> int:
        """How many events are durable here and can be read: less than was stored where damage took some."""

    def positions(self) -> Mapping[str, int]:
        """Per partition the highest sequence that is durable here and below which nothing is missing."""

    def append(self, events: Iterable[Event | Rejected]) -> int:
        """Take events of rising sequence per partition; those already stored are skipped. The number newly taken.

        Not durable and not searchable before `commit`.
        """

    def commit(self) -> None:
        """Make everything appended durable and searchable; then `positions` covers it."""

    def close(self) -> None:
        """Commit and release."""


class EventReader(Protocol):
    """A reader; any number of them beside the writer, in any process. Sees what was committed."""

    def refresh(self) -> None:
        """See what was committed since."""

    def search(self, search: Search, scope: Scope) -> Page:
        """The newest matching events within the scope. Raises `Unavailable` where the store cannot answer."""

    def count(self, search: Search, scope: Scope) -> int:
        """How many match within the scope (`limit` and `before` are not looked at)."""

    def aggregate(self, search: Search, asked: Mapping[str, Aggregation], scope: Scope) -> Mapping[str, Outcome]:
        """Counts over all matching events within the scope (`limit` and `before` are not looked at), by their names.

        Raises `QuerySyntaxError` for what no store answers (`core.query.aggregation.require_answerable`) and where
        there are more buckets than can be held; `Unavailable` where the store cannot answer.
        """

    def missing(self, search: Search) -> Sequence[Missing]:
        """What may hold matching events and cannot be read: an answer is then not whole, and must say so. Sorted."""

    def get(self, identity: str, scope: Scope) -> Event | None:
        """The event with this id, or None where there is none within the scope."""
