"""A reader of the embedded event store: asks each day folder and puts the answers together, newest first."""

import contextlib
import logging
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import tantivy
import zstandard

from core import clock
from core.errors import QuerySyntaxError, Unavailable
from core.event import Event
from core.ids import event_position
from core.language import Text
from core.ports import Missing, Page, Search, length_of
from core.query.aggregation import Aggregation, Outcome, require_answerable
from core.query.bounds import LONG_MAX, microseconds
from core.query.syntax import Everything
from core.scope import Scope
from store.events.embedded.aggregate import Day as AskedDay
from store.events.embedded.aggregate import aggregate, within_limits
from store.events.embedded.compile import EVERYTHING, TOO_MANY_WORDS, Compiler, both, either
from store.events.embedded.folder import (
    META_FILE,
    Damaged,
    Manifest,
    day_folders,
    day_of,
    folders_set_aside,
    read_manifest,
    reading,
)
from store.events.embedded.layout import Layout, open_index, read_layout
from store.events.embedded.source import SourceUnpacker, read_dictionary
from store.events.masking import within
from store.events.place import Place, place_of, read_place, write_place
from store.events.terms import TIME

MAX_ID_LETTERS = 300
SLACK = 100
"""So many more hits than asked for are taken, to see where events of the same microsecond end."""

WITHIN_S = 10.0
"""A question that takes longer is given up, between one day folder and the next."""
TOO_SLOW = Text(
    "câu hỏi mất quá {seconds} giây; hãy thu hẹp thời gian hoặc thêm điều kiện",
    "the question takes more than {seconds} s; narrow the time or add conditions",
).format(seconds=int(WITHIN_S))

_Hit = tuple[int, tantivy.DocAddress]

log = logging.getLogger("events")


class _Day:
    """One day folder as of some commit. Immutable but for `refreshed`'s cache; shared between threads."""

    def __init__(self, folder: Path, stamp: tuple[int, int, int], index: tantivy.Index, layout: Layout) -> None:
        self.folder = folder
        self.stamp = stamp
        self.index = index
        self.layout = layout
        self.schema = index.schema
        self.searcher = index.searcher()
        self.manifest: Manifest | None = read_manifest(folder)
        self.dictionary: zstandard.ZstdCompressionDict | None = read_dictionary(folder)

    @cached_property
    def units(self) -> frozenset[str] | None:
        """The units of which there are events; None where the terms do not account for every event: then it is unsure.

        Every event has one unit. Costs a walk over the terms, once for each commit: 0.3 ms for 500 units.
        """
        counted = self.searcher.terms_with_prefix("_unit", "")
        if sum(count for _, count in counted) != self.searcher.num_docs:
            return None
        return frozenset(unit for unit, _ in counted)

    def may_hold(self, search: Search) -> bool:
        """Whether an event of the time asked for can be here."""
        if self.manifest is None:
            return True
        after = search.start is not None and self.manifest.last < microseconds(search.start)
        before = search.end is not None and self.manifest.first >= microseconds(search.end)
        return not after and not before

    def may_hold_position(self, incarnation: str, sequence: int) -> bool:
        """Whether an event of this position can be here."""
        if self.manifest is None:
            return True
        return any(
            highest >= sequence and partition.rpartition(".")[2] == incarnation
            for partition, highest in self.manifest.positions.items()
        )

    @property
    def newest(self) -> int:
        """No event here is newer."""
        return LONG_MAX if self.manifest is None else self.manifest.last


class _DamagedDay(Exception):
    """Which day turned out to be damaged while it was asked."""

    def __init__(self, day: _Day, damage: Damaged) -> None:
        super().__init__(str(damage))
        self.day = day


@contextlib.contextmanager
def _damage_of(day: _Day) -> Iterator[None]:
    try:
        yield
    except Damaged as damage:
        raise _DamagedDay(day, damage) from damage


