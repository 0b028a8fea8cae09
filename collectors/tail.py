"""Files that are being written, followed through rotation.

A file is (device, inode) and a fingerprint of its first bytes, so a new file under an old inode is a new file. Where it
was read up to rides as a cursor in the spool frame of its lines: `tail:<device>:<inode>` -> `{"offset": ..., ...}`.
A renamed or deleted file is read until nothing was added for `ROTATED_QUIET_S`, since its program may write on until it
is told to open the new one; a truncated file (copytruncate) begins again at 0; a last line without its end waits until
it is complete, or until the rotated file is given up, then it is flagged `partial`.
"""

import asyncio
import contextlib
import fnmatch
import glob
import hashlib
import logging
import os
import stat
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from collectors.lines import CHUNK_BYTES, LineCutter
from collectors.loss import Losses
from collectors.settings import TailPath, TailSettings
from core import clock
from core.record import Record
from core.status import Listener
from store.spool.group_commit import GroupCommit

FINGERPRINT_BYTES = 1024
LOOK_EVERY_S = 0.2
LIST_EVERY_S = 2.0
ROTATED_QUIET_S = 30.0
COMPRESSED = (".gz", ".xz", ".bz2", ".zst")

log = logging.getLogger("tail")


class Cursor(msgspec.Struct):
    """How far a file was read. `print` is the digest of its first `printed` bytes."""

    path: str
    offset: int
    printed: int
    print: str
    skipping: bool = False


class _File:
    """One open file."""

    def __init__(self, descriptor: int, path: str, format: str, cursor: Cursor) -> None:
        status = os.fstat(descriptor)
        self.descriptor = descriptor
        self.identity = (status.st_dev, status.st_ino)
        self.path = path
        self.format = format
        self.cutter = LineCutter(cursor.offset, skipping=cursor.skipping)
        self.cursor = cursor
        self.size = -1
        self.grew_at = clock.monotonic()

    @property
    def key(self) -> str:
        return f"tail:{self.identity[0]}:{self.identity[1]}"


