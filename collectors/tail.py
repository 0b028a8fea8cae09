"""Files that are being written, followed through rotation.

A file is (device, inode) and a fingerprint of its first bytes, so a new file under an old inode is a new file. Where it
was read up to rides as a cursor in the spool frame of its lines: `tail:<device>:<inode>` -> `{"offset": ..., ...}`.
A renamed or deleted file is read until nothing happened to it for `ROTATED_QUIET_S`, since its program may write on
until it is told to open the new one; a truncated file (copytruncate) begins again at 0; a last line without its end
waits until it is complete, or until the rotated file is given up, then it is flagged `partial`.

A file that was truncated and has grown again between two looks is known by its first bytes, which are compared whenever
it changed: by its time of change (ctime, which no program can set back), not only by its size. A file that does not
change costs one fstat a look. Nothing tells such a file where its first bytes are the same as before, as with a header
of `FINGERPRINT_BYTES` that every log begins with; and nobody reads what was written and truncated between two looks.
"""

import asyncio
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

from collectors.lines import CHUNK_BYTES, Line, LineCutter
from collectors.settings import TailPath, TailSettings
from collectors.task import end_task, start_task
from core import clock
from core.path_text import path_text
from core.record import Record
from core.status import Listener
from store.spool.group_commit import GroupCommit

FINGERPRINT_BYTES = 1024
LOOK_EVERY_S = 0.2
LIST_EVERY_S = 2.0
ROTATED_QUIET_S = 30.0
STAMP_GRAIN_S = 2.0
"""A file that changed so short a time ago may have changed once more without a new time of change: the coarsest file
systems count it in steps of two seconds.
"""
COMPRESSED = (".gz", ".xz", ".bz2", ".zst")

log = logging.getLogger("tail")


class Cursor(msgspec.Struct):
    """How far a file was read. `path` is a text; `print` is the digest of the file's first `printed` bytes."""

    path: str
    offset: int
    printed: int
    print: str
    skipping: bool = False


class _File:
    """One open file. `path` is the system's own, `name` the text of it."""

    def __init__(self, descriptor: int, path: str, format: str, cursor: Cursor) -> None:
        status = os.fstat(descriptor)
        self.descriptor = descriptor
        self.identity = (status.st_dev, status.st_ino)
        self.path = path
        self.format = format
        self.cutter = LineCutter(cursor.offset, skipping=cursor.skipping)
        self.cursor = cursor
        self.stamp = (-1, -1)
        self.changed_at = clock.monotonic()

    @property
    def key(self) -> str:
        return f"tail:{self.identity[0]}:{self.identity[1]}"

    @property
    def name(self) -> str:
        return path_text(self.path)


