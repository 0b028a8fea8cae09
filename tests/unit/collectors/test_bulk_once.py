"""A document that its sender has named is taken once within 48 hours, whatever is cut off in between."""

import asyncio
import errno
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.bulk import REPEATED
from collectors.bulk_once import Once, catch_up, name_of
from core.errors import Unavailable
from core.language import Text
from store import document_ids
from store.document_ids import KNOWN_FOR, DocumentIds, document_id
from tests.unit.collectors.test_bulk import NOW, ask, door, keys, run  # noqa: F401 (fixtures)


def body(*names, verb="create", index="logs-app"):
    lines = []
    for name in names:
        lines += [json.dumps({verb: {"_index": index, **({"_id": name} if name else {})}}), json.dumps({"of": name})]
    return ("\n".join(lines) + "\n").encode()


def statuses(answer):
    return [next(iter(item.values()))["status"] for item in answer.json()["items"]]


def test_a_name_that_is_sent_again_is_one_record(door):  # noqa: F811
    async def scene():
        first = await door.ask("POST", "/_bulk", body("7", None, "8"))
        second = await door.ask("POST", "/_bulk", body("8", None, "9", "7"))
        return first, second

    first, second = run(door, scene)
    assert statuses(first) == [201, 201, 201] and first.json()["errors"] is False
    assert statuses(second) == [409, 201, 201, 409] and second.json()["errors"] is True
    conflict = second.json()["items"][0]["create"]
    assert (conflict["_id"], conflict["error"]["type"]) == ("8", "version_conflict_engine_exception")
    assert [json.loads(record.raw)["of"] for record in door.records()] == ["7", None, "8", None, "9"]
    assert door.app.counters()[REPEATED] == 2


def test_a_name_twice_in_one_request_is_one_record(door):  # noqa: F811
    assert statuses(ask(door, "POST", "/_bulk", body("7", "7", "8"))) == [201, 409, 201]
    assert len(door.records()) == 2


def test_an_index_of_the_same_name_changes_nothing_and_is_no_error(door):  # noqa: F811
    async def scene():
        await door.ask("POST", "/_bulk", body("7"))
        return await door.ask("POST", "/_bulk", body("7", verb="index"))

    answer = run(door, scene)
    assert answer.json()["errors"] is False and answer.json()["items"][0]["index"]["result"] == "noop"
    assert len(door.records()) == 1


def test_single_documents(door):  # noqa: F811
    async def scene():
        return [
            await door.ask(method, path, b'{"a":1}')
            for method, path in (
                ("PUT", "/logs/_create/7"),
                ("PUT", "/logs/_create/7"),
                ("PUT", "/logs/_doc/7?op_type=create"),
                ("PUT", "/logs/_doc/7"),
            )
        ]

    answers = run(door, scene)
    assert [answer.status_code for answer in answers] == [201, 409, 409, 200]
    assert answers[1].json()["error"]["type"] == "version_conflict_engine_exception"
    assert len(door.records()) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"index": "a"}, {"index": "b"}),
        ({"index": "a/b", "name": "c"}, {"index": "a", "name": "b/c"}),
        ({"name": "x" * 513 + "1"}, {"name": "x" * 513 + "2"}),
        ({"name": "é"}, {"name": "e\u0301"}),
        ({"name": "\ud83d\ude00"}, {"name": "\ud83d\ude01"}),
    ],
)
def test_other_names_are_other_documents(door, one, other):  # noqa: F811
    async def scene():
        for each in (one, other):
            sent = body(each.get("name", "7"), index=each.get("index", "logs"))
            assert statuses(await door.ask("POST", "/_bulk", sent)) == [201]

    run(door, scene)
    assert len(door.records()) == 2


def test_another_sender_has_names_of_its_own(door):  # noqa: F811
    ask(door, "POST", "/_bulk", body("7"))
    (record,) = door.records()
    assert record.place == "logs-app/7" and record.source == "bulk/key:3"
    assert name_of(record) == document_id("bulk/key:3", "logs-app/7") != document_id("bulk/key:4", "logs-app/7")


