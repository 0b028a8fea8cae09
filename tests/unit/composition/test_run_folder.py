import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from composition import run_folder
from composition.run_folder import AlreadyRunning, Seat, living_pid, process_status, read_report
from core.language import Text
from core.status import Listener


def test_a_seat_is_held_once(tmp_path):
    seat = Seat(tmp_path, "web")
    assert living_pid(tmp_path, "web") == os.getpid()
    with pytest.raises(AlreadyRunning) as caught:
        Seat(tmp_path, "web")
    assert caught.value.pid == os.getpid()
    seat.start()
    seat.leave()
    assert living_pid(tmp_path, "web") == 0
    Seat(tmp_path, "web").leave()


def test_a_report_says_what_the_process_counts_and_where_it_listens(tmp_path):
    seat = Seat(
        tmp_path,
        "web",
        listeners=lambda: [Listener(name="web", address="x:1")],
        counters=lambda: {"canh_alerts_total": 3.0},
    )
    assert process_status(tmp_path, "web").state == "starting"
    seat.start()
    seat.become_ready()
    status = process_status(tmp_path, "web")
    assert (status.state, status.pid) == ("working", os.getpid())
    assert status.rss > 1 << 20
    report = read_report(tmp_path, "web")
    assert report is not None
    assert report.listeners == (Listener(name="web", address="x:1"),)
    assert report.counters == {"canh_alerts_total": 3.0}
    seat.leave()
    assert process_status(tmp_path, "web").state == "stopped"


def test_a_process_that_waits_for_a_while_says_for_what(tmp_path, monkeypatch):
    reason = Text("hết chỗ trên đĩa", "no space left on the disk")
    waits: list[Text | None] = [reason]
    seat = Seat(tmp_path, "web", waiting_for=lambda: waits[0])
    seat.become_ready()
    assert process_status(tmp_path, "web").state == "working", "a moment is nothing"
    monkeypatch.setattr(run_folder, "WAITING_AFTER_S", -1)
    status = process_status(tmp_path, "web")
    assert (status.state, status.reason) == ("waiting", reason)
    waits[0] = None
    seat.become_ready()
    status = process_status(tmp_path, "web")
    assert (status.state, status.reason) == ("working", None)
    seat.leave()


def test_a_process_that_does_not_turn_is_stuck(tmp_path, monkeypatch):
    seat = Seat(tmp_path, "web")
    seat.become_ready()
    later = run_folder.clock.monotonic() + run_folder.STUCK_AFTER_S + 1
    monkeypatch.setattr(run_folder.clock, "monotonic", lambda: later)
    assert process_status(tmp_path, "web").state == "stuck"


@pytest.mark.parametrize("content", [b"", b"{", b'{"name": 3}', b"\x00" * 40])
def test_a_torn_report_is_no_report(tmp_path, content):
    (tmp_path / "web.json").write_bytes(content)
    assert read_report(tmp_path, "web") is None


def test_a_killed_process_leaves_no_seat(tmp_path):
    code = (
        "import pathlib, sys, time; from composition.run_folder import Seat;"
        "Seat(pathlib.Path(sys.argv[1]), 'web').become_ready(); print('up', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, env={"PYTHONPATH": "."}
    )
    assert child.stdout is not None
    child.stdout.readline()
    assert living_pid(tmp_path, "web") == child.pid
    child.kill()
    child.wait()
    child.stdout.close()
    assert process_status(tmp_path, "web").state == "stopped"


def test_a_report_that_fails_once_is_written_again(tmp_path, monkeypatch):
    monkeypatch.setattr(run_folder, "BEAT_EVERY_S", 0.02)
    answers = iter([{}, RuntimeError("busy")])

    def counters():
        answer = next(answers, {"canh_alerts_total": 7.0})
        if isinstance(answer, Exception):
            raise answer
        return answer

    seat = Seat(tmp_path, "web", counters=counters)
    seat.become_ready()
    seat.start()
    deadline = time.monotonic() + 10
    while (read_report(tmp_path, "web") or seat).counters != {"canh_alerts_total": 7.0}:  # type: ignore[union-attr]
        assert time.monotonic() < deadline
        time.sleep(0.01)
    seat.leave()


def test_on_a_full_disk_a_report_goes_over_the_old_one(tmp_path, monkeypatch):
    counts = {"canh_alerts_total": 123456.0}
    seat = Seat(tmp_path, "web", counters=lambda: counts)
    seat.become_ready()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    counts["canh_alerts_total"] = 7.0
    seat.become_ready()
    assert read_report(tmp_path, "web").counters == counts
    assert not list(tmp_path.glob("*.part"))
    monkeypatch.undo()
    seat.leave()
