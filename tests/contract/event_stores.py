"""The adapters of the event store's port, each over an empty store of its own, and events for it."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch
from msgspec import structs

from core.event import Event, Rejected
from core.ports import EventReader, EventWriter
from core.record import Position
from store.events.elasticsearch import open_reader as open_elasticsearch_reader
from store.events.elasticsearch import open_writer as open_elasticsearch_writer
from store.events.embedded import open_reader, open_writer
from store.events.settings import EventsSettings, StoreSettings

SERVER = "CANH_TEST_ELASTICSEARCH_URL"
START = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@dataclass
class Store:
    """One adapter over an empty store of its own."""

    open_writer: Callable[[], EventWriter]
    open_reader: Callable[[], EventReader]
    drop: Callable[[], None] = lambda: None
    """Its data goes: a server holds a thousand indices at most."""


def embedded(folder: Path) -> Store:
    return Store(lambda: open_writer(folder, EventsSettings()), lambda: open_reader(folder))


def elasticsearch(folder: Path) -> Store:
    """A store of its own on the server of `CANH_TEST_ELASTICSEARCH_URL`: its indices have names of their own."""
    prefix = f"t{blake2b(str(folder).encode(), digest_size=8).hexdigest()}"
    settings = StoreSettings(url=f"elasticsearch+{os.environ[SERVER]}", prefix=prefix)

    def drop() -> None:
        with Elasticsearch(os.environ[SERVER]) as client:
            client.indices.delete(index=f"{prefix}-*")
            client.options(ignore_status=404).indices.delete_index_template(name=f"{prefix}-events")

    return Store(lambda: open_elasticsearch_writer(settings), lambda: open_elasticsearch_reader(settings), drop)


ADAPTERS: dict[str, Callable[[Path], Store]] = {"embedded": embedded, "elasticsearch": elasticsearch}
MARKED = [
    "embedded",
    pytest.param(
        "elasticsearch",
        marks=[
            pytest.mark.slow,
            pytest.mark.skipif(SERVER not in os.environ, reason=f"no Elasticsearch: {SERVER} is not set"),
        ],
    ),
]


def event(
    sequence: int,
    fields: dict | None = None,
    raw: bytes | str = b"",
    *,
    partition: str = "intake.5f0c9a11d2e3",
    after_s: float = 0.0,
    received: datetime = START,
    unit: str = "province",
) -> Event:
    return Event(
        time=START + timedelta(seconds=after_s),
        received=received,
        position=Position(partition, sequence),
        unit=unit,
        fields=fields or {},
        raw=raw.encode() if isinstance(raw, str) else raw,
    )


def ordered(found: Event) -> Event:
    """The event with its fields by name: their order is not kept."""
    return structs.replace(found, fields=dict(sorted(found.fields.items())))


def fill(store: Store, events: Sequence[Event | Rejected]) -> EventReader:
    writer = store.open_writer()
    assert writer.append(events) == len(events)
    writer.close()
    return store.open_reader()
