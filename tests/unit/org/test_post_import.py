"""A file of persons and posts is taken whole or not at all, audited, corrected without overwriting, and kept apart."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from core.scope import EVERY_UNIT, Scope
from org import post  # noqa: F401 (its table)
from org.actor import OPERATOR, Actor
from org.post import PostFactRow, load_posts, person_of_account
from org.post_history import Appointed, who_may_sign
from org.post_import import SEED, import_posts, preview_posts, read_posts
from org.refused import Refused
from org.unit import record_facts
from org.unit_history import UnitFact
from org.unit_import import SEED as UNITS_SEED
from org.unit_import import import_units, read_units
from tests.unit.org.conftest import NOW

GOLDEN = Path(__file__).parents[2] / "golden" / "posts" / "taken.csv"
HEADER = "code,event,date,unit,name,kind,person,receiver,subject,until,basis,decision\n"
ON = date(2024, 3, 1)


def rows(*lines):
    return read_posts((HEADER + "\n".join(lines) + "\n").encode())


@pytest.fixture
def units(write):
    """Units so, phong below it, and so-khac."""
    on = date(2004, 1, 1)
    facts = [
        UnitFact(unit="so", kind="established", on=on, name="Sở", decision="1"),
        UnitFact(unit="phong", kind="established", on=on, name="Phòng", parent="so", decision="1"),
        UnitFact(unit="so-khac", kind="established", on=on, name="Sở khác", decision="1"),
    ]
    assert write(record_facts, OPERATOR, facts, {}, NOW) is None


@pytest.fixture
def take(write, units):
    def run(file, correct=False, actor=OPERATOR):
        return write(import_posts, actor, file, NOW, correct=correct)

    return run


@pytest.fixture
def golden(take):
    """The golden file, taken."""
    plan = take(read_posts(GOLDEN.read_bytes()))
    assert plan.refusals == () and len(plan.added) == 11
    return plan


def stored(read):
    return read(lambda session: session.scalars(select(PostFactRow).order_by(PostFactRow.id)).all())


def refusals(plan):
    return [(refusal.line, refusal.reason.en) for refusal in plan.refusals]


def test_the_seed_is_the_leadership_of_the_decision(write, read):
    assert write(import_units, OPERATOR, read_units(UNITS_SEED.read_bytes()), NOW, correct=False).refusals == ()
    file = read_posts(SEED.read_bytes())
    assert (file.notes, file.refusals) == ((), ())
    assert write(import_posts, OPERATOR, file, NOW, correct=False).refusals == ()
    history = read(load_posts)
    on = date(2023, 10, 16)
    assert [each.title.vi for each in history.living_posts(on)] == ["Giám đốc Sở", "Phó Giám đốc Sở", "Phó Giám đốc Sở"]
    assert [(each.quota.number, each.in_post) for each in history.staffing(on)] == [(1, 0), (2, 0)]
    (rule,) = history.rules(on)
    assert (rule.kind, rule.other) == ("deputy_director", "head") and "Điều 3 khoản 3" in rule.decision
    assert history.contacts(on) == ()
    assert history.living_posts(date(2023, 10, 15)) == () == history.rules(date(2023, 10, 15))


def test_verifications_of_contacts_come_by_file_too(golden, take, read):
    header = "code,event,date,unit,name,kind,person,verifier,number,decision\n"
    lines = (
        "dm,established,2024-01-01,phong,Đầu mối 24/7,đầu mối,,,,1\n"
        "dm,appointed,2024-01-01,,,,nv-minh,,,1\n"
        "so,kỳ xác minh,2024-01-01,,,,,,12,TCVN 14423:2026\n"
        "dm,xác minh,2024-02-01,,,,nv-minh,nv-lan,,\n"
    )
    assert take(read_posts((header + lines).encode())).refusals == ()
    (contact,) = read(load_posts).contacts(ON)
    assert (contact.person, contact.verified.verifier, contact.due_on) == ("nv-minh", "nv-lan", date(2025, 2, 1))
    file = read_posts((header + "so,verification,2024-01-01,,,,,,0,1\n").encode())
    assert "from 1 to 120" in refusals(file)[0][1]


def test_the_seed_needs_the_units_first(write):
    plan = write(import_posts, OPERATOR, read_posts(SEED.read_bytes()), NOW, correct=False)
    assert refusals(plan)[0] == (2, "there is no unit “so-tttt-lanh-dao”")


def test_the_golden_file_is_what_it_says(golden, read):
    history = read(load_posts)
    assert [signer.person for signer in who_may_sign(history, "giam-doc", "sign_report", ON)] == ["nv-lan", "nv-minh"]
    assert [tenure.acting for tenure in history.held("nv-minh", ON)] == [False, True]
    assert history.person("nv-lan", ON).name == "Trần Thị Đặng Lan"
    assert person_of_account(history, "LAN ", ON).person == "nv-lan"
    assert person_of_account(history, "minh", ON) is None


def test_the_same_file_again_changes_nothing(golden, take, read, audited):
    before = audited()
    plan = take(read_posts(GOLDEN.read_bytes()))
    assert (plan.added, plan.changed, plan.unchanged, plan.refusals) == ((), (), 11, ())
    assert len(stored(read)) == 11 and audited() == before


def test_a_preview_says_what_would_be_and_writes_nothing(units, write, read):
    file = read_posts(GOLDEN.read_bytes())
    plan = read(preview_posts, OPERATOR, file, correct=False)
    assert stored(read) == [] and plan == write(import_posts, OPERATOR, file, NOW, correct=False)


def test_one_row_refused_takes_nothing(golden, take, read):
    plan = take(
        rows(
            "cv,established,2024-01-01,phong,Chuyên viên,officer,,,,,,9",
            "giam-doc,appointed,2024-05-01,,,,nv-minh,,,,,9",
        )
    )
    assert refusals(plan) == [(3, "overlapping appointments: on 2024-05-01 the post “giam-doc” is held by “nv-lan”")]
    assert len(stored(read)) == 11


def test_the_rule_is_asked_with_what_is_recorded(golden, take):
    other = "truong-phong,appointed,2024-08-01,,,,nv-minh,,,,{},10/QĐ"
    ((line, reason),) = refusals(take(rows(other.format(""))))
    assert line == 2 and reason.startswith("by the rule “khong-kiem-nhiem” (12/2023/QĐ-UBND, Điều 3 khoản 3)")
    assert take(rows(other.format("Luật Y"))).refusals == ()


def test_a_correction_replaces_and_keeps_the_old_row(golden, take, read):
    line = "giam-doc,appointed,2023-11-01,,,,nv-lan,,,2028-10-31,,45/QĐ-UBND"
    plan = take(rows(line))
    assert [(at, "add --correct" in reason) for at, reason in refusals(plan)] == [(2, True)]
    assert take(rows(line), correct=True).refusals == ()
    old, new = (row for row in stored(read) if isinstance(row.fact, Appointed) and row.fact.post == "giam-doc")
    assert new.replaces == old.id and old.fact.until is None and new.fact.until == date(2028, 10, 31)
    history = read(load_posts)
    assert [len(history.holders("giam-doc", on)) for on in (date(2028, 10, 31), date(2028, 11, 1))] == [1, 0]


def test_a_correction_that_breaks_what_is_recorded_is_refused(golden, take):
    """The delegate's post begins too late for the appointment that is recorded."""
    plan = take(rows("pho-giam-doc,established,2023-12-01,so,Phó Giám đốc Sở,deputy_director,,,,,,12"), correct=True)
    assert (0, "with what is recorded: the post “pho-giam-doc” is not there on 2023-11-01") in refusals(plan)


