"""The event store of the settings: Canh's own, or an Elasticsearch."""

from composition.settings import Settings
from core.ports import EventReader, EventWriter
from store.events import elasticsearch, embedded


def open_event_writer(settings: Settings) -> EventWriter:
    """The one writer. Raises `Unavailable`."""
    if settings.store.url is not None:
        return elasticsearch.open_writer(settings.store)
    return embedded.open_writer(settings.data / "events", settings.events)


def open_event_reader(settings: Settings) -> EventReader:
    """A reader that sees what is committed. Raises `Unavailable` where a file with a secret cannot be read."""
    if settings.store.url is not None:
        return elasticsearch.open_reader(settings.store, settings.zone)
    return embedded.open_reader(settings.data / "events", settings.zone)
