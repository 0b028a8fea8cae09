"""The event store in the product itself: tantivy, a folder per day received. `open_writer` and `open_reader` are all.

tantivy is loaded by the first call, so that a command which only imports this stays light.
"""

from datetime import UTC, tzinfo
from pathlib import Path

from core.ports import EventReader, EventWriter
from store.events.settings import EventsSettings


def open_writer(folder: Path, settings: EventsSettings) -> EventWriter:
    """The one writer; makes the folder where there is none and sets damaged day folders aside.

    Raises `Unavailable` where another process has it open. Not thread-safe.
    """
    from store.events.embedded.writer import EmbeddedEventWriter

    return EmbeddedEventWriter(folder, settings)


def open_reader(folder: Path, zone: tzinfo = UTC) -> EventReader:
    """A reader that sees what is committed now; the folder need not exist yet. May be shared between threads.

    `zone` is for times in a query that name none.
    """
    from store.events.embedded.reader import EmbeddedEventReader

    return EmbeddedEventReader(folder, zone)
