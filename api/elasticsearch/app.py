"""The application at `/elasticsearch`: routes, who asks, and errors in Elasticsearch's shape."""

import json
import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.caller import actor_of
from api.elasticsearch.documents import INDEX, read_scroll, require_index, source_of
from api.elasticsearch.refusal import Refusal, not_taken, unreadable
from api.elasticsearch.search import count, search
from api.errors import Problem
from api.seats import SearchSeats
from api.services import Services
from collectors.elasticsearch_wire import (
    CHALLENGE,
    LICENCE,
    NO_SHARD,
    PRODUCT,
    NotUnpacked,
    content_type,
    error_of,
    info,
    unpack,
)
from core.errors import QuerySyntaxError, Unavailable
from core.fields import FIELDS, FieldType
from core.ports import Search
from core.query.aggregation import Buckets, FieldNames, is_countable
from org.access import decide
from org.actor import Actor
from org.reading import note_view
from org.token_text import secret_of

PATH = "/elasticsearch"
VERSION = "8.19.0"
MAX_BODY_BYTES = 1 << 20
MAX_SEARCHES = 50
METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD"]
TYPES: dict[FieldType, str] = {"boolean": "keyword"}
LOOK_BACK_FIELDS = 2000

log = logging.getLogger("web")

Body = dict[str, Any]


def build_elasticsearch(services: Callable[[], Services], seats: SearchSeats) -> Starlette:
    """The application. Every request is answered for the actor of its token, who must be allowed to read events."""

    async def answer(request: Request) -> Response:
        body = await request.body()
        try:
            async with seats.taken():
                return await run_in_threadpool(_answer, services(), request, body)
        except Problem:
            return _busy("too many searches at once")

    return Starlette(routes=[Route("/{rest:path}", answer, methods=METHODS)])


def _answer(services: Services, request: Request, body: bytes) -> Response:
    try:
        status, told = _told(services, request, body)
    except QuerySyntaxError as error:
        status, told = 400, unreadable(error).body()
    except Refusal as refusal:
        status, told = refusal.status, refusal.body()
    except Problem:
        return _stranger(request.method)
    except (Unavailable, OperationalError) as error:
        log.warning("a search in Elasticsearch's shape had to wait: %s", error)
        return _busy(error.reason.en if isinstance(error, Unavailable) else "busy")
    return _written(status, told, {"Content-Type": content_type(request.headers)}, request.method)


