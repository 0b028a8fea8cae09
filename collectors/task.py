"""The tasks of a collector: one that breaks takes its process with it, so that none is dead in a living process."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Coroutine

log = logging.getLogger("collectors")


def start_task(work: Coroutine[None, None, None], doing: str) -> asyncio.Task[None]:
    """Begin `work` on the running loop. An error of ours in it is logged with what it was `doing` and ends the process
    at once (exit 70, EX_SOFTWARE of sysexits(3)); the supervisor starts it again.
    """
    return asyncio.get_running_loop().create_task(_run(work, doing))


async def end_task(task: asyncio.Task[None] | None) -> None:
    """Cancel and wait until it is over; does nothing for None and for one that is over."""
    if task is not None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _run(work: Coroutine[None, None, None], doing: str) -> None:
    try:
        await work
    except Exception:
        log.exception("%s ended by an error of ours", doing)
        os._exit(os.EX_SOFTWARE)
