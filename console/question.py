"""What the address of a search page asks: a query, a time, a number of rows; of the page, its parts and its export."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from console import texts
from core.errors import QuerySyntaxError
from core.language import Text
from core.ports import Search
from core.query.grammar import parse

ROWS = 50
MAX_ROWS = 500
MAX_QUERY_LETTERS = 4000
DEFAULT_RANGE = "24h"
KEPT = ("range", "from", "to", "limit")
"""The parameters of the address that a saved search keeps beside its query."""
SPANS: Mapping[str, timedelta] = {
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}


@dataclass(frozen=True)
class QueryFault:
    """Where a query went wrong: the text before, the character, the text after, and what would have fitted."""

    before: str
    character: str
    after: str
    expected: Text


@dataclass(frozen=True)
class Typed:
    """What was typed into a field of the form, and what is wrong with it.

    A browser shows nothing of a time that is not `readable`, so it is shown as a text.
    """

    text: str
    wrong: Text | None = None
    readable: bool = True


@dataclass(frozen=True, kw_only=True)
class Question:
    """What was asked. `search` is None where it cannot be read: then `fault`, `trouble` or a field says why."""

    query: str
    span: Typed
    start: Typed
    end: Typed
    limit: Typed
    search: Search | None
    fault: QueryFault | None
    trouble: Text | None

    @property
    def parameters(self) -> dict[str, str]:
        """The address's parameters but for the query and the place."""
        kept = {"range": self.span.text}
        kept |= {"from": self.start.text, "to": self.end.text} if self.span.text == "custom" else {}
        return kept | ({"limit": self.limit.text} if self.limit.text != str(ROWS) else {})

    def address(self, path: str = "/events", **changed: str) -> str:
        """The address of this question, at the page or at another path, with what is changed."""
        return f"{path}?" + urlencode({"query": self.query, **self.parameters} | changed)


def read_question(asked: QueryParams, now: datetime, zone: tzinfo) -> Question:
    """The question of an address; never raises."""
    query = asked.get("query", "")
    span, limit = _span(asked), _limit(asked.get("limit", ""))
    (first, start), (last, end) = (read_time(asked.get(name, ""), zone) for name in ("from", "to"))
    if span.text != "custom":
        first, last = now - SPANS[span.text] if span.text in SPANS else None, None
    elif first is not None and last is not None and last <= first:
        end = Typed(end.text, texts.END_BEFORE_START)
    fault, trouble, search = None, None, None
    typed = (span, limit, *((start, end) if span.text == "custom" else ()))
    if len(query) > MAX_QUERY_LETTERS:
        trouble = texts.QUERY_TOO_LONG.format(limit=MAX_QUERY_LETTERS)
    elif not any(each.wrong for each in typed):
        try:
            parsed = parse(query, now.astimezone(zone)) if query.strip() else None
            before = asked.get("before")
            search = Search(query=parsed, start=first, end=last, limit=int(limit.text), before=before)
        except QuerySyntaxError as error:
            fault = point_at(query, error)
    return Question(
        query=query,
        span=span,
        start=start,
        end=end,
        limit=limit,
        search=search,
        fault=fault,
        trouble=trouble,
    )


def point_at(query: str, error: QuerySyntaxError) -> QueryFault:
    """The fault with the character it stands at; at the end of the query that is a space."""
    at = min(error.at, len(query))
    return QueryFault(query[:at], query[at : at + 1] or " ", query[at + 1 :], error.expected)


def read_time(text: str, zone: tzinfo) -> tuple[datetime | None, Typed]:
    """The value of a `datetime-local` input (`2026-11-24T08:30`) in the reader's zone; None where it has none."""
    text = text.strip()
    if not text:
        return None, Typed("")
    try:
        time = datetime.fromisoformat(text)
        time = time.replace(tzinfo=zone) if time.tzinfo is None else time.astimezone(zone)
    except (ValueError, OverflowError):
        return None, Typed(text, texts.BAD_TIME.format(text=text), readable=False)
    return time, Typed(time.replace(tzinfo=None).isoformat(timespec="seconds"))


def _span(asked: QueryParams) -> Typed:
    """The time asked for; an address that names times alone means those."""
    if "range" not in asked:
        return Typed("custom" if asked.get("from") or asked.get("to") else DEFAULT_RANGE)
    text = asked["range"]
    return Typed(text) if text in texts.RANGES else Typed(text, texts.BAD_RANGE.format(text=text))


def _limit(text: str) -> Typed:
    text = text.strip() or str(ROWS)
    if text.isascii() and text.isdecimal() and len(text) < 9 and 1 <= int(text) <= MAX_ROWS:
        return Typed(text)
    return Typed(text, texts.BAD_ROWS.format(most=MAX_ROWS))
