"""`canh parse`: what Canh reads in each line, without a server. The same parsers as live input."""

import argparse
import sys
import zlib
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO

from collectors.lines import Line, LineCutter, read_lines
from collectors.normalise import FORMATS, normalise_record
from collectors.replay import open_log
from composition import texts
from composition.commands.environment import refuse, settings_of, unreadable
from core import clock
from core.event import Event, Rejected
from core.path_text import path_text
from core.record import Position, Record
from core.rejection import REASONS

PARTITION = "parse.000000000000"


def run(options: argparse.Namespace) -> int:
    """One JSON line per record, in order: the event's fields, or the rejection with its reason."""
    settings = settings_of(options)
    require_format(options.format)
    now = clock.now()
    for number, (_, raw, flags) in enumerate(lines_of(options.file), 1):
        record = Record(
            raw=raw,
            source=f"parse:{path_text(options.file)}",
            received_at=now,
            unit=settings.org.unit,
            format=options.format,
            flags=flags,
        )
        outcome = normalise_record(Position(PARTITION, number), record, settings.zone)
        sys.stdout.write(as_json(outcome) + "\n")
    return 0


def as_json(outcome: Event | Rejected) -> str:
    """One line: time, fields and the original text; a rejection also says at which stage and why."""
    rejection = (
        {"rejected": outcome.stage, "code": outcome.reason, "reason": texts.say(REASONS[outcome.reason])}
        if isinstance(outcome, Rejected)
        else {}
    )
    event = outcome.as_event() if isinstance(outcome, Rejected) else outcome
    original = event.raw.decode("utf-8", "backslashreplace")
    return texts.printable_json({**rejection, "@timestamp": event.time, **event.fields, "event.original": original})


def lines_of(file: str) -> Iterator[Line]:
    """The lines of a file (`.gz` unpacked) or, for `-`, of standard input; ends the program where it cannot be read."""
    try:
        opened = nullcontext[BinaryIO](sys.stdin.buffer) if file == "-" else open_log(Path(file))
        with opened as stream:
            for lines in read_lines(stream, LineCutter()):
                yield from lines
    except (OSError, EOFError, zlib.error) as error:
        refuse(texts.say(texts.CANNOT_READ, file=path_text(file), reason=unreadable(error)))


def require_format(name: str) -> None:
    """End the program, naming the known formats, where there is no such one."""
    if name not in FORMATS:
        refuse(texts.say(texts.NO_SUCH_FORMAT, format=name, known=", ".join(FORMATS)))
