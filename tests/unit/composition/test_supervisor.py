import subprocess
import sys

from composition.supervisor import STOP_WITHIN_S, Child, _keep_running
from store.db import BUSY_TIMEOUT_MS

HOLD_A_SEAT = (
    "import pathlib, sys, time; from composition.run_folder import Seat;"
    "Seat(pathlib.Path(sys.argv[1]), 'jobs').become_ready(); print('up', flush=True); time.sleep(60)"
)


def test_an_orphan_that_took_its_seat_late_is_stopped(tmp_path):
    settings_file = tmp_path / "settings.json"
    command = [sys.executable, "-c", HOLD_A_SEAT, str(tmp_path)]
    orphan = subprocess.Popen(command, stdout=subprocess.PIPE, env={"PYTHONPATH": "."})
    assert orphan.stdout is not None
    with orphan.stdout:
        orphan.stdout.readline()
    refused = subprocess.Popen([sys.executable, "-c", "raise SystemExit(70)"])
    refused.wait(10)
    child = Child("jobs", process=refused)
    _keep_running(child, settings_file)
    assert orphan.wait(10) != 0
    assert child.process is None, "it pauses before it starts its own"


def test_a_process_that_waits_for_the_database_still_stops_in_time():
    assert BUSY_TIMEOUT_MS / 1000 + 2 < STOP_WITHIN_S