def test_every_thing_is_audited_without_names_or_addresses(golden, audited, read):
    from org.audit import Audit

    said = [row for row in audited() if row[1] == "post.change"]
    assert ("operator", "post.change", "person:nv-lan", "done") in said
    assert {resource.partition(":")[0] for _, _, resource, _ in said} == {
        "post",
        "person",
        "quota",
        "post_rule",
        "authority",
    }
    kept = read(lambda session: [(row.unit_id, row.detail) for row in session.scalars(select(Audit))])
    assert all(unit for unit, _ in kept) and "Đặng" not in str(kept) and "0901" not in str(kept)


@pytest.mark.parametrize("role", ["analyst", "reader", "unit_contact", "integration"])
def test_whoever_may_not_changes_nothing(units, write, read, audited, role):
    actor = Actor(kind="account", number=7, name="x", role=role, scope=EVERY_UNIT)
    file = read_posts(GOLDEN.read_bytes())
    assert isinstance(read(preview_posts, actor, file, correct=False), Refused)
    assert isinstance(write(import_posts, actor, file, NOW, correct=False), Refused)
    assert stored(read) == [] and audited()[-1] == ("account:7", "post.change", "posts", "denied")


def test_a_unit_reads_the_facts_of_its_posts_alone(golden, read):
    own = read(load_posts, scope=Scope(units=frozenset({"phong"})))
    assert [each.post for each in own.living_posts(ON)] == ["truong-phong"]
    assert list(own.persons) == [] and own.delegations == () and own.quotas(ON) == ()
    assert len(own.holders("truong-phong", ON)) == 1
    assert read(load_posts, scope=Scope(units=frozenset({"so-khac"}))).facts == ()


def test_vietnamese_spellings_of_delegating_are_one(golden):
    for word in ("ủy quyền", "uỷ quyền", "Ủy quyền", "ỦY QUYỀN", "UỶ NHIỆM"):
        file = rows(f"gd,{word},2024-01-01,,,,,b,sign_report,,,1")
        assert [type(fact).__name__ for _, fact in file.facts] == ["Delegated"], word
