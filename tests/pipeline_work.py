"""A pipeline over real stores in one folder, for tests that stop it, damage what it has, and start it again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from composition.delivery import Deliveries
from composition.migrate import upgrade
from composition.pipeline import Pipeline
from composition.settings import Settings
from composition.tally import read_tallies
from core.errors import Unavailable
from core.ports import EventWriter
from core.record import Record
from core.scope import EVERY_UNIT
from detection.correlate import Correlator
from detection.match import Matcher
from detection.sigma.load import load_rules
from incident.queue import list_groups
from store import db
from store.events.embedded import open_writer
from store.events.settings import EventsSettings
from store.spool.disk import DiskSpoolReader, DiskSpoolWriter

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
RULES = load_rules(Settings().detection.rule_paths())


def failures(first: int, last: int) -> list[Record]:
    """sshd lines one second apart, all from one attacker."""
    return [
        Record(
            raw=f"<38>{(NOW + timedelta(seconds=number)).astimezone(ZONE):%b %d %H:%M:%S} web-01 sshd[{number}]: "
            f"Failed password for root from 203.0.113.9 port {20000 + number} ssh2".encode(),
            source="syslog/tcp",
            received_at=NOW + timedelta(seconds=number),
            unit="province",
        )
        for number in range(first, last)
    ]


class Work:
    """The pipeline and the producers of its spool. `between` may put something between it and the real event store."""

    def __init__(self, folder: Path, between: Callable[[EventWriter], EventWriter] = lambda store: store) -> None:
        self.folder = folder
        self._between = between
        (folder / "run").mkdir(exist_ok=True)
        self.engine = db.open_engine(f"sqlite:///{folder / 'canh.db'}")
        upgrade(self.engine)
        self.start()

    def start(self) -> None:
        """As a new process."""
        self.store = open_writer(self.folder / "events", EventsSettings())
        self.pipeline = Pipeline(
            spool=DiskSpoolReader(self.folder / "spool"),
            store=self._between(self.store),
            engine=self.engine,
            matcher=Matcher(RULES),
            correlator=Correlator(RULES, max_groups=1000),
            deliveries=Deliveries(self.folder / "run" / "pipeline.delivery"),
            shelf=self.folder / "shelf",
            zone=ZONE,
            group_window_hours=24,
        )

    def kill(self) -> None:
        """As kill -9: nothing is committed any more. The lock of the store's writer is released as the kernel does."""
        self.store._days.clear()
        self.store.close()

    def stop(self) -> None:
        """A clean end."""
        self.pipeline.close(NOW)

    def spool(self, producer: str, records: list[Record], *, end: bool = False) -> str:
        """The records through a producer that comes and goes; its partition."""
        writer = DiskSpoolWriter(self.folder / "spool", producer)
        writer.append(records, {})
        if end:
            writer.end()
        writer.close()
        return writer.partition

    def turn_until_committed(self, refusals: int = 3) -> int:
        """As the process does it, the pauses left out: two clean turns after the last `Unavailable`."""
        refused = 0
        quiet = 0
        while quiet < 2:
            self.pipeline._spool._listed = float("-inf")
            self.pipeline._alerts_due = self.pipeline._store_due = self.pipeline._retire_due = 0
            try:
                worked = self.pipeline.turn(NOW)
            except Unavailable:
                refused += 1
                if refused == refusals:
                    return refused
                continue
            quiet = 0 if worked else quiet + 1
        return refused

    def tallies(self) -> dict[str, int]:
        """As they are in the database."""
        with db.session(self.engine, EVERY_UNIT, reading=True) as session:
            return read_tallies(session)

    def alerts(self) -> tuple[dict[str, int], int]:
        """The counts of the groups by title, and how many alerts were tallied."""
        with db.session(self.engine, EVERY_UNIT, reading=True) as session:
            groups = list_groups(session, limit=100).groups
        counted = sum(count for name, count in self.tallies().items() if name.startswith("alerts|"))
        return {group.rule.title.en: group.count for group in groups}, counted
