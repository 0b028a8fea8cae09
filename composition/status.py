"""The state of the whole product, read from the run folder and the tallies; needs no running process."""

import threading
from pathlib import Path

from sqlalchemy import Engine

from composition import run_folder
from composition.processes.entry import PROCESSES
from composition.tally import read_tallies
from core import clock
from core.scope import EVERY_UNIT
from core.status import Counters, Listener, Status
from store import db

FRESH_FOR_S = 0.5


def read_status(data: Path, engine: Engine) -> Status:
    """Processes, listeners and counters as of now (counters trail by up to a second)."""
    folder = data / "run"
    with db.session(engine, EVERY_UNIT, reading=True) as session:
        tallies = read_tallies(session)
    counted: dict[str, float] = {}
    listeners: list[Listener] = []
    for name in PROCESSES:
        report = run_folder.read_report(folder, name)
        if report is None:
            continue
        counted.update(report.counters)
        if report.ready and run_folder.living_pid(folder, name) == report.pid:
            listeners.extend(report.listeners)
    dropped: dict[str, int] = {}
    for name, value in counted.items():
        metric, _, labels = name.partition("|")
        if metric == "canh_records_dropped_total" and value:
            reason = labels.rpartition("|")[2]
            dropped[reason] = dropped.get(reason, 0) + int(value)
    spooled = _sum(counted, "canh_records_spooled_total")
    counters = Counters(
        received=spooled + sum(dropped.values()),
        dropped=dropped,
        spooled=spooled,
        stored=_sum(counted, "canh_events_stored_total"),
        rejected=_sum_of(tallies, "rejected"),
        damaged=_sum_of(tallies, "damaged"),
        shelved=_sum_of(tallies, "rejected|pipeline"),
        backlog=_sum(counted, "canh_backlog_records"),
        alerts=_sum_of(tallies, "alerts"),
    )
    processes = tuple(run_folder.process_status(folder, name) for name in ("supervisor", *PROCESSES))
    return Status(processes=processes, listeners=tuple(listeners), counters=counters)


def read_counted(data: Path) -> dict[str, float]:
    """Every counter of every process, `metric|label|label`, as last reported."""
    counted: dict[str, float] = {}
    for name in PROCESSES:
        report = run_folder.read_report(data / "run", name)
        if report is not None:
            counted.update(report.counters)
    return counted


class FreshStatus:
    """`read_status` for a server: read at most once in half a second, whatever the number of callers."""

    def __init__(self, data: Path, engine: Engine) -> None:
        self._data = data
        self._engine = engine
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._status: Status | None = None

    def __call__(self) -> Status:
        """The status, at most half a second old."""
        with self._lock:
            if self._status is None or clock.monotonic() - self._read_at > FRESH_FOR_S:
                self._status = read_status(self._data, self._engine)
                self._read_at = clock.monotonic()
            return self._status


def _sum(counted: dict[str, float], metric: str) -> int:
    return int(sum(value for name, value in counted.items() if name.partition("|")[0] == metric))


def _sum_of(tallies: dict[str, int], name: str) -> int:
    """The sum of `name` and of `name|...`."""
    return sum(value for key, value in tallies.items() if f"{key}|".startswith(f"{name}|"))
