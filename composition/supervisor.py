"""`canh up`: starts the processes, restarts the one that dies, says when everything listens, stops cleanly.

The processes are independent: each goes on when another dies, and when the supervisor itself is killed.
A new `canh up` then asks the orphans to stop before it starts its own.
"""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import msgspec

from composition import run_folder
from composition.processes.entry import PROCESSES
from composition.run_folder import AlreadyRunning, Seat
from composition.settings import Settings
from core import clock

STOP_WITHIN_S = 9.0
LOOK_EVERY_S = 0.05
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
STEADY_AFTER_S = 20.0

log = logging.getLogger("supervisor")


class Child(msgspec.Struct):
    """One process and when it may be started again (monotonic seconds)."""

    name: str
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    not_before: float = 0.0
    pause: float = FIRST_PAUSE_S


def supervise(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT; 0 after a clean stop. Raises `AlreadyRunning` where this folder is being served."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    folder = settings.data / "run"
    seat = Seat(folder, "supervisor")
    _stop_orphans(folder)
    settings_file = folder / "settings.json"
    settings_file.touch(0o600)
    settings_file.write_text(settings.model_dump_json(), "utf-8")
    children = [Child(name) for name in PROCESSES]
    seat.start()
    seat.become_ready()
    announced = False
    while not stopping.is_set():
        seat.turn()
        for child in children:
            _keep_running(child, settings_file)
        if not announced and all(_is_ready(folder, child) for child in children):
            announced = True
            print(f"ready {settings.web.url}", flush=True)
        stopping.wait(LOOK_EVERY_S)
    code = _stop(children)
    seat.leave()
    return code


def _keep_running(child: Child, settings_file: Path) -> None:
    at = clock.monotonic()
    if child.process is not None:
        code = child.process.poll()
        if code is None:
            return
        child.pause = FIRST_PAUSE_S if at - child.started > STEADY_AFTER_S else min(child.pause * 2, LONGEST_PAUSE_S)
        child.not_before = at + child.pause
        child.process = None
        log.warning("%s ended with %s; again in %.1f s", child.name, _ending(code), child.pause)
        with contextlib.suppress(OSError), (settings_file.parent / f"{child.name}.crash").open("a") as file:
            file.write(f"ended with {_ending(code)}\n")
        # An earlier supervisor may have been killed right after it started a process that took its seat only now.
        if pid := run_folder.living_pid(settings_file.parent, child.name):
            log.warning("stopping process %d left by an earlier run", pid)
            _signal(pid, signal.SIGTERM)
    if at >= child.not_before:
        child.started = at
        child.process = subprocess.Popen(
            [sys.executable, "-m", "composition.processes.entry", child.name, str(settings_file)],
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno(),
        )


def _is_ready(folder: Path, child: Child) -> bool:
    report = run_folder.read_report(folder, child.name)
    return report is not None and report.ready and child.process is not None and report.pid == child.process.pid


def _ending(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _stop(children: list[Child]) -> int:
    """SIGTERM to all, SIGKILL to what is left after `STOP_WITHIN_S`; 0 when all ended by themselves."""
    code = 0
    running = [child.process for child in children if child.process is not None and child.process.poll() is None]
    for process in running:
        process.terminate()
    deadline = clock.monotonic() + STOP_WITHIN_S
    for process in running:
        try:
            process.wait(max(0.0, deadline - clock.monotonic()))
        except subprocess.TimeoutExpired:
            log.error("process %d did not stop in time and was killed", process.pid)
            process.kill()
            process.wait()
            code = 1
    return code


def _stop_orphans(folder: Path) -> None:
    """Processes of an earlier supervisor that was killed: SIGTERM, then SIGKILL, until their seats are free."""
    deadline = clock.monotonic() + STOP_WITHIN_S
    wake = threading.Event()
    asked: set[int] = set()
    while orphans := [pid for name in PROCESSES if (pid := run_folder.living_pid(folder, name))]:
        for pid in orphans:
            number = signal.SIGTERM if clock.monotonic() < deadline else signal.SIGKILL
            if pid not in asked or number == signal.SIGKILL:
                asked.add(pid)
                log.warning("stopping process %d left by an earlier run", pid)
                _signal(pid, number)
        wake.wait(LOOK_EVERY_S)


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


__all__ = ["AlreadyRunning", "supervise"]
