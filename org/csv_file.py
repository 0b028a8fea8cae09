"""A CSV file on its way in, whatever it is about: decoded, split into cells, mended; line and reason for every refusal.

What spreadsheets do to such a file is mended and said so; what could be a mistake is refused with its line.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date

import msgspec

from core.language import Text
from org.settings import UNIT_CODE

MAX_BYTES = 2 << 20
MAX_ROWS = 5_000
MAX_CELL_LETTERS = 200
MAX_REFUSALS = 100

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
BAD_CODE = Text(
    "mã “{cell}” chỉ được có chữ thường không dấu, chữ số và gạch nối, nhiều nhất 63 ký tự",
    "the code “{cell}” may have small letters a-z, digits and hyphens, 63 at most",
)
BAD_DATE = Text("“{cell}” không phải ngày: dùng 2025-07-01 hoặc 01/07/2025", "“{cell}” is no date: use 2025-07-01")
FAR_DATE = Text("ngày {cell} không thể đúng", "the date {cell} cannot be right")
CELL_NEEDED = Text("việc “{event}” cần ô “{column}”", "“{event}” needs the cell “{column}”")
CELL_NOT_WANTED = Text("việc “{event}” không có ô “{column}”", "“{event}” has no cell “{column}”")
NO_SUCH_EVENT = Text("không có việc “{cell}”; dùng: {known}", "there is no event “{cell}”; use: {known}")
SAME_ROW = Text("trùng với dòng {line}", "the same as line {line}")
BY_WHAT_IS_KNOWN = Text("với những điều đã ghi: {reason}", "with what is recorded: {reason}")
SIGNED_LATER = Text(
    "ngày ký {decided} ở sau ngày hiệu lực {on}: có đúng không?",
    "signed on {decided}, after it took effect on {on}: right?",
)

HAD_BOM = Text("bỏ dấu BOM ở đầu tệp", "a byte order mark was taken off")
HAD_DELIMITER = Text("các ô ngăn bằng “{delimiter}”", "the cells are separated by “{delimiter}”")
HAD_NFD = Text("{count} ô có chữ tổ hợp (NFD) đã chuyển thành NFC", "{count} cells were NFD and are now NFC")
HAD_ETH = Text(
    "{count} ô có chữ Ð (U+00D0) đã thay bằng Đ (U+0110)", "{count} cells had Ð (U+00D0), which is now Đ (U+0110)"
)
HAD_CAPITALS = Text("{count} mã viết hoa đã thành chữ thường", "{count} codes were in capitals and now are not")
HAD_SPACES = Text("{count} ô có khoảng trắng thừa đã bỏ", "{count} cells had superfluous spaces")

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


class Unfit(Exception):
    """A row that cannot be taken."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


