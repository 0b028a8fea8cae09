"""A CSV file of facts about units: read, looked at beforehand, and taken whole or not at all.

    code;event;date;name;parent;into;decision;decided
    so-tttt;established;2023-10-16;Sở Thông tin và Truyền thông tỉnh Sóc Trăng;;;…/2023/QĐ-UBND;

What spreadsheets do to such a file is mended and said so; what could be a mistake is refused with its line.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.language import Text
from org import audit
from org.access import decide
from org.actor import Actor
from org.csv_file import (
    CELL_NEEDED,
    CELL_NOT_WANTED,
    NO_SUCH_EVENT,
    SAME_ROW,
    SIGNED_LATER,
    CsvReading,
    Unfit,
    day_of,
    short,
)
from org.fact_import import FactFile, ImportPlan, plan_import
from org.refused import Refused
from org.unit import Unit, live_facts, record_facts, undated_units
from org.unit_history import FactKind, UnitFact, UnitHistory, faults

SEED = Path(__file__).parent / "seed" / "so-tttt-soc-trang-2023.csv"

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("mã", "mã đơn vị"),
    "event": ("việc", "sự việc"),
    "date": ("ngày", "ngày hiệu lực"),
    "name": ("tên", "tên đơn vị"),
    "parent": ("cấp trên", "trực thuộc"),
    "into": ("vào", "đơn vị tiếp nhận"),
    "decision": ("quyết định", "số quyết định"),
    "decided": ("ngày ký",),
}
"""The columns, each with what Vietnamese files may call it."""
REQUIRED = ("code", "event", "date", "decision")

EVENTS: Mapping[str, FactKind] = {
    "established": "established",
    "thành lập": "established",
    "renamed": "renamed",
    "đổi tên": "renamed",
    "moved": "moved",
    "chuyển": "moved",
    "merged": "merged",
    "sáp nhập": "merged",
    "hợp nhất": "merged",
    "split": "split",
    "chia": "split",
    "tách": "split",
    "dissolved": "dissolved",
    "giải thể": "dissolved",
}
NEEDS: Mapping[FactKind, tuple[str, ...]] = {
    "established": ("name",),
    "renamed": ("name",),
    "moved": ("parent",),
    "merged": ("into",),
    "split": ("into",),
    "dissolved": (),
}
MAY_HAVE: Mapping[FactKind, tuple[str, ...]] = {**NEEDS, "established": ("name", "parent")}

CODE_TWICE = Text(
    "mã “{code}” đã được thành lập ở dòng {line}: trùng mã",
    "the code “{code}” is established on line {line}: duplicate",
)


UnitFile = FactFile[UnitFact]
"""A file of units as it was read."""


def preview_units(session: Session, actor: Actor, file: UnitFile, *, correct: bool) -> ImportPlan[UnitFact] | Refused:
    """What `import_units` would do now. Asked of `access`; only reads."""
    decision = decide(actor, "unit.change", "units")
    return _plan(session, file, correct=correct) if decision.allowed else Refused(decision.reason)


def import_units(
    session: Session, actor: Actor, file: UnitFile, now: datetime, *, correct: bool
) -> ImportPlan[UnitFact] | Refused:
    """Take every fact of the file, or none where one is refused. The session must see every unit.

    `correct`: a fact that is recorded otherwise is replaced by the file's. The same file again changes nothing. Asked
    of `access`, audited.
    """
    decision = decide(actor, "unit.change", "units")
    if not decision.allowed:
        audit.append(session, actor, "unit.change", "units", "denied", now)
        return Refused(decision.reason)
    session.execute(select(Unit.unit_id).with_for_update())  # one import at a time, on PostgreSQL too
    plan = _plan(session, file, correct=correct)
    if not plan.refusals and (plan.added or plan.corrections):
        refused = record_facts(session, actor, plan.added, plan.corrections, now)
        if refused is not None:
            return refused
    return plan


def read_units(content: bytes) -> UnitFile:
    """The facts of a CSV file. Pure; every line that cannot be taken is refused with its reason (the first 100)."""
    reading = _Reading()
    reading.csv.read(content, reading.take)
    return FactFile(tuple(reading.facts), reading.csv.notes, reading.csv.refusals)


def _plan(session: Session, file: UnitFile, *, correct: bool) -> ImportPlan[UnitFact]:
    undated = undated_units(session)

    def wrong(facts: list[UnitFact]) -> Iterator[tuple[UnitFact, Text]]:
        return ((fault.fact, fault.reason) for fault in faults(UnitHistory(facts, undated)))

    return plan_import(file, live_facts(session), key=_key, faults=wrong, described=_described, correct=correct)


def _described(fact: UnitFact) -> tuple[str, str]:
    return fact.unit, " · ".join(str(each) for each in (fact.on, fact.name, fact.parent, fact.decision) if each)


def _key(fact: UnitFact) -> tuple[object, ...]:
    """By what a fact is known again: a unit begins and ends once, but may be renamed, moved and split often."""
    if fact.kind in ("established", "merged", "dissolved"):
        return fact.unit, fact.kind
    return fact.unit, fact.kind, fact.on, fact.successor


class _Reading:
    """One file on its way in."""

    def __init__(self) -> None:
        self.facts: list[tuple[int, UnitFact]] = []
        self.csv = CsvReading(COLUMNS, REQUIRED)
        self._lines: dict[tuple[object, ...], int] = {}

    def take(self, line: int, cells: Mapping[str, str]) -> None:
        kind = EVENTS.get(cells["event"].casefold())
        if kind is None:
            raise Unfit(NO_SUCH_EVENT.format(cell=short(cells["event"]), known=", ".join(NEEDS)))
        for column in ("name", "parent", "into"):
            if column in NEEDS[kind] and not cells.get(column):
                raise Unfit(CELL_NEEDED.format(event=kind, column=column))
            if cells.get(column) and column not in MAY_HAVE[kind]:
                raise Unfit(CELL_NOT_WANTED.format(event=kind, column=column))
        if not cells["decision"]:
            raise Unfit(CELL_NEEDED.format(event=kind, column="decision"))
        fact = UnitFact(
            unit=self.csv.code(cells["code"]),
            kind=kind,
            on=day_of(cells["date"]),
            name=cells.get("name") or None,
            parent=self.csv.code(cells["parent"]) if cells.get("parent") else None,
            successor=self.csv.code(cells["into"]) if cells.get("into") else None,
            decision=cells["decision"],
            decided_on=day_of(cells["decided"]) if cells.get("decided") else None,
        )
        before = self._lines.setdefault(_key(fact), line)
        if before != line:
            reason = CODE_TWICE if kind == "established" else SAME_ROW
            raise Unfit(reason.format(code=fact.unit, line=before))
        if fact.decided_on is not None and fact.decided_on > fact.on:
            self.csv.note(line, SIGNED_LATER.format(decided=fact.decided_on, on=fact.on))
        self.facts.append((line, fact))
