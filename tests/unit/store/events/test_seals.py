"""A day that is over is sealed, and what was changed since is found."""

import shutil
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from core.event import Event
from core.record import Position
from store.events.embedded import open_writer
from store.events.embedded.seals import (
    BROKEN,
    CHANGED,
    DAMAGED,
    FIRST,
    GONE,
    NOT_SEALED,
    SEALS_FILE,
    UNREADABLE,
    Seal,
    verify_seals,
)
from store.events.settings import EventsSettings

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
DAYS = 5


def write(folder, days, first=1):
    writer = open_writer(folder, EventsSettings())
    for sequence, day in enumerate(days, first):
        at = NOW + timedelta(days=day)
        event = Event(
            time=at, received=at, position=Position("intake.1", sequence), unit="soc", fields={"a": "b"}, raw=b"x"
        )
        writer.append([event])
        writer.commit()
    writer.close()


def seals(folder):
    return [msgspec.json.decode(line, type=Seal) for line in (folder / SEALS_FILE).read_bytes().splitlines()]


def found(folder):
    return [(finding.place, finding.what) for finding in verify_seals(folder).findings]


@pytest.fixture
def sealed(tmp_path):
    """Five days, the first three of them sealed."""
    write(tmp_path, range(DAYS))
    return tmp_path


def test_days_that_are_over_are_sealed_one_over_the_other(sealed):
    chain = seals(sealed)
    assert [seal.folder for seal in chain] == [f"2026-11-2{day}-standard" for day in range(3)]
    assert [seal.previous for seal in chain] == [FIRST, chain[0].seal, chain[1].seal]
    verdict = verify_seals(sealed)
    assert (verdict.intact, verdict.open, verdict.findings, verdict.newest) == (3, 2, (), chain[-1].seal)


def test_a_day_that_was_open_when_the_product_ended_is_sealed_later_and_once(sealed):
    write(sealed, [DAYS, DAYS + 1], first=DAYS + 1)
    assert [seal.folder[8:10] for seal in seals(sealed)] == ["20", "21", "22", "23", "24"]
    open_writer(sealed, EventsSettings()).close()
    assert len(seals(sealed)) == 5 and found(sealed) == []


def test_a_day_that_is_written_to_again_is_sealed_again(sealed):
    write(sealed, [0, 8, 9], first=100)
    assert [seal.folder[8:10] for seal in seals(sealed)].count("20") == 2
    assert found(sealed) == []


def test_a_changed_file_is_found(sealed):
    file = next((sealed / "2026-11-21-standard").glob("*.store"))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert found(sealed) == [("2026-11-21-standard", CHANGED)]


def test_a_cut_file_and_a_folder_that_is_gone_are_found(sealed):
    file = next((sealed / "2026-11-20-standard").glob("*.store"))
    file.write_bytes(file.read_bytes()[:-1])
    shutil.rmtree(sealed / "2026-11-22-standard")
    assert found(sealed) == [("2026-11-22-standard", GONE), ("2026-11-20-standard", DAMAGED)]


def test_lines_that_were_dropped_changed_or_spoilt_are_found(sealed):
    lines = (sealed / SEALS_FILE).read_bytes().splitlines(keepends=True)
    (sealed / SEALS_FILE).write_bytes(lines[0] + lines[2])
    assert found(sealed) == [(f"{SEALS_FILE}:2", BROKEN), ("2026-11-21-standard", NOT_SEALED)]
    forged = msgspec.structs.replace(seals(sealed)[0], events=9)
    (sealed / SEALS_FILE).write_bytes(msgspec.json.encode(forged) + b"\n" + b"".join(lines[1:]))
    assert found(sealed) == [(f"{SEALS_FILE}:1", BROKEN)]
    (sealed / SEALS_FILE).write_bytes(b"rubbish\n" + b"".join(lines[1:]))
    assert found(sealed) == [
        (f"{SEALS_FILE}:1", UNREADABLE),
        (f"{SEALS_FILE}:2", BROKEN),
        ("2026-11-20-standard", NOT_SEALED),
    ]


def test_a_store_without_seals_has_nothing_wrong(tmp_path):
    assert found(tmp_path / "nothing") == []
    write(tmp_path, [0])
    assert (verify_seals(tmp_path).open, found(tmp_path)) == (1, [])
