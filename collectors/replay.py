"""A whole log file pushed through the live path: a producer of its own, resumable, never twice by accident.

The partition is named after the file's content, so the same content is known again under any file name; its cursor says
how far it came, so a killed replay goes on where it was. It ends when somebody was told what became of the records.
"""

import gzip
import hashlib
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from collectors.lines import LineCutter, read_lines
from core.errors import Unavailable
from core.path_text import path_text
from core.ports import SpoolWriter
from core.record import Record

CURSOR = "replay"
PORTION_RECORDS = 4096


class Progress(msgspec.Struct):
    """How far a replay came: bytes of the (unpacked) content, records spooled, and whether that is all."""

    offset: int = 0
    records: int = 0
    skipping: bool = False
    done: bool = False


def content_digest(path: Path) -> str:
    """The name of a file's (unpacked) content: 16 hex digits of BLAKE2b. Reads the file once."""
    hasher = hashlib.blake2b(digest_size=8)
    with open_log(path) as file:
        while chunk := file.read(1 << 20):
            hasher.update(chunk)
    return hasher.hexdigest()


def producer_name(digest: str, turn: int) -> str:
    """The producer of the `turn`-th replay (from 0) of a content."""
    return f"replay-{digest}" + (f"-{turn}" if turn else "")


def progress_of(writer: SpoolWriter) -> Progress:
    """How far the replay of this partition came."""
    text = writer.cursors.get(CURSOR)
    return msgspec.json.decode(text, type=Progress) if text else Progress()


def replay(
    path: Path,
    writer: SpoolWriter,
    *,
    format: str,
    unit: str,
    now: Callable[[], datetime],
    told: Callable[[Progress], None] = lambda _: None,
    is_patient: Callable[[], bool] = lambda: True,
) -> Progress:
    """Spool what is left of the file. `.gz` files are read unpacked.

    While the spool is full it waits, and gives up where `is_patient` says no.

    `told` hears of the progress after each durable portion.
    """
    progress = progress_of(writer)
    if progress.done:
        return progress
    cutter = LineCutter(progress.offset, skipping=progress.skipping)
    source = f"replay:{path_text(path.name)}"
    with open_log(path) as file:
        file.seek(progress.offset)
        for lines in read_lines(file, cutter):
            for begin in range(0, len(lines), PORTION_RECORDS):
                portion = lines[begin : begin + PORTION_RECORDS]
                received_at = now()
                records = [
                    Record(
                        raw=raw,
                        source=source,
                        received_at=received_at,
                        unit=unit,
                        format=format,
                        place=str(offset),
                        flags=flags,
                    )
                    for offset, raw, flags in portion
                ]
                whole = begin + PORTION_RECORDS >= len(lines)
                progress = Progress(
                    offset=cutter.offset if whole else lines[begin + PORTION_RECORDS][0],
                    records=progress.records + len(records),
                    skipping=cutter.skipping if whole else False,
                )
                if not _append(writer, records, progress, is_patient):
                    return progress_of(writer)
                told(progress)
    ended = msgspec.structs.replace(progress, done=True)
    return ended if _append(writer, [], ended, is_patient) else progress


def _append(writer: SpoolWriter, records: list[Record], progress: Progress, is_patient: Callable[[], bool]) -> bool:
    """Whether the spool took it."""
    pause = threading.Event()
    while True:
        try:
            writer.append(records, {CURSOR: msgspec.json.encode(progress).decode()})
        except Unavailable as unavailable:
            if not is_patient():
                return False
            pause.wait(unavailable.retry_after_s)
        else:
            return True


def open_log(path: Path) -> BinaryIO:
    """The bytes of a log file, unpacked where its name ends in `.gz`."""
    if path.suffix == ".gz":
        return cast(BinaryIO, gzip.open(path, "rb"))
    return path.open("rb")
