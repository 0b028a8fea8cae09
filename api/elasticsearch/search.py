"""One search: a request's body becomes a question to the store, its answer takes Elasticsearch's shape."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec

from api.elasticsearch.aggregation import read_aggregations, write_outcomes
from api.elasticsearch.documents import Scroll, hit, place_behind, write_scroll
from api.elasticsearch.query import asked_ids, read_query, require_few
from api.elasticsearch.refusal import not_taken
from api.services import Services
from core.errors import Unavailable
from core.event import Event
from core.language import Text
from core.ports import Search
from core.query.syntax import Everything, Query
from core.query.window import split_window
from org.actor import Actor
from org.reading import note_search

MAX_HITS = 10_000
MAX_NOTED_LETTERS = 4000
ANSWERED = frozenset(
    {"query", "aggs", "aggregations", "size", "from", "sort", "_source", "fields", "docvalue_fields", "search_after"}
)
HARMLESS = frozenset(
    {
        "track_total_hits", "track_scores", "timeout", "version", "seq_no_primary_term", "stored_fields", "highlight",
        "pit", "batched_reduce_size", "profile", "explain", "terminate_after",
    }
)  # fmt: skip
"""What changes how an answer is made or adorned, not what it says."""
MUST_BE_EMPTY = frozenset({"script_fields", "runtime_mappings", "suggest", "rescore", "indices_boost", "ext", "stats"})
NOT_WHOLE = Text("kho sự kiện không đọc được hết", "the event store cannot be read in full")


def search(services: Services, actor: Actor, body: Mapping[str, Any], *, scroll: bool = False) -> dict[str, Any]:
    """The answer to a search, within the actor's scope; written down.

    Raises `Refusal` or `QuerySyntaxError` for what is not answered, `Unavailable` where the store cannot answer whole.
    """
    began = services.now()
    if unknown := set(body) - ANSWERED - HARMLESS - MUST_BE_EMPTY:
        raise not_taken(f"[{sorted(unknown)[0]}] in a search")
    if full := [name for name in MUST_BE_EMPTY if body.get(name)]:
        raise not_taken(f"[{full[0]}] in a search")
    size, skipped = _number(body, "size", 10), _number(body, "from", 0)
    if size + skipped > MAX_HITS:
        raise not_taken(f"more than {MAX_HITS} hits at once: use search_after, a scroll or a point in time")
    if size:
        _require_newest_first(body.get("sort"))
    asked = read_aggregations(body.get("aggs", body.get("aggregations", {})), services.zone, services.now())
    services.events.refresh()
    identities = asked_ids(body.get("query"))
    if identities is not None:
        if asked:
            raise not_taken("aggregations over [ids]")
        every = [services.events.get(identity, actor.scope) for identity in identities[: MAX_HITS + 1]]
        events = [event for event in every if event is not None]
        _note(services, actor, body, None, len(events))
        return _told(began, services, events[skipped : skipped + size], len(events), body)
    question = question_of(services, body)
    before = place_behind(body["search_after"]) if body.get("search_after") is not None else None
    question = msgspec.structs.replace(question, limit=size + skipped, before=before)
    outcomes = (
        services.events.aggregate(question, {name: each.ours for name, each in asked.items()}, actor.scope)
        if asked
        else {}
    )
    page = services.events.search(question, actor.scope)
    if services.events.missing(question):
        raise Unavailable("events", NOT_WHOLE)
    _note(services, actor, body, question, page.total)
    answer = _told(began, services, list(page.events[skipped:]), page.total, body)
    if asked:
        answer["aggregations"] = write_outcomes(asked, outcomes)
    if scroll:
        kept = {name: value for name, value in body.items() if name not in ("aggs", "aggregations", "search_after")}
        answer["_scroll_id"] = write_scroll(Scroll(kept, page.next or ""))
    return answer


def count(services: Services, actor: Actor, body: Mapping[str, Any]) -> int:
    """How many events match; written down. Raises as `search` does."""
    services.events.refresh()
    question = question_of(services, body)
    found = services.events.count(question, actor.scope)
    if services.events.missing(question):
        raise Unavailable("events", NOT_WHOLE)
    _note(services, actor, body, question, found)
    return found


def question_of(services: Services, body: Mapping[str, Any]) -> Search:
    """The question of a body's `query`, with the time it is about."""
    now = services.now().astimezone(services.zone)
    query: Query = read_query(body["query"], now) if body.get("query") is not None else Everything()
    require_few(query)
    rest, start, end = split_window(query, services.zone)
    return Search(query=rest, start=start, end=end)


def _told(began: Any, services: Services, events: list[Event], total: int, body: Mapping[str, Any]) -> dict[str, Any]:
    fields = body.get("fields") or body.get("docvalue_fields")
    return {
        "took": max(0, int((services.now() - began) / timedelta(milliseconds=1))),
        "timed_out": False,
        "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0},
        "hits": {
            "total": {"value": total, "relation": "eq"},
            "max_score": None,
            "hits": [hit(event, body.get("_source"), fields) for event in events],
        },
    }


def _require_newest_first(said: Any) -> None:
    for each in said if isinstance(said, list) else [] if said is None else [said]:
        name, way = next(iter(each.items())) if isinstance(each, Mapping) and each else (each, "desc")
        if isinstance(way, Mapping):
            way = way.get("order", "asc")
        if isinstance(name, str) and ":" in name:
            name, _, way = name.partition(":")
        if name in ("_doc", "_score", "_shard_doc", "_id"):
            continue
        if name != "@timestamp" or str(way).lower() != "desc":
            raise not_taken(f"a sort by [{name}] [{way}]: events come by @timestamp, the newest first")


def _number(body: Mapping[str, Any], name: str, otherwise: int) -> int:
    try:
        number = int(body.get(name, otherwise))
    except (TypeError, ValueError):
        number = -1
    if number < 0:
        raise not_taken(f"such a [{name}]")
    return number


def _note(services: Services, actor: Actor, body: Mapping[str, Any], question: Search | None, found: int) -> None:
    text = json.dumps(body.get("query", {"match_all": {}}), ensure_ascii=False)[:MAX_NOTED_LETTERS]
    start, end = (question.start, question.end) if question is not None else (None, None)
    note_search(services.engine, actor, text, start, end, found, services.now())
