"""The day folders: their names, what is known about a sealed one without opening it, and damaged ones.

2026-11-24-standard/    layout.json   fields it was made with
                        dictionary    for the stored events
                        manifest.json once it is sealed
                        meta.json, *  tantivy's own
"""

import errno
import logging
import os
import re
import shutil
import zlib
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import tantivy
import zstandard

from core.errors import QuerySyntaxError, Unavailable
from core.language import Text
from core.system_error import reason_of
from store.events.embedded.layout import CURRENT, LAYOUT_FILE, open_index, read_layout
from store.events.embedded.source import DICTIONARY_FILE, SourceUnpacker, read_dictionary
from store.events.terms import TIME
from store.files import sync_folder, write_durably

RETENTION_CLASS = "standard"
MANIFEST_FILE = "manifest.json"
META_FILE = "meta.json"
OPEN_DAYS = 2
"""So many days may be written to at once."""

_NAME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[a-z0-9]+\Z")
_NAME_ASIDE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[a-z0-9]+\.damaged-[0-9]+\Z")
_SYSTEM_ERROR = re.compile(r"os error ([0-9]+)")
_OF_THE_MACHINE = {errno.EPERM, errno.ENOMEM, errno.EACCES, errno.ENFILE, errno.EMFILE, errno.ENOSPC}
"""They say nothing about the folder."""
_PARTS = ("fast", "fieldnorm", "idx", "pos", "store", "term")
"""The files of a segment. tantivy misses some of them only when it needs them."""
_EXACT_BELOW = 2**53
_MARGIN = 1 << 20
"""tantivy tells smallest and greatest as floating numbers; times after the year 2255 are rounded by less than this."""

FULL_BELOW_BYTES = 32 << 20
INDEX_REFUSED = Text(vi="chỉ mục không ghi được", en="the index cannot be written")
NOT_ASIDE = Text(vi="{folder} bị hỏng và không thể cất riêng", en="{folder} is damaged and cannot be set aside")

log = logging.getLogger("events")


class Manifest(msgspec.Struct, frozen=True):
    """What an index holds, for whoever need not open it; true of one state only: its `meta.json` has the CRC `meta`.

    `first` and `last` bound the event times (microseconds since 1970), `positions` is the highest sequence
    per partition, `sizes` are the bytes of the files that state needs.
    """

    meta: int
    sizes: dict[str, int]
    events: int
    first: int
    last: int
    positions: dict[str, int]


class Damaged(Exception):
    """A folder that cannot be read."""


def folder_name(received: datetime) -> str:
    """The folder of events received then: `2026-11-24-standard`."""
    return f"{received.astimezone(UTC):%Y-%m-%d}-{RETENTION_CLASS}"


def day_folders(root: Path) -> list[Path]:
    """All day folders, the newest day first."""
    return [root / name for name in sorted(_names(root, _NAME), reverse=True)]


def folders_set_aside(root: Path) -> list[str]:
    """Names of damaged day folders that `set_aside` renamed."""
    return _names(root, _NAME_ASIDE)


def day_of(name: str) -> date:
    """The day of receipt (UTC) of a day folder's name, also of one set aside. An impossible date is the first day."""
    try:
        return date.fromisoformat(name[:10])
    except ValueError:
        return date.min


def _names(root: Path, pattern: re.Pattern[str]) -> list[str]:
    try:
        return [path.name for path in root.iterdir() if pattern.match(path.name)]
    except FileNotFoundError:
        return []


def make_folder(folder: Path) -> None:
    """A folder with an empty index in today's layout; it is there whole or not at all."""
    draft = folder.with_name(f".{folder.name}.new")
    if draft.exists():
        for file in draft.iterdir():
            file.unlink()
    else:
        draft.mkdir()
    write_durably(draft / LAYOUT_FILE, msgspec.json.encode(CURRENT))
    tantivy.Index(CURRENT.schema(), path=str(draft))
    sync_folder(draft)
    draft.rename(folder)
    sync_folder(folder.parent)


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest, None where there is none of the folder's present state. Raises `Damaged` where a file was cut."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST_FILE).read_bytes(), type=Manifest)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    meta, sizes = _state(folder)
    if meta != manifest.meta:
        return None
    if any(sizes.get(name) != size for name, size in manifest.sizes.items()):
        raise Damaged("a file of a sealed folder is missing or not as long as it was")
    return manifest


def write_manifest(folder: Path) -> Manifest:
    """Look into the folder and write down what it holds, where the disk has room. Nobody may be writing to it.

    Raises `Damaged`.
    """
    manifest = measure(folder)
    try:
        write_durably(folder / MANIFEST_FILE, msgspec.json.encode(manifest))
    except OSError as error:
        log.warning("event folder %s stays without a manifest: %s", folder.name, error)
    return manifest


