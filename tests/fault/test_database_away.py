"""The database cannot take what the pipeline has: it waits, and afterwards every alert has its exact count."""

import sqlite3
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from composition.delivery import Deliveries
from composition.migrate import upgrade
from composition.pipeline import Pipeline
from composition.settings import Settings
from composition.tally import read_tallies
from core.errors import Unavailable
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


def failures(first, last):
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
    """A pipeline over real stores in one folder."""

    def __init__(self, folder):
        settings = Settings()
        self.engine = db.open_engine(f"sqlite:///{folder / 'canh.db'}")
        upgrade(self.engine)
        self.spool = DiskSpoolWriter(folder / "spool", "intake", segment_bytes=1 << 20, high_water_bytes=1 << 30)
        rules = load_rules(settings.detection.rule_paths())
        (folder / "run").mkdir()
        self.pipeline = Pipeline(
            spool=DiskSpoolReader(folder / "spool"),
            store=open_writer(folder / "events", EventsSettings()),
            engine=self.engine,
            matcher=Matcher(rules),
            correlator=Correlator(rules, max_groups=1000),
            deliveries=Deliveries(folder / "run" / "pipeline.delivery"),
            shelf=folder / "shelf",
            zone=ZONE,
            group_window_hours=24,
        )

    def turn_until_committed(self):
        """As the process does it, the pauses left out: two clean turns after the last `Unavailable`."""
        refused = 0
        quiet = 0
        while quiet < 2:
            try:
                worked = self.pipeline.turn(NOW)
            except Unavailable:
                refused += 1
                if refused == 3:
                    return refused
                continue
            quiet = 0 if worked else quiet + 1
        self.pipeline._commit_detection(NOW)
        return refused

    def alerts(self):
        with db.session(self.engine, EVERY_UNIT, reading=True) as session:
            tallies = read_tallies(session)
            groups = list_groups(session, limit=100).groups
        return {group.rule.title.en: group.count for group in groups}, tallies["alerts"]


@pytest.fixture
def work(tmp_path):
    made = Work(tmp_path)
    yield made
    made.pipeline.close(NOW)
    made.spool.close()
    made.engine.dispose()


def test_a_locked_database_delays_and_changes_no_count(tmp_path, work):
    work.spool.append(failures(0, 12), {})
    work.turn_until_committed()
    before, opened = work.alerts()
    assert opened == len(before) >= 1
    with work.engine.connect() as connection:
        connection.exec_driver_sql("pragma busy_timeout=10")
    other = sqlite3.connect(tmp_path / "canh.db", isolation_level=None)
    other.execute("begin immediate")
    work.spool.append(failures(12, 30), {})
    work.pipeline._alerts_due = 0
    assert work.turn_until_committed() == 3
    other.execute("rollback")
    other.close()
    work.spool.append(failures(30, 40), {})
    assert work.turn_until_committed() == 0
    after, still_opened = work.alerts()
    assert after == {title: count + 28 for title, count in before.items()}
    assert still_opened == opened


def test_a_full_disk_delays_and_changes_no_count(work):
    with work.engine.connect() as connection:
        pages = connection.exec_driver_sql("pragma page_count").scalar()
        connection.exec_driver_sql(f"pragma max_page_count={pages}")
    work.spool.append(failures(0, 40), {})
    work.pipeline._alerts_due = 0
    assert work.turn_until_committed() == 3
    with work.engine.connect() as connection:
        connection.exec_driver_sql("pragma max_page_count=1000000")
    assert work.turn_until_committed() == 0
    counts, opened = work.alerts()
    assert set(counts.values()) == {40} and opened == len(counts)
