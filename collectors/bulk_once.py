"""Documents that their senders have named are taken once within 48 hours, whatever is cut off in between.

    reserve ─> (the spool) ─> note ─> release

Two requests with one name at the same time: the second waits, then finds it noted, or takes it where the first failed.
A name is noted after its record is durable and before the sender is told; what a kill leaves between the two is found
in the spool at the next start, which still has it: a consumer gives back only what lies before the newest segment.
"""

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime

from core.ports import SpoolReader
from core.record import Record
from core.system_error import reason_of
from store.document_ids import DocumentIds, document_id

log = logging.getLogger("bulk")

FORMAT = "document"
CATCH_UP_RECORDS = 10_000


def name_of(record: Record) -> bytes | None:
    """What stands for the document's name, which only its own sender's documents can have; None where it has none."""
    if record.format != FORMAT or record.place is None:
        return None
    return document_id(record.source, record.place)


class Once:
    """On one event loop."""

    def __init__(self, ids: DocumentIds) -> None:
        self._ids = ids
        self._reserved: dict[bytes, asyncio.Future[None]] = {}

    async def reserve(self, names: Iterable[bytes], now: datetime) -> set[bytes]:
        """Those that nobody has brought within 48 hours; nobody else brings them before `release`."""
        asked = set(names)
        while others := {self._reserved[name] for name in asked if name in self._reserved}:
            await asyncio.wait(others)
        fresh = asked - self._ids.known(asked, now)
        reserved = asyncio.get_running_loop().create_future()
        self._reserved.update(dict.fromkeys(fresh, reserved))
        return fresh

    def note(self, names: Iterable[bytes], at: datetime) -> None:
        """They are durable. Where the disk has no room for the names alone, these are not known again."""
        try:
            self._ids.note(names, at)
        except OSError as error:
            log.warning("names of documents cannot be kept, they are not known again: %s", reason_of(error).en)

    def release(self, names: Iterable[bytes]) -> None:
        """They are noted, or were not taken: all that one `reserve` gave, at once."""
        for name in names:
            reserved = self._reserved.pop(name)
            if not reserved.done():
                reserved.set_result(None)

    async def keep_house(self, now: datetime, partition: str, durable: int) -> None:
        """Bring the names to the disk and forget what is older than 48 hours; nothing while requests are in work."""
        if not self._reserved:
            self._ids.expire(now)
            await asyncio.get_running_loop().run_in_executor(None, self._ids.flush, partition, durable)


def catch_up(ids: DocumentIds, reader: SpoolReader, producer: str) -> int:
    """Note what is durable in the partitions of a producer and may not be noted; how many documents with a name.

    Call before the intake takes anything. Cost: the spool is read from where the names last reached the disk.
    """
    caught = 0
    for partition in reader.partitions():
        if partition.rpartition(".")[0] != producer:
            continue
        after = ids.through(partition)
        while (batch := reader.take(partition, after, CATCH_UP_RECORDS)).through > after:
            after = batch.through
            for record in batch.records:
                name = name_of(record)
                if name is not None:
                    ids.note([name], record.received_at)
                    caught += 1
    return caught
