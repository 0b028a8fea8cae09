"""Few searches at once, so that many of them hold up nobody who does something else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from fastapi import Request

from api.errors import Problem

AT_ONCE = 6
WAITING = 100
WITHIN_S = 10.0


class SearchSeats:
    """The seats of one process. `taken` waits for one, `WITHIN_S` at most; raises the problem `unavailable`."""

    def __init__(self) -> None:
        self._seats = anyio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """A seat, for as long as the context lasts."""
        if self._seats.statistics().tasks_waiting >= WAITING:
            raise Problem("unavailable", headers={"Retry-After": "5"})
        try:
            with anyio.fail_after(WITHIN_S):
                await self._seats.acquire()
        except TimeoutError:
            raise Problem("unavailable", headers={"Retry-After": "5"}) from None
        try:
            yield
        finally:
            self._seats.release()


async def seated(request: Request) -> AsyncIterator[None]:
    """A dependency of the routes that ask the event store."""
    seats: SearchSeats = request.app.state.searches
    async with seats.taken():
        yield
