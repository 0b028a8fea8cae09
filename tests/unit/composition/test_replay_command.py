"""When a content counts as replayed before: the moments between its end and its row."""

from pathlib import Path

import pytest

from composition.commands import replay
from composition.settings import Settings
from store.spool.disk import DiskSpoolReader, DiskSpoolWriter
from tests.pipeline_work import Work, failures

FILE = Path("auth.log")


@pytest.fixture
def work(tmp_path):
    made = Work(tmp_path)
    yield made
    made.stop()
    made.engine.dispose()


def opened(work):
    return replay._open(Settings(data=work.folder), work.engine, FILE, "replay-00")


def test_a_replay_that_was_cut_off_goes_on(work):
    partition = work.spool("replay-00", failures(0, 3))
    writer = opened(work)
    assert isinstance(writer, DiskSpoolWriter)
    assert (writer.partition, writer.last_sequence) == (partition, 3)
    writer.close()


def test_an_ended_one_is_told_of_before_and_after_it_is_worked_off(work):
    work.spool("replay-00", failures(0, 3), end=True)
    before = opened(work)
    assert (before.records, before.stored, before.waiting) == (3, 0, 3)
    work.turn_until_committed()
    assert DiskSpoolReader(work.folder / "spool").partitions() == []
    after = opened(work)
    assert (after.file, after.records, after.stored, after.waiting) == ("auth.log", 3, 3, 0)


def test_one_that_ends_while_we_look_is_not_replayed_twice(work, monkeypatch):
    work.spool("replay-00", failures(0, 3), end=True)
    work.turn_until_committed()
    looked = []
    really = replay._before

    def late(*arguments, **besides):
        looked.append(besides)
        return None if len(looked) == 1 else really(*arguments, **besides)

    monkeypatch.setattr(replay, "_before", late)
    assert opened(work).records == 3
    assert len(looked) == 2
    monkeypatch.undo()
    assert opened(work).records == 3
    work.turn_until_committed()
    assert list((work.folder / "spool").iterdir()) == [], "the empty partition went as well"
    assert opened(work).records == 3
