"""A file of units: what is mended, what is refused with its line, and that it is taken whole or not at all."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core.scope import EVERY_UNIT
from org.actor import OPERATOR, Actor
from org.csv_file import MAX_ROWS
from org.refused import Refused
from org.settings import OrgSettings
from org.unit import UnitFactRow, ensure_unit, load_history
from org.unit_history import UnitFact
from org.unit_import import SEED, import_units, preview_units, read_units
from tests.unit.org.conftest import NOW

HEADER = "code,event,date,name,parent,into,decision,decided\n"
ON = date(2025, 7, 1)


def read_rows(*rows, header=HEADER):
    return read_units((header + "\n".join(rows) + "\n").encode())


def refusals(file):
    return [(refusal.line, refusal.reason.en) for refusal in file.refusals]


def notes(file):
    return [(note.line, note.reason.en) for note in file.notes]


@pytest.fixture
def take(write):
    def run(*rows, correct=False):
        return write(import_units, OPERATOR, read_rows(*rows), NOW, correct=correct)

    return run


def rows_of(read):
    return read(lambda session: session.scalars(select(UnitFactRow).order_by(UnitFactRow.id)).all())


def test_the_seed_is_the_structure_of_the_decision(write, read):
    file = read_units(SEED.read_bytes())
    assert (file.notes, file.refusals) == ((), ())
    plan = write(import_units, OPERATOR, file, NOW, correct=False)
    assert len(plan.added) == 7 and plan.refusals == ()
    history = read(load_history)
    on = date(2023, 10, 16)
    assert [(branch.depth, branch.name) for branch in history.tree(on)] == [
        (0, "Sở Thông tin và Truyền thông tỉnh Sóc Trăng"),
        (1, "Lãnh đạo Sở"),
        (1, "Văn phòng"),
        (1, "Thanh tra"),
        (1, "Phòng Thông tin - Báo chí - Xuất bản"),
        (1, "Phòng Chuyển đổi số"),
        (1, "Trung tâm Công nghệ số tỉnh Sóc Trăng"),
    ]
    assert history.tree(date(2023, 10, 15)) == (), "nothing before the decision took effect"


def test_the_same_file_again_changes_nothing(write, read, audited):
    file = read_units(SEED.read_bytes())
    write(import_units, OPERATOR, file, NOW, correct=False)
    before = audited()
    plan = write(import_units, OPERATOR, file, NOW, correct=False)
    assert (plan.added, plan.changed, plan.unchanged, plan.refusals) == ((), (), 7, ())
    assert len(rows_of(read)) == 7 and audited() == before


def test_a_preview_says_what_would_be_and_writes_nothing(write, read, audited):
    file = read_units(SEED.read_bytes())
    plan = read(preview_units, OPERATOR, file, correct=False)
    assert plan == write(import_units, OPERATOR, file, NOW, correct=False)
    assert plan.added[0].unit == "so-tttt"
    assert audited()[0] == ("operator", "unit.change", "unit:so-tttt", "done")


def test_nothing_is_taken_where_one_row_is_refused(take, read, audited):
    plan = take("a,established,2025-07-01,A,,,1,", "b,established,2025-07-01,B,c,,1,")
    assert refusals(plan) == [(3, "there is no parent unit “c”")]
    assert rows_of(read) == [] and audited() == []


def test_a_recorded_fact_is_replaced_only_when_it_is_said_to_be_wrong(take, read):
    take("a,established,2025-07-01,Xã A,,,1,", "b,established,2025-07-01,Xã B,,,1,")
    again = "a,established,2025-07-02,Phường A,,,1,"
    plan = take(again)
    assert refusals(plan)[0][0] == 2 and "duplicate code “a”" in refusals(plan)[0][1]
    assert [change.before.name for change in plan.changed] == ["Xã A"]
    plan = take(again, correct=True)
    assert (plan.refusals, [change.after.name for change in plan.changed]) == ((), ["Phường A"])
    first, _, corrected = rows_of(read)
    assert (first.name, corrected.name, corrected.replaces) == ("Xã A", "Phường A", first.id), "the row itself stays"
    history = read(load_history)
    assert [branch.name for branch in history.tree(date(2025, 7, 2))] == ["Phường A", "Xã B"], "and its place"
    assert take(again).unchanged == 1
    assert take("a,established,2025-07-03,Phường A,,,1,", correct=True).refusals == (), "a correction can be corrected"
    assert read(load_history).established("a") == date(2025, 7, 3)


def test_a_fact_must_fit_what_is_recorded(take, read):
    take("a,established,2025-07-01,A,,,1,", "b,established,2025-07-01,B,a,,1,", "b,renamed,2026-01-01,B2,,,2,")
    assert refusals(take("a,dissolved,2025-12-01,,,,3,")) == [
        (2, "“a” ends on 2025-12-01 while the unit “b” below it goes on")
    ]
    said = refusals(take("b,dissolved,2025-12-01,,,,3,"))
    assert said == [
        (0, "with what is recorded: dates out of order: “b” ended on 2025-12-01, nothing can change on 2026-01-01")
    ]


def test_the_unit_of_the_settings_may_stand_above(write, take):
    write(ensure_unit, OrgSettings(unit="province"))
    assert take("a,established,2025-07-01,A,province,,1,").refusals == ()


def test_only_who_may_change_units_learns_of_them(write, read, audited):
    reader = Actor(kind="account", number=5, name="x", role="reader", scope=EVERY_UNIT)
    file = read_rows("a,established,2025-07-01,A,,,1,")
    assert isinstance(write(import_units, reader, file, NOW, correct=False), Refused)
    assert isinstance(read(preview_units, reader, file, correct=False), Refused)
    assert rows_of(read) == []
    assert audited() == [("account:5", "unit.change", "units", "denied")]


MENDED = "Ủy ban nhân dân xã Đại Tâm"


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (f"\ufeff{HEADER}a,established,2025-07-01,{MENDED},,,1,".encode(), "byte order mark"),
        (f"\ufeff{HEADER}a,established,2025-07-01,{MENDED},,,1,".encode("utf-16-le"), "byte order mark"),
        (f"{HEADER}a,established,2025-07-01,{MENDED},,,1,".replace(",", ";").encode(), "separated by “;”"),
        (f"{HEADER}a,established,2025-07-01,{MENDED},,,1,".replace(",", "\t").encode(), "separated by “tab”"),
        (unicodedata.normalize("NFD", f"{HEADER}a,established,2025-07-01,{MENDED},,,1,").encode(), "1 cells were NFD"),
        (f"{HEADER}a,established,2025-07-01,{MENDED},,,1,".replace("Đ", "\xd0").encode(), "which is now Đ (U+0110)"),
        (f"{HEADER}a,established,2025-07-01,  Ủy ban nhân dân  xã\xa0Đại Tâm,,,1,".encode(), "superfluous spaces"),
        (f"{HEADER}A,established,2025-07-01,{MENDED},,,1,".encode(), "1 codes were in capitals"),
    ],
)
def test_what_spreadsheets_do_is_mended_and_said(content, note):
    file = read_units(content)
    assert refusals(file) == []
    assert [fact for _, fact in file.facts] == [
        UnitFact(unit="a", kind="established", on=ON, name=MENDED, decision="1")
    ]
    ((line, said),) = notes(file)
    assert line == 0 and note in said


def test_a_file_may_be_in_vietnamese():
    file = read_units(
        "Mã đơn vị;Việc;Ngày hiệu lực;Tên;Trực thuộc;Vào;Số quyết định;Ngày ký\r\n"
        "a;Thành lập;1/7/2025;Xã A;;;202/2025/QH15;12/06/2025\r\n\r\n"
        "b;Sáp nhập;01.07.2025;;;a;202/2025/QH15;\r\n".encode()
    )
    assert refusals(file) == []
    assert [(line, fact.kind, fact.on, fact.successor) for line, fact in file.facts] == [
        (2, "established", ON, None),
        (4, "merged", ON, "a"),
    ]
    assert file.facts[0][1].decided_on == date(2025, 6, 12)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a,established,2025-07-01,A,,,1", "has 7 cells, the header has 8"),
        ("a,established,2025-07-01,=HYPERLINK(1),,,1,", "the cell “name” is a formula"),
        ("a,established,2025-07-01,A,,,@SUM(1),", "the cell “decision” is a formula"),
        ("a,established,2025-07-01, =1+1,,,1,", "the cell “name” is a formula"),
        ("a,established,2025-07-01,A\x1b[31m,,,1,", "cannot be printed"),
        ("a,established,2025-07-01,A\u202eB,,,1,", "cannot be printed"),
        (f"a,established,2025-07-01,{'A' * 201},,,1,", "more than 200 characters"),
        ("a b,established,2025-07-01,A,,,1,", "the code “a b” may have"),
        (",established,2025-07-01,A,,,1,", "the code “” may have"),
        ("a,founded,2025-07-01,A,,,1,", "there is no event “founded”"),
        ("a,established,2025-07-01,,,,1,", "“established” needs the cell “name”"),
        ("a,established,2025-07-01,A,,,,", "“established” needs the cell “decision”"),
        ("a,moved,2025-07-01,,,,1,", "“moved” needs the cell “parent”"),
        ("a,merged,2025-07-01,,,,1,", "“merged” needs the cell “into”"),
        ("a,dissolved,2025-07-01,A,,,1,", "“dissolved” has no cell “name”"),
        ("a,established,2025-02-30,A,,,1,", "is no date"),
        ("a,established,07/31/2025,A,,,1,", "is no date"),
        ("a,established,,A,,,1,", "is no date"),
        ("a,established,0205-07-01,A,,,1,", "cannot be right"),
        ('a,established,2025-07-01,"A"B,,,1,', "is not CSV"),
    ],
)
def test_what_may_be_a_mistake_is_refused_with_its_line(row, reason):
    file = read_rows("first,established,2025-07-01,First,,,1,", row)
    ((line, said),) = refusals(file)
    assert line == 3 and reason in said


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"", 1, "no rows"),
        (HEADER.encode(), 1, "no rows"),
        (b"code,event,date,colour,decision\na,b,c,d,e\n", 1, "“colour” is not known"),
        (b"code,event,date\na,b,c\n", 1, "the column “decision” is missing"),
        (b"code,event,date,decision,code\na,b,c,d,e\n", 1, "the column “code” is there twice"),
        (HEADER.encode() + b"a,established,2025-07-01,A\xe0,,,1,\n", 2, "not UTF-8"),
        (b"x" * (2 << 20) + b"x", 0, "larger than 2048 KiB"),
    ],
)
def test_a_file_that_is_none_is_refused(content, line, reason):
    ((at, said),) = refusals(read_units(content))
    assert at == line and reason in said


def test_duplicate_codes_and_rows_name_the_line_before():
    file = read_rows(
        "a,established,2025-07-01,A,,,1,", "a,established,2025-07-02,B,,,1,", "a,renamed,2025-08-01,C,,,1,",
        "a,renamed,2025-08-01,D,,,1,",
    )  # fmt: skip
    assert refusals(file) == [(3, "the code “a” is established on line 2: duplicate"), (5, "the same as line 4")]


def test_a_decision_signed_after_it_took_effect_is_asked_about():
    file = read_rows("a,established,2025-07-01,A,,,1,2025-07-09")
    assert refusals(file) == [] and notes(file)[0] == (
        2,
        "signed on 2025-07-09, after it took effect on 2025-07-01: right?",
    )


def test_a_file_without_end_is_stopped():
    file = read_rows(*(f"u{n},established,2025-07-01,U,,,1," for n in range(MAX_ROWS + 5)))
    assert refusals(file) == [(MAX_ROWS + 2, f"the file has more than {MAX_ROWS} rows")]


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: (HEADER + text).encode("utf-8", "replace")))
def test_any_bytes_are_read_or_refused(content):
    file = read_units(content)
    assert file.facts or file.refusals
