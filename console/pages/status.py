"""How the product is: processes, listeners, counters with every loss."""

from dataclasses import dataclass

from console import texts
from console.door import require
from console.page import Page, Visit
from core.language import Text
from core.status import Status


@dataclass(frozen=True, kw_only=True)
class StatusPage(Page):
    """The status; `counters` in the order of a record's way."""

    template = "status.html"
    part = "status_part.html"

    status: Status
    counters: tuple[tuple[Text, int], ...]
    losses: tuple[tuple[str, int], ...]


def show(visit: Visit) -> Page:
    """The page."""
    require(visit, "status.read", "status")
    status = visit.desk.status()
    counters = status.counters
    return StatusPage(
        title=texts.STATUS_TITLE,
        status=status,
        counters=(
            (texts.COUNTER_RECEIVED, counters.received),
            (texts.COUNTER_DROPPED, sum(counters.dropped.values())),
            (texts.COUNTER_SPOOLED, counters.spooled),
            (texts.COUNTER_DAMAGED, counters.damaged),
            (texts.COUNTER_BACKLOG, counters.backlog),
            (texts.COUNTER_STORED, counters.stored),
            (texts.COUNTER_REJECTED, counters.rejected),
            (texts.COUNTER_SHELVED, counters.shelved),
            (texts.COUNTER_ALERTS, counters.alerts),
        ),
        losses=tuple(sorted(counters.dropped.items())),
    )
