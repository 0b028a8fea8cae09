"""The intake process: every collector on one event loop, one spool writer. Never touches SQL."""

import asyncio
import signal
from collections.abc import Mapping

import uvloop

from collectors.bulk import BulkCollector
from collectors.bulk_once import Once, catch_up
from collectors.bulk_reading import WebReading
from collectors.journald import AUTHENTICATION_LOG, CURSOR, JournaldCollector, a_syslog_daemon_runs
from collectors.loss import Losses
from collectors.syslog import TCP, SyslogCollector
from collectors.tail import TailCollector
from composition.bulk_server import BulkServer
from composition.run_folder import Seat, read_report
from composition.settings import Settings
from core import clock
from core.status import Listener
from org.ingest_key import IngestKeys
from store.document_ids import DocumentIds
from store.spool.disk import DiskSpoolReader, DiskSpoolWriter
from store.spool.group_commit import GroupCommit

TURN_EVERY_S = 0.5
KEEP_HOUSE_EVERY_S = 60.0


def run(settings: Settings) -> int:
    """Collect until SIGTERM, then spool what was read."""
    return uvloop.run(_collect(settings))


async def _collect(settings: Settings) -> int:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    folder = settings.data / "run"
    before = read_report(folder, "intake")
    writer = DiskSpoolWriter(
        settings.data / "spool",
        "intake",
        segment_bytes=settings.spool.segment_mebibytes << 20,
        high_water_bytes=settings.spool.high_water_mebibytes << 20,
    )
    spool = GroupCommit(writer)
    losses = Losses(before.counters if before else None)
    unit = settings.org.unit
    syslog = SyslogCollector(settings.syslog, spool=spool, losses=losses, unit=unit, now=clock.now)
    tail = TailCollector(settings.tail, spool=spool, unit=unit, now=clock.now, cursors=dict(writer.cursors))
    journald = JournaldCollector(
        spool=spool,
        unit=unit,
        now=clock.now,
        cursor=writer.cursors.get(CURSOR),
        authentication_is_tailed=lambda: (
            any(listener.address == AUTHENTICATION_LOG for listener in tail.listeners()) and a_syslog_daemon_runs()
        ),
    )

    def listeners() -> list[Listener]:
        return [*syslog.listeners(), *tail.listeners(), *journald.listeners(), *bulk.listeners()]

    def counters() -> Mapping[str, float]:
        return {**losses.counters(), **door.counters(), f"canh_connections_open|{TCP}": float(syslog.connections)}

    keys = IngestKeys(folder)
    ids = DocumentIds(settings.data / "document-ids")
    once = Once(ids)
    door = BulkCollector(
        settings.bulk,
        spool=spool,
        keys=keys,
        once=once,
        partition=writer.partition,
        unit=unit,
        now=clock.now,
        reading=WebReading(f"{settings.web.url}/elasticsearch"),
    )
    bulk = BulkServer(settings.bulk, door)
    seat = Seat(folder, "intake", listeners=listeners, counters=counters, waiting_for=lambda: spool.waiting_for)
    spool.start()
    await syslog.start()
    await tail.start()
    if settings.journald.enabled:
        await journald.start()
    if settings.bulk.enabled:
        catch_up(ids, DiskSpoolReader(settings.data / "spool"), "intake")
        keys.refresh()
        await bulk.start()
    seat.start()
    seat.become_ready()
    house_kept = clock.monotonic()
    while not stopping.is_set():
        seat.turn()
        if settings.bulk.enabled and clock.monotonic() - house_kept > KEEP_HOUSE_EVERY_S:
            house_kept = clock.monotonic()
            await once.keep_house(clock.now(), writer.partition, spool.durable)
        keys.refresh()
        if spool.failure is not None:
            raise spool.failure
        try:
            await asyncio.wait_for(stopping.wait(), TURN_EVERY_S)
        except TimeoutError:
            continue
    await bulk.stop()
    if settings.bulk.enabled:
        await once.keep_house(clock.now(), writer.partition, spool.durable)
    ids.close()
    await journald.stop()
    await tail.stop()
    await syslog.stop()
    for source, count in (await spool.stop()).items():
        losses.add(source, "spool_full", count)
    writer.close()
    seat.leave()
    return 0
