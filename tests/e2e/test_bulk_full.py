"""rsyslog before a door whose spool takes nothing: it waits, and nothing is lost or doubled."""

import asyncio
import json
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from datetime import timedelta

import pytest

from collectors.bulk import BulkCollector
from collectors.bulk_once import Once
from collectors.bulk_reading import WebReading
from collectors.settings import BulkSettings
from composition.bulk_server import BulkServer
from core import clock
from core.errors import Unavailable
from core.language import Text
from org.ingest_key import IngestKey, IngestKeys, KeyView, write_view
from org.secret import digest
from store.document_ids import DocumentIds
from store.spool.disk import DiskSpoolReader, DiskSpoolWriter
from store.spool.group_commit import GroupCommit
from tests.e2e.product import free_port, wait_for
from tests.e2e.test_bulk import MODULE, rsyslog, send
from tests.unit.collectors.test_bulk import MARK, TOKEN

LINES = 3000


class Filling(DiskSpoolWriter):
    """The spool's writer with a disk that may be said to be full."""

    full = False

    def append(self, records, cursors):
        if self.full:
            raise Unavailable("spool", Text("đầy", "full"))
        return super().append(records, cursors)


@contextmanager
def door(folder, writer, reading="http://127.0.0.1:9"):
    """The bulk door over this writer, served on a port of its own; `reading`: whom it asks to read."""
    write_view(folder, KeyView(MARK, {digest(TOKEN): IngestKey(3, "rsyslog", None, clock.now() + timedelta(days=1))}))
    keys = IngestKeys(folder)
    keys.refresh()
    ids = DocumentIds(folder / "document-ids")
    port, ready, done = free_port(), threading.Event(), threading.Event()

    async def serve():
        spool = GroupCommit(writer)
        spool.start()
        once = Once(ids)
        application = BulkCollector(
            BulkSettings(),
            spool=spool,
            keys=keys,
            once=once,
            partition=writer.partition,
            unit="province",
            now=clock.now,
            reading=WebReading(reading),
        )
        server = BulkServer(BulkSettings(enabled=True, port=port), application)
        await server.start()
        ready.set()
        while not done.is_set():
            await asyncio.sleep(0.05)
        await server.stop()
        await spool.stop()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(10)
        yield port
    finally:
        done.set()
        thread.join(20)
        ids.close()
        writer.close()


@pytest.mark.slow
@pytest.mark.skipif(not MODULE.exists(), reason="rsyslog-elasticsearch is not installed")
def test_rsyslog_waits_while_the_spool_is_full(tmp_path):
    writer = Filling(tmp_path / "spool", "intake")
    reader, port = DiskSpoolReader(tmp_path / "spool"), free_port()

    def taken():
        return reader.take(writer.partition, 0, 100_000).records

    with door(tmp_path, writer) as opened, rsyslog(tmp_path, port, opened, TOKEN, 'searchType=""'):
        send(port, range(LINES // 3))
        wait_for(lambda: len(taken()) == LINES // 3)
        writer.full = True
        fill_by_hand(opened)
        send(port, range(LINES // 3, LINES))
        time.sleep(4)
        assert len(taken()) == LINES // 3
        writer.full = False
        wait_for(lambda: len(shipped(taken())) >= LINES, 60)
        time.sleep(2)
    assert sorted(shipped(taken())) == list(range(LINES))
    assert not (tmp_path / "errors").exists() or (tmp_path / "errors").read_text() == ""


def shipped(records):
    documents = (json.loads(record.raw) for record in records)
    return [int(each["process.pid"]) for each in documents if "process.pid" in each]


def fill_by_hand(port):
    """The first document waits for the disk, and nobody waits for its answer; what comes after it is refused."""
    headers = {"Authorization": f"Bearer {TOKEN}", "User-Agent": "test"}
    sent = urllib.request.Request(f"http://127.0.0.1:{port}/logs/_doc", data=b'{"by": "hand"}', headers=headers)

    def is_refused():
        try:
            urllib.request.urlopen(sent, timeout=0.3).close()
        except urllib.error.HTTPError as error:
            error.close()
            return error.code == 503
        except OSError:
            return False

    wait_for(is_refused)
