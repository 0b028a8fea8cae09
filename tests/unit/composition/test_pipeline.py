"""The pipeline over real stores: what it counts, what it retires, what it puts on the shelf."""

import gc
import json
import os
from base64 import b64decode
from datetime import date

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from composition import pipeline
from composition.retired import retired_of
from composition.status import read_counted, read_status
from core.errors import Unavailable
from core.language import Text
from core.ports import Search
from core.scope import EVERY_UNIT, Scope
from incident.queue import list_groups
from org.actor import OPERATOR
from org.settings import OrgSettings
from org.source import SETTLED_AFTER, assign_source
from org.source_map import Place
from org.unit import ensure_unit, record_facts
from org.unit_history import UnitFact
from store import db
from store.events.embedded import open_reader
from store.spool.disk import DiskSpoolReader
from store.spool.partition import segment_file, segments
from tests.pipeline_work import NOW, ZONE, Work, failures
from tests.queries import parse


@pytest.fixture
def work(tmp_path):
    made = Work(tmp_path)
    yield made
    made.engine.dispose()


def found(work, query=None):
    reader = open_reader(work.folder / "events", ZONE)
    return reader.count(Search(query=parse(query) if query else None), EVERY_UNIT)


def counters(work):
    """As people see them while no process runs, from what the pipeline would have reported last."""
    reported = dict(work.pipeline.counters())
    counted = reported | read_counted(work.folder, work.engine, DiskSpoolReader(work.folder / "spool"))
    for name in list(counted):
        if name.startswith("canh_backlog_records|"):
            partition = name.partition("|")[2]
            counted[name] = counted[f"canh_records_spooled_total|{partition}"] - reported.get(
                f"canh_records_done_total|{partition}", 0
            )
    return counted


def sum_of(counted, metric):
    return sum(value for name, value in counted.items() if name.partition("|")[0] == metric)


def is_even(work):
    """spooled = stored + lost + backlog + damaged, and stored is what can be found."""
    counted = counters(work)
    spooled, backlog, damaged = (
        sum_of(counted, metric)
        for metric in ("canh_records_spooled_total", "canh_backlog_records", "canh_records_damaged_total")
    )
    lost = sum_of(counted, "canh_events_lost_total")
    stored = sum_of(counted, "canh_events_stored_total") - lost
    return spooled == stored + lost + backlog + damaged and stored == found(work)


def damage_index(folder):
    (day,) = (path for path in (folder / "events").iterdir() if path.is_dir() and "damaged" not in path.name)
    gc.collect()  # a reader that nobody has may still map the file: cut short below it, that is a bus error
    for store in day.glob("*.store"):
        cut = store.with_suffix(".cut")
        cut.write_bytes(store.read_bytes()[:10])
        cut.replace(store)
    return day


@pytest.mark.slow
def test_events_that_went_with_a_damaged_index_are_counted_and_the_day_is_named(work):
    work.spool("intake", failures(0, 500))
    work.spool("other", failures(500, 700), end=True)
    work.turn_until_committed()
    assert is_even(work) and found(work) == 700
    work.stop()
    damage_index(work.folder)
    work.start()
    work.spool("intake", failures(700, 800))
    work.turn_until_committed()
    counted = counters(work)
    # The newest segment of a live partition is still in the spool; the retired partition's is gone.
    assert counted["canh_events_lost_total|index_damaged"] == 200
    assert counted["canh_events_stored_total"] == 800
    assert found(work) == 600
    assert is_even(work)
    (missing,) = open_reader(work.folder / "events", ZONE).missing(Search(query=None))
    assert (missing.day, missing.place) == (NOW.date(), f"{NOW:%Y-%m-%d}-standard.damaged-1")
    assert set(work.alerts()[0].values()) == {800}, "detection had them all, and none twice"
    work.stop()
    work.start()
    assert counters(work)["canh_events_lost_total|index_damaged"] == 200, "a restart forgets no loss"
    work.stop()


def test_a_partition_that_ended_leaves_its_counts_and_nothing_else(work):
    rubbish = [msgspec.structs.replace(record, raw=b"\xff?") for record in failures(0, 3)]
    partition = work.spool("replay-00", failures(0, 20) + rubbish, end=True)
    before = work.spool("intake", failures(20, 30))
    work.turn_until_committed()
    assert DiskSpoolReader(work.folder / "spool").partitions() == [before]
    with db.session(work.engine, EVERY_UNIT, reading=True) as session:
        (row,) = retired_of(session, "replay-00")
    assert (row.partition, row.records, row.rejected, row.damaged, row.shelved) == (partition, 23, 3, 0, 0)
    tallies = work.tallies()
    assert tallies["rejected|normalise|retired"] == 3
    assert not [name for name in tallies if partition in name]
    counted = counters(work)
    assert counted["canh_records_spooled_total|retired"] == 23
    assert not [name for name in counted if partition in name]
    assert is_even(work)
    work.stop()
    work.start()
    assert not work.pipeline.turn(NOW)
    assert is_even(work) and found(work) == 33
    work.stop()