def _written(status: int, told: Any, headers: dict[str, str], method: str = "GET") -> Response:
    content = json.dumps(told, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace")
    return Response(b"" if method == "HEAD" else content, status, {**PRODUCT, **headers})


def _busy(reason: str) -> Response:
    headers = {"Retry-After": "5", "Content-Type": "application/json"}
    return _written(503, error_of(503, NO_SHARD, reason), headers)


async def refuse_stranger(scope: Scope, receive: Receive, send: Send) -> None:
    """The answer to a request without a token that can be one, as an ASGI application."""
    await _stranger(scope["method"])(scope, receive, send)


def _stranger(method: str) -> Response:
    told = error_of(401, "security_exception", "missing or invalid credentials")
    return _written(401, told, {"WWW-Authenticate": CHALLENGE, "Content-Type": "application/json"}, method)


def _told(services: Services, request: Request, raw: bytes) -> tuple[int, Any]:
    actor = actor_of(secret_of(request.headers.get("authorization", "")), services)
    decision = decide(actor, "event.read", "events")
    if not decision.allowed:
        raise Refusal(403, "security_exception", decision.reason.en)
    parts = [part for part in request.path_params["rest"].split("/") if part]
    if raw and request.headers.get("content-encoding", "identity") != "identity":
        raw = _unpacked(raw)
    match parts:
        case []:
            return 200, info(VERSION)
        case ["_search"] | [_, "_search"]:
            require_index(parts[0] if len(parts) == 2 else "")
            scrolls = "scroll" in request.query_params
            return 200, search(services, actor, _search_body(request, raw), scroll=scrolls)
        case ["_search", "scroll"] | ["_search", "scroll", _]:
            return _scroll(services, actor, request, raw, parts[2:])
        case ["_msearch"] | [_, "_msearch"]:
            return 200, _many(services, actor, raw)
        case ["_count"] | [_, "_count"]:
            require_index(parts[0] if len(parts) == 2 else "")
            body = _search_body(request, raw)
            body.pop("size", None)
            shards = {"total": 1, "successful": 1, "skipped": 0, "failed": 0}
            return 200, {"count": count(services, actor, body), "_shards": shards}
        case ["_field_caps"] | [_, "_field_caps"]:
            require_index(parts[0] if len(parts) == 2 else "")
            return 200, _field_caps(services, actor)
        case ["_mapping", *_] | [_, "_mapping", *_] | ["_mappings"] | [_, "_mappings"]:
            require_index("" if parts[0].startswith("_map") else parts[0])
            return 200, {INDEX: {"mappings": {"properties": _properties(services, actor)}}}
        case [_, "_pit"] if request.method == "POST":
            require_index(parts[0])
            return 200, {"id": "canh"}
        case ["_pit"] if request.method == "DELETE":
            return 200, {"succeeded": True, "num_freed": 1}
        case [_, ("_doc" | "_source") as way, identity]:
            require_index(parts[0])
            return _one(services, actor, identity, whole=way == "_doc")
        case ["_cluster", "health", *_]:
            return 200, {
                "cluster_name": "canh", "status": "green", "timed_out": False, "number_of_nodes": 1,
                "number_of_data_nodes": 1, "active_primary_shards": 1, "active_shards": 1, "unassigned_shards": 0,
            }  # fmt: skip
        case ["_license"] | ["_xpack"]:
            return 200, {"license": LICENCE}
        case ["_refresh"] | [_, "_refresh"]:
            return 200, {"_shards": {"total": 1, "successful": 1, "failed": 0}}
        case [name] if request.method in ("GET", "HEAD") and not name.startswith("_"):
            require_index(name)
            properties = _properties(services, actor)
            return 200, {INDEX: {"aliases": {}, "mappings": {"properties": properties}, "settings": {}}}
    raise not_taken(f"[{request.method} /{'/'.join(parts)[:200]}]")


def _search_body(request: Request, raw: bytes) -> Body:
    """The body, with what stands in the address: `q`, `size`, `from`, `sort`, `_source`."""
    body = _json(raw) if raw.strip() else {}
    asked = request.query_params
    if "q" in asked:
        body["query"] = {"query_string": {"query": asked["q"]}}
    for name in ("size", "from", "track_total_hits"):
        if name in asked:
            body[name] = asked[name]
    if "sort" in asked:
        body["sort"] = asked["sort"].split(",")
    if "_source" in asked:
        said = asked["_source"]
        body["_source"] = said == "true" if said in ("true", "false") else said.split(",")
    return body


def _scroll(services: Services, actor: Actor, request: Request, raw: bytes, named: list[str]) -> tuple[int, Any]:
    if request.method == "DELETE":
        return 200, {"succeeded": True, "num_freed": 1}
    body = _json(raw) if raw.strip().startswith(b"{") else {}
    in_address = request.query_params.get("scroll_id") or (named[0] if named else "")
    said = str(body.get("scroll_id") or in_address or raw.decode("ascii", "replace"))
    scroll = read_scroll(said)
    if not scroll.before:
        answer = search(services, actor, {**scroll.body, "size": 0})
        return 200, {**answer, "_scroll_id": said}
    return 200, search(services, actor, {**scroll.body, "from": 0, "search_after": [scroll.before]}, scroll=True)


def _many(services: Services, actor: Actor, raw: bytes) -> Body:
    """`_msearch`: a line that names the index, then a line that is a search, and so on."""
    lines = [line for line in raw.split(b"\n") if line.strip()]
    if len(lines) % 2 or len(lines) > 2 * MAX_SEARCHES:
        raise not_taken(f"an [_msearch] of other than pairs of lines, or of more than {MAX_SEARCHES} searches")
    responses = []
    for head, body in zip(lines[::2], lines[1::2], strict=True):
        try:
            index = _json(head).get("index") or ""
            require_index(",".join(index) if isinstance(index, list) else str(index))
            responses.append({**search(services, actor, _json(body)), "status": 200})
        except QuerySyntaxError as error:
            responses.append(unreadable(error).body())
        except Refusal as refusal:
            responses.append(refusal.body())
    return {"took": sum(int(each.get("took", 0)) for each in responses), "responses": responses}


def _one(services: Services, actor: Actor, identity: str, *, whole: bool) -> tuple[int, Any]:
    services.events.refresh()
    event = services.events.get(identity, actor.scope)
    if event is None:
        return 404, {"_index": INDEX, "_id": identity, "found": False}
    note_view(services.engine, actor, "event.read", f"event:{event.id}", event.unit, services.now())
    if not whole:
        return 200, source_of(event)
    return 200, {"_index": INDEX, "_id": event.id, "_version": 1, "found": True, "_source": source_of(event)}


def _field_names(services: Services, actor: Actor) -> dict[str, FieldType]:
    """The fields we know but masked ones, and those that the events have besides."""
    services.events.refresh()
    found = services.events.aggregate(Search(query=None), {"names": FieldNames()}, actor.scope)["names"]
    others = [str(row.key) for row in found.rows[:LOOK_BACK_FIELDS]] if isinstance(found, Buckets) else []
    names: dict[str, FieldType] = {name: field.type for name, field in FIELDS.items()}
    names |= {name: "keyword" for name in (*others, "canh.unit") if name not in names}
    return {name: kind for name, kind in names.items() if name not in actor.scope.masked}


def _field_caps(services: Services, actor: Actor) -> Body:
    fields = {}
    for name, kind in _field_names(services, actor).items():
        told = TYPES.get(kind, kind)
        fields[name] = {
            told: {"type": told, "metadata_field": False, "searchable": True, "aggregatable": is_countable(name)}
        }
    return {"indices": [INDEX], "fields": fields}


def _properties(services: Services, actor: Actor) -> Body:
    return {name: {"type": TYPES.get(kind, kind)} for name, kind in _field_names(services, actor).items()}


def _json(raw: bytes) -> Body:
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        raise Refusal(400, "parsing_exception", "the body is not JSON") from None
    if not isinstance(told, dict):
        raise Refusal(400, "parsing_exception", "the body is not an object")
    return told


def _unpacked(raw: bytes) -> bytes:
    try:
        return unpack(raw, MAX_BODY_BYTES)
    except NotUnpacked as error:
        if error.too_large:
            raise Refusal(413, "content_too_long_exception", str(error)) from None
        raise Refusal(400, "parsing_exception", str(error)) from None
