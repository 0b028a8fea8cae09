"""The embedded event store through kill -9, a full disk and damaged files: nothing twice, nothing spooled lost."""

import contextlib
import multiprocessing
import os
import random
import resource
import shutil
import signal
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import Unavailable
from core.event import Event
from core.ports import Search
from core.query.aggregation import Histogram, Terms
from core.query.bounds import microseconds
from core.record import Position
from core.scope import EVERY_UNIT
from store.events.embedded import open_reader, open_writer
from store.events.settings import EventsSettings

PARTITIONS = ("intake.1", "replay.2")
MIDNIGHT = datetime(2026, 11, 25, tzinfo=UTC)
SPAWN = multiprocessing.get_context("spawn")


def event(partition: str, sequence: int) -> Event:
    """What the spool holds at a position. Two days are written at once, as around midnight."""
    received = MIDNIGHT + timedelta(seconds=(-1, 1, -1, -1, 1)[sequence % 5])
    return Event(
        time=received,
        received=received,
        position=Position(partition, sequence),
        unit="province",
        fields={"user.name": f"user{sequence % 10}", "message": f"line {sequence} of {partition}"},
        raw=f"{partition} {sequence}".encode(),
    )


def stored(folder: Path) -> Counter[tuple[str, int]]:
    reader = open_reader(folder)
    found: Counter[tuple[str, int]] = Counter()
    before = None
    while True:
        page = reader.search(Search(query=None, limit=1000, before=before), EVERY_UNIT)
        found.update((each.position.partition, each.position.sequence) for each in page.events)
        if page.next is None:
            return found
        before = page.next


def expected(last: int) -> Counter[tuple[str, int]]:
    return Counter((partition, sequence) for partition in PARTITIONS for sequence in range(1, last + 1))


def write_all(folder: Path, last: int, seed: int) -> None:
    """A pipeline: from the store's positions on, partitions in turn, commits now and then."""
    chance = random.Random(seed)
    writer = open_writer(folder, EventsSettings())
    at = {partition: writer.positions().get(partition, 0) for partition in PARTITIONS}
    while min(at.values()) < last:
        for partition in PARTITIONS:
            end = min(last, at[partition] + chance.randint(1, 40))
            writer.append([event(partition, sequence) for sequence in range(at[partition] + 1, end + 1)])
            at[partition] = end
        if chance.random() < 0.5:
            writer.commit()
            durable = writer.positions()
            assert all(durable[partition] == at[partition] for partition in PARTITIONS)
    writer.close()


@pytest.mark.slow
def test_every_event_exactly_once_through_kills(tmp_path):
    chance = random.Random(int(os.environ.get("CANH_TEST_SEED", "11")))
    last = 8_000
    kills = 0
    for turn in range(100):
        child = SPAWN.Process(target=write_all, args=(tmp_path, last, turn))
        child.start()
        deadline = time.monotonic() + chance.uniform(0.4, 1.2)
        while time.monotonic() < deadline and child.is_alive():
            time.sleep(0.005)
        if child.is_alive() and turn < 99 and kills < 12:
            os.kill(child.pid, signal.SIGKILL)
            kills += 1
        child.join()
        assert child.exitcode in (0, -signal.SIGKILL)
        assert set(stored(tmp_path).values()) <= {1}
        if child.exitcode == 0:
            break
    assert kills >= 5
    assert stored(tmp_path) == expected(last)
    assert not list(tmp_path.glob("*.damaged-*"))


def test_a_kill_between_the_commits_of_two_days_makes_no_hole(tmp_path):
    before, after, crashed = tmp_path / "before", tmp_path / "after", tmp_path / "crashed"
    writer = open_writer(before, EventsSettings())
    writer.append([event("intake.1", sequence) for sequence in range(1, 11)])
    writer.close()
    shutil.copytree(before, after)
    writer = open_writer(after, EventsSettings())
    writer.append([event("intake.1", sequence) for sequence in range(11, 31)])
    writer.close()
    old, new = sorted(path.name for path in before.iterdir() if path.is_dir())
    for durable in (old, new):
        shutil.copytree(before, crashed)
        shutil.rmtree(crashed / durable)
        shutil.copytree(after / durable, crashed / durable)
        (crashed / "commit.json").write_text('{"intake.1": 10}')
        for _ in range(2):  # the note outlives a second crash before anything was handed in again
            writer = open_writer(crashed, EventsSettings())
            assert writer.positions() == {"intake.1": 10}
            writer.close()
        writer = open_writer(crashed, EventsSettings())
        assert 0 < writer.append([event("intake.1", sequence) for sequence in range(11, 31)]) < 20
        writer.commit()
        assert writer.positions() == {"intake.1": 30}
        writer.close()
        assert not (crashed / "commit.json").exists()
        assert stored(crashed) == Counter({("intake.1", sequence): 1 for sequence in range(1, 31)})
        shutil.rmtree(crashed)


def write_on_a_full_disk(folder: Path) -> None:
    """Every file ends at 20 kB for a while, as far as this process is concerned."""
    writer = open_writer(folder, EventsSettings())
    writer.append([event("intake.1", sequence) for sequence in range(1, 101)])
    writer.commit()
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    refused = 0
    at = 100
    for _ in range(6):
        batch = [event("intake.1", sequence) for sequence in range(at + 1, at + 2001)]
        try:
            writer.append(batch)
            at += 2000
            writer.commit()
        except Unavailable:
            refused += 1
    assert refused >= 5
    assert writer.positions() == {"intake.1": 100}
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))
    refused = 0
    while at < 6100:
        try:
            writer.append([event("intake.1", sequence) for sequence in range(at + 1, at + 2001)])
            at += 2000
        except Unavailable:
            refused += 1  # a write of before, on the index's own thread, is told only now
            assert refused <= 2
    writer.commit()
    assert writer.positions() == {"intake.1": at}
    writer.close()
    assert stored(folder) == Counter({("intake.1", sequence): 1 for sequence in range(1, at + 1)})


