"""How the product is: the status for people and scripts, health for the supervisor of supervisors."""

from collections.abc import Mapping
from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import Field

from api.caller import Caller, require
from api.models import Model, Text
from api.services import Served
from core.status import ProcessState, ProcessStatus

router = APIRouter(tags=["status"])


class Process(Model):
    """One process."""

    name: str
    pid: int = Field(description="0 where it does not run.")
    rss: int = Field(description="Resident memory in bytes.")
    state: ProcessState
    reason: Text | None = Field(description="What it waits for where its state is `waiting`.")


class Listener(Model):
    """One open door."""

    name: str
    address: str


class Counters(Model):
    """received = spooled + dropped, spooled = stored + lost + backlog + damaged; `rejected` are among stored."""

    received: int
    dropped: Mapping[str, int] = Field(description="Lost before the spool, by reason.")
    refused: Mapping[str, int] = Field(description="Connections that were not let in, by reason.")
    spooled: int
    stored: int
    lost: int = Field(description="Stored once, and gone with a damaged index folder.")
    rejected: int
    damaged: int
    shelved: int
    truncated: int = Field(description="Too long, and kept without their end; they are among stored.")
    backlog: int
    alerts: int


class CheckpointCopy(Model):
    """One place outside that gets the audit's checkpoints."""

    destination: str
    sequence: int = Field(description="The last checkpoint that went there, by the sequence of its row; 0 for none.")
    behind: int = Field(description="Checkpoints that have not gone there yet.")
    copied_at: datetime | None
    failed_at: datetime | None = Field(description="Set while the last try failed.")
    reason: Text | None


class Audit(Model):
    """The audit's chain of hashes."""

    waiting: int = Field(description="Rows that are written and not chained yet.")
    chained: int = Field(description="Sequence of the last chained row.")
    checkpoint: int = Field(description="Sequence of the last checkpoint that is kept.")
    checkpoint_at: str | None
    copies: tuple[CheckpointCopy, ...]


class StatusReport(Model):
    """The whole product at one moment; counters trail by up to a second."""

    healthy: bool
    processes: tuple[Process, ...]
    listeners: tuple[Listener, ...]
    counters: Counters
    set_aside: tuple[str, ...] = Field(description="Damaged day folders of the event store.")
    rules_refused: int = Field(description="Rules, or paths of rules, that could not be loaded.")
    audit: Audit


class ProcessHealth(Model):
    """Whether one process works."""

    name: str
    state: ProcessState


class Health(Model):
    """Whether every process works; says nothing that a stranger should not know."""

    healthy: bool
    processes: tuple[ProcessHealth, ...]


@router.get("/api/v1/status")
def show_status(services: Served, caller: Caller) -> StatusReport:
    """Processes, listeners, counters with every loss by reason."""
    require(caller, "status.read", "status")
    status = services.status()
    counters = status.counters
    return StatusReport(
        healthy=status.healthy,
        processes=tuple(map(_process, status.processes)),
        listeners=tuple(Listener(name=listener.name, address=listener.address) for listener in status.listeners),
        counters=Counters(
            received=counters.received,
            dropped=counters.dropped,
            refused=counters.refused,
            spooled=counters.spooled,
            stored=counters.stored,
            lost=counters.lost,
            rejected=counters.rejected,
            damaged=counters.damaged,
            shelved=counters.shelved,
            truncated=counters.truncated,
            backlog=counters.backlog,
            alerts=counters.alerts,
        ),
        set_aside=status.set_aside,
        rules_refused=status.rules_refused,
        audit=Audit(
            waiting=status.audit.waiting,
            chained=status.audit.chained,
            checkpoint=status.audit.checkpoint,
            checkpoint_at=status.audit.checkpoint_at,
            copies=tuple(
                CheckpointCopy(
                    destination=each.destination,
                    sequence=each.sequence,
                    behind=each.behind,
                    copied_at=each.copied_at,
                    failed_at=each.failed_at,
                    reason=None if each.reason is None else Text.of(each.reason),
                )
                for each in status.audit.copies
            ),
        ),
    )


def _process(process: ProcessStatus) -> Process:
    reason = None if process.reason is None else Text.of(process.reason)
    return Process(name=process.name, pid=process.pid, rss=process.rss, state=process.state, reason=reason)


@router.get("/healthz", responses={503: {"model": Health, "description": "A process does not work."}})
def show_health(services: Served, response: Response) -> Health:
    """200 only while every process works. Needs no token."""
    status = services.status()
    if not status.healthy:
        response.status_code = 503
    return Health(
        healthy=status.healthy,
        processes=tuple(ProcessHealth(name=process.name, state=process.state) for process in status.processes),
    )
