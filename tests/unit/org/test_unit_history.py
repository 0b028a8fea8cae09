"""Names, trees and scopes on any date; and what cannot be."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from org.unit_history import MAX_DEPTH, UnitHistory, faults
from tests.unit.org.provinces import (
    AFTER,
    BEFORE,
    FACTS,
    MERGER,
    OLD,
    dissolved,
    established,
    merged,
    moved,
    renamed,
    split,
)

HISTORY = UnitHistory(FACTS)


def outline(history, on):
    return [(branch.depth, branch.unit) for branch in history.tree(on)]


def reasons(*facts):
    return [(fault.fact, fault.reason.en) for fault in faults(UnitHistory(facts))]


def test_the_history_of_the_three_provinces_has_no_faults():
    assert list(faults(HISTORY)) == []


def test_the_day_before_the_merger_has_three_provinces_with_districts():
    assert outline(HISTORY, BEFORE) == [
        (0, "can-tho"),
        (1, "ct-so-khcn"),
        (0, "soc-trang"),
        (1, "st-so-tttt"),
        (2, "st-tt-cns"),
        (1, "h-my-xuyen"),
        (2, "x-dai-tam"),
        (2, "x-tham-don"),
        (0, "hau-giang"),
    ]


def test_from_the_day_of_the_merger_there_is_one_and_no_district():
    for on in (MERGER, AFTER):
        assert outline(HISTORY, on) == [(0, "can-tho"), (1, "ct-so-khcn"), (2, "st-tt-cns"), (1, "x-my-xuyen")]
    assert outline(HISTORY, OLD - timedelta(days=1)) == []


def test_the_name_is_the_one_of_the_date():
    assert HISTORY.name("st-tt-cns", BEFORE) == "Trung tâm Công nghệ số tỉnh Sóc Trăng"
    assert HISTORY.name("st-tt-cns", MERGER) == "Trung tâm Chuyển đổi số thành phố Cần Thơ"
    assert HISTORY.name("soc-trang", AFTER) == "Ủy ban nhân dân tỉnh Sóc Trăng", "the last name of what has ended"
    assert HISTORY.name("x-my-xuyen", BEFORE) == "Xã Mỹ Xuyên", "the first name of what is to come"
    assert HISTORY.name("nobody", AFTER) == "nobody"


def test_predecessors_and_successors():
    assert HISTORY.predecessors("can-tho", MERGER) == ("soc-trang", "hau-giang")
    assert HISTORY.predecessors("can-tho", BEFORE) == ()
    assert HISTORY.successors("soc-trang", MERGER) == ("can-tho",)
    assert HISTORY.successors("soc-trang", BEFORE) == ()
    assert HISTORY.successors("h-my-xuyen", MERGER) == ()


def test_a_scope_covers_what_is_below_and_what_was_taken_over():
    everything = set(HISTORY.units)
    assert HISTORY.scope("can-tho", BEFORE) == {"can-tho", "ct-so-khcn"}
    assert HISTORY.scope("can-tho", MERGER) == everything, "Hậu Giang, and the district that ended without an heir"
    assert HISTORY.scope("ct-so-khcn", BEFORE) == {"ct-so-khcn"}
    assert HISTORY.scope("ct-so-khcn", MERGER) == {"ct-so-khcn", "st-so-tttt", "st-tt-cns"}
    assert HISTORY.scope("st-so-tttt", BEFORE) == {"st-so-tttt", "st-tt-cns"}
    assert HISTORY.scope("st-so-tttt", MERGER) == {"st-so-tttt"}, "what moved away is not its any more"
    assert HISTORY.scope("x-my-xuyen", AFTER) == {"x-my-xuyen", "x-dai-tam", "x-tham-don"}
    assert HISTORY.scope("unheard-of", AFTER) == {"unheard-of"}


def test_a_unit_that_is_split_is_covered_by_each_of_its_heirs():
    history = UnitHistory(
        [
            established("a", "A"),
            established("b", "B", on=MERGER),
            established("c", "C", on=MERGER),
            split("a", "b"),
            split("a", "c"),
        ]
    )
    assert list(faults(history)) == []
    assert history.scope("b", AFTER) == {"a", "b"} and history.scope("c", AFTER) == {"a", "c"}
    assert history.scope("b", BEFORE) == {"b"}


def test_a_unit_that_goes_on_after_a_split_keeps_its_data_for_itself():
    facts = [established("a", "A"), established("b", "B", on=MERGER), split("a", "b"), split("a", "a")]
    history = UnitHistory(facts)
    assert list(faults(history)) == []
    assert history.lives("a", AFTER) and history.predecessors("b", AFTER) == ("a",)
    assert history.scope("b", AFTER) == {"b"} and history.scope("a", AFTER) == {"a"}
    later = UnitHistory([*facts, dissolved("a", on=MERGER + timedelta(days=9))])
    assert later.scope("b", AFTER) == {"b"}, "it came from a, but did not take a over"


def test_the_unit_of_the_settings_needs_no_facts_until_it_has_some():
    assert outline(UnitHistory([established("a", "A", "province")], {"province": "Tỉnh"}), AFTER) == [
        (0, "province"),
        (1, "a"),
    ]
    told = UnitHistory([established("province", "Tỉnh mới", on=MERGER)], {"province": "Tỉnh"})
    assert told.name("province", AFTER) == "Tỉnh mới" and not told.lives("province", BEFORE)


def test_what_a_reader_does_not_see_is_nobody():
    seen = UnitHistory([fact for fact in FACTS if fact.unit == "st-tt-cns"])
    assert outline(seen, BEFORE) == [(0, "st-tt-cns")]
    assert seen.parent("st-tt-cns", AFTER) is None


A, B = established("a", "A"), established("b", "B")
LATER = MERGER + timedelta(days=1)
IMPOSSIBLE = [
    ((renamed("a", "X"),), renamed("a", "X"), "no row establishes the unit “a”"),
    ((A, established("a", "A2", on=MERGER)), established("a", "A2", on=MERGER), "is established twice"),
    ((A, renamed("a", "X", on=date(2003, 1, 1))), renamed("a", "X", on=date(2003, 1, 1)), "dates out of order"),
    ((A, dissolved("a"), renamed("a", "X", on=LATER)), renamed("a", "X", on=LATER), "“a” ended on 2025-07-01"),
    ((A, dissolved("a"), dissolved("a", on=LATER)), dissolved("a", on=LATER), "“a” ended on 2025-07-01"),
    ((A, renamed("a", "X"), renamed("a", "Y")), renamed("a", "Y"), "two rows of “a” disagree"),
    ((A, B, merged("a", "b"), dissolved("a")), dissolved("a"), "two rows of “a” disagree"),
    ((A, established("b", "B", "c")), established("b", "B", "c"), "no parent unit “c”"),
    ((A, merged("a", "c")), merged("a", "c"), "no succeeding unit “c”"),
    ((A, B, dissolved("b"), moved("a", "b", on=LATER)), moved("a", "b", on=LATER), "the parent unit “b” is not yet"),
    ((A, established("b", "B", "a", on=date(2003, 1, 1))), established("b", "B", "a", on=date(2003, 1, 1)), "not yet"),
    ((A, B, dissolved("b"), merged("a", "b")), merged("a", "b"), "the succeeding unit “b” is not yet"),
    ((A, merged("a", "a")), merged("a", "a"), "the succeeding unit “a” is not yet"),
    ((A, established("b", "B", "a"), dissolved("a")), dissolved("a"), "while the unit “b” below it goes on"),
    ((A, established("b", "B", "a"), moved("a", "b")), moved("a", "b"), "“a” would stand above itself"),
    ((A, moved("a", "a")), moved("a", "a"), "“a” would stand above itself"),
]


@pytest.mark.parametrize(("facts", "wrong", "reason"), IMPOSSIBLE)
def test_what_cannot_be_is_named(facts, wrong, reason):
    ((fact, said),) = reasons(*facts)
    assert fact == wrong and reason in said


def test_facts_of_one_day_take_effect_together():
    child, parent = established("b", "B", "a", on=MERGER), established("a", "A", on=MERGER)
    assert reasons(child, parent) == []
    assert reasons(A, B, established("c", "C", "a"), moved("c", "b"), dissolved("a")) == []
    assert reasons(A, B, moved("b", "a"), renamed("b", "B2")) == []


def test_a_tree_is_not_endlessly_deep():
    chain = [established("u0", "U0"), *(established(f"u{n}", f"U{n}", f"u{n - 1}") for n in range(1, 3000))]
    history = UnitHistory(chain)
    found = list(faults(history))
    assert found[0].fact == chain[MAX_DEPTH] and "30 levels" in found[0].reason.en
    assert list(faults(UnitHistory(chain[:MAX_DEPTH]))) == []
    assert history.tree(AFTER)[-1].depth == 2999 and len(history.scope("u0", AFTER)) == 3000, "none of it recurses"


@st.composite
def histories(draw):
    """Histories that can be: on each day one thing happens to units that live."""
    on, facts, parents, living = OLD, [established("u0", "U0")], {"u0": None}, ["u0"]

    for number in range(1, draw(st.integers(2, 14))):
        on += timedelta(days=1)
        unit, other = draw(st.sampled_from(living)), draw(st.sampled_from(living))
        childless = unit not in parents.values()
        match draw(st.sampled_from(("established", "moved", "merged", "dissolved", "split", "renamed"))):
            case "moved" if unit not in upwards(parents, other):
                facts.append(moved(unit, other, on=on))
                parents[unit] = other
            case "merged" if childless and unit != other:
                facts.append(merged(unit, other, on=on))
                living.remove(unit)
                parents.pop(unit)
            case "dissolved" if childless and len(living) > 1:
                facts.append(dissolved(unit, on=on))
                living.remove(unit)
                parents.pop(unit)
            case "split" if childless:
                facts += [established(f"u{number}", f"U{number}", on=on), split(unit, f"u{number}", on=on)]
                living.append(f"u{number}")
                parents[f"u{number}"] = None
                if draw(st.booleans()):
                    facts.append(split(unit, unit, on=on))
                else:
                    living.remove(unit)
                    parents.pop(unit)
            case "renamed":
                facts.append(renamed(unit, f"N{number}", on=on))
            case _:
                facts.append(established(f"u{number}", f"U{number}", unit, on=on))
                living.append(f"u{number}")
                parents[f"u{number}"] = unit
    return facts, parents, on


def upwards(parents, unit):
    """The unit and those above it."""
    while unit is not None:
        yield unit
        unit = parents[unit]


def slow_scope(history, unit, on):
    """The definition again, asked of every pair until nothing is added."""
    covered = {unit}
    while True:
        more = set()
        for each in set(history.units) - covered:
            if history.established(each) > on:
                continue
            endings = [fact for fact in history.endings(each) if fact.on <= on]
            heirs = {fact.successor for fact in endings} - {None}
            if heirs & covered or (not heirs and history.parent(each, on) in covered):
                more.add(each)
        if not more:
            return covered
        covered |= more


@settings(deadline=None, max_examples=60)
@given(histories())
def test_any_history_that_can_be_has_one_tree_and_scopes_that_follow_it(drawn):
    facts, parents, on = drawn
    history = UnitHistory(facts)
    assert list(faults(history)) == []
    tree = history.tree(on)
    assert sorted(branch.unit for branch in tree) == sorted(parents)
    assert {branch.unit: history.parent(branch.unit, on) for branch in tree} == parents
    for unit in history.units:
        assert history.scope(unit, on) == slow_scope(history, unit, on)
    owners = [branch.unit for branch in tree if branch.depth == 0]
    owners += [fact.unit for unit in history.units for fact in history.endings(unit) if fact.kind == "dissolved"]
    assert set().union(*(history.scope(owner, on) for owner in owners)) == set(history.units), "nothing gets lost"
    for unit in parents:
        below = {each for each in parents if unit in upwards(parents, each)}
        assert history.scope(unit, on) & parents.keys() == below, "of those who live only those below"
