"""Syslog over UDP (RFC 5426) and TCP (RFC 6587) on one port.

Nothing in syslog is acknowledged: over TCP the promise is what was read is spooled, and when the spool is full nothing
more is read, so the sender's window closes; over UDP the kernel buffers meanwhile, and what it lost is counted.
"""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import cast

from collectors.framing import BadOctetCount, StreamFraming
from collectors.loss import Losses
from collectors.settings import SyslogSettings
from collectors.task import start_task
from core.record import Record
from core.status import Listener
from store.spool.group_commit import GroupCommit

UDP = "syslog/udp"
TCP = "syslog/tcp"
DATAGRAMS_PER_WAKE = 256
SO_RCVBUFFORCE = 33
DROPS_EVERY_S = 1.0

log = logging.getLogger("syslog")


class SyslogCollector:
    """Both listeners. `start` binds (raises OSError where the port is taken); `stop` spools what was read."""

    def __init__(
        self, settings: SyslogSettings, *, spool: GroupCommit, losses: Losses, unit: str, now: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._spool = spool
        self._losses = losses
        self._unit = unit
        self._now = now
        self._udp: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._counting: asyncio.Task[None] | None = None
        self._kernel_drops = 0
        self._waiting: asyncio.Task[None] | None = None

    def listeners(self) -> list[Listener]:
        """The open doors."""
        address = f"{self._settings.host}:{self._settings.port}"
        return [Listener(name=UDP, address=address), Listener(name=TCP, address=address)]

    @property
    def connections(self) -> int:
        """Open TCP connections."""
        return len(self._connections)

    async def start(self) -> None:
        """Bind both and begin to read."""
        loop = asyncio.get_running_loop()
        host, port = self._settings.host, self._settings.port
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._server = await loop.create_server(lambda: _Connection(self), host, port, backlog=512)
        udp = socket.socket(family, socket.SOCK_DGRAM)
        udp.setblocking(False)
        wanted = self._settings.receive_buffer_mebibytes << 20
        try:
            udp.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, wanted)
        except OSError:
            udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, wanted)
            got = udp.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2
            if got < wanted:
                log.warning("UDP buffer is %d KiB, not %d: raise net.core.rmem_max", got >> 10, wanted >> 10)
        udp.bind((host, port))
        self._udp = udp
        loop.add_reader(udp.fileno(), self._on_datagrams)
        self._counting = start_task(self._count_kernel_drops(), "counting what the kernel dropped")

    async def stop(self) -> None:
        """Read what the UDP buffer still holds, close every door, spool what was read."""
        for task in (self._counting, self._waiting):
            if task is not None:
                task.cancel()
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.end()
        if self._udp is not None:
            asyncio.get_running_loop().remove_reader(self._udp.fileno())
            _close_to_strangers(self._udp)
            while self._read_datagrams():  # noqa: ASYNC110 (each turn reads)
                await asyncio.sleep(0)
            self._note_kernel_drops()
            self._udp.close()
            self._udp = None

    def wait_for_room(self) -> None:
        """Nobody reads any more until the spool takes something again: what is in memory stays bounded."""
        if self._waiting is None:
            self._waiting = start_task(self._resume_with_room(), "waiting for room in the spool")
            if self._udp is not None:
                asyncio.get_running_loop().remove_reader(self._udp.fileno())
            for connection in self._connections:
                connection.pause()

    @property
    def paused(self) -> bool:
        """Whether it waits for room in the spool."""
        return self._waiting is not None

    async def _resume_with_room(self) -> None:
        await self._spool.room()
        self._waiting = None
        if self._udp is not None:
            asyncio.get_running_loop().add_reader(self._udp.fileno(), self._on_datagrams)
        for connection in self._connections:
            connection.resume()

    def _on_datagrams(self) -> None:
        self._read_datagrams()
        if self._spool.full:
            self.wait_for_room()

    def _read_datagrams(self) -> bool:
        """Take up to a few hundred datagrams; whether there were any."""
        udp = self._udp
        if udp is None:
            return False
        received_at, unit, longest = self._now(), self._unit, self._settings.max_line_bytes
        records: list[Record] = []
        size = 0
        receive = udp.recvfrom
        try:
            for _ in range(DATAGRAMS_PER_WAKE):
                data, address = receive(65536)
                raw = data.rstrip(b"\r\n\x00")
                if not raw:
                    self._losses.add(UDP, "empty")
                    continue
                flags: tuple[str, ...] = ()
                if len(raw) > longest:
                    raw, flags = raw[:longest], ("truncated",)
                size += len(raw)
                records.append(
                    Record(raw=raw, source=UDP, received_at=received_at, unit=unit, peer=address[0], flags=flags)
                )
        except BlockingIOError:
            pass
        if records and not self._spool.submit(records, size):
            self._losses.add(UDP, "spool_full", len(records))
        return bool(records)

    async def _count_kernel_drops(self) -> None:
        while True:
            await asyncio.sleep(DROPS_EVERY_S)
            self._note_kernel_drops()

    def _note_kernel_drops(self) -> None:
        """The kernel's own count of datagrams that found the socket's buffer full (`drops` of /proc/net/udp)."""
        if self._udp is None:
            return
        inode = str(os.fstat(self._udp.fileno()).st_ino)
        table = "udp6" if self._udp.family == socket.AF_INET6 else "udp"
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                columns = line.split()
                if columns[9] == inode:
                    drops = int(columns[-1])
                    # The kernel counts in 32 bits.
                    self._losses.add(UDP, "kernel_buffer_full", (drops - self._kernel_drops) % (1 << 32))
                    self._kernel_drops = drops


