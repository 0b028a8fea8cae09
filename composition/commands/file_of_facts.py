"""What the commands that take a file of facts have in common: the file, and the plan in words."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from composition import texts
from composition.commands.environment import refuse, unreadable
from core.scope import EVERY_UNIT
from org.csv_file import MAX_BYTES
from org.fact_import import ImportPlan
from org.refused import Refused
from store import db

F = TypeVar("F")


def content_of(options: argparse.Namespace, seed: Path | None = None) -> bytes:
    """The file that was named, or the `seed` that comes with Canh; ends the program where it is neither or both."""
    if seed is not None and (options.file is None) is not options.seed:
        refuse(texts.say(texts.CSV_FILE_NEEDED))
    path: Path = seed if seed is not None and options.seed else options.file
    try:
        with path.open("rb") as opened:
            content: bytes = opened.read(MAX_BYTES + 1)
    except OSError as error:
        refuse(texts.say(texts.CANNOT_READ, file=texts.printable(str(path)), reason=unreadable(error)))
    return content


def import_facts(
    options: argparse.Namespace,
    engine: Engine,
    preview: Callable[[Session], ImportPlan[F] | Refused],
    take: Callable[[Session], ImportPlan[F] | Refused],
    sentence: Callable[[F], str],
) -> int:
    """Say what the file would change; with `--apply` change it, unless a row is refused. Exit 1 where one is."""
    if options.apply:
        with db.session(engine, EVERY_UNIT) as session:
            plan = take(session)
    else:
        with db.session(engine, EVERY_UNIT, reading=True) as session:
            plan = preview(session)
    return _tell(plan, sentence, options)


def _tell(plan: ImportPlan[F] | Refused, sentence: Callable[[F], str], options: argparse.Namespace) -> int:
    """Print the plan, each fact as `sentence` says it; exit 1 where a row is refused."""
    if isinstance(plan, Refused):
        refuse(texts.say(plan.reason))
    if options.json:
        print(texts.printable_json({**msgspec.to_builtins(plan), "applied": options.apply and not plan.refusals}))
    else:
        for fact in plan.added:
            print(texts.printable(f"+ {sentence(fact)}"))
        for change in plan.changed:
            print(texts.printable(f"- {sentence(change.before)}"))
            print(texts.printable(f"+ {sentence(change.after)}"))
        counts = {"added": len(plan.added), "changed": len(plan.changed), "unchanged": plan.unchanged}
        print(texts.say(texts.IMPORT_PLAN, **counts))
        if not plan.refusals:
            print(texts.say(texts.IMPORT_TAKEN if options.apply else texts.IMPORT_PREVIEW))
    _complain(plan)
    return 1 if plan.refusals else 0


def _complain(plan: ImportPlan[F]) -> None:
    """What was mended and what is refused, on standard error."""
    for note in plan.notes:
        text = texts.IMPORT_NOTE_AT if note.line else texts.IMPORT_NOTE
        print(texts.printable(texts.say(text, line=note.line, reason=texts.say(note.reason))), file=sys.stderr)
    for refusal in plan.refusals:
        text = texts.IMPORT_REFUSED_AT if refusal.line else texts.IMPORT_REFUSED
        print(texts.printable(texts.say(text, line=refusal.line, reason=texts.say(refusal.reason))), file=sys.stderr)
    if plan.refusals:
        print(texts.say(texts.IMPORT_NOTHING_TAKEN, count=len(plan.refusals)), file=sys.stderr)
