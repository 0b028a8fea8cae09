import logging
import time
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from core.errors import Unavailable
from core.event import Event
from core.language import Text
from core.ports import Search
from core.record import Position
from core.scope import EVERY_UNIT
from store.events.embedded import folder as folders
from store.events.embedded import open_reader, open_writer
from store.events.embedded.folder import (
    Damaged,
    day_folders,
    folder_name,
    make_folder,
    read_manifest,
    reading,
    set_aside,
)
from store.events.embedded.layout import CURRENT, LAYOUT_FILE
from store.events.settings import EventsSettings
from tests.queries import parse

NOW = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)


def event(sequence: int, received: datetime = NOW, fields: dict | None = None, time: datetime | None = None) -> Event:
    return Event(
        time=time or received,
        received=received,
        position=Position("intake.1", sequence),
        unit="province",
        fields=fields or {},
        raw=b"",
    )


def test_a_folder_is_named_for_the_day_in_utc_and_the_class():
    assert folder_name(datetime(2026, 11, 25, 3, tzinfo=timezone(timedelta(hours=7)))) == "2026-11-24-standard"


def test_folders_are_found_newest_first_and_nothing_else_is(tmp_path):
    for name in (
        "2026-11-24-standard",
        "2026-11-25-standard",
        "2026-11-24-standard.damaged-1",
        ".2026-11-26-standard.new",
        "x",
    ):
        (tmp_path / name).mkdir()
    assert [path.name for path in day_folders(tmp_path)] == ["2026-11-25-standard", "2026-11-24-standard"]
    assert day_folders(tmp_path / "nowhere") == []


def test_a_folder_half_made_is_made_anew(tmp_path):
    draft = tmp_path / ".2026-11-24-standard.new"
    draft.mkdir()
    (draft / "meta.json").write_text("half")
    make_folder(tmp_path / "2026-11-24-standard")
    assert [path.name for path in tmp_path.iterdir()] == ["2026-11-24-standard"]


def test_a_manifest_speaks_of_one_state_only(tmp_path):
    writer = open_writer(tmp_path, EventsSettings())
    writer.append([event(1), event(2, time=NOW - timedelta(days=3))])
    writer.close()
    (day,) = day_folders(tmp_path)
    assert read_manifest(day) is None, "the folder was open to the end"
    open_writer(tmp_path, EventsSettings()).close()
    manifest = read_manifest(day)
    assert manifest is not None
    assert (manifest.events, manifest.positions) == (2, {"intake.1": 2})
    assert manifest.last - manifest.first == 3 * 86_400_000_000
    writer = open_writer(tmp_path, EventsSettings())
    writer.append([event(3)])
    writer.commit()
    assert read_manifest(day) is None
    writer.close()


def test_days_outside_the_time_asked_for_are_not_opened_up(tmp_path):
    writer = open_writer(tmp_path, EventsSettings())
    for day in range(4):
        writer.append([event(day + 1, NOW + timedelta(days=day))])
        writer.commit()
    writer.close()
    open_writer(tmp_path, EventsSettings()).close()
    reader = open_reader(tmp_path)
    sealed = [
        day.may_hold(Search(query=None, start=NOW + timedelta(days=2), end=NOW + timedelta(days=3)))
        for day in reader._days
    ]
    assert sealed == [False, True, False, False]
    assert reader.count(Search(query=None, start=NOW + timedelta(days=2)), EVERY_UNIT) == 2


def test_a_folder_of_an_older_canh_is_read_and_written_in_its_own_layout(tmp_path, monkeypatch):
    older = msgspec.structs.replace(
        CURRENT, fields={name: kind for name, kind in CURRENT.fields.items() if name != "source.port"}
    )
    monkeypatch.setattr(folders, "CURRENT", older)
    writer = open_writer(tmp_path, EventsSettings())
    writer.append([event(1, fields={"source.port": 443})])
    writer.close()
    monkeypatch.undo()
    writer = open_writer(tmp_path, EventsSettings())
    writer.append([event(2, fields={"source.port": 443}), event(3, NOW + timedelta(days=1), {"source.port": 443})])
    writer.close()
    reader = open_reader(tmp_path)
    assert reader.count(Search(query=parse("source.port:443")), EVERY_UNIT) == 3
    assert reader.count(Search(query=parse("source.port:*")), EVERY_UNIT) == 3
    assert reader.count(Search(query=parse("source.port:>1")), EVERY_UNIT) == 1, "ranges know the newer folder only"


def test_an_unknown_layout_is_set_aside_not_guessed(tmp_path, caplog):
    make_folder(tmp_path / "2026-11-24-standard")
    (tmp_path / "2026-11-24-standard" / LAYOUT_FILE).write_text('{"version": 99, "fields": {}}')
    with caplog.at_level(logging.ERROR):
        open_writer(tmp_path, EventsSettings()).close()
    assert (tmp_path / "2026-11-24-standard.damaged-1").is_dir() and "layout 99" in caplog.text


def test_every_damaged_folder_of_a_day_keeps_a_name_of_its_own(tmp_path):
    for number in (1, 2):
        (tmp_path / "2026-11-24-standard").mkdir()
        set_aside(tmp_path / "2026-11-24-standard", "a test")
        assert (tmp_path / f"2026-11-24-standard.damaged-{number}").is_dir()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError("Footer magic byte mismatch"), Damaged),
        (FileNotFoundError(2, "no"), Damaged),
        (OSError(5, "Input/output error"), Damaged),
        (OSError(24, "Too many open files"), Unavailable),
        (ValueError("IoError: Too many open files (os error 24)"), Unavailable),
        (ValueError("No space left on device (os error 28)"), Unavailable),
        (Unavailable("events", Text("busy", "busy")), Unavailable),
        (AttributeError("our bug"), AttributeError),
    ],
)
def test_damage_is_told_from_trouble_of_the_machine(tmp_path, error, told):
    with pytest.raises(told), reading(tmp_path):
        raise error


@pytest.mark.slow
def test_many_small_commits_do_not_pile_up_segments(tmp_path):
    writer = open_writer(tmp_path, EventsSettings())
    for sequence in range(1, 101):
        writer.append([event(sequence)])
        writer.commit()
    (day,) = day_folders(tmp_path)
    waited = time.monotonic() + 20
    while len(list(day.glob("*.store"))) > 20 and time.monotonic() < waited:
        time.sleep(0.05)
        writer.append([event(sequence := sequence + 1)])
        writer.commit()  # what was merged is cleaned up by the next commit
    assert len(list(day.glob("*.store"))) <= 20
    writer.close()


def test_a_note_that_cannot_be_read_means_from_the_beginning(tmp_path):
    writer = open_writer(tmp_path, EventsSettings())
    writer.append([event(1), event(2)])
    writer.close()
    (tmp_path / "commit.json").write_text("{")
    writer = open_writer(tmp_path, EventsSettings())
    assert writer.positions() == {"intake.1": 0}
    assert writer.append([event(1), event(2), event(3)]) == 1
    writer.close()
    assert open_reader(tmp_path).count(Search(query=None), EVERY_UNIT) == 3
    assert not (tmp_path / "commit.json").exists()