def test_a_name_is_forgotten_after_48_hours(door):  # noqa: F811
    async def scene():
        got = []
        for later in (timedelta(0), KNOWN_FOR - timedelta(seconds=1), KNOWN_FOR + timedelta(seconds=1)):
            door.now = NOW + later
            got += statuses(await door.ask("POST", "/_bulk", body("7")))
            await door.once.keep_house(door.now, door.writer.partition, door.writer.last_sequence)
        return got

    assert run(door, scene) == [201, 409, 201]


def test_days_are_dropped_whole(tmp_path):
    ids = DocumentIds(tmp_path)
    for day in range(5):
        ids.note([document_id("s", str(day))], NOW + timedelta(days=day))
    ids.expire(NOW + timedelta(days=4))
    assert sorted(file.stem for file in tmp_path.iterdir()) == ["2026-11-26-0", "2026-11-27-0", "2026-11-28-0"]
    ids.close()


def test_two_requests_at_once_with_one_name_make_one_record(door):  # noqa: F811
    async def scene():
        asked = [door.ask("POST", "/_bulk", body("7", f"own-{number}")) for number in range(20)]
        return await asyncio.gather(*asked)

    answers = run(door, scene)
    assert sorted(statuses(answer)[0] for answer in answers) == [201] + [409] * 19
    assert len(door.records()) == 21


def test_a_name_whose_request_was_refused_is_free(door, monkeypatch):  # noqa: F811
    async def scene():
        door.spool.waiting_for = Text("đầy", "full")
        refused = await door.ask("POST", "/_bulk", body("7"))
        door.spool.waiting_for = None
        monkeypatch.setattr(door.spool, "submit", lambda *_arguments, **_named: False)
        busy = await door.ask("POST", "/_bulk", body("7"))
        monkeypatch.undo()
        return refused, busy, await door.ask("POST", "/_bulk", body("7"))

    refused, busy, taken = run(door, scene)
    assert (refused.status_code, busy.status_code, statuses(taken)) == (503, 503, [201])


def test_what_a_kill_left_unnoted_is_found_in_the_spool(door, monkeypatch):  # noqa: F811
    """Killed after the records were durable and before their names were noted: the sender asks again."""

    def unnoted(*_arguments):
        raise Unavailable("test", Text("bị tắt", "killed"))

    async def scene():
        await door.ask("POST", "/_bulk", body("7"))
        monkeypatch.setattr(door.once, "note", unnoted)
        with pytest.raises(Unavailable):
            await door.ask("POST", "/_bulk", body("8", None, "9"))

    run(door, scene)
    assert catch_up(door.ids, door.reader, "intake") == 3, "the one that was noted, again"
    assert catch_up(door.ids, door.reader, "replay-x") == 0
    monkeypatch.undo()
    assert statuses(ask(door, "POST", "/_bulk", body("7", "8", "9", "10"))) == [409, 409, 409, 201]


def test_keeping_house_spares_the_next_start_the_reading(door):  # noqa: F811
    async def scene():
        await door.ask("POST", "/_bulk", body("7", None))
        await door.once.keep_house(NOW, door.writer.partition, door.writer.last_sequence)
        await door.ask("POST", "/_bulk", body("8"))

    run(door, scene)
    assert (door.ids.through(door.writer.partition), door.ids.through("intake.other")) == (2, 0)
    assert catch_up(door.ids, door.reader, "intake") == 1


def test_house_is_not_kept_while_a_request_is_in_work(door):  # noqa: F811
    async def scene():
        fresh = await door.once.reserve([b"x" * 12], NOW)
        await door.once.keep_house(NOW, door.writer.partition, 9)
        assert door.ids.through(door.writer.partition) == 0
        door.once.release(fresh)

    run(door, scene)


