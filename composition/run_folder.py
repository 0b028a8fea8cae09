"""The run folder: who runs, since when, whether it turns, and what it counted.

One `<process>.lock` (flock held while the process lives, its pid inside) and one `<process>.json`
(rewritten once a second by rename) each. A reader trusts the lock for life and the beat for health,
so a pid used again by a stranger is never taken for ours.
"""

import contextlib
import fcntl
import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from core import clock
from core.language import Text
from core.status import Listener, ProcessState, ProcessStatus

STUCK_AFTER_S = 15.0
WAITING_AFTER_S = 3.0
"""A process may wait a moment for another one; that is its work."""
BEAT_EVERY_S = 1.0
LAST_WORDS = "last-crash.txt"
"""On the shelf: how the pipeline last ended, and its traceback."""

log = logging.getLogger("report")


class Report(msgspec.Struct, kw_only=True):
    """What a process writes of itself. `beat` is the monotonic clock at the last turn of its main loop.

    The monotonic clock is the machine's, so readers in other processes may compare it; it starts
    again at a reboot, and so do the processes; `waiting_since` is of it too. `counters` are `name` or
    `name|label|label`.
    """

    name: str
    pid: int
    beat: float
    ready: bool
    waiting_for: Text | None = None
    waiting_since: float = 0.0
    listeners: tuple[Listener, ...] = ()
    counters: dict[str, float] = {}


class AlreadyRunning(Exception):
    """The process of this name runs already on this data folder."""

    def __init__(self, name: str, pid: int) -> None:
        super().__init__(f"{name} already runs (pid {pid})")
        self.name = name
        self.pid = pid


class Seat:
    """The place of one running process: holds its lock, writes its report once a second until `leave`."""

    def __init__(
        self,
        folder: Path,
        name: str,
        *,
        listeners: Callable[[], Sequence[Listener]] = tuple,
        counters: Callable[[], Mapping[str, float]] = dict,
        waiting_for: Callable[[], Text | None] = lambda: None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.ready = False
        self._file = folder / f"{name}.json"
        self._listeners = listeners
        self._counters = counters
        self._waiting_for = waiting_for
        self._waiting_since: float | None = None
        self._beat = clock.monotonic()
        self._lock = os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            pid = _pid_in(self._lock)
            os.close(self._lock)
            raise AlreadyRunning(name, pid) from error
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, str(os.getpid()).encode(), 0)
        self._leaving = threading.Event()
        self._writer = threading.Thread(target=self._write_reports, name="report", daemon=True)

    def start(self) -> None:
        """Begin to report."""
        self._writer.start()

    def turn(self) -> None:
        """The main loop calls this at each turn; a process that stops turning counts as stuck."""
        self._beat = clock.monotonic()

    def become_ready(self) -> None:
        """Everything listens: say so at once."""
        self.ready = True
        self.turn()
        self._write()

    def leave(self) -> None:
        """Write the last counters and give the seat up."""
        self._leaving.set()
        if self._writer.is_alive():
            self._writer.join(5)
        self.ready = False
        self._write()
        os.close(self._lock)

    def _write_reports(self) -> None:
        while not self._leaving.wait(BEAT_EVERY_S):
            try:
                self._write()
            except Exception:
                log.exception("this second's report failed; the one before stands")

    def _write(self) -> None:
        reason = self._waiting_for()
        if reason is None:
            self._waiting_since = None
        elif self._waiting_since is None:
            self._waiting_since = clock.monotonic()
        report = Report(
            name=self.name,
            pid=os.getpid(),
            beat=self._beat,
            ready=self.ready,
            waiting_for=reason,
            waiting_since=self._waiting_since or 0.0,
            listeners=tuple(self._listeners()),
            counters=dict(self._counters()),
        )
        data = msgspec.json.encode(report)
        draft = self._file.with_suffix(f".{threading.get_ident()}.part")
        try:
            draft.write_bytes(data)
            draft.replace(self._file)
        except OSError:
            # A full disk must not stop a process that can still push back, nor make it look stuck: write over the old.
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
                with self._file.open("r+b") as file:
                    file.write(data.ljust(self._file.stat().st_size))


def read_report(folder: Path, name: str) -> Report | None:
    """The last report of a process, None where there is none or it is torn."""
    try:
        return msgspec.json.decode((folder / f"{name}.json").read_bytes(), type=Report)
    except (OSError, msgspec.DecodeError):
        return None


def living_pid(folder: Path, name: str) -> int:
    """The pid of the process that holds the seat, 0 where nobody does."""
    try:
        descriptor = os.open(folder / f"{name}.lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return 0
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _pid_in(descriptor)
    else:
        return 0
    finally:
        os.close(descriptor)


def process_status(folder: Path, name: str) -> ProcessStatus:
    """How the process of this name is now."""
    pid = living_pid(folder, name)
    if pid == 0:
        return ProcessStatus(name=name, pid=0, rss=0, state="stopped")
    report = read_report(folder, name)
    if report is None or report.pid != pid or not report.ready:
        return ProcessStatus(name=name, pid=pid, rss=_resident_bytes(pid), state="starting")
    now = clock.monotonic()
    state: ProcessState = "working"
    if now - report.beat > STUCK_AFTER_S:
        state = "stuck"
    elif report.waiting_for is not None and now - report.waiting_since > WAITING_AFTER_S:
        state = "waiting"
    reason = report.waiting_for if state == "waiting" else None
    return ProcessStatus(name=name, pid=pid, rss=_resident_bytes(pid), state=state, reason=reason)


def _pid_in(descriptor: int) -> int:
    text = os.pread(descriptor, 32, 0)
    return int(text) if text.isdigit() else 0


def _resident_bytes(pid: int) -> int:
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
