"""Events as hits of Elasticsearch, and where a page of them ends."""

import base64
import fnmatch
from collections.abc import Mapping
from typing import Any

import msgspec

from api.elasticsearch.refusal import Refusal, not_taken
from core.errors import QuerySyntaxError
from core.event import Event
from core.query.bounds import microseconds
from store.events.place import place_of, read_place, write_place

INDEX = "canh-events"
MAX_ID_LETTERS = 64 << 10


class Scroll(msgspec.Struct, frozen=True, array_like=True):
    """What a scroll goes on with: the request, and the place behind the last page."""

    body: dict[str, Any]
    before: str


def require_index(said: str) -> None:
    """There is one index, whatever day: raises `Refusal` for any other. `canh-*`, `*` and `_all` are it too."""
    for name in said.split(","):
        if name in ("", "_all", f"{INDEX}-*") or fnmatch.fnmatchcase(INDEX, name):
            continue
        if name.startswith(f"{INDEX}-"):
            raise not_taken("one day's index: narrow @timestamp")
        raise Refusal(404, "index_not_found_exception", f"no such index [{name[:200]}]: events are in [{INDEX}]")


def hit(event: Event, source: Any, fields: Any) -> dict[str, Any]:
    """One hit. `source` as in a request's `_source`, `fields` as in its `fields` or `docvalue_fields`."""
    whole = source_of(event)
    told: dict[str, Any] = {
        "_index": INDEX,
        "_id": event.id,
        "_score": None,
        "sort": [microseconds(event.time) // 1000, write_place(place_of(event))],
    }
    if source is not False:
        told["_source"] = _chosen(whole, source)
    if fields:
        names = [str(each.get("field", "") if isinstance(each, Mapping) else each) for each in fields]
        told["fields"] = {
            name: value if isinstance(value, list) else [value]
            for name, value in whole.items()
            if any(fnmatch.fnmatchcase(name, each) for each in names)
        }
    return told


def source_of(event: Event) -> dict[str, Any]:
    """The document: the event's fields, its time, its line and its unit."""
    return {
        "@timestamp": event.time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        **event.fields,
        **({"event.original": event.raw.decode("utf-8", "backslashreplace")} if event.raw else {}),
        "canh.unit": event.unit,
    }


def place_behind(said: Any) -> str:
    """The place of `search_after`: the `sort` of the last hit."""
    if not isinstance(said, list) or not said or not isinstance(said[-1], str):
        raise not_taken("a [search_after] that is not the [sort] of a hit")
    try:
        read_place(said[-1])
    except QuerySyntaxError:
        raise not_taken("a [search_after] that is not the [sort] of a hit") from None
    return said[-1]


def write_scroll(scroll: Scroll) -> str:
    """The id of a scroll: it holds all of it, nothing is kept here."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(scroll)).decode()


def read_scroll(text: str) -> Scroll:
    """The scroll of an id; it gives nothing that its holder could not ask for anew."""
    try:
        if len(text) > MAX_ID_LETTERS:
            raise ValueError
        return msgspec.msgpack.decode(base64.urlsafe_b64decode(text), type=Scroll)
    except (ValueError, msgspec.DecodeError):
        raise Refusal(404, "search_context_missing_exception", "no such scroll") from None


def _chosen(whole: dict[str, Any], source: Any) -> dict[str, Any]:
    if source is None or source is True:
        return whole
    if isinstance(source, Mapping):
        included, excluded = source.get("includes", source.get("include")), source.get("excludes", [])
    else:
        included, excluded = source, []
    wanted = _patterns(included) or ["*"]
    unwanted = _patterns(excluded)
    return {
        name: value
        for name, value in whole.items()
        if any(_covers(name, each) for each in wanted) and not any(_covers(name, each) for each in unwanted)
    }


def _patterns(said: Any) -> list[str]:
    return [said] if isinstance(said, str) else [str(each) for each in said] if isinstance(said, list) else []


def _covers(name: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(name, pattern) or name.startswith(f"{pattern}.")
