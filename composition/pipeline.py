"""The spine: spooled records become stored events, hits, alerts, and positions that survive anything.

Two consumers share each batch: the event store (its positions are in the store) and detection (its
positions, the correlation snapshot and the alerts are one relational transaction). After a crash the pipeline
starts again at the lower of the two, and each skips what it has. Disk space of the spool is released up to
what both have made durable.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path

import msgspec
from sqlalchemy import Engine

from collectors.bulk import KEYED
from collectors.normalise import normalise
from composition.delivery import Deliveries
from composition.retired import retire, retired_names, retired_records
from composition.run_folder import LAST_WORDS
from composition.tally import add_tallies, read_tallies
from core import clock
from core.alert import Alert
from core.errors import Unavailable
from core.event import Event, Rejected
from core.ports import EventWriter, SpoolReader
from core.record import Batch, Position, Record
from core.scope import EVERY_UNIT
from core.system_error import reason_of
from detection import snapshot
from detection.correlate import Correlator, Saved
from detection.match import Matcher
from incident import intake
from org.source import count_changes, load_map
from org.source_map import SourceMap
from store import db
from store.files import write_durably

BATCH_RECORDS = 2000
ALERTS_EVERY_S = 0.25
STORE_EVERY_S = 1.5
STORE_EVERY_EVENTS = 25_000
RETIRE_EVERY_S = 1.0
SOURCES_EVERY_S = 1.0

log = logging.getLogger("pipeline")


class Pipeline:
    """One owner of the event store's writer and of the correlation state. Not thread-safe.

    `turn` does a bounded amount of work; call it again at once when it returns True, after a pause otherwise.
    """

    def __init__(
        self,
        *,
        spool: SpoolReader,
        store: EventWriter,
        engine: Engine,
        matcher: Matcher,
        correlator: Correlator,
        deliveries: Deliveries,
        shelf: Path,
        zone: tzinfo,
        group_window_hours: int,
    ) -> None:
        self._spool = spool
        self._store = store
        self._engine = engine
        self._matcher = matcher
        self._correlator = correlator
        self._deliveries = deliveries
        self._shelf = shelf
        self._zone = zone
        self._group_window_hours = group_window_hours
        with db.session(engine, EVERY_UNIT) as session:
            states, detected = snapshot.load(session)
            tallies = read_tallies(session)
            self._retired = retired_names(session)
            self._retired_records = retired_records(session)
        self._damaged = sum(count for name, count in tallies.items() if name.startswith("damaged|"))
        correlator.restore(states)
        self._detected: dict[str, int] = dict(detected)
        self._detected_durable: dict[str, int] = dict(detected)
        stored = self._stored_positions()
        self._stored_durable: dict[str, int] = stored
        self._next = {name: min(stored.get(name, 0), detected.get(name, 0)) for name in {*stored, *detected}}
        self._done: dict[str, int] = {}
        self._stored = self._lost = 0
        self._count_stored()
        self._release()
        self._alerts: list[Alert] = []
        self._changes: dict[str, Saved | None] = {}
        self._tallies: Counter[str] = Counter()
        self._hits_by_rule: Counter[str] = Counter()
        self._uncommitted_events = 0
        self._alerts_due = self._store_due = self._retire_due = self._sources_due = clock.monotonic()
        self._sources, self._sources_changes = SourceMap(()), (0, 0)
        self._detection_dirty = False
        self._store_dirty = False

    def turn(self, now: datetime) -> bool:
        """Work on one batch of each partition and commit what is due; whether there was anything to do."""
        worked = False
        self._commit_due(now)  # while what is due cannot be committed, nothing more is taken
        self._load_sources()
        for partition in self._partitions():
            after = self._next.get(partition, 0)
            limit = self._deliveries.limit(partition, after, BATCH_RECORDS)
            batch = self._spool.take(partition, after, limit)
            if batch.through > after:
                self._work(batch, after, now)
                worked = True
                self._commit_due(now)
        self._commit_due(now)
        self._retire_ended(now)
        return worked

    def close(self, now: datetime) -> None:
        """Commit everything; a clean end."""
        self._commit_detection(now)
        self._commit_store()
        self._store.close()
        self._deliveries.close()

    def counters(self) -> Mapping[str, float]:
        """Done by partition, stored and lost again, hits by rule since this process started. From any thread."""
        counted = {f"canh_rule_hits_total|{rule}": float(count) for rule, count in list(self._hits_by_rule.items())}
        for partition, done in self._done.items():
            counted[f"canh_records_done_total|{partition}"] = float(done)
        counted["canh_events_stored_total"] = float(self._stored + self._lost)
        counted["canh_events_lost_total|index_damaged"] = float(self._lost)
        return counted

    def _work(self, batch: Batch, after: int, now: datetime) -> None:
        self._deliveries.begin(batch, after)
        if self._deliveries.must_shelve(batch.partition, after):
            self._put_on_shelf(batch, now)
            outcomes: Sequence[Event | Rejected] = [_shelved(batch, index) for index in range(len(batch.records))]
        else:
            outcomes = normalise(batch, self._zone)
        if self._sources:
            outcomes = [
                _assigned(outcome, record, self._sources)
                for outcome, record in zip(outcomes, batch.records, strict=True)
            ]
        self._uncommitted_events += self._store.append(outcomes)
        detected = self._detected.get(batch.partition, 0)
        fresh = [outcome for outcome in outcomes if outcome.position.sequence > detected]
        hits = self._matcher.match([outcome for outcome in fresh if isinstance(outcome, Event)])
        self._correlator.feed(hits)
        for hit in hits:
            self._hits_by_rule[hit.rule.id] += 1
        if batch.through > detected:
            self._detected[batch.partition] = batch.through
            for outcome in fresh:
                if isinstance(outcome, Rejected):
                    self._tallies[f"rejected|{outcome.stage}|{batch.partition}"] += 1
                if "truncated" in outcome.fields.get("log.flags", ()):  # type: ignore[operator]  # a list, where it is
                    self._tallies[f"truncated|{batch.partition}"] += 1
            damaged = batch.damaged_after(detected)  # what lies before was counted when detection passed it
            self._tallies[f"damaged|{batch.partition}"] += damaged
            self._damaged += damaged
            if damaged:
                log.error("%d records of %s are damaged; their bytes are in spool/damage", damaged, batch.partition)
            self._detection_dirty = True
        self._next[batch.partition] = batch.through
        self._store_dirty = True

    def _load_sources(self) -> None:
        """What was assigned meanwhile counts for what is taken from now on."""
        if clock.monotonic() < self._sources_due:
            return
        with db.session(self._engine, EVERY_UNIT, reading=True) as session:
            changes = count_changes(session)
            if changes != self._sources_changes:
                self._sources, self._sources_changes = load_map(session), changes
        self._sources_due = clock.monotonic() + SOURCES_EVERY_S

    def _commit_due(self, now: datetime) -> None:
        at = clock.monotonic()
        at_once = self._deliveries.must_commit
        full = self._uncommitted_events >= STORE_EVERY_EVENTS
        if self._store_dirty and (at_once or full or at >= self._store_due):
            self._commit_store()
            self._store_due = clock.monotonic() + STORE_EVERY_S
        if self._detection_dirty and (at_once or at >= self._alerts_due):
            self._commit_detection(now)
            self._alerts_due = clock.monotonic() + ALERTS_EVERY_S

    def _commit_detection(self, now: datetime) -> None:
        if not self._detection_dirty:
            return
        # What the correlator gave is kept until it is committed: the database may not take it now.
        self._alerts += self._correlator.take_alerts()
        self._changes |= self._correlator.take_changes()
        with db.session(self._engine, EVERY_UNIT) as session:
            fresh = intake.receive(session, self._alerts, now, window_hours=self._group_window_hours)
            durable = self._detected_durable
            moved = {name: at for name, at in self._detected.items() if at != durable.get(name)}
            snapshot.save(session, self._changes, moved)
            add_tallies(session, self._tallies + Counter(f"alerts|{alert.rule.level}" for alert in fresh))
        self._alerts.clear()
        self._changes.clear()
        self._tallies.clear()
        self._detected_durable = dict(self._detected)
        self._detection_dirty = False
        self._release()

    def _commit_store(self) -> None:
        if not self._store_dirty:
            return
        self._store.commit()
        # Damaged records are never appended, so the store alone cannot know that they were passed.
        self._stored_durable = {**self._stored_positions(), **self._next}
        self._count_stored()
        self._uncommitted_events = 0
        self._store_dirty = False
        self._release()

    def _durable(self, partition: str) -> int:
        return min(self._stored_durable.get(partition, 0), self._detected_durable.get(partition, 0))

    def _stored_positions(self) -> dict[str, int]:
        return {name: at for name, at in self._store.positions().items() if name not in self._retired}

    def _count_stored(self) -> None:
        """What was passed on, was not damaged, and is not in the store: lost with an index folder."""
        passed = self._retired_records + sum(self._stored_durable.values())
        self._stored = self._store.count()
        self._lost = max(0, passed - self._damaged - self._stored)

    def _partitions(self) -> list[str]:
        """Those there is or may be work in: not what is retired and only waits for its folder to go."""
        return [name for name in self._spool.partitions() if name not in self._retired]

    def _release(self) -> None:
        done = {partition: self._durable(partition) for partition in self._partitions()}
        for partition, through in done.items():
            if through != self._done.get(partition):
                self._spool.release(partition, through)
        self._done = done
        self._deliveries.passed(done)

    def _retire_ended(self, now: datetime) -> None:
        """Partitions that nothing is appended to and that are worked off leave a row instead of a folder."""
        if clock.monotonic() < self._retire_due:
            return
        self._retire_due = clock.monotonic() + RETIRE_EVERY_S
        over = {
            partition: last
            for partition in self._partitions()
            if self._spool.has_ended(partition)
            and (last := self._spool.last_sequence(partition)) == self._durable(partition)
        }
        if over:
            with db.session(self._engine, EVERY_UNIT) as session:
                for partition, last in over.items():
                    retire(session, partition, last, now)
            self._retired.update(over)
            self._retired_records += sum(over.values())
            for partition in over:
                for positions in (self._next, self._detected, self._detected_durable, self._stored_durable):
                    positions.pop(partition, None)
            self._release()
        # Also those whose folder could not go, or whose process was killed before.
        for partition in self._retired.intersection(self._spool.partitions()):
            self._spool.remove(partition)

    def _put_on_shelf(self, batch: Batch, now: datetime) -> None:
        """Durable before the record's bytes leave the spool: this is the only copy then."""
        try:
            self._shelf.mkdir(exist_ok=True)
            for sequence, record in zip(batch.sequences, batch.records, strict=True):
                shelved = {"shelved_at": now, "record": record, "last_words": last_words(self._shelf)}
                write_durably(self._shelf / shelf_name(batch.partition, sequence), msgspec.json.encode(shelved))
        except OSError as error:
            raise Unavailable("shelf", reason_of(error)) from error


