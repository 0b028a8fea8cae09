"""The state of the whole product, read from the run folder, the spool and the tallies; needs no running process."""

import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Engine

from composition import run_folder
from composition.processes.entry import PROCESSES
from composition.retired import RETIRED, retired_among, retired_records
from composition.tally import read_tallies
from core import clock
from core.ports import SpoolReader
from core.scope import EVERY_UNIT
from core.status import AuditStatus, Counters, Listener, Status
from org.audit_copy import audit_status
from store import db
from store.events.embedded.folder import folders_set_aside
from store.spool.disk import DiskSpoolReader

FRESH_FOR_S = 0.5

_OF_TALLIES = {
    "rejected": "canh_records_rejected_total",
    "damaged": "canh_records_damaged_total",
    "truncated": "canh_records_truncated_total",
    "alerts": "canh_alerts_total",
}


def read_counted(data: Path, engine: Engine, spool: SpoolReader) -> dict[str, float]:
    """Every count there is, `metric|label|label`: what the processes last reported, the spool, the tallies.

    The spool is asked itself, so that its figures hold while no process works.
    """
    counted: dict[str, float] = {}
    for name in PROCESSES:
        report = run_folder.read_report(data / "run", name)
        if report is not None:
            counted.update(report.counters)
    # In this order: what is retired meanwhile has its row before its folder goes, and before a report leaves it out.
    heads = {partition: spool.last_sequence(partition) for partition in spool.partitions()}
    with db.session(engine, EVERY_UNIT, reading=True) as session:
        tallies = read_tallies(session)
        retired = retired_records(session)
        over = retired_among(session, heads)
    for partition, spooled in heads.items():
        if partition in over:
            counted.pop(f"canh_records_done_total|{partition}", None)
            continue
        done = counted.setdefault(f"canh_records_done_total|{partition}", 0.0)
        counted[f"canh_records_spooled_total|{partition}"] = float(spooled)
        counted[f"canh_backlog_records|{partition}"] = max(0.0, spooled - done)
    if retired:
        counted[f"canh_records_spooled_total|{RETIRED}"] = float(retired)
        counted[f"canh_records_done_total|{RETIRED}"] = float(retired)
    counted["canh_spool_bytes"] = float(spool.size_bytes())
    return counted | _of_tallies(tallies)


def read_status(data: Path, engine: Engine) -> Status:
    """Processes, listeners and counters as of now (what the processes count themselves trails by up to a second)."""
    return _status(data, read_counted(data, engine, DiskSpoolReader(data / "spool")), _read_audit(engine))


def _read_audit(engine: Engine) -> AuditStatus:
    with db.session(engine, EVERY_UNIT, reading=True) as session:
        return audit_status(session)


def _status(data: Path, counted: Mapping[str, float], audit: AuditStatus) -> Status:
    folder = data / "run"
    listeners: list[Listener] = []
    for name in PROCESSES:
        report = run_folder.read_report(folder, name)
        if report is not None and report.ready and run_folder.living_pid(folder, name) == report.pid:
            listeners.extend(report.listeners)
    dropped = _by_reason(counted, "canh_records_dropped_total")
    spooled = _sum(counted, "canh_records_spooled_total")
    lost = _sum(counted, "canh_events_lost_total")
    counters = Counters(
        received=spooled + sum(dropped.values()),
        dropped=dropped,
        refused=_by_reason(counted, "canh_connections_refused_total"),
        spooled=spooled,
        stored=_sum(counted, "canh_events_stored_total") - lost,
        lost=lost,
        rejected=_sum(counted, "canh_records_rejected_total"),
        damaged=_sum(counted, "canh_records_damaged_total"),
        shelved=int(counted.get("canh_records_shelved_total", 0)),
        truncated=_sum(counted, "canh_records_truncated_total"),
        backlog=_sum(counted, "canh_backlog_records"),
        alerts=_sum(counted, "canh_alerts_total"),
    )
    processes = tuple(run_folder.process_status(folder, name) for name in ("supervisor", *PROCESSES))
    return Status(
        processes=processes,
        listeners=tuple(listeners),
        counters=counters,
        audit=audit,
        set_aside=tuple(sorted(folders_set_aside(data / "events"))),
        rules_refused=int(counted.get("canh_rules_refused", 0)),
    )


class FreshStatus:
    """Status and counts for a server: read at most once in half a second, whatever the number of callers."""

    def __init__(self, data: Path, engine: Engine, spool: SpoolReader) -> None:
        self._data = data
        self._engine = engine
        self._spool = spool
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._read: tuple[Status, Mapping[str, float]] | None = None

    def status(self) -> Status:
        """The status, at most half a second old."""
        return self._fresh()[0]

    def counted(self) -> Mapping[str, float]:
        """`read_counted`, at most half a second old."""
        return self._fresh()[1]

    def _fresh(self) -> tuple[Status, Mapping[str, float]]:
        with self._lock:
            if self._read is None or clock.monotonic() - self._read_at > FRESH_FOR_S:
                counted = read_counted(self._data, self._engine, self._spool)
                self._read = _status(self._data, counted, _read_audit(self._engine)), counted
                self._read_at = clock.monotonic()
            return self._read


def _of_tallies(tallies: Mapping[str, int]) -> dict[str, float]:
    """Tallies under their metrics' names; a rejection's partition is left out, the stage says more."""
    counted: Counter[str] = Counter()
    for name, value in tallies.items():
        kind, _, rest = name.partition("|")
        label = rest.partition("|")[0]
        counted[f"{_OF_TALLIES[kind]}|{label}"] += value
        if name.startswith("rejected|pipeline|"):
            counted["canh_records_shelved_total"] += value
    return {name: float(value) for name, value in counted.items()}


def _by_reason(counted: Mapping[str, float], metric: str) -> dict[str, int]:
    """`metric|source|reason` summed over the sources."""
    by_reason: Counter[str] = Counter()
    for name, value in counted.items():
        if name.startswith(f"{metric}|") and value:
            by_reason[name.rpartition("|")[2]] += int(value)
    return dict(by_reason)


def _sum(counted: Mapping[str, float], metric: str) -> int:
    return int(sum(value for name, value in counted.items() if name.partition("|")[0] == metric))
