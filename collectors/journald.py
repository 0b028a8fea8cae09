"""The systemd journal, through `journalctl --output=json --follow`.

The journal's own cursor of the last entry rides in the spool frame of the entries (`journald` -> `s=...;i=...`).
One entry:

    {"__CURSOR":"s=9f..;i=1a2","__REALTIME_TIMESTAMP":"1764000000123456","SYSLOG_IDENTIFIER":"sshd","MESSAGE":"..."}

Source: systemd.journal-fields(7), journalctl(1)
"""

import asyncio
import contextlib
import logging
import os
import re
import shutil
import signal
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from collectors.lines import Line, LineCutter
from collectors.task import end_task, start_task
from core.record import Record
from core.status import Listener
from store.spool.group_commit import GroupCommit

CURSOR = "journald"
FIRST_LOOK_BACK = "-1h"
LONGEST_ENTRY_BYTES = 1 << 20
AGAIN_AFTER_S = 5.0
WITHOUT_JOURNAL_AGAIN_AFTER_S = 60.0
_CURSOR_FIELD = re.compile(rb'"__CURSOR"\s*:\s*"([^"\\]+)"')
_CURSOR_TIME = re.compile(r"\bt=([0-9a-f]{1,15})\b")
_AUTHENTICATION = re.compile(rb'"SYSLOG_FACILITY"\s*:\s*"(?:4|10)"')

log = logging.getLogger("journald")


AUTHENTICATION_LOG = "/var/log/auth.log"
SYSLOG_DAEMONS = (Path("/run/rsyslogd.pid"), Path("/run/syslog-ng.pid"))


def a_syslog_daemon_runs(pid_files: Sequence[Path] = SYSLOG_DAEMONS) -> bool:
    """Whether somebody copies the journal into files now: a log file may outlive the daemon that wrote it."""
    for file in pid_files:
        with contextlib.suppress(OSError):
            pid = file.read_text().strip()
            if pid.isdecimal() and Path(f"/proc/{pid}").exists():
                return True
    return False


class JournaldCollector:
    """Follows the journal of this machine where there is one; never fatal where there is none."""

    def __init__(
        self,
        *,
        spool: GroupCommit,
        unit: str,
        now: Callable[[], datetime],
        cursor: str | None,
        authentication_is_tailed: Callable[[], bool] = lambda: False,
        arguments: tuple[str, ...] = (),
    ) -> None:
        """`cursor` as the spool's writer has it; while `authentication_is_tailed`, entries of the auth facilities are
        left to the file that carries the same lines, so that no log-in counts twice. `arguments` for journalctl, e.g. a
        directory.
        """
        self._spool = spool
        self._unit = unit
        self._now = now
        self._cursor = cursor
        self._authentication_is_tailed = authentication_is_tailed
        self._arguments = arguments
        self._since = FIRST_LOOK_BACK
        self._task: asyncio.Task[None] | None = None
        self._following = False

    def listeners(self) -> list[Listener]:
        """The journal, while it is being read."""
        return [Listener(name="journald", address="journal")] if self._following else []

    async def start(self) -> None:
        """Begin to follow."""
        if shutil.which("journalctl") is not None:
            self._task = start_task(self._follow(), "following the journal")

    async def stop(self) -> None:
        """End journalctl; what was read is with the spool already."""
        await end_task(self._task)

    async def _follow(self) -> None:
        while True:
            read = await self._read_until_it_ends()
            await asyncio.sleep(AGAIN_AFTER_S if read else WITHOUT_JOURNAL_AGAIN_AFTER_S)

    async def _read_until_it_ends(self) -> bool:
        """One life of journalctl; whether it gave any entry."""
        since = ("--after-cursor", self._cursor) if self._cursor else ("--since", self._since)
        process = await asyncio.create_subprocess_exec(
            "journalctl",
            "--output=json",
            "--follow",
            "--no-pager",
            "--quiet",
            "--all",
            "--lines=all",
            *since,
            *self._arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        stdout = process.stdout
        read = False
        try:
            cutter = LineCutter(longest=LONGEST_ENTRY_BYTES)
            rest = b""
            while stdout is not None and (chunk := await stdout.read(1 << 18)):
                read = self._following = True
                begin = cutter.offset
                data = rest + chunk
                lines = cutter.cut(data)
                rest = data[cutter.offset - begin :]
                self._submit(lines)
                await self._spool.room()
            if await process.wait() != 0 and self._cursor and not read:
                log.warning("the journal does not know the cursor any more; going on by time, entries may be missing")
                self._since = _since_of(self._cursor)
                self._cursor = None
        finally:
            self._following = False
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                await process.wait()
        return read

    def _submit(self, lines: list[Line]) -> None:
        received_at = self._now()
        skip_authentication = self._authentication_is_tailed()
        own = b'"_PID":"%d"' % os.getpid()
        records = []
        for _, line, flags in lines:
            found = _CURSOR_FIELD.search(line)
            if found is not None:
                self._cursor = found[1].decode("utf-8", "replace")
            elif not flags:
                continue
            # The fields come in any order: what was cut off may have held the cursor. The next entry's covers it.
            if own in line or (skip_authentication and _AUTHENTICATION.search(line)):
                continue
            records.append(
                Record(
                    raw=line,
                    source="journald",
                    received_at=received_at,
                    unit=self._unit,
                    format="journald",
                    place=self._cursor if found is not None else None,
                    flags=flags,
                )
            )
        cursors = {} if self._cursor is None else {CURSOR: self._cursor}
        if records or (lines and cursors):
            self._spool.submit(records, sum(len(record.raw) for record in records), cursors, must=True)


def _since_of(cursor: str) -> str:
    """The time just after the entry of a cursor (`...;t=5f3a...;...`, microseconds in hex), as journalctl takes it."""
    found = _CURSOR_TIME.search(cursor)
    if found is None:
        return FIRST_LOOK_BACK
    seconds, micros = divmod(int(found[1], 16) + 1, 1_000_000)
    return f"@{seconds}.{micros:06d}"