class TailCollector:
    """Follows every file the patterns name. Reads local files only; a network file system may block the loop."""

    def __init__(
        self,
        settings: TailSettings,
        *,
        spool: GroupCommit,
        unit: str,
        now: Callable[[], datetime],
        cursors: dict[str, str],
        rotated_quiet_s: float = ROTATED_QUIET_S,
    ) -> None:
        """`cursors`: as the spool's writer has them at the start."""
        self._rotated_quiet_s = rotated_quiet_s
        self._settings = settings
        self._spool = spool
        self._unit = unit
        self._now = now
        self._cursors = {key: _read_cursor(value) for key, value in cursors.items() if key.startswith("tail:")}
        self._read_before = {cursor.path for cursor in self._cursors.values()}
        self._open: dict[tuple[int, int], _File] = {}
        self._current: dict[str, tuple[int, int]] = {}
        self._unreadable: set[str | tuple[int, int]] = set()
        self._known_paths: dict[str, TailPath] = {}
        self._task: asyncio.Task[None] | None = None
        self._listed = float("-inf")
        self._first_look = True

    def listeners(self) -> list[Listener]:
        """The files being followed."""
        return [Listener(name="tail", address=path_text(path)) for path in sorted(self._current)]

    async def start(self) -> None:
        """Begin to follow."""
        self._task = start_task(self._follow(), "following files")

    async def stop(self) -> None:
        """Stop reading; what was read is with the spool already."""
        await end_task(self._task)
        for file in self._open.values():
            os.close(file.descriptor)
        self._open.clear()

    async def _follow(self) -> None:
        while True:
            busy = await self._look()
            await asyncio.sleep(0 if busy else LOOK_EVERY_S)

    async def _look(self) -> bool:
        """One round over all files; whether any had something new."""
        if clock.monotonic() - self._listed > LIST_EVERY_S:
            self._listed = clock.monotonic()
            self._list()
        if self._first_look:
            self._find_rotated()
        for path, wanted in self._known_paths.items():
            try:
                self._open_path(path, wanted)
            except OSError as error:
                self._cannot_read(path, error)
        self._first_look = False
        busy = False
        for file in list(self._open.values()):
            await self._spool.room()
            try:
                busy |= self._look_at(file)
            except OSError as error:
                self._cannot_read(file.path, error, file.identity)
                self._give_up(file)
            else:
                self._unreadable.discard(file.identity)
        return busy

    def _cannot_read(self, path: str, error: OSError, identity: tuple[int, int] | None = None) -> None:
        """Say so once until it can be read, since it is tried at every look; `identity` of a file that was opened."""
        if (file := identity or path) not in self._unreadable:
            self._unreadable.add(file)
            log.warning("cannot read %s: %s", path_text(path), error.strerror)

    def _look_at(self, file: _File) -> bool:
        """Read on in a file, or be done with it where it was rotated away; whether there was anything."""
        if self._read(file):
            return True
        rotated = self._current.get(file.path) != file.identity
        if rotated and clock.monotonic() - file.changed_at >= self._rotated_quiet_s:
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
        folders = {path_text(folder): str(folder) for folder in {Path(path).parent for path in self._known_paths}}
        beside: dict[str, list[str]] = {}
        for key, cursor in self._cursors.items():
            beside.setdefault(str(Path(cursor.path).parent), []).append(key)
        for folder, keys in sorted(beside.items()):
            present = set()
            try:
                with os.scandir(folders.get(folder, folder)) as entries:
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
            self._cannot_read(path, error)
            return False
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            return False
        key = f"tail:{status.st_dev}:{status.st_ino}"
        known = cursor = self._cursors.get(key)
        try:
            head = os.pread(descriptor, FINGERPRINT_BYTES, 0)
        except OSError as error:
            os.close(descriptor)
            self._cannot_read(path, error, (status.st_dev, status.st_ino))
            return False
        if cursor is not None and (status.st_size < cursor.offset or not _begins_with(head, cursor)):
            cursor = None
        if cursor is None:
            if renamed_from is not None:
                os.close(descriptor)
                return False
            is_old = self._first_look and known is None and path_text(path) not in self._read_before
            if is_old and not self._settings.from_start:
                printed = min(len(head), status.st_size)
                cursor = Cursor(
                    path=path_text(path), offset=status.st_size, printed=printed, print=_digest(head[:printed])
                )
            else:
                cursor = Cursor(path=path_text(path), offset=0, printed=0, print="")
            self._spool.submit([], 0, {key: _write_cursor(cursor)}, must=True)
        file = _File(descriptor, renamed_from or path, format, cursor)
        self._open[file.identity] = file
        self._unreadable.discard(path)
        return True

    def _read(self, file: _File) -> bool:
        """One chunk of a file; whether there was anything."""
        status = os.fstat(file.descriptor)
        now = clock.monotonic()
        if file.stamp != (stamp := (status.st_size, status.st_ctime_ns)):
            file.stamp, file.changed_at = stamp, now
        begin = file.cutter.offset
        if status.st_size == begin and now - file.changed_at > STAMP_GRAIN_S:
            return False
        chunk = os.pread(file.descriptor, CHUNK_BYTES, begin)
        # After the chunk: it is from the file we know only if that still begins as it did.
        head = os.pread(file.descriptor, FINGERPRINT_BYTES, 0)
        if status.st_size < begin or not _begins_with(head, file.cursor):
            log.info("%s was truncated or replaced in place; reading it from its beginning", file.name)
            file.cutter = LineCutter()
            file.cursor = Cursor(path=file.name, offset=0, printed=0, print="")
            self._spool.submit([], 0, {file.key: _write_cursor(file.cursor)}, must=True)
            return True
        lines = file.cutter.cut(chunk)
        if file.cutter.offset == begin:
            return False
        self._submit(file, lines, len(chunk), head)
        return True

    def _finish(self, file: _File) -> None:
        """A file that was rotated away and is read to its end: its unfinished last line, then close it."""
        rest = os.pread(file.descriptor, CHUNK_BYTES, file.cutter.offset)
        if rest and not file.cutter.skipping:
            line = rest.rstrip(b"\r\n")
            at = file.cutter.offset
            file.cutter.offset += len(rest)
            head = os.pread(file.descriptor, FINGERPRINT_BYTES, 0)
            self._submit(file, [(at, line, ("partial",))] if line else [], len(rest), head)
        gone = os.fstat(file.descriptor).st_nlink == 0
        os.close(file.descriptor)
        del self._open[file.identity]
        if gone:
            self._cursors.pop(file.key, None)
            self._spool.submit([], 0, {file.key: ""}, must=True)
        else:
            self._cursors[file.key] = file.cursor

    def _submit(self, file: _File, lines: Sequence[Line], size: int, head: bytes) -> None:
        received_at = self._now()
        source = f"tail:{file.name}"
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
        printed = min(len(head), file.cutter.offset)
        file.cursor = Cursor(
            path=file.name,
            offset=file.cutter.offset,
            printed=printed,
            print=file.cursor.print if printed == file.cursor.printed else _digest(head[:printed]),
            skipping=file.cutter.skipping,
        )
        self._spool.submit(records, size, {file.key: _write_cursor(file.cursor)}, must=True)


def _begins_with(head: bytes, cursor: Cursor) -> bool:
    """Whether a file that begins with these bytes may be the one that the cursor tells of."""
    if len(head) < cursor.printed:
        return False
    return cursor.printed == 0 or _digest(head[: cursor.printed]) == cursor.print


def _digest(head: bytes) -> str:
    return hashlib.blake2b(head, digest_size=16).hexdigest()


def _read_cursor(text: str) -> Cursor:
    try:
        return msgspec.json.decode(text, type=Cursor)
    except msgspec.DecodeError:
        return Cursor(path="", offset=0, printed=0, print="")


def _write_cursor(cursor: Cursor) -> str:
    return msgspec.json.encode(cursor).decode()