class TailCollector:
    """Follows every file the patterns name. Reads local files only; a network file system may block the loop."""

    def __init__(
        self,
        settings: TailSettings,
        *,
        spool: GroupCommit,
        losses: Losses,
        unit: str,
        now: Callable[[], datetime],
        cursors: dict[str, str],
        rotated_quiet_s: float = ROTATED_QUIET_S,
    ) -> None:
        """`cursors`: as the spool's writer has them at the start."""
        self._rotated_quiet_s = rotated_quiet_s
        self._settings = settings
        self._spool = spool
        self._losses = losses
        self._unit = unit
        self._now = now
        self._cursors = {key: _read_cursor(value) for key, value in cursors.items() if key.startswith("tail:")}
        self._open: dict[tuple[int, int], _File] = {}
        self._current: dict[str, tuple[int, int]] = {}
        self._unreadable: set[str] = set()
        self._known_paths: dict[str, TailPath] = {}
        self._task: asyncio.Task[None] | None = None
        self._listed = float("-inf")
        self._first_look = True

    def listeners(self) -> list[Listener]:
        """The files being followed."""
        return [Listener(name="tail", address=path) for path in sorted(self._current)]

    async def start(self) -> None:
        """Begin to follow."""
        self._task = asyncio.get_running_loop().create_task(self._follow())

    async def stop(self) -> None:
        """Stop reading; what was read is with the spool already."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        for file in self._open.values():
            os.close(file.descriptor)
        self._open.clear()

    async def _follow(self) -> None:
        try:
            while True:
                busy = await self._look()
                await asyncio.sleep(0 if busy else LOOK_EVERY_S)
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("following files ended by an error of ours")
            os._exit(70)  # the supervisor starts intake again; a collector must not be dead in a living process

    async def _look(self) -> bool:
        """One round over all files; whether any had something new."""
        if clock.monotonic() - self._listed > LIST_EVERY_S:
            self._listed = clock.monotonic()
            self._list()
        if self._first_look:
            self._first_look = False
            self._find_rotated()
        for path, wanted in self._known_paths.items():
            try:
                self._open_path(path, wanted)
            except OSError as error:
                log.warning("cannot read %s: %s", path, error.strerror)
        busy = False
        for file in list(self._open.values()):
            await self._spool.room()
            try:
                busy |= self._look_at(file)
            except OSError as error:
                log.warning("cannot read %s: %s", file.path, error.strerror)
                self._give_up(file)
        return busy

    def _look_at(self, file: _File) -> bool:
        """Read on in a file, or be done with it where it was rotated away; whether there was anything."""
        if self._read(file):
            return True
        rotated = self._current.get(file.path) != file.identity
        if rotated and clock.monotonic() - file.grew_at >= self._rotated_quiet_s:
            self._finish(file)
        return False

    def _give_up(self, file: _File) -> None:
        """Close a file; where it is there again, it is read on from its cursor."""
        os.close(file.descriptor)
        del self._open[file.identity]
        self._cursors[file.key] = file.cursor

    def _list(self) -> None:
        known: dict[str, TailPath] = {}
        for wanted in self._settings.paths:
            found = glob.glob(wanted.path) if glob.has_magic(wanted.path) else [wanted.path]  # noqa: PTH207
            for path in sorted(found):
                if not path.endswith(COMPRESSED):
                    known.setdefault(path, wanted)
        self._known_paths = known
        for path in list(self._current):
            if path not in known:
                del self._current[path]

    def _find_rotated(self) -> None:
        """Files that were renamed while nobody looked: known by their cursors, found beside their old names.

        The cursors of files that are not there any more are withdrawn.
        """
        beside: dict[str, list[str]] = {}
        for key, cursor in self._cursors.items():
            beside.setdefault(str(Path(cursor.path).parent), []).append(key)
        for folder, keys in sorted(beside.items()):
            present = set()
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        try:
                            status = entry.stat(follow_symlinks=False)
                        except OSError:
                            continue  # gone meanwhile
                        key = f"tail:{status.st_dev}:{status.st_ino}"
                        present.add(key)
                        known = self._cursors.get(key)
                        if known is None or entry.path in self._known_paths or not entry.is_file(follow_symlinks=False):
                            continue
                        wanted = self._wanted(known.path)
                        if wanted and status.st_size > known.offset and not entry.name.endswith(COMPRESSED):
                            self._take(entry.path, wanted.format, renamed_from=known.path)
            except OSError:
                continue  # not readable now: nothing is known about what is in it
            for key in keys:
                if key not in present:
                    del self._cursors[key]
                    self._spool.submit([], 0, {key: ""}, must=True)

    def _wanted(self, path: str) -> TailPath | None:
        """The pattern of the settings that a path fits; None for one that is not followed any more."""
        return next((each for each in self._settings.paths if fnmatch.fnmatchcase(path, each.path)), None)

    def _open_path(self, path: str, wanted: TailPath) -> None:
        """Make sure that the file which the path names now is open."""
        try:
            status = os.stat(path)  # noqa: PTH116
        except OSError:
            self._current.pop(path, None)
            return
        identity = (status.st_dev, status.st_ino)
        if self._current.get(path) == identity and identity in self._open:
            return
        if identity in self._open:
            file = self._open[identity]
            file.path = path
            self._current[path] = identity
        elif self._take(path, wanted.format):
            self._current[path] = identity

    def _take(self, path: str, format: str, *, renamed_from: str | None = None) -> bool:
        """Open a file where it was left; one that was renamed only if it is the one we know."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            if path not in self._unreadable:
                self._unreadable.add(path)
                log.warning("cannot read %s: %s", path, error.strerror)
            return False
        self._unreadable.discard(path)
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            return False
        cursor = self._cursors.get(f"tail:{status.st_dev}:{status.st_ino}")
        try:
            if cursor is not None and not _is_same(descriptor, status.st_size, cursor):
                cursor = None
        except OSError:
            os.close(descriptor)
            raise
        if cursor is None:
            if renamed_from is not None:
                os.close(descriptor)
                return False
            offset = 0 if self._settings.from_start else status.st_size
            cursor = Cursor(path=path, offset=offset, printed=0, print="")
        file = _File(descriptor, renamed_from or path, format, cursor)
        self._open[file.identity] = file
        return True

    def _read(self, file: _File) -> bool:
        """One chunk of a file; whether there was anything."""
        size = os.fstat(file.descriptor).st_size
        if size != file.size:
            file.size, file.grew_at = size, clock.monotonic()
        if size == file.cutter.offset:
            return False
        if size < file.cutter.offset or not _is_same(file.descriptor, size, file.cursor):
            log.info("%s was truncated or replaced in place; reading it from its beginning", file.path)
            file.cutter = LineCutter()
            file.cursor = Cursor(path=file.path, offset=0, printed=0, print="")
            if size == 0:
                self._spool.submit([], 0, {file.key: _write_cursor(file.cursor)}, must=True)
                return False
        begin = file.cutter.offset
        chunk = os.pread(file.descriptor, CHUNK_BYTES, begin)
        lines = file.cutter.cut(chunk)
        if file.cutter.offset == begin:
            return False
        self._submit(file, lines, len(chunk))
        return True

    def _finish(self, file: _File) -> None:
        """A file that was rotated away and is read to its end: its unfinished last line, then close it."""
        rest = os.pread(file.descriptor, CHUNK_BYTES, file.cutter.offset)
        if rest and not file.cutter.skipping:
            line = rest.rstrip(b"\r\n")
            at = file.cutter.offset
            file.cutter.offset += len(rest)
            self._submit(file, [(at, line, ("partial",))] if line else [], len(rest))
        gone = os.fstat(file.descriptor).st_nlink == 0
        os.close(file.descriptor)
        del self._open[file.identity]
        if gone:
            self._cursors.pop(file.key, None)
            self._spool.submit([], 0, {file.key: ""}, must=True)
        else:
            self._cursors[file.key] = file.cursor

    def _submit(self, file: _File, lines: Sequence[tuple[int, bytes, tuple[str, ...]]], size: int) -> None:
        received_at = self._now()
        source = f"tail:{file.path}"
        records = [
            Record(
                raw=raw,
                source=source,
                received_at=received_at,
                unit=self._unit,
                format=file.format,
                place=str(offset),
                flags=flags,
            )
            for offset, raw, flags in lines
        ]
        printed = min(FINGERPRINT_BYTES, file.cutter.offset)
        if printed != file.cursor.printed:
            digest = hashlib.blake2b(os.pread(file.descriptor, printed, 0), digest_size=16).hexdigest()
        else:
            digest = file.cursor.print
        file.cursor = Cursor(
            path=file.path, offset=file.cutter.offset, printed=printed, print=digest, skipping=file.cutter.skipping
        )
        self._spool.submit(records, size, {file.key: _write_cursor(file.cursor)}, must=True)


def _is_same(descriptor: int, size: int, cursor: Cursor) -> bool:
    """Whether the file still begins as it did and is not shorter than what was read of it."""
    if size < cursor.offset or size < cursor.printed:
        return False
    if cursor.printed == 0:
        return True
    return hashlib.blake2b(os.pread(descriptor, cursor.printed, 0), digest_size=16).hexdigest() == cursor.print


def _read_cursor(text: str) -> Cursor:
    try:
        return msgspec.json.decode(text, type=Cursor)
    except msgspec.DecodeError:
        return Cursor(path="", offset=0, printed=0, print="")


def _write_cursor(cursor: Cursor) -> str:
    return msgspec.json.encode(cursor).decode()
