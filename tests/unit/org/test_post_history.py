"""Who holds which post and who may sign: what is accepted, what is refused, and a day-by-day reference."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from org.post_history import PersonChanged, PostAbolished, PostHistory, RuleEnded, faults, who_may_sign
from org.unit_history import UnitFact, UnitHistory
from tests.unit.org.people import (
    BASE,
    DECISION,
    UNITS,
    acting,
    appointed,
    day,
    delegated,
    history,
    period,
    person,
    post,
    quota,
    reasons,
    relieved,
    rule,
    verified,
    withdrawn,
)


def signers(known, on, subject="sign_report", authority="gd"):
    return [signer.person for signer in who_may_sign(known, authority, subject, day(on))]


def holders(known, code, on):
    return [tenure.fact.person for tenure in known.holders(code, day(on))]


def test_an_appointment_lasts_through_its_last_day_and_until_the_day_of_relief():
    known = history(appointed("gd", "an", 1, until=5), appointed("pgd", "binh", 1), relieved("pgd", "binh", 4))
    assert [holders(known, "gd", on) for on in (0, 1, 5, 6)] == [[], ["an"], ["an"], []]
    assert [holders(known, "pgd", on) for on in (3, 4)] == [["binh"], []]
    assert list(faults(known)) == []


def test_one_who_comes_back_holds_the_post_anew():
    known = history(appointed("gd", "an", 1), relieved("gd", "an", 3), appointed("gd", "an", 6))
    assert [holders(known, "gd", on) for on in (2, 3, 5, 6)] == [["an"], [], [], ["an"]]
    assert list(faults(known)) == []


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ([appointed("gd", "an", 1), appointed("gd", "binh", 3)], "overlapping appointments"),
        ([appointed("gd", "an", 1), acting("gd", "binh", 3)], "overlapping appointments"),
        ([appointed("gd", "an", 5, until=3)], "dates out of order"),
        ([appointed("gd", "ghost")], "no person “ghost”"),
        ([appointed("ghost", "an")], "no post “ghost”"),
        ([appointed("gd", "an", -1)], "is not there on 2023-12-31"),
        ([relieved("gd", "an", 3)], "does not hold “gd”"),
        ([appointed("gd", "an", 1), relieved("gd", "an", 3), relieved("gd", "an", 4)], "does not hold “gd”"),
        ([person("an")], "duplicate code"),
        ([post("an", "officer")], "duplicate code"),
        ([post("gd", "director")], "duplicate code"),
        ([post("x", "officer", unit="ghost")], "no unit “ghost”"),
        ([post("x", "officer", on=date(2023, 1, 1))], "not yet established"),
        ([PostAbolished(on=day(5), decision=DECISION, post="gd"), appointed("gd", "an", 1)], "relieve them first"),
        ([PostAbolished(on=day(0), decision=DECISION, post="gd")], "dates out of order"),
        ([RuleEnded(on=day(3), decision=DECISION, rule="ghost")], "no rule “ghost”"),
        ([person("moi", on=day(5)), PersonChanged(on=day(4), person="moi", unit="so", name="M")], "dates out of order"),
        ([quota(1), quota(2)], "disagree"),
        ([delegated("gd", "binh", on=1), withdrawn("gd", "binh", 1)], "just before"),
        ([delegated("gd", "binh", on=3, until=2)], "dates out of order"),
        ([delegated("gd", "binh", on=1), delegated("gd", "binh", on=2)], "overlapping"),
        ([delegated("gd", "binh", "all", 1), delegated("gd", "chi", "all", 2)], "only one may"),
        ([delegated("gd", "ghost")], "no person “ghost”"),
        ([appointed("gd", "an", 1), delegated("gd", "an", on=2)], "delegates to itself"),
        ([delegated("pgd", "binh", on=1)], "cannot pass it on"),
        ([delegated("an", "binh", on=1)], "cannot pass it on"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(facts, said):
    assert any(said in reason for reason in reasons(*facts)), reasons(*facts)


def test_an_account_is_one_persons():
    base = (person("an", account="Lan"), person("binh", account="lan"))
    assert "is that of" in reasons(base=base)[0]
    moved = PersonChanged(on=day(5), person="an", unit="so", name="An")
    taken_over = PersonChanged(on=day(5), person="binh", unit="so", name="Bình", account="lan")
    assert reasons(moved, taken_over, base=(person("an", account="Lan"), person("binh"))) == []


def test_a_post_may_be_abolished_on_the_day_its_holder_is_relieved():
    gone = PostAbolished(on=day(5), decision=DECISION, post="gd")
    known = history(appointed("gd", "an", 1), relieved("gd", "an", 5), gone)
    assert list(faults(known)) == []
    assert known.lives("gd", day(4)) and not known.lives("gd", day(5))
    assert signers(known, 4) == ["an"] and signers(known, 5) == []


def test_a_deputy_director_heads_no_unit_unless_a_law_says_so():
    both = appointed("pgd", "an", 1), appointed("tp", "an", 3)
    assert reasons(*both) == [], "no rule is recorded"
    (said,) = reasons(rule(), *both)
    assert "khong-kiem" in said and "Điều 3 khoản 3" in said and "name it in the cell basis" in said
    assert reasons(rule(), both[0], appointed("tp", "an", 3, basis="Luật X, Điều 5")) == []
    assert reasons(rule(), appointed("tp", "an", 1), appointed("pgd", "an", 3)) == [
        said.replace("pgd", "_").replace("tp", "pgd").replace("_", "tp")
    ], "in whatever order"
    assert reasons(rule(), appointed("pgd", "an", 1, until=2), both[1]) == [], "one after the other"
    assert reasons(rule(), appointed("pgd", "an", 1), appointed("cv", "an", 3)) == [], "only what the rule names"


def test_a_rule_is_a_dated_row_that_is_superseded():
    both = appointed("pgd", "an", 1), appointed("tp", "an", 3)
    assert reasons(*both, rule(on=4)) == [], "a rule binds the appointments made under it"
    assert reasons(*both, rule(), RuleEnded(on=day(3), decision=DECISION, rule="khong-kiem")) == []
    assert len(reasons(*both, rule(), RuleEnded(on=day(4), decision=DECISION, rule="khong-kiem"))) == 1
    assert reasons(*both, rule(unit="so-khac")) == [], "of another department"


def test_staffing_counts_people_of_the_unit_and_below_once():
    known = history(
        quota(5), quota(2, on=10), quota(1, unit="phong"), appointed("pgd", "an", 1), appointed("tp", "an", 1),
        appointed("cv", "binh", 2), relieved("cv", "binh", 8), acting("cv", "chi", 8),
    )  # fmt: skip

    def counted(on):
        return [(each.quota.unit, each.quota.number, each.in_post, each.vacant) for each in known.staffing(day(on))]

    assert counted(1) == [("so", 5, 1, 4), ("phong", 1, 1, 0)]
    assert counted(7) == [("so", 5, 2, 3), ("phong", 1, 2, -1)]
    assert counted(12) == [("so", 2, 1, 1), ("phong", 1, 1, 0)], "whoever only acts is not counted"


def test_who_may_sign_is_the_director_and_the_delegates_of_the_day():
    known = history(
        appointed("gd", "an", 1), delegated("gd", "pgd", on=2, until=6), appointed("pgd", "binh", 3),
        delegated("gd", "binh", "sign_permit", 2), withdrawn("gd", "binh", 5, "sign_permit"),
    )  # fmt: skip
    assert list(faults(known)) == []
    assert [signers(known, on) for on in (0, 1, 2, 3, 6, 7)] == [
        [], ["an"], ["an"], ["an", "binh"], ["an", "binh"], ["an"]
    ]  # fmt: skip
    assert [signers(known, on, "sign_permit") for on in (2, 4, 5)] == [["an", "binh"], ["an", "binh"], ["an"]]
    assert signers(known, 3, "release_data") == ["an"]
    first, second = who_may_sign(known, "gd", "sign_report", day(3))
    assert first.grounds[0].vi == "là Chức danh gd"
    assert second.grounds[0].en == "has the authority by 1/QĐ"


def test_nobody_is_named_twice_and_every_ground_is_said():
    known = history(
        appointed("gd", "an", 1), appointed("pgd", "binh", 1), delegated("gd", "pgd", on=2),
        delegated("gd", "binh", on=2), delegated("gd", "binh", "all", 2),
    )  # fmt: skip
    assert signers(known, 3) == ["an", "binh"]
    assert [len(signer.grounds) for signer in who_may_sign(known, "gd", "sign_report", day(3))] == [1, 2]


def test_what_a_director_gave_in_person_ends_when_they_leave_and_what_the_post_gave_does_not():
    known = history(
        appointed("gd", "an", 1), delegated("an", "binh", on=2), delegated("gd", "chi", on=2),
        relieved("gd", "an", 5), acting("gd", "dung", 7), appointed("pgd", "an", 8),
    )  # fmt: skip
    assert list(faults(known)) == []
    assert [signers(known, on) for on in (4, 5, 7, 9)] == [
        ["an", "binh", "chi"], ["chi"], ["dung", "chi"], ["dung", "chi"]
    ]  # fmt: skip
    assert who_may_sign(known, "gd", "x", day(7))[0].grounds[0].en.startswith("acts, for the post is vacant")


def test_there_is_no_chain():
    """A delegate that gives on what it got is refused; and were it recorded, it would count for nothing."""
    known = history(appointed("gd", "an", 1), delegated("gd", "binh", on=2), delegated("binh", "chi", on=3))
    assert ["cannot pass it on" in fault.reason.en for fault in faults(known)] == [True]
    assert signers(known, 4) == ["an", "binh"]


def test_the_director_of_one_department_signs_nothing_of_another():
    other = post("gd-khac", "director", unit="so-khac")
    known = history(other, appointed("gd", "an", 1), appointed("gd-khac", "binh", 1), delegated("binh", "chi", on=2))
    assert signers(known, 3) == ["an"]
    assert signers(known, 3, authority="gd-khac") == ["binh", "chi"]


def test_a_reader_without_the_rows_of_other_units_sees_the_rest():
    whole = [*BASE, appointed("tp", "an", 1), appointed("gd", "binh", 1), delegated("gd", "an", on=2)]
    seen = [fact for fact in whole if getattr(fact, "post", None) == "tp"]
    known = PostHistory(seen, UnitHistory([UnitFact(unit="phong", kind="established", on=day(0), decision="1")]))
    assert [row.post for row in known.living_posts(day(1))] == ["tp"]
    assert holders(known, "tp", 1) == ["an"] and known.person("an", day(1)) is None
    assert signers(known, 3) == []


LATER = day(200)
CONTACT = post("dm", "contact", unit="phong")


def test_a_contact_is_due_a_period_after_the_last_verification():
    base = (*BASE, CONTACT)
    facts = [appointed("dm", "an", 0), period(12)]
    assert [each.due_on for each in history(*facts, base=base).contacts(day(0))] == [date(2025, 1, 1)], "from the start"
    facts.append(verified("dm", "an", "binh", date(2024, 2, 29)))
    known = history(*facts, base=base)
    assert list(faults(known)) == []
    (contact,) = known.contacts(date(2025, 2, 27))
    assert (contact.verified.verifier, contact.due_on) == ("binh", date(2025, 2, 28))
    assert not contact.is_due(date(2025, 2, 27)) and contact.is_due(date(2025, 2, 28))
    (before,) = known.contacts(date(2024, 2, 28))
    assert before.verified is None, "what comes later is not known yet"


def test_the_period_is_a_dated_row_and_the_shortest_that_covers_the_unit():
    base = (*BASE, CONTACT, appointed("dm", "an", 0))

    def due(*facts, on=LATER):
        return [each.due_on for each in history(*facts, base=base).contacts(on)]

    assert due() == [None] and due(period(12, unit="so-khac")) == [None]
    assert due(period(12), period(6, on=100)) == [date(2024, 7, 1)]
    assert due(period(12), period(6, on=100), on=day(99)) == [date(2025, 1, 1)]
    assert due(period(12), period(3, unit="phong")) == [date(2024, 4, 1)]


def test_a_new_contact_is_verified_anew():
    base = (*BASE, CONTACT, period(12), appointed("dm", "an", 0), verified("dm", "an", "chi", day(10)))
    known = history(relieved("dm", "an", 20), appointed("dm", "binh", 30), base=base)
    assert list(faults(known)) == [] and known.contacts(day(25)) == ()
    (contact,) = known.contacts(day(40))
    assert (contact.person, contact.verified, contact.due_on) == ("binh", None, date(2025, 1, 31))


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (verified("dm", "binh", "an", day(3)), "is not the contact"),
        (verified("dm", "an", "ghost", day(3)), "no person “ghost”"),
        (verified("gd", "an", "an", day(3)), "is not the contact"),
        (verified("dm", "an", "an", date(2023, 1, 1)), "is not the contact"),
    ],
)
def test_only_whoever_is_the_contact_is_verified(fact, said):
    base = (*BASE, CONTACT, appointed("dm", "an", 0), appointed("gd", "an", 0))
    assert said in reasons(fact, base=base)[0]


DAYS = 12
PEOPLE = ("an", "binh", "chi")
POSTS = ("gd", "pgd", "tp")
days = st.integers(0, DAYS)
untils = st.none() | days
people = st.sampled_from(PEOPLE)
any_fact = st.one_of(
    st.builds(appointed, st.sampled_from(POSTS), people, days, untils, st.sampled_from([None, "Luật"])),
    st.builds(acting, st.just("gd"), people, days, untils),
    st.builds(relieved, st.sampled_from(POSTS), people, days),
    st.builds(
        delegated,
        st.sampled_from(("gd", "an", "binh")),
        st.sampled_from(("pgd", "tp", *PEOPLE)),
        st.sampled_from(("sign_report", "sign_permit", "all")),
        days,
        untils,
    ),
    st.builds(
        withdrawn,
        st.sampled_from(("gd", "an")),
        st.sampled_from(("pgd", *PEOPLE)),
        days,
        st.sampled_from(("sign_report", "all")),
    ),
    st.builds(rule, days),
)


def accepted(facts):
    """Those of the facts that were accepted, each looked at with those before it, as imports do."""
    taken = []
    for fact in facts:
        if not list(faults(PostHistory([*BASE, *taken, fact], UNITS))):
            taken.append(fact)
    return taken


def walk(facts):
    """Plain reference: one day after the other, ends first. Gives (day, holders by post, living delegations)."""
    held, given_now = {}, []
    for number in range(DAYS + 3):
        today = day(number)
        of_today = [fact for fact in facts if fact.on == today]
        relief = {(fact.post, fact.person) for fact in of_today if type(fact).__name__ == "Relieved"}
        ended = {(fact.giver, fact.receiver, fact.subject) for fact in of_today if type(fact).__name__ == "Withdrawn"}
        before = list(held.get("gd", ()))
        for code, those in held.items():
            held[code] = [
                fact
                for fact in those
                if (code, fact.person) not in relief and not (fact.until is not None and fact.until < today)
            ]
        left = {fact.person for fact in before} - {fact.person for fact in held.get("gd", ())}
        given_now = [
            fact
            for fact in given_now
            if (fact.giver, fact.receiver, fact.subject) not in ended
            and not (fact.until is not None and fact.until < today)
            and fact.giver not in left
        ]
        for fact in of_today:
            if hasattr(fact, "legal_basis"):
                held.setdefault(fact.post, []).append(fact)
        given_now += [fact for fact in of_today if type(fact).__name__ == "Delegated"]
        yield number, {code: [fact.person for fact in those] for code, those in held.items()}, list(given_now)


@given(st.lists(any_fact, max_size=14))
def test_every_accepted_history_has_one_holder_a_post_each_day(facts):
    taken = accepted(facts)
    known = history(*taken)
    for number, held, _ in walk(taken):
        for code in POSTS:
            assert len(held.get(code, [])) <= 1
            assert holders(known, code, number) == held.get(code, [])


@pytest.mark.slow
@given(st.lists(any_fact, max_size=14), st.sampled_from(["sign_report", "sign_permit", "release_data"]))
def test_who_may_sign_agrees_with_a_day_by_day_reference(facts, subject):
    taken = accepted([appointed("gd", "an", 1), delegated("gd", "pgd", on=2), *facts])
    known = history(*taken)
    for number, held, given_now in walk(taken):
        expected = set(held.get("gd", []))
        for fact in given_now:
            if fact.subject in (subject, "all"):
                expected |= set(held.get(fact.receiver, [])) if fact.receiver in POSTS else {fact.receiver}
        found = signers(known, number, subject)
        assert len(found) == len(set(found)) and set(found) == expected, (number, taken)


@pytest.mark.slow
@given(st.lists(any_fact, max_size=10), st.randoms())
def test_the_order_of_rows_does_not_matter(facts, random):
    """What is accepted whole is accepted in any order, with the same holders and signers."""
    taken = accepted(facts)
    shuffled = list(taken)
    random.shuffle(shuffled)
    one, other = history(*taken), history(*shuffled)
    assert list(faults(other)) == []
    for number in range(DAYS + 2):
        assert {*signers(one, number)} == {*signers(other, number)}
        assert [holders(one, code, number) for code in POSTS] == [holders(other, code, number) for code in POSTS]