class EmbeddedEventReader:
    """See `core.ports.EventReader`. May be shared between threads."""

    def __init__(self, root: Path, zone: tzinfo) -> None:
        self._root = root
        self._zone = zone
        self._refreshing = threading.Lock()
        self._days: tuple[_Day, ...] = ()
        self._aside: tuple[str, ...] = ()
        self._unreadable: set[str] = set()
        self.refresh()

    def refresh(self) -> None:
        """As `core.ports.EventReader.refresh`. Costs a look at each day's folder, and opening what changed."""
        with self._refreshing:
            known = {day.folder: day for day in self._days}
            folders = day_folders(self._root)
            self._unreadable.intersection_update(folder.name for folder in folders)
            days = [self._current(folder, known.get(folder)) for folder in folders]
            self._days = tuple(day for day in days if day is not None)
            self._aside = tuple(folders_set_aside(self._root))

    def search(self, search: Search, scope: Scope) -> Page:
        """As `core.ports.EventReader.search`.

        Raises `QuerySyntaxError` for a range on a field without order and for a `before` that was never a `Page.next`.
        """
        place = None if search.before is None else read_place(search.before)
        limit = max(0, search.limit)
        total = 0
        found: list[tuple[Place, Event]] = []
        more = False
        until = clock.monotonic() + WITHIN_S
        for day in sorted(self._days, key=lambda day: day.newest, reverse=True):
            if not day.may_hold(search):
                continue
            _require_time(until)
            compiler = Compiler(day.layout, day.schema, scope.masked, self._zone)
            with self._passing_over(day):
                question = _question(day, compiler, search, scope)
                if limit == 0 or (len(found) > limit and found[limit][0].time > day.newest):
                    total += _count(day, question)
                    continue
                if place is None:
                    hits, count = _newest(day, compiler, question, limit + 1)
                    total += count
                else:
                    total += _count(day, question)
                    hits, _ = _newest(day, compiler, both([question, _before(day, compiler, place)]), limit + 1)
                more |= len(hits) > limit
                found += [(place_of(event), event) for event in _events(day, hits)]
                found = sorted(found, key=lambda each: each[0], reverse=True)[: limit + 1]
        events = tuple(within(event, scope) for _, event in found[:limit])
        more = events != () and (more or len(found) > limit)
        return Page(events, total, write_place(found[len(events) - 1][0]) if more else None)

    def count(self, search: Search, scope: Scope) -> int:
        """As `core.ports.EventReader.count`."""
        total, until = 0, clock.monotonic() + WITHIN_S
        for day in self._days:
            if day.may_hold(search):
                _require_time(until)
                compiler = Compiler(day.layout, day.schema, scope.masked, self._zone)
                with self._passing_over(day):
                    question = _question(day, compiler, search, scope)
                    total += _count(day, question)
        return total

    def aggregate(self, search: Search, asked: Mapping[str, Aggregation], scope: Scope) -> Mapping[str, Outcome]:
        """As `core.ports.EventReader.aggregate`."""
        require_answerable(asked, length_of(search))
        passed: set[_Day] = set()
        until = clock.monotonic() + WITHIN_S
        while True:
            days = [day for day in self._days if day not in passed and day.may_hold(search)]
            try:
                return aggregate([self._asking(day, search, scope, until) for day in days], asked, scope.masked)
            except _DamagedDay as damage:
                self._complain(damage.day.folder, damage)
                passed.add(damage.day)

    def _asking(self, day: _Day, search: Search, scope: Scope, until: float) -> AskedDay:
        """The day as `aggregate` asks it, in whatever thread; raises `_DamagedDay` where it turns out to be that."""
        compiler = Compiler(day.layout, day.schema, scope.masked, self._zone)
        question = _question(day, compiler, search, scope)

        def ask(request: Mapping[str, Any]) -> Mapping[str, Any]:
            _require_time(until)
            with _damage_of(day), reading(day.folder), within_limits():
                return day.searcher.aggregate(question, dict(request))

        def holds_term(term: str) -> bool:
            with _damage_of(day), reading(day.folder):
                return _count(day, both([question, compiler.term(term)])) > 0

        return AskedDay(day.layout, ask, holds_term)

    def missing(self, search: Search) -> Sequence[Missing]:
        """As `core.ports.EventReader.missing`: folders set aside, and those that turned out unreadable."""
        every = (Missing(day_of(name), name) for name in {*self._aside, *list(self._unreadable)})
        return sorted(each for each in every if search.start is None or search.start < _end_of(each.day))

    def get(self, identity: str, scope: Scope) -> Event | None:
        """As `core.ports.EventReader.get`. Runs through the column of sequences of every day."""
        position = event_position(identity)
        if position is None or len(identity) > MAX_ID_LETTERS or not 0 <= position[1] <= LONG_MAX:
            return None
        incarnation, sequence = position
        for day in self._days:
            if not day.may_hold_position(incarnation, sequence):
                continue
            compiler = Compiler(day.layout, day.schema, (), self._zone)
            with self._passing_over(day):
                seen = compiler.units(scope.units, day.units if scope.units is not None else None)
                question = both([compiler.incarnation(incarnation), compiler.sequences(sequence, sequence), seen])
                for event in _events(day, _search(day, question, 10)[0]):
                    if event.id == identity:
                        return within(event, scope)
        return None

    def _current(self, folder: Path, known: _Day | None) -> _Day | None:
        """The folder as it is now; where it cannot be read what is known of it, or nothing."""
        try:
            with reading(folder):
                stat = (folder / META_FILE).stat()
                stamp = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
                if known is not None and known.stamp == stamp:
                    return known
                index = open_index(folder) if known is None else known.index
                index.reload()
                day = _Day(folder, stamp, index, read_layout(folder) if known is None else known.layout)
                self._unreadable.discard(folder.name)
                return day
        except (Damaged, Unavailable) as damage:
            self._complain(folder, damage)
            return known

    @contextlib.contextmanager
    def _passing_over(self, day: _Day) -> Iterator[None]:
        """Where a day turns out to be damaged, the others still answer."""
        try:
            with reading(day.folder):
                yield
        except Damaged as damage:
            self._complain(day.folder, damage)

    def _complain(self, folder: Path, damage: Exception) -> None:
        if folder.name not in self._unreadable:
            self._unreadable.add(folder.name)
            log.warning("event folder %s cannot be read: %s", folder.name, damage)


