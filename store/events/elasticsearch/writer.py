"""The one writer of events into Elasticsearch.

Exactly once: an event's id is made of its position, its index of its day of receipt, and it is created, never indexed,
so that what is sent again answers 409 and is there. How far each partition is stored is a document of its own, written
after every commit; what was sent and not committed is sent again.

What the server refuses for now is kept and sent again by the next `append` or `commit`; what it refuses for good is
stored without its typed fields, with the reason.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from elasticsearch import BadRequestError, NotFoundError

from core.errors import Unavailable
from core.event import Event, Rejected
from store.events.elasticsearch.connection import BUSY, NOT_OURS, TOO_BUSY, Connection
from store.events.elasticsearch.document import document_of
from store.events.elasticsearch.template import POSITIONS, mapping, template

BULK_BYTES = 5 << 20
PENDING_BYTES = 16 << 20
NDJSON = {"content-type": "application/vnd.elasticsearch+x-ndjson; compatible-with=8"}
JSON = {"accept": "application/vnd.elasticsearch+json; compatible-with=8"}
TOLD = "errors,items.create.status,items.create.error.type,items.create.error.reason"

log = logging.getLogger("events")


class _Pending(msgspec.Struct, gc=False):
    """One event on its way. `bare`: already without its typed fields."""

    event: Event
    index: str
    lines: bytes
    bare: bool = False


class ElasticsearchEventWriter:
    """See `core.ports.EventWriter`. Not thread-safe."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pending: list[_Pending] = []
        self._pending_bytes = 0
        self._touched: set[str] = set()
        self._names = connection.names
        with connection.asking() as client:
            client.indices.put_index_template(name=self._names.events, **template(self._names))
            if client.indices.exists(index=self._names.every, allow_no_indices=False):
                try:
                    client.indices.put_mapping(index=self._names.every, properties=mapping()["properties"])
                except BadRequestError as error:
                    raise Unavailable(
                        "events", NOT_OURS.format(index=self._names.every, why=str(error)[:500])
                    ) from error
            self._positions = self._read_positions()
        self._highest = dict(self._positions)

    def positions(self) -> Mapping[str, int]:
        """As `core.ports.EventWriter.positions`."""
        return dict(self._positions)

    def count(self) -> int:
        """As `core.ports.EventWriter.count`."""
        with self._connection.asking() as client:
            return int(client.count(index=self._names.every)["count"])

    def append(self, events: Iterable[Event | Rejected]) -> int:
        """As `core.ports.EventWriter.append`.

        Raises `Unavailable` as `commit` does, having taken some of the events or none. Hand in the same events again:
        those taken are skipped.
        """
        taken = 0
        for outcome in events:
            if self._pending_bytes >= PENDING_BYTES:
                self._send()
            event = outcome.as_event() if isinstance(outcome, Rejected) else outcome
            position = event.position
            if position.sequence <= self._highest.get(position.partition, 0):
                continue
            self._highest[position.partition] = position.sequence
            index = self._names.index_of(event.received)
            self._keep(_Pending(event, index, _lines(event, index)))
            taken += 1
        return taken

    def commit(self) -> None:
        """As `core.ports.EventWriter.commit`. Raises `Unavailable`; nothing that was taken is forgotten then."""
        self._send()
        if self._highest == self._positions and not self._touched:
            return
        with self._connection.asking() as client:
            if self._touched:
                client.indices.refresh(index=sorted(self._touched))
                self._touched.clear()
            client.index(index=self._names.state, id=POSITIONS, document={"positions": list(self._highest.items())})
        self._positions = dict(self._highest)

    def close(self) -> None:
        """As `core.ports.EventWriter.close`."""
        self.commit()
        self._connection.client.close()

    def _keep(self, pending: _Pending) -> None:
        self._pending.append(pending)
        self._pending_bytes += len(pending.lines)

    def _send(self) -> None:
        """Store what is pending, or raise `Unavailable` with what is not stored still pending."""
        while self._pending:
            batch = list(self._first_batch())
            left, status = self._store(batch)
            self._pending[: len(batch)] = left
            self._pending_bytes = sum(len(each.lines) for each in self._pending)
            if status:
                raise Unavailable("events", TOO_BUSY.format(status=status))

    def _first_batch(self) -> Iterator[_Pending]:
        size = 0
        for pending in self._pending:
            size += len(pending.lines)
            yield pending
            if size >= BULK_BYTES:
                return

    def _store(self, batch: list[_Pending]) -> tuple[list[_Pending], int]:
        """(what is still to be stored, the status that says wait or 0)."""
        body = b"".join(each.lines for each in batch)
        with self._connection.asking() as client:
            answer: Any = client.perform_request(
                "POST", "/_bulk", params={"filter_path": TOLD}, headers={**NDJSON, **JSON}, body=body
            ).body
        self._touched.update(each.index for each in batch)
        if not answer["errors"]:
            return [], 0
        left: list[_Pending] = []
        wait = 0
        for pending, item in zip(batch, answer["items"], strict=True):
            status, error = item["create"]["status"], item["create"].get("error", {})
            if status < 300 or status == 409:
                continue
            if status in BUSY:
                wait = status
                left.append(pending)
                continue
            why = f"{error.get('type')}: {error.get('reason')}"[:1000]
            if pending.bare:
                raise RuntimeError(f"event {pending.event.id} is refused even without its fields: {why}")
            log.warning("event %s is stored without its typed fields: %s", pending.event.id, why)
            left.append(_Pending(pending.event, pending.index, _lines(pending.event, pending.index, why), bare=True))
        return left, wait

    def _read_positions(self) -> dict[str, int]:
        try:
            kept = self._connection.client.get(index=self._names.state, id=POSITIONS)["_source"]["positions"]
        except NotFoundError:
            return {}
        return dict(kept)


def _lines(event: Event, index: str, refused: str | None = None) -> bytes:
    action = msgspec.json.encode({"create": {"_index": index, "_id": event.id}})
    return b"%b\n%b\n" % (action, document_of(event, refused))
