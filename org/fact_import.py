"""What taking a file of dated facts would do: new facts, corrections of recorded ones, refusals. Pure.

The file is taken whole or not at all. What is recorded is never overwritten: a correction is a new row in its place.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

import msgspec

from core.language import Text
from org.csv_file import BY_WHAT_IS_KNOWN, MAX_REFUSALS, ImportNote, ImportRefusal

F = TypeVar("F")

ALREADY_OTHERWISE = Text(
    "trùng mã “{code}”: đã ghi “{known}”. Nếu điều đã ghi là sai, thêm --correct",
    "duplicate code “{code}”: recorded as “{known}”. If what is recorded is wrong, add --correct",
)


class FactFile(msgspec.Struct, Generic[F], frozen=True):
    """A file as it was read: facts with their lines, what was mended, what is refused."""

    facts: tuple[tuple[int, F], ...]
    notes: tuple[ImportNote, ...]
    refusals: tuple[ImportRefusal, ...]


class Changed(msgspec.Struct, Generic[F], frozen=True):
    """A correction: the fact as recorded and as the file has it."""

    before: F
    after: F


class ImportPlan(msgspec.Struct, Generic[F], frozen=True):
    """What taking the file would do, or did. Nothing was or will be done where there are refusals."""

    added: tuple[F, ...]
    changed: tuple[Changed[F], ...]
    unchanged: int
    notes: tuple[ImportNote, ...]
    refusals: tuple[ImportRefusal, ...]
    corrections: Mapping[int, F]


def plan_import(
    file: FactFile[F],
    live: Mapping[int, F],
    *,
    key: Callable[[F], object],
    faults: Callable[[list[F]], Iterable[tuple[F, Text]]],
    described: Callable[[F], tuple[str, str]],
    correct: bool,
) -> ImportPlan[F]:
    """Compare the file with the recorded facts by row number.

    `key`: by what a fact is known again. `faults`: the facts that cannot all be true, with the reason. `described`: a
    recorded fact's code and what it says. `correct`: a fact that is recorded otherwise is replaced by the file's.
    """
    known = {key(fact): (number, fact) for number, fact in live.items()}
    refusals = list(file.refusals)
    added: list[F] = []
    changed: list[Changed[F]] = []
    corrections: dict[int, F] = {}
    lines: dict[F, int] = {}
    for line, fact in file.facts:
        number, before = known.get(key(fact), (0, None))
        if before == fact:
            continue
        lines[fact] = line
        if before is None:
            added.append(fact)
            continue
        changed.append(Changed(before, fact))
        corrections[number] = fact
        if not correct:
            code, recorded = described(before)
            refusals.append(ImportRefusal(line, ALREADY_OTHERWISE.format(code=code, known=recorded)))
    if not refusals:
        for wrong, reason in faults([*(corrections.get(number, fact) for number, fact in live.items()), *added]):
            line = lines.get(wrong, 0)
            refusals.append(ImportRefusal(line, reason if line else BY_WHAT_IS_KNOWN.format(reason=reason)))
    return ImportPlan(
        added=tuple(added),
        changed=tuple(changed),
        unchanged=len(file.facts) - len(added) - len(changed),
        notes=file.notes,
        refusals=tuple(sorted(refusals[:MAX_REFUSALS], key=lambda refusal: refusal.line)),
        corrections=corrections,
    )
