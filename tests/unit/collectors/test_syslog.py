"""The syslog listener over real loopback sockets, under uvloop as in the product."""

import asyncio
import socket
import threading

import pytest
import uvloop

from collectors.loss import Losses
from collectors.settings import SyslogSettings
from collectors.syslog import TCP, UDP, SyslogCollector, _close_to_strangers
from core.errors import Unavailable
from core.language import Text
from tests.e2e.product import free_port
from tests.unit.collectors.intake import RECEIVED, now, spooled, spooling, until


def run(tmp_path, scene, *, spool_settings=None, **settings):
    """Run a scene with a listening collector; (records, counters of losses)."""
    losses = Losses()

    async def whole():
        async with spooling(tmp_path, **(spool_settings or {})) as (spool, _):
            chosen = SyslogSettings(port=free_port(), **settings)
            collector = SyslogCollector(chosen, spool=spool, losses=losses, unit="tinh", now=now)
            await collector.start()
            try:
                await scene(collector, chosen.port, spool)
            finally:
                await asyncio.wait_for(collector.stop(), 10)

    uvloop.run(whole())
    return spooled(tmp_path), {
        key.removeprefix("canh_records_dropped_total|"): count for key, count in losses.counters().items()
    }


async def send(port: int, *chunks: bytes) -> None:
    with connect(port) as sender:
        for chunk in chunks:
            sender.sendall(chunk)
            await asyncio.sleep(0.01)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), 10)


async def closed(sender: socket.socket) -> bool:
    """Whether the other side closes, with or without a reset."""
    sender.setblocking(False)
    try:
        return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(sender, 1), 10) == b""
    except ConnectionError:
        return True


def test_tcp_messages_become_records(tmp_path):
    async def scene(collector, port, spool):
        await send(port, b"<13>one\n10 <13>", b"two\r\nx<13>thr", b"ee\n")
        await until(lambda: spool.durable == 3)

    records, dropped = run(tmp_path, scene)
    assert [record.raw for record in records] == [b"<13>one", b"<13>two\r\nx", b"<13>three"]
    first = records[0]
    assert (first.source, first.peer, first.unit, first.received_at) == (TCP, "127.0.0.1", "tinh", RECEIVED)
    assert dropped == {}


def test_half_a_frame_at_close_is_partial(tmp_path):
    async def scene(collector, port, spool):
        await send(port, b"<13>whole\n<13>ha", b"lf")
        await send(port, b"40 <13>half")
        await until(lambda: spool.durable == 3)

    records, _ = run(tmp_path, scene)
    assert {(record.raw, record.flags) for record in records} == {
        (b"<13>whole", ()),
        (b"<13>half", ("partial",)),
    }
    assert len(records) == 3


def test_half_a_frame_at_stop_is_partial(tmp_path):
    async def scene(collector, port, spool):
        sender = connect(port)
        sender.sendall(b"<13>half")
        await asyncio.sleep(0.1)
        await collector.stop()
        assert await closed(sender)
        sender.close()

    records, _ = run(tmp_path, scene)
    assert [(record.raw, record.flags) for record in records] == [(b"<13>half", ("partial",))]


def test_a_bad_octet_count_ends_the_connection_and_is_counted(tmp_path):
    async def scene(collector, port, spool):
        with connect(port) as sender:
            sender.sendall(b"<13>before\n999999999 <13>x")
            assert await closed(sender)
        await send(port, b"<13>another sender\n")
        await until(lambda: spool.durable == 2)

    records, dropped = run(tmp_path, scene)
    assert [record.raw for record in records] == [b"<13>before", b"<13>another sender"]
    assert dropped == {f"{TCP}|bad_octet_count": 1}


def test_many_connections_at_once(tmp_path):
    async def scene(collector, port, spool):
        async def sender(number):
            await send(port, b"".join(b"<13>%d %d\n" % (number, line) for line in range(20)))

        await asyncio.gather(*(sender(number) for number in range(200)))
        await until(lambda: spool.durable == 4000)
        await until(lambda: collector.connections == 0)

    records, dropped = run(tmp_path, scene)
    assert {record.raw for record in records} == {b"<13>%d %d" % (n, line) for n in range(200) for line in range(20)}
    assert dropped == {}


def test_too_many_connections_are_closed_and_counted(tmp_path):
    async def scene(collector, port, spool):
        kept = [connect(port) for _ in range(3)]
        for sender in kept:
            sender.sendall(b"<13>kept\n")
        await until(lambda: spool.durable == 3)
        with connect(port) as refused:
            assert await closed(refused)
        assert collector.connections == 3
        kept[0].close()
        await until(lambda: collector.connections == 2)
        await send(port, b"<13>again\n")
        await until(lambda: spool.durable == 4)
        for sender in kept:
            sender.close()

    records, dropped = run(tmp_path, scene, max_connections=3)
    assert [record.raw for record in records][-1] == b"<13>again"
    # Of a connection that was refused no record was read: none is dropped.
    assert dropped == {f"canh_connections_refused_total|{TCP}|too_many_connections": 1}