def last_words(shelf: Path) -> str:
    """How the pipeline last ended and its traceback, as `composition.processes.entry` put them there."""
    try:
        return (shelf / LAST_WORDS).read_text("utf-8", "replace")[-20_000:]
    except OSError:
        return ""


def shelf_name(partition: str, sequence: int) -> str:
    """The file on the shelf that has the whole record and what the process died of."""
    return f"{partition}-{sequence}.json"


def _shelved(batch: Batch, index: int) -> Rejected:
    """Stands for the record in the store: without its bytes, for nobody knows what in them ends a process where."""
    sequence = batch.sequences[index]
    return Rejected(
        record=msgspec.structs.replace(batch.records[index], raw=b""),
        position=Position(batch.partition, sequence),
        stage="pipeline",
        fields={"file.name": shelf_name(batch.partition, sequence)},
        reason="ended_the_pipeline",
    )


def _assigned(outcome: Event | Rejected, record: Record, sources: SourceMap) -> Event | Rejected:
    """The outcome under the unit that its source belongs to. What came with a key is its key's."""
    if record.source.startswith(KEYED):
        return outcome
    host = outcome.fields.get("host.name")
    found = sources.find(record.peer, record.source, host if isinstance(host, str) else "", record.received_at)
    if found is None or found.unit == record.unit:
        return outcome
    if isinstance(outcome, Event):
        return msgspec.structs.replace(outcome, unit=found.unit)
    return msgspec.structs.replace(outcome, record=msgspec.structs.replace(outcome.record, unit=found.unit))
