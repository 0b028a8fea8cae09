"""A broken task ends its process; an ended one does not."""

import asyncio
import os
import subprocess
import sys

from collectors.task import end_task, start_task

BROKEN = """
import asyncio
from collectors.task import start_task

async def work():
    raise KeyError("a slip of ours")

async def main():
    start_task(work(), "following files")
    await asyncio.sleep(60)

asyncio.run(main())
"""


def test_a_broken_task_ends_the_process_and_says_why():
    ended = subprocess.run([sys.executable, "-c", BROKEN], capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == os.EX_SOFTWARE
    assert "following files ended by an error of ours" in ended.stderr
    assert "a slip of ours" in ended.stderr


def test_an_ended_task_ends_alone():
    cleared = []

    async def work():
        try:
            await asyncio.sleep(60)
        finally:
            cleared.append(1)

    async def scene():
        task = start_task(work(), "waiting")
        await asyncio.sleep(0)
        await end_task(task)
        assert task.cancelled()
        await end_task(task)
        await end_task(None)

    asyncio.run(scene())
    assert cleared == [1]