def measure(folder: Path) -> Manifest:
    """What the folder's index holds. Raises `Damaged`, also where the newest event cannot be given back."""
    with reading(folder):
        read_layout(folder)
        index = open_index(folder)
        index.reload()
        searcher = index.searcher()
        found = searcher.aggregate(
            tantivy.Query.all_query(),
            {
                "first": {"min": {"field": TIME}},
                "last": {"max": {"field": TIME}},
                "partitions": {
                    "terms": {"field": "_partition", "size": 65_000},
                    "aggs": {"highest": {"max": {"field": "_sequence"}}},
                },
            },
        )
        unpacker = SourceUnpacker(read_dictionary(folder))
        for _, address in searcher.search(tantivy.Query.all_query(), limit=1, order_by_field="_sequence").hits:
            unpacker.unpack(searcher.doc(address).get_first("_source"))  # type: ignore[arg-type]
        first, last = found["first"]["value"], found["last"]["value"]
        meta, sizes = _state(folder)
        return Manifest(
            meta=meta,
            sizes=sizes,
            events=searcher.num_docs,
            first=0 if first is None else _whole(first, -_MARGIN),
            last=0 if last is None else _whole(last, _MARGIN),
            positions={each["key"]: int(each["highest"]["value"]) for each in found["partitions"]["buckets"]},
        )


class reading:
    """What goes wrong inside is `Damaged`, except what is the machine's fault: that is `Unavailable`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, (Unavailable, Damaged, QuerySyntaxError)):
            return
        # tantivy panics on some damage; that reaches Python as a BaseException of its own.
        if (
            isinstance(error, (ValueError, OSError, KeyError, zstandard.ZstdError))
            or type(error).__name__ == "PanicException"
        ):
            if _system_error(error) in _OF_THE_MACHINE:
                said = reason(error, self._folder)
                name = self._folder.name
                raise Unavailable("events", Text(f"{name}: {said.vi}", f"{name}: {said.en}")) from error
            raise Damaged(str(error)) from error


def reason(error: BaseException, folder: Path) -> Text:
    """What the system refused. tantivy's indexing threads keep that to themselves, so the disk is asked."""
    number = _system_error(error)
    if not number and shutil.disk_usage(folder).free < FULL_BELOW_BYTES:
        number = errno.ENOSPC
    return reason_of(OSError(number, os.strerror(number))) if number else INDEX_REFUSED


def _system_error(error: BaseException) -> int:
    """The number of the system's error that tantivy or Python tells of; 0 where there is none."""
    if isinstance(error, OSError):
        return error.errno or 0
    found = _SYSTEM_ERROR.search(str(error))
    return int(found[1]) if found else 0


def mend(folder: Path) -> None:
    """Drop a damaged list of files to clean up: with it tantivy opens nothing, without it nothing is lost."""
    managed = folder / ".managed.json"
    try:
        msgspec.json.decode(managed.read_bytes(), type=list[str])
    except msgspec.DecodeError:
        managed.unlink()
        log.warning("event folder %s: a damaged list of files was dropped", folder.name)
    except FileNotFoundError:
        return


def set_aside(folder: Path, reason: str) -> None:
    """Rename a damaged folder so that nobody reads or writes it any more, and say so."""
    for number in range(1, 1000):
        aside = folder.with_name(f"{folder.name}.damaged-{number}")
        if not aside.exists():
            folder.rename(aside)
            sync_folder(folder.parent)
            log.error("event folder %s is damaged and was set aside as %s: %s", folder.name, aside.name, reason)
            return
    raise Unavailable("events", NOT_ASIDE.format(folder=folder.name))


def _state(folder: Path) -> tuple[int, dict[str, int]]:
    """The CRC of tantivy's list of segments, and the bytes of each file they need. Raises `Damaged`."""
    with reading(folder):
        meta = (folder / META_FILE).read_bytes()
        segments = {segment["segment_id"].replace("-", "") for segment in msgspec.json.decode(meta)["segments"]}
        needed = [f"{segment}.{part}" for segment in segments for part in _PARTS] + [LAYOUT_FILE]
        if (folder / DICTIONARY_FILE).exists():
            needed.append(DICTIONARY_FILE)
        return zlib.crc32(meta), {name: (folder / name).stat().st_size for name in needed}


def _whole(number: float, margin: int) -> int:
    return int(number) + (margin if abs(number) >= _EXACT_BELOW else 0)