def test_a_full_disk_is_waited_for_without_loss_or_twins(tmp_path):
    child = SPAWN.Process(target=write_on_a_full_disk, args=(tmp_path,))
    child.start()
    child.join(120)
    assert child.exitcode == 0


def test_two_writers_are_one_too_many(tmp_path):
    writer = open_writer(tmp_path, EventsSettings())
    with pytest.raises(Unavailable):
        open_writer(tmp_path, EventsSettings())
    writer.close()
    open_writer(tmp_path, EventsSettings()).close()


@pytest.fixture(scope="module")
def three_days(tmp_path_factory) -> Path:
    """Two sealed days and one that is not; 1,500 events in each, so that each has its dictionary."""
    folder = tmp_path_factory.mktemp("days") / "events"
    writer = open_writer(folder, EventsSettings())
    for day in range(3):
        received = MIDNIGHT + timedelta(days=day)
        writer.append(
            [
                Event(
                    time=received + timedelta(milliseconds=sequence),
                    received=received,
                    position=Position("intake.1", sequence),
                    unit="province",
                    fields={"message": f"login {sequence} failed", "user.name": f"user{sequence % 7}", "x.y": "z"},
                    raw=f"<38>Nov 24 09:12:01 host sshd[{sequence}]: login {sequence} failed".encode(),
                )
                for sequence in range(day * 1500 + 1, day * 1500 + 1501)
            ]
        )
        writer.commit()
    writer.close()
    return folder


DAYS = [microseconds(MIDNIGHT + timedelta(days=day)) for day in range(3)]
COUNTS = {"users": Terms("user.name"), "days": Histogram("@timestamp", DAYS[1] - DAYS[0], DAYS[0])}
PARTS = ("fast", "fieldnorm", "idx", "pos", "store", "term", "dictionary", "layout.json", "meta.json", ".managed.json")


def file_of(folder: Path, part: str) -> Path:
    return folder / part if (folder / part).exists() else next(folder.glob(f"*.{part}"))


@pytest.mark.parametrize("damage", ["cut", "emptied", "deleted"])
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("which", [0, 2], ids=["sealed", "newest"])
def test_a_damaged_folder_is_set_aside_and_the_others_answer(three_days, tmp_path, caplog, which, part, damage):
    folder = tmp_path / "events"
    shutil.copytree(three_days, folder)
    days = sorted(path for path in folder.iterdir() if path.is_dir())
    file = file_of(days[which], part)
    match damage:
        case "cut":
            os.truncate(file, file.stat().st_size // 2)
        case "emptied":
            os.truncate(file, 0)
        case "deleted":
            file.unlink()
    reader = open_reader(folder)  # before the writer looked
    for total in (
        reader.count(Search(query=None), EVERY_UNIT),
        reader.search(Search(query=None, limit=1000), EVERY_UNIT).total,
        sum(row.count for row in reader.aggregate(Search(query=None), COUNTS, EVERY_UNIT)["users"].rows),
        sum(row.count for row in reader.aggregate(Search(query=None), COUNTS, EVERY_UNIT)["days"].rows),
    ):
        assert total in (3000, 4500)
    writer = open_writer(folder, EventsSettings())
    aside = days[which].with_name(f"{days[which].name}.damaged-1")
    assert aside.exists() == (part != ".managed.json")
    last = 3000 if aside.exists() and which == 2 else 4500
    assert writer.positions() == {"intake.1": last}
    if aside.exists():
        assert aside.name in caplog.text
    # The spool hands in again what the positions do not cover.
    for sequence in range(last + 1, 4601):
        received = MIDNIGHT + timedelta(days=2)
        writer.append(
            [
                Event(
                    time=received,
                    received=received,
                    position=Position("intake.1", sequence),
                    unit="province",
                    fields={},
                    raw=b"",
                )
            ]
        )
    writer.close()
    reader.refresh()
    assert reader.count(Search(query=None), EVERY_UNIT) == 4600 - (1500 if aside.exists() and which == 0 else 0)
    assert [each.place for each in reader.missing(Search(query=None))] == ([aside.name] if aside.exists() else [])
    later = Search(query=None, start=MIDNIGHT + timedelta(days=9))
    assert list(reader.missing(later)) == [], "nothing there can be so late"


@pytest.mark.parametrize("part", ["fast", "fieldnorm", "idx", "pos", "store", "term"])
def test_flipped_bytes_end_nothing(three_days, tmp_path, part):
    """They may change what is found on that day. They may not end the process or hide the other days."""
    chance = random.Random(5)
    for _ in range(6):
        folder = tmp_path / "events"
        shutil.copytree(three_days, folder)
        days = sorted(path for path in folder.iterdir() if path.is_dir())
        file = file_of(days[0], part)
        data = bytearray(file.read_bytes())
        for at in (chance.randrange(len(data)) for _ in range(20)):
            data[at] ^= 0xFF
        file.write_bytes(data)
        reader = open_reader(folder)
        found: set[int] = set()
        before = None
        for _ in range(20):
            page = reader.search(Search(query=None, limit=300, before=before), EVERY_UNIT)
            found.update(each.position.sequence for each in page.events)
            before = page.next
            if before is None:
                break
        assert found >= set(range(1501, 4501))
        days_counted = reader.aggregate(Search(query=None), COUNTS, EVERY_UNIT)["days"]
        assert [row.count for row in days_counted.rows if row.key >= DAYS[1]] == [1500, 1500]
        with contextlib.suppress(Unavailable):
            open_writer(folder, EventsSettings()).close()
        shutil.rmtree(folder)