def test_what_is_no_table_is_put_aside_and_collecting_goes_on(tmp_path, caplog):
    right = DocumentIds(tmp_path)
    right.note([b"y" * 12], NOW)
    right.close()
    table = next(tmp_path.iterdir())
    for name, data in (
        ("2026-11-24-1.ids", b"no table" * 1000),
        ("2026-11-24-2.ids", b""),
        ("2026-11-24-3.ids", table.read_bytes()[:-16]),
        ("not a day.ids", table.read_bytes()),
    ):
        (tmp_path / name).write_bytes(data)
    ids = DocumentIds(tmp_path)
    assert caplog.text.count("put aside") == 4 and len(list(tmp_path.glob("*.damaged"))) == 4
    ids.note([b"x" * 12], NOW)
    assert ids.known([b"x" * 12, b"y" * 12, b"z" * 12], NOW) == {b"x" * 12, b"y" * 12}
    ids.close()


def test_a_table_whose_every_slot_is_taken_by_damage_ends_no_search(tmp_path):
    ids = DocumentIds(tmp_path)
    ids.note([b"y" * 12], NOW)
    ids.close()
    table = next(tmp_path.iterdir())
    table.write_bytes(table.read_bytes()[:4096] + b"\xff" * (16 << 10))
    ids = DocumentIds(tmp_path)
    assert ids.known([b"x" * 12], NOW) == set()
    ids.note([b"x" * 12], NOW)
    ids.close()


def test_a_day_of_many_names_has_larger_tables(tmp_path, monkeypatch):
    monkeypatch.setattr(document_ids, "FIRST_SLOTS", 16)
    ids = DocumentIds(tmp_path)
    names = [document_id("s", str(number)) for number in range(1000)]
    ids.note(names, NOW)
    assert len(list(tmp_path.glob("*.ids"))) == 5, "8, 32, 128, 512 and 2,048 names"
    ids.close()
    again = DocumentIds(tmp_path)
    assert again.known(names, NOW) == set(names)
    assert again.known([document_id("s", str(number)) for number in range(1000, 2000)], NOW) == set()
    again.close()


def test_no_room_for_a_table_is_told_and_leaves_none(tmp_path, monkeypatch, caplog):
    def full(*_arguments):
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "posix_fallocate", full)
    ids = DocumentIds(tmp_path)
    with pytest.raises(OSError, match="no space"):
        ids.note([b"x" * 12], NOW)
    Once(ids).note([b"x" * 12], NOW)
    assert "known again" in caplog.text and ids.known([b"x" * 12], NOW) == set()
    monkeypatch.undo()
    ids.note([b"x" * 12], NOW)
    assert ids.known([b"x" * 12], NOW) and len(list(tmp_path.iterdir())) == 1
    ids.close()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 80)), min_size=1, max_size=60))
def test_any_order_of_names_and_hours_is_as_a_dictionary_says(tmp_path_factory, steps):
    ids = DocumentIds(tmp_path_factory.mktemp("ids"))
    plain: dict[bytes, object] = {}
    now = NOW
    for number, hours in steps:
        now += timedelta(hours=hours)
        name = document_id("s", str(number))
        ids.expire(now)
        known = name in plain and now - plain[name] < KNOWN_FOR
        assert (ids.known([name], now) == {name}) == known
        if not known:
            ids.note([name], now)
            plain[name] = now
    ids.close()


def test_names_outlive_a_kill(tmp_path):
    code = (
        "import os, signal, sys\nfrom datetime import datetime\nfrom pathlib import Path\n"
        "from store.document_ids import DocumentIds\n"
        "DocumentIds(Path(sys.argv[1])).note([b'x' * 12], datetime.fromisoformat(sys.argv[2]))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    subprocess.run([sys.executable, "-c", code, str(tmp_path), NOW.isoformat()], env=environment)
    ids = DocumentIds(tmp_path)
    assert ids.known([b"x" * 12], NOW) == {b"x" * 12}
    ids.close()
