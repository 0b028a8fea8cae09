"""Records over Elasticsearch's wire: what ships to Elasticsearch ships to Canh, unmodified.

An answer that says 201 comes after the records are on the disk. When the spool takes nothing the whole request is
refused with 503 before anything of it is taken, and the sender keeps it. A key says whose the records are; what
a client says of an index is kept as advice and decides nothing.

Source: Elasticsearch 8.19 reference (bulk, index, template, licence and info APIs); the header of the product check:
https://www.elastic.co/docs/reference/elasticsearch/clients
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from datetime import datetime, timedelta
from itertools import compress
from typing import Any
from urllib.parse import quote, unquote

import msgspec

from collectors.bulk_body import MAX_NAME_LETTERS, Item, Malformed, read_bulk, write_answer
from collectors.bulk_once import FORMAT, Once, name_of
from collectors.bulk_reading import Forward, NotForwarded, is_reading
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
from collectors.settings import BulkSettings
from core import clock
from core.ids import event_id
from core.metrics import Metric
from core.record import Record
from org.ingest_key import IngestKey, IngestKeys
from org.token_text import secret_of
from store.spool.group_commit import Durable, GroupCommit

KEYED = "bulk/key:"
"""How the sources of keys are called, each followed by the number of its key."""
MAX_BODY_BYTES = 32 << 20
MAX_BODIES_BYTES = 128 << 20
MAX_DOCUMENT_BYTES = 1 << 20
BODY_WITHIN_S = 60.0
SETTINGS_OF_AN_INDEX = frozenset({"_alias", "_aliases", "_mapping"})
RETRY_AFTER_S = "5"
TELL_EVERY = timedelta(minutes=1)
ANSWERED: Metric = "canh_bulk_requests_total"
REPEATED: Metric = "canh_bulk_repeated_total"
TRUNCATED = ("truncated",)

log = logging.getLogger("bulk")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class _Refusal(Exception):
    """An answer in Elasticsearch's own shape of errors."""

    def __init__(self, status: int, kind: str, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status, self.kind, self.reason, self.headers = status, kind, reason, headers or {}

    @property
    def for_now(self) -> bool:
        """Whether the same request may be taken another time."""
        return self.status in (401, 408, 503)


class BulkCollector:
    """The ASGI application. One for a process: it counts the bodies in memory. On the loop of the spool's door."""

    def __init__(
        self,
        settings: BulkSettings,
        *,
        spool: GroupCommit,
        keys: IngestKeys,
        once: Once,
        partition: str,
        unit: str,
        now: Callable[[], datetime],
        reading: Forward,
    ) -> None:
        self._settings = settings
        self._reading = reading
        self._spool = spool
        self._keys = keys
        self._once = once
        self._partition = partition
        self._unit = unit
        self._now = now
        self._held = 0
        self._answered: Counter[int] = Counter()
        self._repeated = 0
        self._told_at: datetime | None = None

    def counters(self) -> dict[str, float]:
        """As the run folder's report wants them. Reading from another thread is safe."""
        answered = {f"{ANSWERED}|{status}": float(count) for status, count in list(self._answered.items())}
        return {**answered, REPEATED: float(self._repeated)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; everything but HTTP is left alone."""
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        answer_type, extra = content_type(headers), dict[str, str]()
        try:
            secret = secret_of(headers.get("authorization", ""))
            if secret and is_reading(scope["method"], scope["path"], is_sender=self._is_sender(secret)):
                body = await self._read(headers, receive, for_spool=False)
                status, answer_type, body = await self._reading(scope, headers, body)
            else:
                key = self._key(headers)
                status, body = await self._answer(scope, headers, receive, key)
        except NotForwarded as reason:
            status, extra = 503, {"Retry-After": RETRY_AFTER_S}
            body = msgspec.json.encode(error_of(status, NO_SHARD, str(reason)))
        except _Refusal as refusal:
            status, extra = refusal.status, dict(refusal.headers)
            if refusal.for_now and _loses_what_is_refused(headers):
                self._answered[status] += 1
                await _cut_off(send, status)
                return
            body = msgspec.json.encode(error_of(status, refusal.kind, refusal.reason))
        self._answered[status] += 1
        if status == 401:
            self._tell_of_strangers(scope)
        if scope["method"] == "HEAD":
            body = b""
        await _send(send, status, answer_type, body, extra)

    def _is_sender(self, secret: str) -> bool:
        """Whether it is a key to send with."""
        return self._keys.ready and self._keys.find(secret, self._now()) is not None

    def _tell_of_strangers(self, scope: Scope) -> None:
        """Once a minute at most: a sender whose key has ended would else be noticed by its silence alone."""
        now = self._now()
        if self._told_at is None or not timedelta(0) <= now - self._told_at < TELL_EVERY:
            self._told_at = now
            log.warning("a sender without a valid key, at %s", scope["client"][0] if scope.get("client") else "?")

    def _key(self, headers: Mapping[str, str]) -> IngestKey:
        if not self._keys.ready:
            raise _Refusal(503, "unavailable", "the keys are not known yet", {"Retry-After": RETRY_AFTER_S})
        key = self._keys.find(secret_of(headers.get("authorization", "")), self._now())
        if key is None:
            challenge = {"WWW-Authenticate": CHALLENGE}
            raise _Refusal(401, "security_exception", "missing or invalid credentials for this intake", challenge)
        return key

    async def _answer(
        self, scope: Scope, headers: Mapping[str, str], receive: Receive, key: IngestKey
    ) -> tuple[int, bytes]:
        method = scope["method"]
        parts = [unquote(part) for part in scope["path"].split("/") if part]
        if not parts:
            return 200, msgspec.json.encode(info(self._settings.version))
        if parts[-1] == "_bulk" and method in ("POST", "PUT"):
            body = await self._read(headers, receive)
            return 200, await self._take_bulk(body, "" if len(parts) == 1 else parts[0], scope, key)
        verb = parts[1] if len(parts) > 1 else ""
        if verb in ("_doc", "_create") and method in ("POST", "PUT"):
            body = await self._read(headers, receive)
            only_new = verb == "_create" or b"op_type=create" in scope["query_string"].split(b"&")
            item = Item("create" if only_new else "index", parts[0], parts[2] if len(parts) > 2 else None, body)
            return await self._take_one(item, scope, key)
        return self._courtesy(method, parts)

    def _courtesy(self, method: str, parts: list[str]) -> tuple[int, bytes]:
        """What clients ask and set up before they send: answered so that they go on, and kept nowhere."""
        first = parts[0]
        if first in ("_license", "_xpack"):
            return 200, msgspec.json.encode(
                {"license": LICENCE, "features": {"ilm": {"available": True, "enabled": True}}}
            )
        if parts[:2] == ["_cluster", "health"]:
            return 200, msgspec.json.encode({"cluster_name": "canh", "status": "green", "timed_out": False})
        if parts[:2] == ["_cat", "health"]:  # rsyslog asks after a failed connection, and looks at the status alone
            return 200, msgspec.json.encode([{"cluster": "canh", "status": "green"}])
        if first == "_nodes":
            return 200, msgspec.json.encode({"cluster_name": "canh", "nodes": {}})
        if parts[-1] == "_refresh":
            return 200, b'{"_shards":{"total":1,"successful":1,"failed":0}}'
        is_set_up = first in ("_index_template", "_component_template", "_template", "_ilm", "_ingest", "_data_stream")
        is_index = len(parts) == 1 and not first.startswith("_")
        if is_set_up or is_index or SETTINGS_OF_AN_INDEX.intersection(parts):
            if method in ("PUT", "POST", "DELETE"):
                return 200, b'{"acknowledged":true,"shards_acknowledged":true}'
            return 200, b"{}"
        raise _Refusal(
            400, "illegal_argument_exception", f"the intake does not answer [{method} /{'/'.join(parts)[:200]}]"
        )

    async def _read(self, headers: Mapping[str, str], receive: Receive, *, for_spool: bool = True) -> bytes:
        """The whole body, unpacked. What all requests hold together is bounded."""
        if for_spool:
            self._refuse_when_full()
        said = headers.get("content-length", "0")
        if not said.isdigit() or int(said) > MAX_BODY_BYTES:
            raise _too_large()
        pieces: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(BODY_WITHIN_S):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _Refusal(400, "illegal_argument_exception", "the client went away")
                    piece = message.get("body", b"")
                    size += len(piece)
                    self._held += len(piece)
                    pieces.append(piece)
                    if size > MAX_BODY_BYTES:
                        raise _too_large()
                    if self._held > MAX_BODIES_BYTES:
                        raise _busy()
                    if not message.get("more_body"):
                        break
        except TimeoutError:
            raise _Refusal(408, "timeout", "the body did not come within a minute") from None
        finally:
            self._held -= size
        body = b"".join(pieces)
        match headers.get("content-encoding", "identity").lower():
            case "gzip":
                return _unpacked(body)
            case "identity" | "":
                return body
        raise _Refusal(415, "media_type_header_exception", "the body's encoding is neither gzip nor none")

    async def _take_bulk(self, body: bytes, index: str, scope: Scope, key: IngestKey) -> bytes:
        begun = clock.monotonic()
        try:
            items = read_bulk(body, index)
        except Malformed as malformed:
            raise _Refusal(400, "illegal_argument_exception", str(malformed)) from None
        made = await self._take(items, scope, key)
        return write_answer(items, iter(made), int((clock.monotonic() - begun) * 1000))

    async def _take_one(self, item: Item, scope: Scope, key: IngestKey) -> tuple[int, bytes]:
        if not item.document:
            raise _Refusal(400, "parse_exception", "request body is required")
        made = await self._take([item], scope, key)
        answer: dict[str, Any] = msgspec.json.decode(write_answer([item], iter(made), 0))["items"][0][item.verb]
        status: int = answer.pop("status")
        if "error" in answer:
            raise _Refusal(status, answer["error"]["type"], answer["error"]["reason"])
        return status, msgspec.json.encode(answer)

    async def _take(self, items: list[Item], scope: Scope, key: IngestKey) -> list[str | None]:
        """The id of each document's event once all are on the disk; None for one that was there already."""
        records = self._records(items, scope, key)
        names = [name_of(record) for record in records]
        if not any(names):
            return [event_id(self._partition, sequence) for sequence in await self._durable(records)]
        fresh = await self._once.reserve((name for name in names if name is not None), self._now())
        try:
            left = set(fresh)
            new: list[bool] = []
            for name in names:
                new.append(name is None or name in left)
                left.discard(name or b"")
            sequences = await self._durable(list(compress(records, new)))
            self._once.note(fresh, records[0].received_at)
        finally:
            self._once.release(fresh)
        self._repeated += new.count(False)
        following = iter(sequences)
        return [event_id(self._partition, next(following)) if taken else None for taken in new]

    def _records(self, items: list[Item], scope: Scope, key: IngestKey) -> list[Record]:
        received, unit, source = self._now(), key.unit or self._unit, f"{KEYED}{key.number}"
        peer = scope["client"][0] if scope.get("client") else None
        return [
            Record(
                raw=item.document[:MAX_DOCUMENT_BYTES],
                source=source,
                received_at=received,
                unit=unit,
                format=FORMAT,
                peer=peer,
                place=_place(item),
                flags=TRUNCATED if len(item.document) > MAX_DOCUMENT_BYTES else (),
            )
            for item in items
            if item.document is not None
        ]

    async def _durable(self, records: list[Record]) -> range:
        """The sequences of the records once all are on the disk."""
        if not records:
            return range(0)
        self._refuse_when_full()
        durable: Durable = asyncio.get_running_loop().create_future()
        if not self._spool.submit(records, sum(len(record.raw) for record in records), durable=durable):
            raise _busy()
        try:
            first = await durable
        except asyncio.CancelledError:
            if durable.cancelled():
                raise _Refusal(503, "unavailable", "the intake ends", {"Retry-After": RETRY_AFTER_S}) from None
            raise
        return range(first, first + len(records))

    def _refuse_when_full(self) -> None:
        if self._spool.waiting_for is not None:
            raise _Refusal(503, "unavailable", "the spool takes nothing now", {"Retry-After": RETRY_AFTER_S})
        if self._spool.full:
            raise _busy()


def _place(item: Item) -> str | None:
    """What the sender calls the document: `logs-app/7`. A name that Elasticsearch would refuse is none."""
    if item.id is None or len(item.id) > MAX_NAME_LETTERS or len(item.index) > MAX_NAME_LETTERS:
        return None
    return f"{quote(item.index, safe='')}/{item.id}"


def _unpacked(body: bytes) -> bytes:
    try:
        return unpack(body, MAX_BODY_BYTES)
    except NotUnpacked as error:
        raise _too_large() if error.too_large else _Refusal(400, "parse_exception", str(error)) from None


def _loses_what_is_refused(headers: Mapping[str, str]) -> bool:
    """Whether this is rsyslog's omelasticsearch, which names no program: it drops what is answered with an error.

    Measured with 8.2302: JSON of whatever kind goes to its error file, an empty answer nowhere; after an answer that is
    cut off it waits and sends again, each once.
    """
    return "user-agent" not in headers and headers.get("content-type", "") == "application/json; charset=utf-8"


async def _cut_off(send: Send, status: int) -> None:
    """An answer that promises a byte more than there is: the server closes the connection, as the client sees."""
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"1")]})


def _too_large() -> _Refusal:
    return _Refusal(413, "content_too_long_exception", f"a body has {MAX_BODY_BYTES} bytes at most")


def _busy() -> _Refusal:
    """503 and not 429: the JavaScript clients send again what is answered with 503, and throw at 429."""
    return _Refusal(503, "es_rejected_execution_exception", "the spool is full", {"Retry-After": RETRY_AFTER_S})


async def _send(send: Send, status: int, content_type: str, body: bytes, extra: Mapping[str, str]) -> None:
    headers = {
        "content-type": content_type,
        "content-length": str(len(body)),
        **PRODUCT,
        "x-content-type-options": "nosniff",
        **extra,
    }
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})
