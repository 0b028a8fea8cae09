"""The event store on a real Elasticsearch 8 or 9: an index per day received. `open_writer` and `open_reader` are all.

elasticsearch-py is loaded by the first call, so that a command which only imports this stays light.
"""

from datetime import UTC, tzinfo

from core.ports import EventReader, EventWriter
from store.events.settings import StoreSettings


def open_writer(settings: StoreSettings) -> EventWriter:
    """The one writer; makes or upgrades the index template. Raises `Unavailable`. Not thread-safe."""
    from store.events.elasticsearch.connection import Connection
    from store.events.elasticsearch.writer import ElasticsearchEventWriter

    return ElasticsearchEventWriter(Connection(settings))


def open_reader(settings: StoreSettings, zone: tzinfo = UTC) -> EventReader:
    """A reader; it asks the server nothing yet. May be shared between threads.

    `zone` is for times in a query that name none.
    """
    from store.events.elasticsearch.connection import Connection
    from store.events.elasticsearch.reader import ElasticsearchEventReader

    return ElasticsearchEventReader(Connection(settings), zone)