def _close_to_strangers(udp: socket.socket) -> None:
    """Let the kernel take nothing new for the socket (it hears only itself from now on), so that its end is reached."""
    with contextlib.suppress(OSError):
        host, port, *_ = udp.getsockname()
        udp.connect(({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port))  # noqa: S104


class _Connection(asyncio.Protocol):
    """One TCP sender."""

    def __init__(self, collector: SyslogCollector) -> None:
        self._collector = collector
        self._framing = StreamFraming(collector._settings.max_line_bytes)
        self._transport: asyncio.Transport | None = None
        self._peer = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self._peer = peer[0] if peer else ""
        collector = self._collector
        if len(collector._connections) >= collector._settings.max_connections:
            collector._losses.refuse(TCP, "too_many_connections")
            self._transport.abort()
            return
        collector._connections.add(self)
        connected = transport.get_extra_info("socket")
        if connected is not None:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if collector.paused:
            self.pause()

    def data_received(self, data: bytes) -> None:
        if self not in self._collector._connections:
            return
        try:
            messages = self._framing.feed(data)
        except BadOctetCount as bad:
            messages = bad.args[0]
            # The frame it stands before was read and cannot be kept: one record. What follows is not read at all.
            self._collector._losses.add(TCP, "bad_octet_count")
            self._framing = StreamFraming(self._collector._settings.max_line_bytes)
            if self._transport is not None:
                self._transport.abort()
        self._spool(messages)
        if self._collector._spool.full:
            self._collector.wait_for_room()

    def connection_lost(self, error: Exception | None) -> None:
        if self in self._collector._connections:
            self._collector._connections.discard(self)
            self._spool(self._framing.finish())

    def pause(self) -> None:
        if self._transport is not None and not self._transport.is_closing() and self._transport.is_reading():
            self._transport.pause_reading()

    def resume(self) -> None:
        if self._transport is not None and not self._transport.is_closing() and not self._transport.is_reading():
            self._transport.resume_reading()

    def end(self) -> None:
        """Stop reading; what is half read is spooled as partial."""
        self._collector._connections.discard(self)
        self._spool(self._framing.finish())
        if self._transport is not None:
            self._transport.abort()

    def _spool(self, messages: list[tuple[bytes, tuple[str, ...]]]) -> None:
        if not messages:
            return
        collector = self._collector
        received_at, unit, peer = collector._now(), collector._unit, self._peer
        records = [
            Record(raw=raw, source=TCP, received_at=received_at, unit=unit, peer=peer, flags=flags)
            for raw, flags in messages
        ]
        collector._spool.submit(records, sum([len(raw) for raw, _ in messages]), must=True)
