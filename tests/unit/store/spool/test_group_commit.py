"""Many submissions, one frame; order, back-pressure, a spool that takes nothing, and the end."""

import asyncio
import threading
import time
from collections.abc import Mapping, Sequence

import pytest

from core.errors import Unavailable
from core.language import Text
from core.record import Record
from store.spool.disk import DiskSpoolReader, DiskSpoolWriter
from store.spool.group_commit import FRAME_RECORDS, GroupCommit
from tests.unit.store.spool.records import record, records, take_all


class Gate:
    """A real writer behind a gate that the test opens and closes; counts the frames."""

    def __init__(self, root) -> None:
        self.writer = DiskSpoolWriter(root, "intake")
        self.frames: list[int] = []
        self.refused = threading.Event()
        self.full = False
        self.broken = False

    partition = property(lambda self: self.writer.partition)
    last_sequence = property(lambda self: self.writer.last_sequence)
    cursors = property(lambda self: self.writer.cursors)

    def append(self, records: Sequence[Record], cursors: Mapping[str, str]) -> int:
        if self.broken:
            raise ZeroDivisionError
        if self.full:
            self.refused.set()
            raise Unavailable("spool", Text("No space left on device", "No space left on device"))
        self.frames.append(len(records))
        return self.writer.append(records, cursors)

    def close(self) -> None:
        self.writer.close()


async def until(what, within_s: float = 5.0) -> None:
    deadline = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


def read_back(tmp_path, gate: Gate):
    gate.close()
    return take_all(DiskSpoolReader(tmp_path), gate.partition)


def test_everything_is_appended_in_order_and_grouped(tmp_path):
    gate = Gate(tmp_path)

    async def scene():
        spool = GroupCommit(gate)
        for number in range(0, 1000, 2):
            assert spool.submit(records(number, number + 1), 20, {"tail": str(number + 2)})
        spool.start()
        await until(lambda: spool.durable == 1000)
        await spool.stop()

    asyncio.run(scene())
    assert dict(gate.cursors) == {"tail": "1000"}
    assert len(gate.frames) < 10
    assert read_back(tmp_path, gate).records == records(*range(1000))


def test_a_frame_is_bounded(tmp_path):
    gate = Gate(tmp_path)

    async def scene():
        spool = GroupCommit(gate, pending_bytes=1 << 30)
        for number in range(2 * FRAME_RECORDS // 1000):
            spool.submit(records(*range(number * 1000, number * 1000 + 1000)), 10_000)
        for _ in range(12):
            spool.submit([record(b"x" * 500_000)], 500_000)
        spool.start()
        await spool.stop()

    asyncio.run(scene())
    assert max(gate.frames) <= FRAME_RECORDS
    assert len(gate.frames) >= 4
    assert sum(gate.frames) == 2 * FRAME_RECORDS // 1000 * 1000 + 12
    gate.close()


def test_a_full_spool_is_tried_again_and_nothing_is_lost_or_twice(tmp_path):
    gate = Gate(tmp_path)

    async def scene():
        spool = GroupCommit(gate, pending_bytes=50_000)
        spool.start()
        gate.full = True
        submitted = 0
        while spool.submit(records(submitted), 10):
            submitted += 1
        assert spool.full
        assert 10 < submitted < 5000
        # What was read already is taken all the same.
        assert spool.submit(records(submitted), 10, must=True)
        assert not spool.submit(records(9999), 10)
        await until(lambda: spool.waiting_for is not None and spool.waiting_for.en == "No space left on device")
        waiting = asyncio.create_task(spool.room())
        await asyncio.sleep(0.05)
        assert not waiting.done()
        gate.full = False
        await asyncio.wait_for(waiting, 5)
        await until(lambda: spool.durable == submitted + 1)
        assert spool.waiting_for is None
        assert not await spool.stop()
        return submitted + 1

    total = asyncio.run(scene())
    assert read_back(tmp_path, gate).records == records(*range(total))


def test_many_short_records_count_for_what_they_weigh(tmp_path):
    """Bytes alone would let a million one-byte lines in for a megabyte."""
    spool = GroupCommit(Gate(tmp_path), pending_bytes=1 << 20)
    line = record(b"x")
    taken = 0
    while spool.submit([line] * 100, 100):
        taken += 100
    assert taken < 20_000


def test_the_end_with_a_full_spool_says_what_was_lost(tmp_path):
    gate = Gate(tmp_path)
    gate.full = True

    async def scene():
        spool = GroupCommit(gate)
        spool.start()
        spool.submit(records(1, 2), 20)
        spool.submit(records(3), 10, {"tail": "3"})
        await until(gate.refused.is_set)
        return await asyncio.wait_for(spool.stop(), 5)

    # The tailed line is read again from its cursor; the others came from a socket.
    assert asyncio.run(scene()) == {"syslog/tcp": 2}
    gate.close()


def test_an_error_of_ours_ends_it_and_is_told(tmp_path, caplog):
    gate = Gate(tmp_path)
    gate.broken = True

    async def scene():
        spool = GroupCommit(gate)
        spool.start()
        spool.submit(records(1), 10)
        await until(lambda: spool.failure is not None)
        assert isinstance(spool.failure, ZeroDivisionError)
        await asyncio.wait_for(spool.stop(), 5)

    asyncio.run(scene())
    assert gate.frames == []
    gate.close()


def test_idle_a_record_is_durable_at_once(tmp_path):
    gate = Gate(tmp_path)

    async def scene():
        spool = GroupCommit(gate)
        spool.start()
        waits = []
        for number in range(20):
            began = time.monotonic()
            spool.submit(records(number), 10)
            await until(lambda number=number: spool.durable == number + 1)
            waits.append(time.monotonic() - began)
        await spool.stop()
        return sorted(waits)[10]

    assert asyncio.run(scene()) < 0.1
    assert gate.frames == [1] * 20
    gate.close()


@pytest.mark.parametrize("submitted", [0, 1, 500])
def test_stop_appends_what_is_pending(tmp_path, submitted):
    gate = Gate(tmp_path)

    async def scene():
        spool = GroupCommit(gate)
        spool.start()
        for number in range(submitted):
            spool.submit(records(number), 10)
        await spool.stop()

    asyncio.run(scene())
    assert read_back(tmp_path, gate).records == records(*range(submitted))
