"""The intake path for tests: a real spool with its group commit, on the test's own event loop."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

from core.record import Record
from store.spool.disk import DiskSpoolReader, DiskSpoolWriter
from store.spool.group_commit import GroupCommit
from tests.unit.store.spool.records import take_all

RECEIVED = datetime(2026, 11, 24, 2, 12, 1, tzinfo=UTC)


def now() -> datetime:
    return RECEIVED


@contextlib.asynccontextmanager
async def spooling(folder: Path, **settings) -> AsyncIterator[tuple[GroupCommit, DiskSpoolWriter]]:
    writer = DiskSpoolWriter(folder, "intake", **settings)
    spool = GroupCommit(writer)
    spool.start()
    try:
        yield spool, writer
    finally:
        await spool.stop()
        writer.close()


def spooled(folder: Path) -> list[Record]:
    """All records, in order."""
    reader = DiskSpoolReader(folder)
    return [record for partition in reader.partitions() for record in take_all(reader, partition).records]


async def until(what: Callable[[], object], within_s: float = 10.0) -> None:
    deadline = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < deadline, "not in time"
        await asyncio.sleep(0.005)
