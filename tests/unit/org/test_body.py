"""Who holds which role on which date: by dated rows with their evidence, never by code."""

from datetime import date, timedelta

import pytest

from core.language import Text
from org.account import prove_password
from org.account_creation import create_account
from org.actor import OPERATOR
from org.body import SEED, import_bodies, load_bodies, preview_bodies, read_bodies
from org.body_history import BODY_ROLES, CERTAIN, BodyHistory, Confirmed, Held, faults
from org.refused import Refused
from tests.unit.org.conftest import NOW, PASSWORD

MERGER = date(2025, 7, 1)
HANDED_OVER = date(2025, 3, 1)
DAY = timedelta(days=1)


def held(body, on, mark="B", until=None, role="r"):
    return Held(role=role, body=body, name=Text(body, body), on=on, until=until, basis="1/QĐ", mark=mark)


def seeded(write, read):
    plan = write(import_bodies, OPERATOR, read_bodies(SEED.read_bytes()), NOW, correct=False)
    assert not isinstance(plan, Refused) and plan.refusals == ()
    return read(load_bodies)


def test_the_seed_is_whole_and_every_role_has_its_words(write, read):
    history = seeded(write, read)
    assert set(history.rows) == set(BODY_ROLES)
    assert all(row.basis and row.name.vi and row.name.en for rows in history.rows.values() for row in rows)
    again = write(import_bodies, OPERATOR, read_bodies(SEED.read_bytes()), NOW, correct=False)
    assert (again.added, again.changed) == ((), ())


@pytest.mark.parametrize(
    ("role", "on", "body"),
    [
        ("provincial_digital_authority", HANDED_OVER - DAY, "so-tttt-soc-trang"),
        ("provincial_digital_authority", MERGER - DAY, "so-khcn-soc-trang"),
        ("provincial_digital_authority", MERGER, "so-khcn-can-tho"),
        ("incident_coordinator", HANDED_OVER, "vncert-a05"),
        ("state_authority", HANDED_OVER, "bo-cong-an"),
        ("monitoring_centre", date(2026, 7, 1), "trung-tam-anm-quoc-gia"),
        ("monitoring_centre", date(2025, 8, 1), None),
        ("provincial_authority", MERGER, "so-tttt-soc-trang"),
        ("personal_data_authority", date(2020, 1, 1), None),
        ("nobody-asked", MERGER, None),
    ],
)
def test_who_holds_a_role_on_a_date_of_the_law_notes(write, read, role, on, body):
    holder = seeded(write, read).holder(role, on)
    assert (holder.body if holder else None) == body


def test_a_row_of_weak_evidence_proposes_until_an_officer_confirms_it(write, read, audited):
    history = seeded(write, read)
    assert [row.body for row in history.proposals("provincial_authority", MERGER)] == [
        "cong-an-soc-trang",
        "cong-an-can-tho",
    ]
    row = "role;event;date;body;basis\nprovincial_authority;confirmed;2025-07-01;cong-an-can-tho;Công văn 12/CAT\n"
    assert write(import_bodies, OPERATOR, read_bodies(row.encode()), NOW, correct=False).refusals == ()
    assert audited()[-1] == ("operator", "body.change", "body_role:provincial_authority", "done")
    history = read(load_bodies)
    assert history.holder("provincial_authority", MERGER).body == "cong-an-can-tho"
    assert history.holder("provincial_authority", MERGER - DAY).body == "so-tttt-soc-trang"
    assert history.proposals("provincial_authority", MERGER) == (), "what came before it proposes nothing now"


def test_the_last_who_counts_holds_it_until_its_end():
    history = BodyHistory(
        [
            held("a", date(2020, 1, 1)),
            held("b", date(2021, 1, 1), until=date(2021, 6, 30)),
            held("c", date(2022, 1, 1), "M"),
        ]
    )
    found = [
        getattr(history.holder("r", on), "body", None)
        for on in (date(2019, 12, 31), date(2020, 1, 1), date(2021, 6, 30), date(2021, 7, 1), date(2023, 1, 1))
    ]
    assert found == [None, "a", "b", None, None], "an end is an end: whoever was before does not come back"
    assert [row.body for row in history.proposals("r", date(2023, 1, 1))] == ["c"]


def test_what_cannot_be_is_a_fault():
    two = [held("a", date(2020, 1, 1)), held("b", date(2020, 1, 1))]
    backwards = [held("a", date(2020, 1, 2), until=date(2020, 1, 1))]
    nothing = [Confirmed(role="r", body="a", on=date(2020, 1, 1), basis="x")]
    for facts in (two, backwards, nothing):
        assert len(list(faults(BodyHistory(facts)))) == 1
    assert list(faults(BodyHistory([*two[:1], *nothing]))) == []


HEAD = "role;event;date;until;body;name;name_en;mark;basis\n"


@pytest.mark.parametrize(
    "row",
    [
        "r;held;2020-01-01;;a;Tên;;X;1",
        "r;held;2020-01-01;;a;;;A;1",
        "r;held;2020-01-01;;a;Tên;;;1",
        "r;held;2020-01-01;;a;Tên;;A;",
        "r;held;2020-13-01;;a;Tên;;A;1",
        "r;held;2020-01-02;2020-01-01;a;Tên;;A;1",
        "r;gone;2020-01-01;;a;Tên;;A;1",
        "Vai trò;held;2020-01-01;;a;Tên;;A;1",
        "r;held;2020-01-01;;Cơ quan;Tên;;A;1",
        "r;held;2020-01-01;;a;=1+1;;A;1",
        "r;confirmed;2020-01-01;;a;Tên;;;1",
        "r;confirmed;2020-01-01;;nobody;;;;1",
    ],
)
def test_a_row_that_cannot_be_is_refused_with_its_line_and_nothing_is_written(write, read, row):
    file = read_bodies((HEAD + "r;held;2019-01-01;;a;Tên;;A;1\n" + row + "\n").encode())
    plan = write(import_bodies, OPERATOR, file, NOW, correct=False)
    assert [refusal.line for refusal in plan.refusals] == [3], plan.refusals
    assert read(load_bodies).rows == {}


def test_what_was_recorded_otherwise_is_corrected_and_kept(write, read):
    first, second = (read_bodies((HEAD + f"r;held;2020-01-01;;a;{name};;A;1\n").encode()) for name in ("Một", "Hai"))
    write(import_bodies, OPERATOR, first, NOW, correct=False)
    assert len(write(import_bodies, OPERATOR, second, NOW, correct=False).refusals) == 1
    assert write(import_bodies, OPERATOR, second, NOW, correct=True).refusals == ()
    assert read(load_bodies).holder("r", date(2020, 1, 1)).name.vi == "Hai"


def test_whoever_may_not_changes_nothing(write, read, person, audited):
    write(create_account, OPERATOR, "minh", "analyst", None, PASSWORD, NOW)
    minh = write(prove_password, "minh", PASSWORD, NOW)
    file = read_bodies(SEED.read_bytes())
    assert isinstance(read(preview_bodies, minh, file, correct=False), Refused)
    assert isinstance(write(import_bodies, minh, file, NOW, correct=False), Refused)
    assert audited()[-1] == ("account:2", "body.change", "bodies", "denied")
    assert read(load_bodies).rows == {} and "C" not in CERTAIN
