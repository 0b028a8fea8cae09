"""One writer thread for all collectors: what arrives while the disk syncs is appended in one frame after it.

Nothing waits on purpose: when idle, a submission is synced at once; under load a frame grows with what arrives
during the last sync, which is well below 20 ms on any disk, up to `FRAME_BYTES`.
"""

import asyncio
import itertools
import logging
import threading
from collections import Counter, deque
from collections.abc import Mapping, Sequence

from core.errors import Unavailable
from core.language import Text
from core.ports import SpoolWriter
from core.record import Record

PENDING_BYTES = 32 << 20
RECORD_WEIGHT_BYTES = 200  # what a record weighs in memory beside its line
FRAME_BYTES = 4 << 20
FRAME_RECORDS = 16_384
RETRY_S = 0.25

log = logging.getLogger("spool")


Durable = asyncio.Future[int]
"""Is given the sequence of the first record once all of a submission are on the disk."""


class GroupCommit:
    """The door of the spool for collectors on the event loop. `start` it there, `stop` it there.

    Submissions are appended in order. When more than `PENDING_BYTES` wait, `submit` refuses and the caller
    stops reading (`room`) or counts a drop.
    """

    def __init__(self, writer: SpoolWriter, *, pending_bytes: int = PENDING_BYTES) -> None:
        self._writer = writer
        self._pending_limit = pending_bytes
        self._pending: deque[tuple[Sequence[Record], Mapping[str, str], int, Durable | None]] = deque()
        self._pending_bytes = 0
        self._wake = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._append_all, name="spool", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._drained = asyncio.Event()
        self._failure: BaseException | None = None
        self.waiting_for: Text | None = None
        """Why the spool takes nothing now, None while it does."""

    def start(self) -> None:
        """Begin; on the event loop that will submit."""
        self._loop = asyncio.get_running_loop()
        self._drained.set()
        self._thread.start()

    @property
    def full(self) -> bool:
        """Whether `submit` would refuse."""
        return self._pending_bytes >= self._pending_limit

    @property
    def durable(self) -> int:
        """The sequence of the last durable record."""
        return self._writer.last_sequence

    @property
    def failure(self) -> BaseException | None:
        """The error of ours that ended the writer thread; the process must end too."""
        return self._failure

    def submit(
        self,
        records: Sequence[Record],
        size_bytes: int,
        cursors: Mapping[str, str] | None = None,
        *,
        must: bool = False,
        durable: Durable | None = None,
    ) -> bool:
        """Queue the records and the cursors that cover them; False, with nothing taken, when full.

        `size_bytes` are those of the lines; what the records weigh beside them is added here.
        `must` is for what was read already and cannot be given back; its caller stops reading when `full`.
        `durable` is given the sequence of the first of them once all are on the disk, and is cancelled where they never
        will be.
        """
        if self._pending_bytes >= self._pending_limit and not must:
            return False
        size_bytes += RECORD_WEIGHT_BYTES * len(records)
        with self._wake:
            self._pending.append((records, cursors or {}, size_bytes, durable))
            self._pending_bytes += size_bytes
            if self._pending_bytes >= self._pending_limit:
                self._drained.clear()
            self._wake.notify()
        return True

    async def room(self) -> None:
        """Return when `submit` would take something."""
        while self.full:
            self._drained.clear()
            if self.full:
                await self._drained.wait()

    async def stop(self) -> Mapping[str, int]:
        """Append everything pending, then end the thread. Gives up where the spool takes nothing.

        Returns by source how many records are lost by that: those that no cursor will have read again.
        """
        with self._wake:
            self._stopping = True
            self._wake.notify()
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join)
        for *_, durable in self._pending:
            if durable is not None:
                durable.cancel()
        return Counter(record.source for records, cursors, _, _ in self._pending if not cursors for record in records)

    def _append_all(self) -> None:
        try:
            while True:
                with self._wake:
                    while not self._pending and not self._stopping:
                        self._wake.wait()
                    if not self._pending:
                        return
                    records, cursors, size, taken = self._next_frame()
                try:
                    last = self._writer.append(records, cursors)
                except Unavailable as unavailable:
                    if self.waiting_for is None:
                        log.warning("the spool takes nothing: %s", unavailable.reason.en)
                    self.waiting_for = unavailable.reason
                    with self._wake:
                        if self._stopping:
                            return
                        self._wake.wait(RETRY_S)
                    continue
                if self.waiting_for is not None:
                    log.warning("the spool takes records again")
                self.waiting_for = None
                first, told = last - len(records) + 1, []
                with self._wake:
                    for _ in range(taken):
                        submitted, _, _, durable = self._pending.popleft()
                        if durable is not None:
                            told.append((durable, first))
                        first += len(submitted)
                    self._pending_bytes -= size
                if told and self._loop is not None:
                    self._loop.call_soon_threadsafe(_tell, told)
                if self._loop is not None and not self._drained.is_set():
                    self._loop.call_soon_threadsafe(self._drained.set)
        except BaseException as error:
            self._failure = error
            log.exception("the spool's writer ended by an error of ours")

    def _next_frame(self) -> tuple[Sequence[Record], dict[str, str], int, int]:
        """The first submissions that fit a frame: their records, cursors (later over earlier), bytes and number."""
        first, cursors, size, _ = self._pending[0]
        if len(self._pending) == 1:
            return first, dict(cursors), size, 1
        records = list(first)
        merged = dict(cursors)
        taken = 1
        for more, more_cursors, more_size, _ in itertools.islice(self._pending, 1, None):
            if size + more_size > FRAME_BYTES or len(records) + len(more) > FRAME_RECORDS:
                break
            records.extend(more)
            merged.update(more_cursors)
            size += more_size
            taken += 1
        return records, merged, size, taken


def _tell(durable: Sequence[tuple[Durable, int]]) -> None:
    for each, first in durable:
        if not each.done():
            each.set_result(first)
