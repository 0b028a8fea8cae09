"""`canh replay`: log files through the live path, and what became of every record."""

import argparse
import contextlib
import sys
import threading
import zlib
from pathlib import Path

import msgspec
from sqlalchemy import Engine

from collectors.replay import content_digest, producer_name, replay
from composition import run_folder, texts
from composition.commands.environment import database_of, require, settings_of, unreadable
from composition.commands.parse import require_format
from composition.retired import retired_of, sum_up
from composition.settings import Settings
from composition.status import read_counted
from composition.tally import read_tallies
from core import clock
from core.errors import Unavailable
from core.language import Text
from core.path_text import path_text
from core.scope import EVERY_UNIT
from store import db
from store.spool.disk import DiskSpoolReader, DiskSpoolWriter
from store.spool.partition import producer_of

LOOK_EVERY_S = 0.1
WITHOUT_PIPELINE_S = 5.0
WITHOUT_PROGRESS_S = 120.0
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
    require("record.replay", "records")
    engine = database_of(settings)
    codes = [_replay_or_say_why(settings, engine, file, options) for file in options.files]
    return max(codes)


def _replay_or_say_why(settings: Settings, engine: Engine, file: Path, options: argparse.Namespace) -> int:
    """The exit code of one file."""
    try:
        return _replay(settings, engine, file, options)
    except (OSError, EOFError, zlib.error) as error:
        reason = texts.say(texts.CANNOT_READ, file=path_text(file), reason=unreadable(error))
    except Unavailable as unavailable:
        reason = f"{path_text(file)}: {texts.say(unavailable.reason)}"
    print(texts.printable(reason), file=sys.stderr)
    return 2


def _replay(settings: Settings, engine: Engine, file: Path, options: argparse.Namespace) -> int:
    """Spool what is left of the file, wait, and say what became of it; 1 where its content was replayed before."""
    digest = content_digest(file)
    turn = 0
    while isinstance(opened := _open(settings, engine, file, producer_name(digest, turn)), Outcome):
        if not options.again:
            print(texts.say(texts.REPLAYED_BEFORE, file=path_text(file), count=opened.records), file=sys.stderr)
            print(_as_line(opened), file=sys.stderr)
            return 1
        turn += 1
    writer, producer = opened, producer_name(digest, turn)
    try:
        meter = Meter(path_text(file))
        patience = Patience(settings.data / "run")
        progress = replay(
            file,
            writer,
            format=options.format,
            unit=settings.org.unit,
            now=clock.now,
            told=lambda told: meter.show(told.records, 0),
            is_patient=lambda: patience.ends(sum(_done_by_partition(settings).values())) is None,
        )
        waiting, why = _wait(settings, producer, meter)
        meter.close()
        outcome = _outcome(engine, file, producer, progress.records, waiting)
        print(texts.printable_json(outcome) if options.json else _as_line(outcome), flush=True)
        if not progress.done:
            print(texts.say(texts.SPOOL_STAYS_FULL, file=path_text(file), path=settings.data), file=sys.stderr)
            return 2
        if why is not None:
            print(texts.say(why, path=settings.data), file=sys.stderr)
        with contextlib.suppress(Unavailable):  # then the same content is told of once more, no more than that
            writer.end()
        return 0
    finally:
        writer.close()


def _open(settings: Settings, engine: Engine, file: Path, producer: str) -> DiskSpoolWriter | Outcome:
    """The writer of a replay that has not come to its end; what became of the records where it has."""
    before = _before(settings, engine, file, producer)
    if before is not None:
        return before
    writer = DiskSpoolWriter(
        settings.data / "spool",
        producer,
        segment_bytes=settings.spool.segment_mebibytes << 20,
        high_water_bytes=settings.spool.high_water_mebibytes << 20,
    )
    if writer.last_sequence == 0 and not writer.cursors:
        # New: another replay of the same content may have come to its end since we looked.
        before = _before(settings, engine, file, producer, besides=writer.partition)
        if before is not None:
            writer.end()
            return before
    return writer


def _before(
    settings: Settings, engine: Engine, file: Path, producer: str, besides: str | None = None
) -> Outcome | None:
    """What became of the content in an earlier replay that came to its end; None where there was none.

    A partition leaves the spool only after its row is written, so the spool is asked first.
    """
    spool = DiskSpoolReader(settings.data / "spool")
    present = [name for name in spool.partitions() if producer_of(name) == producer and name != besides]
    if not all(spool.has_ended(name) for name in present):
        return None
    records = {name: spool.last_sequence(name) for name in present}
    with db.session(engine, EVERY_UNIT, reading=True) as session:
        records |= {row.partition: row.records for row in retired_of(session, producer)}
    if not records:
        return None
    counted = read_counted(settings.data, engine, spool)
    waiting = sum(counted.get(f"canh_backlog_records|{name}", 0.0) for name in present)
    return _outcome(engine, file, producer, sum(records.values()), int(waiting))


def _outcome(engine: Engine, file: Path, producer: str, records: int, waiting: int) -> Outcome:
    with db.session(engine, EVERY_UNIT, reading=True) as session:
        tallies = read_tallies(session)
        rows = retired_of(session, producer)
    own = ((name, count) for name, count in tallies.items() if producer_of(name.rpartition("|")[2]) == producer)
    found = sum_up(own)
    for row in rows:
        for name in found:
            found[name] += getattr(row, name)
    stored = records - found["damaged"] - waiting
    return Outcome(file=path_text(file), records=records, stored=stored, waiting=waiting, **found)


class Patience:
    """How long it is worth waiting: while a pipeline works, or may come back, and gets on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen = self._moved = clock.monotonic()
        self._done = 0.0

    def ends(self, done: float) -> Text | None:
        """Why not to wait any longer; `done` is whatever rises as the pipeline gets on."""
        at = clock.monotonic()
        if done > self._done:
            self._done, self._moved = done, at
        if run_folder.living_pid(self._folder, "pipeline") or run_folder.living_pid(self._folder, "supervisor"):
            self._seen = at
        if at - self._seen > WITHOUT_PIPELINE_S:
            return texts.NOT_RUNNING
        return texts.NOT_MOVING if at - self._moved > WITHOUT_PROGRESS_S else None


def _done_by_partition(settings: Settings) -> dict[str, int]:
    """Up to where store and detection have made each partition durable, as the pipeline last reported."""
    report = run_folder.read_report(settings.data / "run", "pipeline")
    counted = report.counters.items() if report else ()
    return {
        name.partition("|")[2]: int(value) for name, value in counted if name.startswith("canh_records_done_total|")
    }


def _wait(settings: Settings, producer: str, meter: "Meter") -> tuple[int, Text | None]:
    """Wait until store and detection have made all of a producer's records durable; how many are left, and why."""
    pause = threading.Event()
    patience = Patience(settings.data / "run")
    while True:
        done = _done_by_partition(settings)
        spool = DiskSpoolReader(settings.data / "spool")  # asked after the report: a partition may be retired meanwhile
        spooled = {name: spool.last_sequence(name) for name in spool.partitions() if producer_of(name) == producer}
        left = sum(max(0, last - done.get(name, 0)) for name, last in spooled.items())
        if left == 0:
            return 0, None
        total = sum(spooled.values())
        meter.show(total, total - left)
        if (why := patience.ends(total - left)) is not None:
            return left, why
        pause.wait(LOOK_EVERY_S)


class Meter:
    """Progress on standard error: one line drawn over on a terminal, a line every few seconds elsewhere."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._terminal = sys.stderr.isatty()
        self._drawn = float("-inf") if self._terminal else clock.monotonic()

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
