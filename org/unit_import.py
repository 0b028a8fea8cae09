"""A CSV file of facts about units: read, looked at beforehand, and taken whole or not at all.

    code;event;date;name;parent;into;decision;decided
    so-tttt;established;2023-10-16;Sở Thông tin và Truyền thông tỉnh Sóc Trăng;;;…/2023/QĐ-UBND;

What spreadsheets do to such a file is mended and said so; what could be a mistake is refused with its line.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.language import Text
from org import audit
from org.access import decide
from org.actor import Actor
from org.refused import Refused
from org.settings import UNIT_CODE
from org.unit import Unit, live_facts, record_facts, undated_units
from org.unit_history import FactKind, UnitFact, UnitHistory, faults

SEED = Path(__file__).parent / "seed" / "so-tttt-soc-trang-2023.csv"
MAX_BYTES = 2 << 20
MAX_ROWS = 5_000
MAX_CELL_LETTERS = 200
MAX_REFUSALS = 100

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

TOO_LARGE = Text("tệp lớn hơn {most} KiB", "the file is larger than {most} KiB")
TOO_MANY_ROWS = Text("tệp có nhiều hơn {most} dòng", "the file has more than {most} rows")
NOT_UTF8 = Text("không phải UTF-8: hãy lưu tệp dạng “CSV UTF-8”", "not UTF-8: save the file as “CSV UTF-8”")
BROKEN_CSV = Text("không đọc được dòng CSV này (dấu ngoặc kép?)", "this line is not CSV (quotation marks?)")
EMPTY_FILE = Text("tệp không có dòng nào", "the file has no rows")
WRONG_COLUMNS = Text(
    "sai cột: không biết “{found}”; các cột là {known}",
    "wrong columns: “{found}” is not known; the columns are {known}",
)
COLUMN_MISSING = Text("thiếu cột “{column}”; các cột là {known}", "the column “{column}” is missing; they are {known}")
COLUMN_TWICE = Text("cột “{column}” có hai lần", "the column “{column}” is there twice")
WRONG_WIDTH = Text("có {found} ô, dòng đầu có {expected}", "has {found} cells, the header has {expected}")
FORMULA = Text("ô “{column}” là công thức (“{cell}”)", "the cell “{column}” is a formula (“{cell}”)")
UNPRINTABLE = Text("ô “{column}” có ký tự không in được", "the cell “{column}” has characters that cannot be printed")
TOO_LONG = Text("ô “{column}” dài quá {most} ký tự", "the cell “{column}” has more than {most} characters")
CELL_NEEDED = Text("việc “{event}” cần ô “{column}”", "“{event}” needs the cell “{column}”")
CELL_NOT_WANTED = Text("việc “{event}” không có ô “{column}”", "“{event}” has no cell “{column}”")
NO_SUCH_EVENT = Text("không có việc “{cell}”; dùng: {known}", "there is no event “{cell}”; use: {known}")
BAD_CODE = Text(
    "mã “{cell}” chỉ được có chữ thường không dấu, chữ số và gạch nối, nhiều nhất 63 ký tự",
    "the code “{cell}” may have small letters a-z, digits and hyphens, 63 at most",
)
BAD_DATE = Text("“{cell}” không phải ngày: dùng 2025-07-01 hoặc 01/07/2025", "“{cell}” is no date: use 2025-07-01")
FAR_DATE = Text("ngày {cell} không thể đúng", "the date {cell} cannot be right")
SAME_ROW = Text("trùng với dòng {line}", "the same as line {line}")
CODE_TWICE = Text(
    "mã “{code}” đã được thành lập ở dòng {line}: trùng mã",
    "the code “{code}” is established on line {line}: duplicate",
)
ALREADY_OTHERWISE = Text(
    "trùng mã “{code}”: đã ghi “{known}”. Nếu điều đã ghi là sai, thêm --correct",
    "duplicate code “{code}”: recorded as “{known}”. If what is recorded is wrong, add --correct",
)
BY_WHAT_IS_KNOWN = Text("với những điều đã ghi: {reason}", "with what is recorded: {reason}")

HAD_BOM = Text("bỏ dấu BOM ở đầu tệp", "a byte order mark was taken off")
HAD_DELIMITER = Text("các ô ngăn bằng “{delimiter}”", "the cells are separated by “{delimiter}”")
HAD_NFD = Text("{count} ô có chữ tổ hợp (NFD) đã chuyển thành NFC", "{count} cells were NFD and are now NFC")
HAD_ETH = Text(
    "{count} ô có chữ Ð (U+00D0) đã thay bằng Đ (U+0110)", "{count} cells had Ð (U+00D0), which is now Đ (U+0110)"
)
HAD_CAPITALS = Text("{count} mã viết hoa đã thành chữ thường", "{count} codes were in capitals and now are not")
HAD_SPACES = Text("{count} ô có khoảng trắng thừa đã bỏ", "{count} cells had superfluous spaces")
SIGNED_LATER = Text(
    "ngày ký {decided} ở sau ngày hiệu lực {on}: có đúng không?",
    "signed on {decided}, after it took effect on {on}: right?",
)

_ETH = str.maketrans({"Ð": "Đ", "ð": "đ", "Ɖ": "Đ"})
_FORMULA = ("=", "+", "-", "@")  # Source: OWASP, CSV Injection


class ImportNote(msgspec.Struct, frozen=True):
    """A word about the file (line 0) or a line: something was mended or should be looked at."""

    line: int
    reason: Text


class ImportRefusal(msgspec.Struct, frozen=True):
    """Why the file cannot be taken; line 0 where it is about what is recorded already."""

    line: int
    reason: Text


class UnitFile(msgspec.Struct, frozen=True):
    """A file as it was read: facts with their lines, what was mended, what is refused."""

    facts: tuple[tuple[int, UnitFact], ...]
    notes: tuple[ImportNote, ...]
    refusals: tuple[ImportRefusal, ...]


class Changed(msgspec.Struct, frozen=True):
    """A correction: the fact as recorded and as the file has it."""

    before: UnitFact
    after: UnitFact


class ImportPlan(msgspec.Struct, frozen=True):
    """What taking the file would do, or did. Nothing was or will be done where there are refusals."""

    added: tuple[UnitFact, ...]
    changed: tuple[Changed, ...]
    unchanged: int
    notes: tuple[ImportNote, ...]
    refusals: tuple[ImportRefusal, ...]
    corrections: Mapping[int, UnitFact]


def preview_units(session: Session, actor: Actor, file: UnitFile, *, correct: bool) -> ImportPlan | Refused:
    """What `import_units` would do now. Asked of `access`; only reads."""
    decision = decide(actor, "unit.change", "units")
    return _plan(session, file, correct=correct) if decision.allowed else Refused(decision.reason)


def import_units(
    session: Session, actor: Actor, file: UnitFile, now: datetime, *, correct: bool
) -> ImportPlan | Refused:
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
    reading.read(content)
    return UnitFile(tuple(reading.facts), tuple(reading.notes()), tuple(reading.refusals[:MAX_REFUSALS]))


def _plan(session: Session, file: UnitFile, *, correct: bool) -> ImportPlan:
    live = live_facts(session)
    known = {_key(fact): (number, fact) for number, fact in live.items()}
    refusals = list(file.refusals)
    added: list[UnitFact] = []
    changed: list[Changed] = []
    corrections: dict[int, UnitFact] = {}
    lines: dict[UnitFact, int] = {}
    for line, fact in file.facts:
        number, before = known.get(_key(fact), (0, None))
        if before == fact:
            continue
        lines[fact] = line
        if before is None:
            added.append(fact)
            continue
        changed.append(Changed(before, fact))
        corrections[number] = fact
        if not correct:
            recorded = " · ".join(
                str(each) for each in (before.on, before.name, before.parent, before.decision) if each
            )
            refusals.append(ImportRefusal(line, ALREADY_OTHERWISE.format(code=fact.unit, known=recorded)))
    if not refusals:
        facts = [corrections.get(number, fact) for number, fact in live.items()]
        for fault in faults(UnitHistory([*facts, *added], undated_units(session))):
            line = lines.get(fault.fact, 0)
            reason = fault.reason if line else BY_WHAT_IS_KNOWN.format(reason=fault.reason)
            refusals.append(ImportRefusal(line, reason))
    return ImportPlan(
        added=tuple(added),
        changed=tuple(changed),
        unchanged=len(file.facts) - len(added) - len(changed),
        notes=file.notes,
        refusals=tuple(sorted(refusals[:MAX_REFUSALS], key=lambda refusal: refusal.line)),
        corrections=corrections,
    )


def _key(fact: UnitFact) -> tuple[object, ...]:
    """By what a fact is known again: a unit begins and ends once, but may be renamed, moved and split often."""
    if fact.kind in ("established", "merged", "dissolved"):
        return fact.unit, fact.kind
    return fact.unit, fact.kind, fact.on, fact.successor


class _Unfit(Exception):
    """A row that cannot be taken."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