def test_a_kill_before_the_folder_was_gone_does_the_work_only_once(work, monkeypatch):
    partition = work.spool("replay-00", failures(0, 20), end=True)

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(DiskSpoolReader, "remove", killed)
    with pytest.raises(KeyboardInterrupt):
        work.turn_until_committed()
    monkeypatch.undo()
    assert DiskSpoolReader(work.folder / "spool").partitions() == [partition]
    alerts = work.alerts()
    work.kill()
    work.start()
    work.turn_until_committed()
    assert DiskSpoolReader(work.folder / "spool").partitions() == []
    assert work.alerts() == alerts
    assert is_even(work) and found(work) == 20
    work.stop()


@pytest.mark.slow
def test_a_hundred_finished_replays_leave_no_folder_no_series_and_no_open_file(work):
    names = [work.spool(f"replay-{number:016x}", failures(number, number + 1), end=True) for number in range(100)]
    before = len(os.listdir("/proc/self/fd"))
    work.turn_until_committed()
    assert len(os.listdir("/proc/self/fd")) <= before + 2
    assert list((work.folder / "spool").iterdir()) == []
    counted = counters(work)
    assert counted["canh_records_spooled_total|retired"] == len(names) == found(work)
    assert len([name for name in counted if name.startswith("canh_records_")]) < 10
    assert is_even(work)
    work.stop()


def test_a_folder_that_cannot_go_yet_is_not_worked_on_again(work, monkeypatch):
    partition = work.spool("replay-00", failures(0, 20), end=True)
    other = work.spool("replay-01", failures(20, 25), end=True)
    refusals = []
    remove = DiskSpoolReader.remove

    def refuse_thrice(reader, name):
        if len(refusals) < 3:
            refusals.append(name)
            raise Unavailable("spool", Text("bận", "busy"))
        remove(reader, name)

    monkeypatch.setattr(DiskSpoolReader, "remove", refuse_thrice)
    work.turn_until_committed(refusals=99)
    assert len(refusals) == 3 and set(refusals) <= {partition, other}
    assert DiskSpoolReader(work.folder / "spool").partitions() == []
    assert set(work.alerts()[0].values()) == {25}, "none twice"
    assert is_even(work) and found(work) == 25
    work.stop()


def test_a_partition_being_retired_is_counted_once(work, monkeypatch):
    """Between its row and the end of its folder both are there."""
    work.spool("replay-00", failures(0, 20), end=True)
    monkeypatch.setattr(DiskSpoolReader, "remove", lambda *_: None)
    work.turn_until_committed()
    status = read_status(work.folder, work.engine)
    assert (status.counters.spooled, status.counters.backlog) == (20, 0)
    work.stop()


def test_the_shelf_waits_for_room(work, monkeypatch):
    partition = work.spool("intake", failures(0, 1))
    work.stop()
    note = [{"partition": partition, "after": 0, "through": 1, "records": 1, "deliveries": 3, "narrowed": True}]
    (work.folder / "run" / "pipeline.delivery").write_bytes(json.dumps(note).encode())
    (work.folder / "shelf").mkdir()
    (work.folder / "shelf" / "last-crash.txt").write_text("ended with SIGSEGV")
    work.start()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pipeline, "write_durably", full)
    assert work.turn_until_committed() == 3
    assert found(work) == 0, "its bytes are nowhere else yet"
    monkeypatch.undo()
    work.turn_until_committed()
    shelved = json.loads((work.folder / "shelf" / f"{partition}-1.json").read_bytes())
    assert b64decode(shelved["record"][0]) == failures(0, 1)[0].raw
    assert shelved["last_words"] == "ended with SIGSEGV"
    assert found(work) == 1
    work.stop()


def test_status_without_a_pipeline_knows_what_waits(work):
    work.spool("intake", failures(0, 5))
    status = read_status(work.folder, work.engine)
    assert (status.counters.spooled, status.counters.backlog, status.counters.stored) == (5, 5, 0)
    work.stop()


def test_damage_is_counted_once_though_the_store_reads_it_again(work):
    """Half of a batch was counted by detection before the store lost it."""
    partition = work.spool("intake", failures(0, 10))
    work.spool("intake", failures(10, 20))
    work.spool("intake", failures(20, 30))
    folder = work.folder / "spool" / partition
    file = segment_file(folder, segments(folder)[0])
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF  # in the second of three frames
    file.write_bytes(data)
    work.turn_until_committed()
    damaged = work.tallies()[f"damaged|{partition}"]
    assert 1 <= damaged <= 10
    assert is_even(work)
    work.stop()
    damage_index(work.folder)
    work.start()
    work.spool("intake", failures(30, 40))
    work.turn_until_committed()
    assert work.tallies()[f"damaged|{partition}"] == damaged
    assert is_even(work) and found(work) == 40 - damaged
    work.stop()


