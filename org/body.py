"""The facts of bodies as they are kept, and a CSV file of them: read, looked at, taken whole or not at all.

    role;event;date;until;body;name;name_en;mark;basis
    incident_coordinator;held;2025-03-01;;vncert-a05;VNCERT (A05, Bộ Công an);VNCERT (A05);B;...

Rows are never changed: a later one replaces a wrong one.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.language import Text
from org import audit
from org.access import decide
from org.actor import Actor
from org.body_history import MARKS, BodyFact, BodyHistory, Confirmed, Held, faults, key_of
from org.csv_file import CELL_NEEDED, CELL_NOT_WANTED, NO_SUCH_EVENT, SAME_ROW, CsvReading, Unfit, day_of, short
from org.fact_import import FactFile, ImportPlan, plan_import
from org.refused import Refused
from store.db import Base, Document, Instant

COMMON_TABLES = frozenset({"body_fact"})
SEED = Path(__file__).parent / "seed" / "bodies.csv"

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "role": ("vai trò",),
    "event": ("việc",),
    "date": ("ngày", "từ ngày"),
    "until": ("đến hết ngày",),
    "body": ("mã cơ quan", "cơ quan"),
    "name": ("tên",),
    "name_en": ("tên tiếng anh",),
    "mark": ("mức bằng chứng",),
    "basis": ("căn cứ",),
}
"""The columns, each with what Vietnamese files may call it."""
REQUIRED = ("role", "event", "date", "body", "basis")
EVENTS: Mapping[str, str] = {"held": "held", "giữ": "held", "confirmed": "confirmed", "xác nhận": "confirmed"}
NEEDS: Mapping[str, tuple[str, ...]] = {"held": ("name", "mark"), "confirmed": ()}
MAY_HAVE: Mapping[str, tuple[str, ...]] = {"held": ("until", "name_en"), "confirmed": ()}

BAD_MARK = Text("mức bằng chứng “{cell}” không có; dùng: A, B, C, M", "there is no mark “{cell}”; use A, B, C or M")
BAD_ROLE = Text(
    "vai trò “{cell}” phải là mã: chữ thường không dấu, chữ số, gạch dưới",
    "the role “{cell}” must be a code of small letters, digits and underscores",
)


class BodyFactRow(Base):
    """One fact as it was recorded. Common: bodies are no units of the province. `replaces`: the row it corrects."""

    __tablename__ = "body_fact"

    id: Mapped[int] = mapped_column(primary_key=True)
    fact: Mapped[BodyFact] = mapped_column(Document(BodyFact))
    replaces: Mapped[int | None] = mapped_column(ForeignKey("body_fact.id"), unique=True)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by: Mapped[str]


BodyFile = FactFile[BodyFact]
"""A file of bodies as it was read."""


def load_bodies(session: Session) -> BodyHistory:
    """All that is recorded of bodies."""
    return BodyHistory(_live_facts(session).values())


def preview_bodies(session: Session, actor: Actor, file: BodyFile, *, correct: bool) -> ImportPlan[BodyFact] | Refused:
    """What `import_bodies` would do now. Asked of `access`; only reads."""
    decision = decide(actor, "body.change", "bodies")
    return _plan(session, file, correct=correct) if decision.allowed else Refused(decision.reason)


def import_bodies(
    session: Session, actor: Actor, file: BodyFile, now: datetime, *, correct: bool
) -> ImportPlan[BodyFact] | Refused:
    """Take every fact of the file, or none where one is refused.

    `correct`: a fact that is recorded otherwise is replaced by the file's. The same file again changes nothing. Asked
    of `access`, audited once for each role.
    """
    decision = decide(actor, "body.change", "bodies")
    if not decision.allowed:
        audit.append(session, actor, "body.change", "bodies", "denied", now)
        return Refused(decision.reason)
    plan = _plan(session, file, correct=correct)
    if plan.refusals:
        return plan
    written = [*((fact, None) for fact in plan.added), *((fact, number) for number, fact in plan.corrections.items())]
    details: dict[str, dict[str, str]] = {}
    for fact, replaces in written:
        session.add(BodyFactRow(fact=fact, replaces=replaces, recorded_at=now, recorded_by=actor.name))
        verb = f"{key_of(fact)[0]} {fact.on}" if replaces is None else f"corrected {key_of(fact)[0]} {fact.on}"
        mark = f" [{fact.mark}]" if isinstance(fact, Held) else ""
        details.setdefault(fact.role, {})[f"{verb} {fact.body}"] = f"{fact.basis}{mark}"
    for role, detail in details.items():
        audit.append(session, actor, "body.change", f"body_role:{role}", "done", now, detail=detail)
    session.flush()
    return plan


def read_bodies(content: bytes) -> BodyFile:
    """The facts of a CSV file. Pure; every line that cannot be taken is refused with its reason (the first 100)."""
    csv = CsvReading(COLUMNS, REQUIRED)
    facts: list[tuple[int, BodyFact]] = []
    lines: dict[object, int] = {}

    def take(line: int, cells: Mapping[str, str]) -> None:
        fact = _read(csv, cells)
        before = lines.setdefault(key_of(fact), line)
        if before != line:
            raise Unfit(SAME_ROW.format(line=before))
        facts.append((line, fact))

    csv.read(content, take)
    return FactFile(tuple(facts), csv.notes, csv.refusals)


def _read(csv: CsvReading, cells: Mapping[str, str]) -> BodyFact:
    event = EVENTS.get(cells["event"].casefold())
    if event is None:
        raise Unfit(NO_SUCH_EVENT.format(cell=short(cells["event"]), known="held, confirmed"))
    for column in COLUMNS:
        if column in (*NEEDS[event], *REQUIRED) and not cells.get(column):
            raise Unfit(CELL_NEEDED.format(event=event, column=column))
        if cells.get(column) and column not in (*NEEDS[event], *MAY_HAVE[event], *REQUIRED):
            raise Unfit(CELL_NOT_WANTED.format(event=event, column=column))
    role = cells["role"].lower()
    if not (role.isascii() and role.replace("_", "a").isalnum() and role[0].isalpha() and len(role) <= 60):
        raise Unfit(BAD_ROLE.format(cell=short(cells["role"])))
    body, on = csv.code(cells["body"]), day_of(cells["date"])
    if event == "confirmed":
        return Confirmed(role=role, body=body, on=on, basis=cells["basis"])
    mark = next((mark for mark in MARKS if mark == cells["mark"].upper()), None)
    if mark is None:
        raise Unfit(BAD_MARK.format(cell=short(cells["mark"])))
    name = Text(cells["name"], cells.get("name_en") or cells["name"])
    until = day_of(cells["until"]) if cells.get("until") else None
    return Held(role=role, body=body, name=name, on=on, until=until, basis=cells["basis"], mark=mark)


def _live_facts(session: Session) -> dict[int, BodyFact]:
    """The facts that no later row replaces, by the number of their row."""
    rows = session.execute(
        select(BodyFactRow.id, BodyFactRow.fact, BodyFactRow.replaces).order_by(BodyFactRow.id)
    ).all()
    replaced = {replaces for _, _, replaces in rows}
    return {number: fact for number, fact, _ in rows if number not in replaced}


def _plan(session: Session, file: BodyFile, *, correct: bool) -> ImportPlan[BodyFact]:
    def wrong(facts: list[BodyFact]) -> Iterator[tuple[BodyFact, Text]]:
        return ((fault.fact, fault.reason) for fault in faults(BodyHistory(facts)))

    def described(fact: BodyFact) -> tuple[str, str]:
        mark = f" [{fact.mark}]" if isinstance(fact, Held) else ""
        return f"{fact.role} {fact.body}", f"{fact.on} · {fact.basis}{mark}"

    return plan_import(file, _live_facts(session), key=key_of, faults=wrong, described=described, correct=correct)