class _Reading:
    """One file on its way in."""

    def __init__(self) -> None:
        self.facts: list[tuple[int, UnitFact]] = []
        self.refusals: list[ImportRefusal] = []
        self._lines: dict[tuple[object, ...], int] = {}
        self._mended: dict[Text, int] = {}
        self._notes: list[ImportNote] = []

    def notes(self) -> Iterator[ImportNote]:
        for text, count in self._mended.items():
            yield ImportNote(0, text.format(count=count))
        yield from self._notes

    def read(self, content: bytes) -> None:
        if len(content) > MAX_BYTES:
            return self._refuse(0, TOO_LARGE.format(most=MAX_BYTES >> 10))
        try:
            text = self._decoded(content)
        except UnicodeDecodeError as error:
            return self._refuse(content.count(b"\n", 0, error.start) + 1, NOT_UTF8)
        header = next((line for line in text.splitlines() if line.strip()), "")
        delimiter = max(",;\t", key=header.count)
        if delimiter != ",":
            self._notes.append(ImportNote(0, HAD_DELIMITER.format(delimiter="tab" if delimiter == "\t" else delimiter)))
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        columns: list[str] | None = None
        line, count = 1, 0
        while True:
            line = rows.line_num + 1
            try:
                row = next(rows)
            except StopIteration:
                break
            except csv.Error:
                return self._refuse(line, BROKEN_CSV)
            if not any(cell.strip() for cell in row):
                continue
            try:
                if columns is None:
                    columns = self._columns(row)
                    continue
                count += 1
                if count > MAX_ROWS:
                    raise _Unfit(TOO_MANY_ROWS.format(most=MAX_ROWS))
                self._take(line, columns, row)
            except _Unfit as unfit:
                self._refuse(line, unfit.reason)
                if columns is None or count > MAX_ROWS:
                    return None
        if not count:
            self._refuse(1, EMPTY_FILE)
        return None

    def _refuse(self, line: int, reason: Text) -> None:
        self.refusals.append(ImportRefusal(line, reason))

    def _decoded(self, content: bytes) -> str:
        for mark, encoding in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le")):
            if content.startswith(mark):
                self._notes.append(ImportNote(0, HAD_BOM))
                return content[len(mark) :].decode(encoding)
        return content.decode("utf-8")

    def _columns(self, row: list[str]) -> list[str]:
        known = ", ".join(COLUMNS)
        names = {name: column for column, others in COLUMNS.items() for name in (column, *others)}
        columns: list[str] = []
        for cell in row:
            name = " ".join(unicodedata.normalize("NFC", cell).translate(_ETH).split()).casefold()
            if name not in names:
                raise _Unfit(WRONG_COLUMNS.format(found=_short(cell), known=known))
            if names[name] in columns:
                raise _Unfit(COLUMN_TWICE.format(column=names[name]))
            columns.append(names[name])
        for column in REQUIRED:
            if column not in columns:
                raise _Unfit(COLUMN_MISSING.format(column=column, known=known))
        return columns

    def _take(self, line: int, columns: list[str], row: list[str]) -> None:
        if len(row) != len(columns):
            raise _Unfit(WRONG_WIDTH.format(found=len(row), expected=len(columns)))
        cells = {column: self._cell(column, cell) for column, cell in zip(columns, row, strict=True)}
        kind = EVENTS.get(cells["event"].casefold())
        if kind is None:
            raise _Unfit(NO_SUCH_EVENT.format(cell=_short(cells["event"]), known=", ".join(NEEDS)))
        for column in ("name", "parent", "into"):
            if column in NEEDS[kind] and not cells.get(column):
                raise _Unfit(CELL_NEEDED.format(event=kind, column=column))
            if cells.get(column) and column not in MAY_HAVE[kind]:
                raise _Unfit(CELL_NOT_WANTED.format(event=kind, column=column))
        if not cells["decision"]:
            raise _Unfit(CELL_NEEDED.format(event=kind, column="decision"))
        fact = UnitFact(
            unit=self._code(cells["code"]),
            kind=kind,
            on=_date(cells["date"]),
            name=cells.get("name") or None,
            parent=self._code(cells["parent"]) if cells.get("parent") else None,
            successor=self._code(cells["into"]) if cells.get("into") else None,
            decision=cells["decision"],
            decided_on=_date(cells["decided"]) if cells.get("decided") else None,
        )
        before = self._lines.setdefault(_key(fact), line)
        if before != line:
            reason = CODE_TWICE if kind == "established" else SAME_ROW
            raise _Unfit(reason.format(code=fact.unit, line=before))
        if fact.decided_on is not None and fact.decided_on > fact.on:
            self._notes.append(ImportNote(line, SIGNED_LATER.format(decided=fact.decided_on, on=fact.on)))
        self.facts.append((line, fact))

    def _cell(self, column: str, cell: str) -> str:
        tidy = " ".join(cell.split())
        if tidy.startswith(_FORMULA):
            raise _Unfit(FORMULA.format(column=column, cell=_short(tidy)))
        if tidy != cell:
            self._mend(HAD_SPACES)
        composed = unicodedata.normalize("NFC", tidy)
        if composed != tidy:
            self._mend(HAD_NFD)
        vietnamese = composed.translate(_ETH)
        if vietnamese != composed:
            self._mend(HAD_ETH)
        if not vietnamese.isprintable():
            raise _Unfit(UNPRINTABLE.format(column=column))
        if len(vietnamese) > MAX_CELL_LETTERS:
            raise _Unfit(TOO_LONG.format(column=column, most=MAX_CELL_LETTERS))
        return vietnamese

    def _code(self, cell: str) -> str:
        code = cell.lower()
        if not re.fullmatch(UNIT_CODE, code, re.ASCII):
            raise _Unfit(BAD_CODE.format(cell=_short(cell)))
        if code != cell:
            self._mend(HAD_CAPITALS)
        return code

    def _mend(self, text: Text) -> None:
        self._mended[text] = self._mended.get(text, 0) + 1


def _date(cell: str) -> date:
    """`2025-07-01`, or as people write it here `1/7/2025`: the day comes first."""
    found = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", cell, re.ASCII)
    parts = found.groups() if found else None
    if parts is None and (found := re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", cell, re.ASCII)):
        parts = found.groups()[::-1]
    if parts is None:
        raise _Unfit(BAD_DATE.format(cell=_short(cell)))
    try:
        day = date(*map(int, parts))
    except ValueError:
        raise _Unfit(BAD_DATE.format(cell=_short(cell))) from None
    if not 1945 <= day.year <= 2100:
        raise _Unfit(FAR_DATE.format(cell=cell))
    return day


def _short(cell: str) -> str:
    """A cell within a sentence, safe for a terminal."""
    shown = "".join(letter if letter.isprintable() else "�" for letter in cell)
    return shown if len(shown) <= 40 else shown[:39] + "…"
