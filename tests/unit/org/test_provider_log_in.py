"""Log-ins at the identity provider: whose account it is, what is still due here, and whose question was answered."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from org.access_review import LINKED, review_access
from org.account import DORMANT, Account
from org.account_closing import close_account, end_sessions, reopen_account
from org.account_creation import create_account
from org.account_list import list_accounts
from org.actor import OPERATOR
from org.audit import Audit
from org.identity_provider import NOT_REACHED
from org.identity_token import NOT_BELIEVED, Identity
from org.log_in import Enrolled, Entered, Half, due_log_in, enrol_log_in, finish_log_in
from org.own_account import NO_PASSWORD, draft_authenticator
from org.provider_identity import (
    NO_PROVIDER,
    NOT_LINKED,
    NOT_ONES_OWN,
    TAKEN,
    link_identity,
    linked_subjects,
    unlink_identity,
)
from org.provider_log_in import ENDED, UNKNOWN, VALID_FOR, enter_by_identity, question_for, question_of, refuse_answer
from org.refused import Refused
from org.sealing import SealingKey
from org.second_factor import new_authenticator_secret, set_authenticator
from org.session import find_session, open_session
from tests.unit.org.conftest import DORMANT_AFTER, NOW
from tests.unit.org.test_log_in import KEY, code

ISSUER = "https://sso.tinh.gov.vn"
STRONG = frozenset({"otp"})


def identity(subject="8f14e45f", *strength, issuer=ISSUER):
    return Identity(issuer, subject, frozenset(strength))


def enter(write, who=None, now=NOW, strong=STRONG):
    return write(enter_by_identity, who or identity(), strong, KEY, now)


@pytest.fixture
def lan(write, person):
    """The administrator lan is 8f14e45f at the provider."""
    assert write(link_identity, OPERATOR, "lan", ISSUER, " 8f14e45f ", NOW) is None
    return person


@pytest.fixture
def minh(write, person):
    """The analyst minh, whose role needs no second factor and who has no password at all, is c9f0f895 there."""
    number = write(create_account, OPERATOR, "minh", "analyst", None, None, NOW)
    assert write(link_identity, OPERATOR, "minh", ISSUER, "c9f0f895", NOW) is None
    return number


def test_one_who_needs_no_second_factor_is_in_at_once(write, read, minh, audited):
    entered = enter(write, identity("c9f0f895"))
    assert isinstance(entered, Entered) and entered.actor.number == minh
    assert read(find_session, entered.secret, NOW).actor == entered.actor
    assert audited()[-1] == (f"account:{minh}", "account.log_in", f"account:{minh}", "done")


def test_a_second_factor_there_counts_where_the_settings_name_it(write, lan):
    assert isinstance(enter(write, identity("8f14e45f", "pwd", "otp")), Entered)
    assert isinstance(enter(write, identity("8f14e45f", "pwd")), Half)
    assert isinstance(enter(write, identity("8f14e45f", "pwd", "otp"), strong=frozenset()), Half)


def test_without_one_there_the_one_here_is_due(write, read, lan):
    secret = new_authenticator_secret()
    write(set_authenticator, lan.number, secret, 0, KEY, NOW)
    half = enter(write)
    assert half.step == "code" and read(find_session, half.secret, NOW) is None
    assert isinstance(write(finish_log_in, half.secret, code(secret), KEY, NOW), Entered)


def test_one_who_must_have_a_second_factor_sets_it_up(write, read, lan):
    half = enter(write)
    assert half.step == "enrol"
    app_secret = read(due_log_in, half.secret, KEY, NOW).app_secret
    assert isinstance(write(enrol_log_in, half.secret, code(app_secret), KEY, NOW), Enrolled)


def test_one_who_has_a_factor_by_choice_is_asked_for_it(write, minh):
    write(set_authenticator, minh, new_authenticator_secret(), 0, KEY, NOW)
    assert enter(write, identity("c9f0f895")).step == "code"


@pytest.mark.parametrize(
    "who", [identity("8f14e45"), identity("8F14E45F"), identity("lan"), identity(issuer="https://other.example")]
)
def test_whoever_is_not_linked_is_told_their_own_subject_and_no_more(write, read, lan, who, audited):
    assert enter(write, who) == Refused(UNKNOWN.format(subject=who.subject))
    assert audited()[-1] == ("nobody", "account.log_in", "accounts", "failed")
    detail = read(lambda session: session.scalars(select(Audit.detail).order_by(Audit.sequence.desc()).limit(1)).one())
    assert detail["subject"] == who.subject


def test_a_closed_account_is_linked_no_more_and_its_subject_may_be_anothers(write, read, minh, person, audited):
    write(close_account, OPERATOR, "minh", NOW)
    assert enter(write, identity("c9f0f895")) == Refused(UNKNOWN.format(subject="c9f0f895"))
    assert audited()[-1][1:] == ("account.log_in", "accounts", "failed")
    assert write(link_identity, OPERATOR, "lan", ISSUER, "c9f0f895", NOW) is None
    assert write(reopen_account, OPERATOR, "minh", NOW) is None
    assert read(linked_subjects) == {person.number: (ISSUER, "c9f0f895")}


def test_an_account_that_is_closed_and_linked_all_the_same_lets_nobody_in(write, minh, audited):
    """As versions before this one left it."""
    write(lambda session: setattr(session.get_one(Account, minh), "closed_at", NOW))
    assert enter(write, identity("c9f0f895")) == Refused(UNKNOWN.format(subject="c9f0f895"))
    assert audited()[-1][1:] == ("account.log_in", f"account:{minh}", "failed")


def test_the_review_of_access_names_those_who_come_from_the_provider(write, read, lan):
    def review():
        return read(review_access, lan, NOW)

    before = review()
    (holder,) = [each for each in before.holders if each.name == "Lan"]
    assert LINKED.format(subject="8f14e45f", issuer=ISSUER) in holder.remarks
    write(link_identity, OPERATOR, "lan", ISSUER, "another", NOW)
    assert review().version != before.version, "somebody else may get in"


def test_one_without_a_password_is_told_what_to_do_first(write, minh):
    entered = enter(write, identity("c9f0f895"))
    assert write(draft_authenticator, entered.actor, "", "", KEY, NOW) == Refused(NO_PASSWORD)


def test_an_account_that_was_long_unused_lets_nobody_in_this_way_either(write, minh):
    refused = enter(write, identity("c9f0f895"), NOW + DORMANT_AFTER)
    assert refused == Refused(DORMANT.format(days=DORMANT_AFTER.days))


def test_a_half_log_in_of_the_provider_ends_with_the_others(write, read, lan):
    half = enter(write)
    write(end_sessions, OPERATOR, "lan", NOW)
    assert read(due_log_in, half.secret, KEY, NOW) is None


# Linking


def test_a_subject_is_of_one_account_and_an_account_has_one(write, read, lan, minh):
    assert write(link_identity, OPERATOR, "minh", ISSUER, "8f14e45f", NOW) == Refused(TAKEN.format(name="Lan"))
    assert write(link_identity, OPERATOR, "minh", ISSUER, "new", NOW) is None
    assert enter(write, identity("c9f0f895")) == Refused(UNKNOWN.format(subject="c9f0f895"))
    assert read(linked_subjects) == {lan.number: (ISSUER, "8f14e45f"), minh: (ISSUER, "new")}
    assert [row.subject for row in read(list_accounts, lan, NOW)] == ["8f14e45f", "new"]


def test_linking_and_unlinking_end_the_sessions_and_are_audited(write, read, lan, minh, audited):
    entered = enter(write, identity("c9f0f895"))
    assert write(unlink_identity, lan, "minh", NOW) is None
    assert audited()[-1] == (lan.id, "account.unlink", f"account:{minh}", "done")
    assert read(find_session, entered.secret, NOW) is None
    assert write(unlink_identity, lan, "minh", NOW) == Refused(NOT_LINKED.format(name="minh"))
    secret = write(open_session, entered.actor, "password", NOW)
    assert write(link_identity, lan, "minh", ISSUER, "c9f0f895", NOW) is None
    assert read(find_session, secret, NOW) is None
    assert audited()[-1] == (lan.id, "account.link", f"account:{minh}", "done")


def test_an_administrator_does_not_link_themselves_and_others_nobody(write, read, lan, minh, audited):
    assert write(link_identity, lan, "LAN", ISSUER, "mine", NOW) == Refused(NOT_ONES_OWN)
    assert write(unlink_identity, lan, "lan", NOW) == Refused(NOT_ONES_OWN)
    analyst = enter(write, identity("c9f0f895")).actor
    for refused in (
        write(link_identity, analyst, "lan", ISSUER, "x", NOW),
        write(unlink_identity, analyst, "lan", NOW),
    ):
        assert isinstance(refused, Refused)
        assert audited()[-1][3] == "denied"


@pytest.mark.parametrize("subject", ["", " ", "x" * 256, "Lê", "a\nb", "\x00"])
def test_a_subject_that_can_be_none(write, person, subject):
    assert isinstance(write(link_identity, OPERATOR, "lan", ISSUER, subject, NOW), Refused)


def test_without_a_provider_nothing_is_linked(write, person):
    assert write(link_identity, OPERATOR, "lan", None, "x", NOW) == Refused(NO_PROVIDER)
    assert isinstance(write(link_identity, OPERATOR, "nobody", ISSUER, "x", NOW), Refused)


def test_the_account_keeps_its_password(write, read, person):
    def kept():
        return read(lambda session: session.get_one(Account, person.number).password_hash)

    before = kept()
    assert write(link_identity, OPERATOR, "lan", ISSUER, "8f14e45f", NOW) is None and kept() == before
    assert write(unlink_identity, OPERATOR, "lan", NOW) is None and kept() == before


def test_an_answer_that_is_not_believed_is_told_from_one_that_never_came(write, read):
    write(refuse_answer, Refused(NOT_REACHED), NOW)
    write(refuse_answer, Refused(NOT_BELIEVED.format(why="nonce")), NOW)
    rows = read(lambda session: session.scalars(select(Audit).order_by(Audit.sequence.desc()).limit(2)).all())
    assert [(row.actor, row.action, row.outcome, row.detail) for row in rows] == [
        ("nobody", "account.log_in", "failed", {"by": "identity_provider", "why": why})
        for why in ("answer", "not reached")
    ]


# The question that the browser keeps


def test_an_answer_is_taken_from_the_browser_that_asked_within_ten_minutes():
    sealed, question = question_for("/alerts", KEY, NOW)
    assert question_of(sealed, question.state, KEY, NOW) == question
    assert question_of(sealed, question.state, KEY, NOW + VALID_FOR - timedelta(seconds=1)) == question
    assert question_of(sealed, question.state, KEY, NOW + VALID_FOR) == Refused(ENDED)
    assert question_of(sealed, question.state, KEY, NOW - timedelta(minutes=1)) == Refused(ENDED)
    assert question.onward == "/alerts" and len({question.state, question.nonce, question.verifier}) == 3
    other, theirs = question_for("/alerts", KEY, NOW)
    assert question_of(other, question.state, KEY, NOW) == Refused(ENDED), "log-in CSRF"
    assert question_of(sealed, theirs.state, KEY, NOW) == Refused(ENDED)
    assert question_of(sealed, question.state, SealingKey(b"z" * 32), NOW) == Refused(ENDED)
    assert question.verifier not in repr(sealed) and b"/alerts" not in sealed


@given(st.binary(max_size=200), st.text(max_size=100))
def test_whatever_a_browser_brings_is_refused(sealed, state):
    assert question_of(sealed, state, KEY, NOW) == Refused(ENDED)


def test_what_was_sealed_for_something_else_is_no_question():
    assert question_of(KEY.seal(b'["x", 1795480000, "/"]', "draft of account:1"), "x", KEY, NOW) == Refused(ENDED)
