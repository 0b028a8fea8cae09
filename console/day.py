"""Days as pages ask for them and write them."""

from datetime import date
from typing import TYPE_CHECKING

from console import texts
from core.language import Text
from org.unit import effective_date

if TYPE_CHECKING:  # commands write days too, and need no pages
    from console.page import Visit


def asked_day(visit: "Visit") -> tuple[date, Text | None]:
    """The day of `?on=2025-07-01`; today where none is asked for or, with what is wrong, where it is none."""
    today = effective_date(visit.desk.now())
    typed = visit.request.query_params.get("on", "").strip()[:40]
    if not typed:
        return today, None
    try:
        return date.fromisoformat(typed), None
    except ValueError:
        return today, texts.BAD_DATE.format(text=typed)


def written_day(day: date) -> Text:
    """The day as each language writes it."""
    return Text(f"{day:%d/%m/%Y}", f"{day:%Y-%m-%d}")
