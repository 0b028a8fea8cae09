"""The spine: spooled records become stored events, hits, alerts, and positions that survive anything.

Two consumers share each batch: the event store (its positions are in the store) and detection (its
positions, the correlation snapshot and the alerts are one relational transaction). After a crash the pipeline
starts again at the lower of the two, and each skips what it has. Disk space of the spool is released up to
what both have made durable.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path

import msgspec
from sqlalchemy import Engine

from collectors.normalise import normalise
from composition.delivery import Deliveries
from composition.tally import add_tallies, read_tallies
from core import clock
from core.alert import Alert
from core.event import Event, Rejected
from core.ports import EventWriter, SpoolReader
from core.record import Batch, Position
from core.scope import EVERY_UNIT
from detection import snapshot
from detection.correlate import Correlator, Saved
from detection.match import Matcher
from incident import intake
from store import db

BATCH_RECORDS = 2000
ALERTS_EVERY_S = 0.25
STORE_EVERY_S = 1.5
STORE_EVERY_EVENTS = 25_000


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
        self._damaged = sum(count for name, count in tallies.items() if name.startswith("damaged|"))
        correlator.restore(states)
        self._detected: dict[str, int] = dict(detected)
        self._detected_durable: dict[str, int] = dict(detected)
        stored = store.positions()
        self._stored_durable: dict[str, int] = dict(stored)
        self._next = {name: min(stored.get(name, 0), detected.get(name, 0)) for name in {*stored, *detected}}
        self._alerts: list[Alert] = []
        self._changes: dict[str, Saved | None] = {}
        self._tallies: Counter[str] = Counter()
        self._hits_by_rule: Counter[str] = Counter()
        self._uncommitted_events = 0
        self._alerts_due = self._store_due = clock.monotonic()
        self._detection_dirty = False
        self._store_dirty = False

    def turn(self, now: datetime) -> bool:
        """Work on one batch of each partition and commit what is due; whether there was anything to do."""
        worked = False
        self._commit_due(now)  # while what is due cannot be committed, nothing more is taken
        for partition in self._spool.partitions():
            after = self._next.get(partition, 0)
            limit = self._deliveries.limit(partition, after, BATCH_RECORDS)
            batch = self._spool.take(partition, after, limit)
            if batch.through > after:
                self._work(batch, after, now)
                worked = True
        self._commit_due(now)
        return worked

    def close(self, now: datetime) -> None:
        """Commit everything; a clean end."""
        self._commit_detection(now)
        self._commit_store()
        self._store.close()
        self._deliveries.close()

    def counters(self) -> Mapping[str, float]:
        """Spooled, done and backlog by partition, stored, hits by rule since this process started."""
        counted = {f"canh_rule_hits_total|{rule}": float(count) for rule, count in list(self._hits_by_rule.items())}
        for partition in list(self._spool.partitions()):
            spooled, done = self._spool.last_sequence(partition), self._durable(partition)
            counted[f"canh_records_spooled_total|{partition}"] = float(spooled)
            counted[f"canh_records_done_total|{partition}"] = float(done)
            counted[f"canh_backlog_records|{partition}"] = float(max(0, spooled - done))
        counted["canh_events_stored_total"] = float(sum(self._stored_durable.values()) - self._damaged)
        counted["canh_spool_bytes"] = float(self._spool.size_bytes())
        return counted

    def _work(self, batch: Batch, after: int, now: datetime) -> None:
        self._deliveries.begin(batch.partition, after, batch.through)
        if self._deliveries.must_shelve(batch.partition, after):
            self._put_on_shelf(batch, now)
            outcomes: Sequence[Event | Rejected] = [_shelved(batch, index) for index in range(len(batch.records))]
        else:
            outcomes = normalise(batch, self._zone)
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
            self._tallies[f"damaged|{batch.partition}"] += batch.damaged
            self._damaged += batch.damaged
            self._detection_dirty = True
        self._next[batch.partition] = batch.through
        self._store_dirty = True
        self._deliveries.survived(batch.partition, batch.through)

    def _commit_due(self, now: datetime) -> None:
        at = clock.monotonic()
        if self._store_dirty and (at >= self._store_due or self._uncommitted_events >= STORE_EVERY_EVENTS):
            self._commit_store()
            self._store_due = clock.monotonic() + STORE_EVERY_S
        if self._detection_dirty and at >= self._alerts_due:
            self._commit_detection(now)
            self._alerts_due = clock.monotonic() + ALERTS_EVERY_S

    def _commit_detection(self, now: datetime) -> None:
        if not self._detection_dirty:
            return
        # What the correlator gave is kept until it is committed: the database may not take it now.
        self._alerts += self._correlator.take_alerts()
        self._changes |= self._correlator.take_changes()
        with db.session(self._engine, EVERY_UNIT) as session:
            opened = intake.receive(session, self._alerts, now, window_hours=self._group_window_hours)
            snapshot.save(session, self._changes, self._detected)
            add_tallies(session, {**self._tallies, "alerts": opened})
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
        self._stored_durable = {**self._store.positions(), **self._next}
        self._uncommitted_events = 0
        self._store_dirty = False
        self._release()

    def _durable(self, partition: str) -> int:
        return min(self._stored_durable.get(partition, 0), self._detected_durable.get(partition, 0))

    def _release(self) -> None:
        for partition in self._next:
            self._spool.release(partition, self._durable(partition))

    def _put_on_shelf(self, batch: Batch, now: datetime) -> None:
        self._shelf.mkdir(exist_ok=True)
        for sequence, record in zip(batch.sequences, batch.records, strict=True):
            file = self._shelf / f"{batch.partition}-{sequence}.json"
            file.write_bytes(
                msgspec.json.encode({"shelved_at": now, "record": record, "traceback": last_words(self._shelf)})
            )


def last_words(shelf: Path) -> str:
    """The traceback or signal the pipeline last died of, as the supervisor or the process itself wrote it down."""
    try:
        return (shelf / "last-crash.txt").read_text("utf-8", "replace")[-20_000:]
    except OSError:
        return ""


def _shelved(batch: Batch, index: int) -> Rejected:
    return Rejected(
        record=batch.records[index],
        position=Position(batch.partition, batch.sequences[index]),
        stage="pipeline",
        reason="ended_the_pipeline",
    )
