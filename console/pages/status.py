"""How the product is: processes, listeners, counters with every loss."""

from dataclasses import dataclass

from console import texts
from console.counters import counts, losses
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
    losses: tuple[tuple[Text, int], ...]


def show(visit: Visit) -> Page:
    """The page."""
    require(visit, "status.read", "status")
    status = visit.desk.status()
    counters = status.counters
    return StatusPage(
        title=texts.STATUS_TITLE,
        status=status,
        counters=counts(counters),
        losses=losses(counters),
    )
