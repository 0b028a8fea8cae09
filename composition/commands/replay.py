"""`canh replay`: log files through the live path, and what became of every record."""

import argparse
import sys
import threading
import zlib
from pathlib import Path

import msgspec
from sqlalchemy import Engine

from collectors.replay import Progress, content_digest, mark_reported, producer_name, progress_of, replay
from composition import run_folder, texts
from composition.commands.environment import database_of, refuse, settings_of
from composition.commands.parse import require_format
from composition.settings import Settings
from composition.tally import read_tallies
from core import clock
from core.errors import Unavailable
from core.scope import EVERY_UNIT
from store import db
from store.spool.disk import DiskSpoolWriter

LOOK_EVERY_S = 0.1
WITHOUT_PIPELINE_S = 5.0
DRAW_EVERY_S = 0.2
TELL_EVERY_S = 5.0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file: records = stored + damaged + waiting; stored holds `rejected`, and that `shelved`."""

    file: str
    records: int
    stored: int
    rejected: int
    shelved: int
    damaged: int
    waiting: int


def run(options: argparse.Namespace) -> int:
    """Replay each file in turn; exit 1 when one was refused because its content is known."""
    settings = settings_of(options)
    require_format(options.format)
    engine = database_of(settings)
    refused = False
    for file in options.files:
        try:
            refused |= not _replay(settings, engine, file, options)
        except (OSError, EOFError, zlib.error) as error:
            refuse(texts.say(texts.CANNOT_READ, file=file, reason=getattr(error, "strerror", None) or error))
        except Unavailable as unavailable:
            refuse(f"{file}: {texts.say(unavailable.reason)}")
    return 1 if refused else 0


def _replay(settings: Settings, engine: Engine, file: Path, options: argparse.Namespace) -> bool:
    """Spool what is left of the file, wait, and say what became of it; False where its content was replayed before."""
    writer = _open_writer(settings, content_digest(file), again=options.again)
    try:
        progress = progress_of(writer)
        if progress.reported:
            print(texts.say(texts.REPLAYED_BEFORE, file=file, count=progress.records), file=sys.stderr)
            return False
        meter = Meter(str(file))
        progress = replay(
            file,
            writer,
            format=options.format,
            unit=settings.org.unit,
            now=clock.now,
            told=lambda told: meter.show(told.records, 0),
        )
        waiting = _wait(settings, writer.partition, writer.last_sequence, meter)
        meter.close()
        outcome = _outcome(engine, file, writer.partition, progress, waiting)
        print(msgspec.json.encode(outcome).decode() if options.json else _as_line(outcome), flush=True)
        if waiting:
            print(texts.say(texts.NOT_RUNNING, path=settings.data), file=sys.stderr)
        else:
            mark_reported(writer, progress)
        return True
    finally:
        writer.close()


def _outcome(engine: Engine, file: Path, partition: str, progress: Progress, waiting: int) -> Outcome:
    with db.session(engine, EVERY_UNIT, reading=True) as session:
        tallies = read_tallies(session)
    damaged = tallies.get(f"damaged|{partition}", 0)
    rejections = [n for name, n in tallies.items() if name.startswith("rejected|") and name.endswith(f"|{partition}")]
    return Outcome(
        file=str(file),
        records=progress.records,
        stored=progress.records - damaged - waiting,
        rejected=sum(rejections),
        shelved=tallies.get(f"rejected|pipeline|{partition}", 0),
        damaged=damaged,
        waiting=waiting,
    )


def _open_writer(settings: Settings, digest: str, *, again: bool) -> DiskSpoolWriter:
    """The partition of this content: the one in work, the finished one, or with `again` the first not finished."""
    turn = 0
    while True:
        writer = DiskSpoolWriter(
            settings.data / "spool",
            producer_name(digest, turn),
            segment_bytes=settings.spool.segment_mebibytes << 20,
            high_water_bytes=settings.spool.high_water_mebibytes << 20,
        )
        if not again or not progress_of(writer).reported:
            return writer
        writer.close()
        turn += 1


def _wait(settings: Settings, partition: str, last: int, meter: "Meter") -> int:
    """Wait until store and detection have made all up to `last` durable; how many are left without a pipeline."""
    folder = settings.data / "run"
    pause = threading.Event()
    seen = clock.monotonic()
    while True:
        report = run_folder.read_report(folder, "pipeline")
        done = int(report.counters.get(f"canh_records_done_total|{partition}", 0)) if report else 0
        if done >= last:
            return 0
        meter.show(last, done)
        if run_folder.living_pid(folder, "pipeline") or run_folder.living_pid(folder, "supervisor"):
            seen = clock.monotonic()
        elif clock.monotonic() - seen > WITHOUT_PIPELINE_S:
            return last - done
        pause.wait(LOOK_EVERY_S)


class Meter:
    """Progress on standard error: one line drawn over on a terminal, a line every few seconds elsewhere."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._drawn = float("-inf")
        self._terminal = sys.stderr.isatty()

    def show(self, spooled: int, done: int) -> None:
        """Draw, not more often than an eye can follow."""
        at = clock.monotonic()
        if at - self._drawn < (DRAW_EVERY_S if self._terminal else TELL_EVERY_S):
            return
        self._drawn = at
        line = texts.say(texts.REPLAYING, file=self._file, spooled=spooled, done=done)
        sys.stderr.write(f"\r\x1b[K{line}" if self._terminal else f"{line}\n")
        sys.stderr.flush()

    def close(self) -> None:
        """Leave the terminal's line empty."""
        if self._terminal and self._drawn > float("-inf"):
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _as_line(outcome: Outcome) -> str:
    return texts.printable(texts.say(texts.REPLAYED, **msgspec.structs.asdict(outcome)))