@pytest.mark.slow
def test_a_full_spool_blocks_the_sender_and_loses_nothing(tmp_path):
    total = 200_000

    async def scene(collector, port, spool):
        spool._pending_limit = 1 << 20
        real, refusing = spool._writer, _Refusing(spool._writer)
        spool._writer = refusing
        sent = 0

        def sender():
            nonlocal sent
            with connect(port) as connection:
                connection.settimeout(60)
                for begin in range(0, total, 1000):
                    connection.sendall(b"".join(b"<13>%d %s\n" % (n, b"x" * 80) for n in range(begin, begin + 1000)))
                    sent = begin + 1000
                connection.sendall(b"<13>half")

        sending = asyncio.create_task(asyncio.to_thread(sender))
        await until(lambda: collector.paused)
        await asyncio.sleep(0.5)
        stalled = sent
        await asyncio.sleep(0.5)
        assert sent == stalled < total
        late = connect(port)
        late.sendall(b"<13>late\n")
        await asyncio.sleep(0.1)
        assert spool._pending_bytes < (1 << 20) + (1 << 20)
        spool._writer = real
        await asyncio.wait_for(sending, 30)
        await until(lambda: spool.durable == total + 2, 30)
        assert not collector.paused
        late.close()

    records, dropped = run(tmp_path, scene)
    lines = [record.raw for record in records if record.raw not in (b"<13>late", b"<13>half")]
    assert lines == [b"<13>%d %s" % (n, b"x" * 80) for n in range(total)]
    assert dropped == {}


class _Refusing:
    """A disk without space in front of the real writer."""

    def __init__(self, writer) -> None:
        self.last_sequence = writer.last_sequence

    def append(self, records, cursors):
        raise Unavailable("spool", Text("No space left on device", "No space left on device"))


def test_datagrams_become_records(tmp_path):
    async def scene(collector, port, spool):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for data in (b"<13>one\n", b"<13>\xff\0two\0\r\n", b"\r\n", b"<13>" + b"x" * 3000, b"<13>line\nline"):
                sender.sendto(data, ("127.0.0.1", port))
        await until(lambda: spool.durable == 4)

    records, dropped = run(tmp_path, scene, max_line_bytes=2048)
    assert [(record.raw[:12], record.flags) for record in records] == [
        (b"<13>one", ()),
        (b"<13>\xff\0two", ()),
        (b"<13>xxxxxxxx", ("truncated",)),
        (b"<13>line\nlin", ()),
    ]
    assert len(records[2].raw) == 2048
    assert (records[0].source, records[0].peer) == (UDP, "127.0.0.1")
    assert dropped == {f"{UDP}|empty": 1}


def test_what_the_kernel_dropped_is_counted_exactly(tmp_path):
    sent = 60_000

    async def scene(collector, port, spool):
        # Nobody reads meanwhile: this is the same event loop.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for number in range(sent):
                sender.sendto(b"<13>%d %s" % (number, b"x" * 200), ("127.0.0.1", port))
        await until(lambda: spool.durable > 0)

    records, dropped = run(tmp_path, scene, receive_buffer_mebibytes=1)
    lost = dropped[f"{UDP}|kernel_buffer_full"]
    assert lost > 0
    assert len(records) + lost == sent


def test_stop_reads_what_the_kernel_holds_and_ends_under_a_flood(tmp_path):
    async def scene(collector, port, spool):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for number in range(5000):
                sender.sendto(b"<13>%d" % number, ("127.0.0.1", port))

        def flood():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                while not stopping.is_set():
                    try:
                        sender.sendto(b"<13>flood", ("127.0.0.1", port))
                    except OSError:
                        continue

        stopping = threading.Event()
        thread = threading.Thread(target=flood)
        thread.start()
        try:
            await asyncio.wait_for(collector.stop(), 10)
        finally:
            stopping.set()
            thread.join()

    records, dropped = run(tmp_path, scene)
    assert [record.raw for record in records][:5000] == [b"<13>%d" % number for number in range(5000)]
    assert dropped == {}


def test_losses_go_on_from_an_earlier_process():
    dropped = "canh_records_dropped_total|syslog/udp|kernel_buffer_full"
    refused = "canh_connections_refused_total|syslog/tcp|too_many_connections"
    losses = Losses({dropped: 5.0, refused: 2.0, "canh_connections_open|x": 3.0})
    losses.add(UDP, "kernel_buffer_full", 2)
    losses.add(UDP, "empty", 0)
    losses.refuse(TCP, "too_many_connections")
    assert losses.counters() == {dropped: 7.0, refused: 3.0}


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_socket_closed_to_strangers_keeps_what_it_has_and_takes_no_more(host):
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        udp.setblocking(False)
        udp.bind((host, 0))
        target = ("127.0.0.1", udp.getsockname()[1])
        sender.sendto(b"before", target)
        _close_to_strangers(udp)
        sender.sendto(b"after", target)
        assert udp.recv(100) == b"before"
        with pytest.raises(BlockingIOError):
            udp.recv(100)