def _require_time(until: float) -> None:
    if clock.monotonic() > until:
        raise Unavailable("events", TOO_SLOW)


def _end_of(day: date) -> datetime:
    """No event received on the day is later: its time is at most ten minutes after its receipt (`core.event`)."""
    return datetime.combine(day, time(), UTC) + timedelta(days=1, minutes=10)


def _question(day: _Day, compiler: Compiler, search: Search, scope: Scope) -> tantivy.Query:
    parts = [compiler.compile(search.query or Everything())]
    if search.start is not None or search.end is not None:
        parts.append(compiler.between(search.start, search.end))
    if scope.units is not None:
        seen = compiler.units(scope.units, day.units)
        if seen is not EVERYTHING:
            parts.append(seen)
    return both(parts)


def _count(day: _Day, question: tantivy.Query) -> int:
    return _search(day, question, 1)[1]


def _newest(day: _Day, compiler: Compiler, question: tantivy.Query, limit: int) -> tuple[list[_Hit], int]:
    """The first `limit` hits of the order of answers and perhaps some more, in no order within one microsecond.

    And how many there are in all.
    """
    hits, count = _search(day, question, limit + SLACK)
    if len(hits) > limit:
        edge = hits[limit - 1][0]
        enough = next((at for at in range(limit, len(hits)) if hits[at][0] != edge), None)
        if enough is None and len(hits) == limit + SLACK:
            newer = [hit for hit in hits if hit[0] != edge]
            at_edge = both([question, compiler.column(TIME, edge, edge)])
            hits = newer + _last_positions(day, compiler, at_edge, limit - len(newer))
        else:
            hits = hits[:enough]
    return hits, count


def _last_positions(day: _Day, compiler: Compiler, question: tantivy.Query, limit: int) -> list[_Hit]:
    """Of events of one microsecond those with the highest positions."""
    hits: list[_Hit] = []
    for partition in sorted(_partitions(day, question), reverse=True):
        left = limit - len(hits)
        if left <= 0:
            break
        hits += _search(day, both([question, compiler.partition(partition)]), left, by="_sequence")[0]
    return hits


def _before(day: _Day, compiler: Compiler, place: Place) -> tantivy.Query:
    """Events that come after the place in the order of answers."""
    same_time = compiler.column(TIME, place.time, place.time)
    lower = [compiler.partition(partition) for partition in _partitions(day, EVERYTHING) if partition < place.partition]
    same_partition = both([compiler.partition(place.partition), compiler.sequences(0, place.sequence - 1)])
    return either(
        [compiler.column(TIME, -LONG_MAX, place.time - 1), both([same_time, either([*lower, same_partition])])]
    )


def _partitions(day: _Day, question: tantivy.Query) -> list[str]:
    if question is EVERYTHING and day.manifest is not None:
        return list(day.manifest.positions)
    found = day.searcher.aggregate(question, {"partitions": {"terms": {"field": "_partition", "size": 65_000}}})
    return [each["key"] for each in found["partitions"]["buckets"]]


def _search(day: _Day, question: tantivy.Query, limit: int, by: str = TIME) -> tuple[list[_Hit], int]:
    """The hits with the greatest values of a column, and the number of all."""
    try:
        found = day.searcher.search(question, limit=limit, order_by_field=by)
    except ValueError as error:
        if "expansions" in str(error):
            raise QuerySyntaxError(0, TOO_MANY_WORDS) from error
        raise
    return found.hits, found.count  # type: ignore[attr-defined]  # tantivy.pyi forgot it


def _events(day: _Day, hits: Iterable[_Hit]) -> Iterator[Event]:
    """The events of the hits; one whose bytes are damaged is counted by its day but cannot be shown."""
    unpacker = SourceUnpacker(day.dictionary)
    for _, address in hits:
        try:
            yield unpacker.unpack(day.searcher.doc(address).get_first("_source"))  # type: ignore[arg-type]  # bytes
        except (zstandard.ZstdError, msgspec.DecodeError, ValueError) as error:
            log.warning("an event in %s cannot be read: %s", day.folder.name, error)
