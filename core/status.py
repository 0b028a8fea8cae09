"""How the product says how it is: processes, listeners, counters."""

from datetime import datetime
from typing import Literal

import msgspec

from core.language import Text

ProcessState = Literal["starting", "working", "waiting", "stuck", "stopped"]


class ProcessStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One process. `rss` in bytes, 0 where it does not run; `stuck`: alive, its main loop not turned for 15 s.

    `waiting`: it turns, and for `reason` (a full disk, a full spool) has not been able to do its work for a while.
    """

    name: str
    pid: int
    rss: int
    state: ProcessState
    reason: Text | None = None


class Listener(msgspec.Struct, frozen=True, kw_only=True):
    """One open door: `syslog/tcp` at `127.0.0.1:5514`, `tail` at a path."""

    name: str
    address: str


class Counters(msgspec.Struct, frozen=True, kw_only=True):
    """Loss accounting. received = spooled + dropped, spooled = stored + lost + backlog + damaged.

    `stored` holds `rejected`, which holds `shelved`; `lost` were stored and went with a damaged index folder.
    `refused` are connections, by reason: nobody knows how many records they would have brought. `truncated` are among
    stored: what was too long of them is gone.
    """

    received: int = 0
    dropped: dict[str, int] = {}
    refused: dict[str, int] = {}
    spooled: int = 0
    stored: int = 0
    lost: int = 0
    rejected: int = 0
    damaged: int = 0
    shelved: int = 0
    truncated: int = 0
    backlog: int = 0
    alerts: int = 0

    @property
    def gone(self) -> int:
        """Records and events that were here and cannot be read: before the spool, in it, or with the store."""
        return sum(self.dropped.values()) + self.damaged + self.lost


class CheckpointCopy(msgspec.Struct, frozen=True, kw_only=True):
    """One place outside that gets the audit's checkpoints; `failed_at` and `reason` where the last try failed.

    `behind`: checkpoints that are not there yet.
    """

    destination: str
    sequence: int
    behind: int
    copied_at: datetime | None
    failed_at: datetime | None
    reason: Text | None


class AuditStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The audit's chain: rows `waiting` to be chained, the last one chained, the last checkpoint and its copies."""

    waiting: int = 0
    chained: int = 0
    checkpoint: int = 0
    checkpoint_at: str | None = None
    copies: tuple[CheckpointCopy, ...] = ()


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """The whole product at one moment."""

    processes: tuple[ProcessStatus, ...]
    listeners: tuple[Listener, ...]
    counters: Counters
    set_aside: tuple[str, ...] = ()
    """Names of day folders of the event store that are damaged."""
    rules_refused: int = 0
    """Rules, or paths of rules, that the pipeline could not load."""
    audit: AuditStatus = AuditStatus()

    @property
    def healthy(self) -> bool:
        """Whether every process works."""
        return bool(self.processes) and all(process.state == "working" for process in self.processes)