class CsvReading:
    """One file on its way in. `columns`: each with the other names that files give it."""

    def __init__(self, columns: Mapping[str, tuple[str, ...]], required: tuple[str, ...]) -> None:
        self._columns = columns
        self._required = required
        self._refusals: list[ImportRefusal] = []
        self._mended: dict[Text, int] = {}
        self._notes: list[ImportNote] = []

    @property
    def refusals(self) -> tuple[ImportRefusal, ...]:
        """Why lines cannot be taken, the first 100."""
        return tuple(self._refusals[:MAX_REFUSALS])

    @property
    def notes(self) -> tuple[ImportNote, ...]:
        """What was mended, and what should be looked at."""
        return tuple(self._said())

    def note(self, line: int, reason: Text) -> None:
        """Something that should be looked at."""
        self._notes.append(ImportNote(line, reason))

    def read(self, content: bytes, take: Callable[[int, Mapping[str, str]], None]) -> None:
        """Give each row's line and tidy cells to `take`, which raises `Unfit` for a row that cannot be."""
        if len(content) > MAX_BYTES:
            return self._refuse(0, TOO_LARGE.format(most=MAX_BYTES >> 10))
        try:
            text = self._decoded(content)
        except UnicodeDecodeError as error:
            return self._refuse(content.count(b"\n", 0, error.start) + 1, NOT_UTF8)
        header = next((line for line in text.splitlines() if line.strip()), "")
        delimiter = max(",;\t", key=header.count)
        if delimiter != ",":
            self.note(0, HAD_DELIMITER.format(delimiter="tab" if delimiter == "\t" else delimiter))
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
                    columns = self._header(row)
                    continue
                count += 1
                if count > MAX_ROWS:
                    raise Unfit(TOO_MANY_ROWS.format(most=MAX_ROWS))
                take(line, self._cells(columns, row))
            except Unfit as unfit:
                self._refuse(line, unfit.reason)
                if columns is None or count > MAX_ROWS:
                    return None
        if not count:
            self._refuse(1, EMPTY_FILE)
        return None

    def code(self, cell: str) -> str:
        """A code; capitals are mended."""
        code = cell.lower()
        if not re.fullmatch(UNIT_CODE, code, re.ASCII):
            raise Unfit(BAD_CODE.format(cell=short(cell)))
        if code != cell:
            self._mend(HAD_CAPITALS)
        return code

    def _said(self) -> Iterator[ImportNote]:
        for text, count in self._mended.items():
            yield ImportNote(0, text.format(count=count))
        yield from self._notes

    def _refuse(self, line: int, reason: Text) -> None:
        self._refusals.append(ImportRefusal(line, reason))

    def _decoded(self, content: bytes) -> str:
        for mark, encoding in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le")):
            if content.startswith(mark):
                self.note(0, HAD_BOM)
                return content[len(mark) :].decode(encoding)
        return content.decode("utf-8")

    def _header(self, row: list[str]) -> list[str]:
        known = ", ".join(self._columns)
        names = {name: column for column, others in self._columns.items() for name in (column, *others)}
        columns: list[str] = []
        for cell in row:
            name = " ".join(unicodedata.normalize("NFC", cell).translate(_ETH).split()).casefold()
            if name not in names:
                raise Unfit(WRONG_COLUMNS.format(found=short(cell), known=known))
            if names[name] in columns:
                raise Unfit(COLUMN_TWICE.format(column=names[name]))
            columns.append(names[name])
        for column in self._required:
            if column not in columns:
                raise Unfit(COLUMN_MISSING.format(column=column, known=known))
        return columns

    def _cells(self, columns: list[str], row: list[str]) -> Mapping[str, str]:
        if len(row) != len(columns):
            raise Unfit(WRONG_WIDTH.format(found=len(row), expected=len(columns)))
        return {column: self._cell(column, cell) for column, cell in zip(columns, row, strict=True)}

    def _cell(self, column: str, cell: str) -> str:
        tidy = " ".join(cell.split())
        if tidy.startswith(_FORMULA):
            raise Unfit(FORMULA.format(column=column, cell=short(tidy)))
        if tidy != cell:
            self._mend(HAD_SPACES)
        composed = unicodedata.normalize("NFC", tidy)
        if composed != tidy:
            self._mend(HAD_NFD)
        vietnamese = composed.translate(_ETH)
        if vietnamese != composed:
            self._mend(HAD_ETH)
        if not vietnamese.isprintable():
            raise Unfit(UNPRINTABLE.format(column=column))
        if len(vietnamese) > MAX_CELL_LETTERS:
            raise Unfit(TOO_LONG.format(column=column, most=MAX_CELL_LETTERS))
        return vietnamese

    def _mend(self, text: Text) -> None:
        self._mended[text] = self._mended.get(text, 0) + 1


def day_of(cell: str) -> date:
    """`2025-07-01`, or as people write it here `1/7/2025`: the day comes first. Raises `Unfit`."""
    found = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", cell, re.ASCII)
    parts = found.groups() if found else None
    if parts is None and (found := re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", cell, re.ASCII)):
        parts = found.groups()[::-1]
    if parts is None:
        raise Unfit(BAD_DATE.format(cell=short(cell)))
    try:
        day = date(*map(int, parts))
    except ValueError:
        raise Unfit(BAD_DATE.format(cell=short(cell))) from None
    if not 1945 <= day.year <= 2100:
        raise Unfit(FAR_DATE.format(cell=cell))
    return day


def short(cell: str) -> str:
    """A cell within a sentence, safe for a terminal."""
    shown = "".join(letter if letter.isprintable() else "�" for letter in cell)
    return shown if len(shown) <= 40 else shown[:39] + "…"