class Poisoned:
    """The real event store, but some records end the process: when they are taken, or only when they are committed."""

    def __init__(self, store, words, at_commit):
        self._store, self._words, self._at_commit = store, words, at_commit
        self._hit = False

    def __getattr__(self, name):
        return getattr(self._store, name)

    def append(self, events):
        events = list(events)
        self._hit |= any(
            word in event.as_event().raw if hasattr(event, "as_event") else word in event.raw
            for event in events
            for word in self._words
        )
        if self._hit and not self._at_commit:
            raise MemoryError
        return self._store.append(events)

    def commit(self):
        if self._hit:
            raise MemoryError
        self._store.commit()


@pytest.mark.slow
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(poison=st.sets(st.integers(0, 119), min_size=1, max_size=2), at_commit=st.booleans())
def test_poison_is_found_alone_wherever_it_strikes(tmp_path_factory, poison, at_commit):
    words = [b"sshd[%d]" % number for number in poison]
    work = Work(tmp_path_factory.mktemp("work"), lambda store: Poisoned(store, words, at_commit))
    partition = work.spool("intake", failures(0, 120))
    lives = 1
    while True:
        try:
            work.turn_until_committed()
        except MemoryError:
            lives += 1
            assert lives < 60
            work.kill()
            work.start()
        else:
            break
    shelf = sorted(path.name for path in (work.folder / "shelf").iterdir())
    assert shelf == sorted(f"{partition}-{number + 1}.json" for number in poison)
    assert work.tallies()[f"rejected|pipeline|{partition}"] == len(poison)
    assert found(work) == 120
    assert found(work, "event.kind:pipeline_error and error.code:ended_the_pipeline") == len(poison)
    assert found(work, f'file.name:"{shelf[0]}"') == 1
    assert is_even(work)
    work.stop()
    work.engine.dispose()


def test_what_a_units_source_sends_is_the_units(work):
    """Events, what could not be read, and alerts; from when it was assigned on, whenever the pipeline came to it."""
    early = failures(0, 3)
    late = [msgspec.structs.replace(record, peer="10.1.0.9") for record in failures(10, 50)]
    other = [msgspec.structs.replace(record, peer="10.2.0.9") for record in failures(10, 13)]
    unread = msgspec.structs.replace(late[0], raw=b"\x00 nothing that anybody reads")
    place = Place(network="10.1.0.0/16")
    before = [msgspec.structs.replace(record, peer="10.1.0.9") for record in early]
    with db.session(work.engine, EVERY_UNIT) as session:
        fact = UnitFact(unit="xa-a", kind="established", on=date(2020, 1, 1), name="Xã A", decision="1")
        assert record_facts(session, OPERATOR, [fact], {}, NOW) is None
        assert isinstance(assign_source(session, OPERATOR, "xa-a", place, late[0].received_at - SETTLED_AFTER), int)
    work.spool("intake", [*before, *late, *other, unread])
    work.turn_until_committed()
    reader = open_reader(work.folder / "events", ZONE)
    its = Scope(units=frozenset({"xa-a"}))
    assert reader.count(Search(query=None), its) == len(late) + 1
    assert reader.count(Search(query=parse("event.kind:pipeline_error")), its) == 1
    assert reader.count(Search(query=None), EVERY_UNIT) == len(before) + len(late) + len(other) + 1
    with db.session(work.engine, its, reading=True) as session:
        (group,) = list_groups(session, limit=9).groups
    assert group.unit == "xa-a"


def test_a_source_assigned_while_the_pipeline_runs_counts_for_what_comes_after(work, monkeypatch):
    monkeypatch.setattr(pipeline, "SOURCES_EVERY_S", 0)
    records = [msgspec.structs.replace(record, peer="10.1.0.9") for record in failures(0, 2)]
    work.spool("intake", records[:1])
    work.turn_until_committed()
    with db.session(work.engine, EVERY_UNIT) as session:
        ensure_unit(session, OrgSettings(unit="soc"))
        assign_source(session, OPERATOR, "soc", Place(network="10.1.0.9/32"), records[1].received_at - SETTLED_AFTER)
    work.spool("other", records[1:])
    work.turn_until_committed()
    reader = open_reader(work.folder / "events", ZONE)
    assert reader.count(Search(query=None), Scope(units=frozenset({"soc"}))) == 1


def test_records_that_were_cut_are_counted_once(work):
    cut = [msgspec.structs.replace(record, flags=("truncated",)) for record in failures(0, 3)]
    work.spool("intake", [*cut, *failures(10, 12)])
    work.turn_until_committed()
    work.kill()
    work.start()
    work.turn_until_committed()
    assert sum_of(counters(work), "canh_records_truncated_total") == 3
    assert read_status(work.folder, work.engine).counters.truncated == 3
