"""A CSV file of facts about persons and posts: read, looked at beforehand, and taken whole or not at all.

    code;event;date;unit;name;name_en;kind;group;decision
    gd;established;2023-10-16;so-tttt-lanh-dao;Giám đốc Sở;Director;director;giam-doc;…/2023/QĐ-UBND

What spreadsheets do to such a file is mended and said so; what could be a mistake is refused with its line.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import msgspec
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
from org.post import live_facts, record_facts
from org.post_history import (
    POST_KINDS,
    Appointed,
    AppointedActing,
    Delegated,
    Incompatible,
    PersonChanged,
    PersonRegistered,
    PostAbolished,
    PostEstablished,
    PostFact,
    PostHistory,
    PostKind,
    Quota,
    Relieved,
    RuleEnded,
    VerificationPeriod,
    Verified,
    Withdrawn,
    faults,
    key_of,
)
from org.refused import Refused
from org.unit import Unit
from org.unit import load_history as load_units

SEED = Path(__file__).parent / "seed" / "so-tttt-soc-trang-2023-posts.csv"
MOST_PEOPLE = 100_000
MOST_MONTHS = 120

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("mã",),
    "event": ("việc", "sự việc"),
    "date": ("ngày", "từ ngày"),
    "until": ("đến hết ngày",),
    "unit": ("đơn vị", "mã đơn vị"),
    "name": ("tên", "họ tên", "chức danh"),
    "name_en": ("tên tiếng anh",),
    "kind": ("loại",),
    "other_kind": ("không kiêm",),
    "group": ("nhóm",),
    "number": ("số lượng",),
    "person": ("người", "mã người"),
    "verifier": ("người xác minh",),
    "receiver": ("người nhận", "được ủy quyền"),
    "subject": ("nội dung", "mã nội dung"),
    "words": ("diễn giải",),
    "email": ("thư điện tử",),
    "phone": ("điện thoại",),
    "account": ("tài khoản",),
    "basis": ("căn cứ",),
    "decision": ("quyết định", "số quyết định"),
    "decided": ("ngày ký",),
}
"""The columns, each with what Vietnamese files may call it."""
REQUIRED = ("code", "event", "date")

EVENTS: Mapping[str, tuple[str, ...]] = {
    "person": ("nhân sự",),
    "person_changed": ("sửa nhân sự",),
    "established": ("thành lập", "lập chức danh"),
    "abolished": ("bãi bỏ",),
    "appointed": ("bổ nhiệm",),
    "acting": ("giao phụ trách", "phụ trách"),
    "relieved": ("thôi giữ", "miễn nhiệm"),
    "delegated": ("ủy quyền", "ủy nhiệm"),
    "withdrawn": ("chấm dứt ủy quyền",),
    "quota": ("biên chế",),
    "rule": ("quy tắc",),
    "rule_ended": ("bãi bỏ quy tắc",),
    "verified": ("xác minh",),
    "verification": ("kỳ xác minh",),
}
NEEDS: Mapping[str, tuple[str, ...]] = {
    "person": ("unit", "name"),
    "person_changed": ("unit", "name"),
    "established": ("unit", "name", "kind", "decision"),
    "abolished": ("decision",),
    "appointed": ("person", "decision"),
    "acting": ("person", "decision"),
    "relieved": ("person", "decision"),
    "delegated": ("receiver", "subject", "decision"),
    "withdrawn": ("receiver", "subject", "decision"),
    "quota": ("group", "number", "decision"),
    "rule": ("unit", "kind", "other_kind", "decision"),
    "rule_ended": ("decision",),
    "verified": ("person", "verifier"),
    "verification": ("number", "decision"),
}
MAY_HAVE: Mapping[str, tuple[str, ...]] = {
    "person": ("email", "phone", "account", "decision"),
    "person_changed": ("email", "phone", "account", "decision"),
    "established": ("name_en", "group"),
    "appointed": ("until", "basis"),
    "acting": ("until", "basis"),
    "delegated": ("until", "words"),
    "verified": ("decision",),
}
KINDS: Mapping[str, PostKind] = {
    **{kind: kind for kind in POST_KINDS},
    "giám đốc": "director",
    "phó giám đốc": "deputy_director",
    "trưởng": "head",
    "phó": "deputy_head",
    "nhân viên": "officer",
    "đầu mối": "contact",
}

BAD_SUBJECT = Text(
    "nội dung “{cell}” phải là mã: chữ thường không dấu, chữ số, gạch dưới, như sign_report",
    "the subject “{cell}” must be a code of small letters, digits and underscores, like sign_report",
)
BAD_KIND = Text("không có loại “{cell}”; dùng: {known}", "there is no kind “{cell}”; use: {known}")
BAD_NUMBER = Text("số lượng “{cell}” phải là số nguyên từ 0", "the number “{cell}” must be a whole number from 0")
BAD_MONTHS = Text("số tháng “{cell}” phải từ 1 đến 120", "the months “{cell}” must be from 1 to 120")
BAD_EMAIL = Text("“{cell}” không phải địa chỉ thư điện tử", "“{cell}” is no e-mail address")
BAD_PHONE = Text("“{cell}” không phải số điện thoại: dùng 0901234567", "“{cell}” is no telephone number")

_SUBJECT = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_PHONE = re.compile(r"[0-9(][0-9 ().-]{4,24}", re.ASCII)


PostFile = FactFile[PostFact]
"""A file of persons and posts as it was read."""


def preview_posts(session: Session, actor: Actor, file: PostFile, *, correct: bool) -> ImportPlan[PostFact] | Refused:
    """What `import_posts` would do now. Asked of `access`; only reads."""
    decision = decide(actor, "post.change", "posts")
    return _plan(session, file, correct=correct)[0] if decision.allowed else Refused(decision.reason)


def import_posts(
    session: Session, actor: Actor, file: PostFile, now: datetime, *, correct: bool
) -> ImportPlan[PostFact] | Refused:
    """Take every fact of the file, or none where one is refused. The session must see every unit.

    `correct`: a fact that is recorded otherwise is replaced by the file's. The same file again changes nothing. Asked
    of `access`, audited.
    """
    decision = decide(actor, "post.change", "posts")
    if not decision.allowed:
        audit.append(session, actor, "post.change", "posts", "denied", now)
        return Refused(decision.reason)
    session.execute(select(Unit.unit_id).with_for_update())  # one import at a time, on PostgreSQL too
    plan, after = _plan(session, file, correct=correct)
    if not plan.refusals and (plan.added or plan.corrections):
        refused = record_facts(session, actor, plan.added, plan.corrections, after, now)
        if refused is not None:
            return refused
    return plan


def read_posts(content: bytes) -> PostFile:
    """The facts of a CSV file. Pure; every line that cannot be taken is refused with its reason (the first 100)."""
    reading = _Reading()
    reading.csv.read(content, reading.take)
    return FactFile(tuple(reading.facts), reading.csv.notes, reading.csv.refusals)


def _plan(session: Session, file: PostFile, *, correct: bool) -> tuple[ImportPlan[PostFact], PostHistory]:
    """The plan, and the history that holds when it is carried out."""
    units = load_units(session)
    live = live_facts(session)

    def wrong(facts: list[PostFact]) -> Iterator[tuple[PostFact, Text]]:
        return ((fault.fact, fault.reason) for fault in faults(PostHistory(facts, units)))

    plan = plan_import(file, live, key=key_of, faults=wrong, described=_described, correct=correct)
    after = [*(plan.corrections.get(number, fact) for number, fact in live.items()), *plan.added]
    return plan, PostHistory(after, units)


def _described(fact: PostFact) -> tuple[str, str]:
    values = msgspec.structs.asdict(fact)
    _, code, *_ = key_of(fact)
    said = [value.vi if isinstance(value, Text) else str(value) for value in values.values() if value]
    return str(code), " · ".join(said)


class _Reading:
    """One file on its way in."""

    def __init__(self) -> None:
        self.facts: list[tuple[int, PostFact]] = []
        self.csv = CsvReading(COLUMNS, REQUIRED)
        self._lines: dict[tuple[object, ...], int] = {}
        self._events = {name: event for event, others in EVENTS.items() for name in (event, *others)}

    def take(self, line: int, cells: Mapping[str, str]) -> None:
        event = self._events.get(cells["event"].casefold().replace("uỷ", "ủy"))
        if event is None:
            raise Unfit(NO_SUCH_EVENT.format(cell=short(cells["event"]), known=", ".join(EVENTS)))
        for column in COLUMNS:
            if column in NEEDS[event] and not cells.get(column):
                raise Unfit(CELL_NEEDED.format(event=event, column=column))
            wanted = (*NEEDS[event], *MAY_HAVE.get(event, ()), *REQUIRED, "decided")
            if cells.get(column) and column not in wanted:
                raise Unfit(CELL_NOT_WANTED.format(event=event, column=column))
        fact = self._fact(event, {column: cell for column, cell in cells.items() if cell})
        before = self._lines.setdefault(key_of(fact), line)
        if before != line:
            raise Unfit(SAME_ROW.format(line=before))
        if fact.decided_on is not None and fact.decided_on > fact.on:
            self.csv.note(line, SIGNED_LATER.format(decided=fact.decided_on, on=fact.on))
        self.facts.append((line, fact))

    def _fact(self, event: str, cells: Mapping[str, str]) -> PostFact:
        code = self.csv.code(cells.get("code", ""))
        on = day_of(cells.get("date", ""))
        decision = cells.get("decision", "")
        decided_on = day_of(cells["decided"]) if "decided" in cells else None
        until = day_of(cells["until"]) if "until" in cells else None
        unit, person, receiver, group = (
            self.csv.code(cells[column]) if column in cells else ""
            for column in ("unit", "person", "receiver", "group")
        )
        match event:
            case "person" | "person_changed":
                return (PersonRegistered if event == "person" else PersonChanged)(
                    on=on,
                    decision=decision,
                    decided_on=decided_on,
                    person=code,
                    unit=unit,
                    name=cells["name"],
                    email=_fits(_EMAIL, cells.get("email"), BAD_EMAIL),
                    phone=_fits(_PHONE, cells.get("phone"), BAD_PHONE),
                    account=cells.get("account"),
                )
            case "established":
                return PostEstablished(
                    on=on,
                    decision=decision,
                    decided_on=decided_on,
                    post=code,
                    unit=unit,
                    title=Text(cells["name"], cells.get("name_en", cells["name"])),
                    post_kind=_kind(cells["kind"]),
                    group=group or None,
                )
            case "abolished":
                return PostAbolished(on=on, decision=decision, decided_on=decided_on, post=code)
            case "appointed" | "acting":
                return (Appointed if event == "appointed" else AppointedActing)(
                    on=on,
                    decision=decision,
                    decided_on=decided_on,
                    post=code,
                    person=person,
                    until=until,
                    legal_basis=cells.get("basis"),
                )
            case "relieved":
                return Relieved(on=on, decision=decision, decided_on=decided_on, post=code, person=person)
            case "delegated":
                return Delegated(
                    on=on,
                    decision=decision,
                    decided_on=decided_on,
                    giver=code,
                    receiver=receiver,
                    subject=_subject(cells["subject"]),
                    words=cells.get("words"),
                    until=until,
                )
            case "withdrawn":
                subject = _subject(cells["subject"])
                return Withdrawn(
                    on=on, decision=decision, decided_on=decided_on, giver=code, receiver=receiver, subject=subject
                )
            case "quota":
                number = _number(cells["number"])
                return Quota(on=on, decision=decision, decided_on=decided_on, unit=code, group=group, number=number)
            case "rule":
                return Incompatible(
                    on=on,
                    decision=decision,
                    decided_on=decided_on,
                    rule=code,
                    unit=unit,
                    kind=_kind(cells["kind"]),
                    other=_kind(cells["other_kind"]),
                )
            case "verified":
                verifier = self.csv.code(cells["verifier"])
                return Verified(
                    on=on, decision=decision, decided_on=decided_on, post=code, person=person, verifier=verifier
                )
            case "verification":
                months = _number(cells["number"])
                if not 1 <= months <= MOST_MONTHS:
                    raise Unfit(BAD_MONTHS.format(cell=cells["number"]))
                return VerificationPeriod(on=on, decision=decision, decided_on=decided_on, unit=code, months=months)
            case _:
                return RuleEnded(on=on, decision=decision, decided_on=decided_on, rule=code)


def _kind(cell: str) -> PostKind:
    kind = KINDS.get(cell.casefold())
    if kind is None:
        raise Unfit(BAD_KIND.format(cell=short(cell), known=", ".join(POST_KINDS)))
    return kind


def _subject(cell: str) -> str:
    if not _SUBJECT.fullmatch(cell):
        raise Unfit(BAD_SUBJECT.format(cell=short(cell)))
    return cell


def _number(cell: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", cell, re.ASCII) or int(cell) > MOST_PEOPLE:
        raise Unfit(BAD_NUMBER.format(cell=short(cell)))
    return int(cell)


def _fits(form: re.Pattern[str], cell: str | None, reason: Text) -> str | None:
    if cell is not None and not form.fullmatch(cell):
        raise Unfit(reason.format(cell=short(cell)))
    return cell
