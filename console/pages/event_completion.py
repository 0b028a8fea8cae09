"""What may come next in the search bar, for the page's script."""

from datetime import timedelta
from typing import Any

import msgspec
from starlette.responses import Response

from console.door import require
from console.narrowing import quote
from console.page import PAGE_HEADERS, Visit
from console.question import MAX_QUERY_LETTERS
from core.errors import QuerySyntaxError
from core.fields import FIELDS
from core.ports import Search
from core.query.aggregation import Buckets, FieldNames, Terms, is_countable
from core.query.completion import MOST, completion_at, names_like
from core.query.syntax import Exists, Prefix
from store.events.terms import fold

LOOK_BACK = timedelta(days=7)


def complete(visit: Visit) -> Response:
    """`{"start": 0, "end": 3, "offers": [{"text": "user.name:", "label": "user.name", "detail": "keyword"}]}`.

    Offers are at most `MOST`; values are those of the last seven days, within the scope, the most frequent first.
    """
    require(visit, "event.read", "events")
    asked = visit.request.query_params
    query, at = asked.get("query", "")[:MAX_QUERY_LETTERS], asked.get("at", "")
    cursor = int(at) if at.isascii() and at.isdecimal() and len(at) < 6 else len(query)
    found = completion_at(query, min(cursor, len(query)))
    offers: list[dict[str, str]] = []
    if found is not None:
        visit.desk.events.refresh()
    if found is not None and found.field is None:
        offers = [_name(name) for name in names_like(found.prefix, _other_names(visit))]
    elif found is not None and found.field is not None and is_countable(found.field):
        offers = _values(visit, found.field, found.prefix)
    told: dict[str, Any] = {"start": found.start if found else 0, "end": found.end if found else 0, "offers": offers}
    return Response(msgspec.json.encode(told), 200, PAGE_HEADERS, "application/json")


def _name(name: str) -> dict[str, str]:
    field = FIELDS.get(name)
    return {"text": f"{name}:", "label": name, "detail": field.type if field else ""}


def _other_names(visit: Visit) -> list[str]:
    """Names of fields that we do not know, of the newest events."""
    search = Search(query=None, start=visit.desk.now() - LOOK_BACK)
    found = visit.desk.events.aggregate(search, {"names": FieldNames()}, visit.actor.scope)["names"]
    return [str(row.key) for row in found.rows if row.key not in FIELDS] if isinstance(found, Buckets) else []


def _values(visit: Visit, field: str, prefix: str) -> list[dict[str, str]]:
    query = Prefix(field, prefix) if prefix else Exists(field)
    search = Search(query=query, start=visit.desk.now() - LOOK_BACK)
    try:
        found = visit.desk.events.aggregate(search, {"values": Terms(field, 10 * MOST)}, visit.actor.scope)["values"]
    except QuerySyntaxError:
        return []
    rows = found.rows if isinstance(found, Buckets) else ()
    fitting = [row for row in rows if fold(str(row.key)).startswith(fold(prefix))][:MOST]
    return [{"text": _written(str(row.key)), "label": str(row.key), "detail": str(row.count)} for row in fitting]


def _written(value: str) -> str:
    """The value as a query has it: with quotes where it needs them."""
    plain = value.isprintable() and value and not any(letter in ' ()"*[]{}' for letter in value)
    return value if plain and value.lower() not in ("and", "or", "not") and value[0] not in "<>" else quote(value)
