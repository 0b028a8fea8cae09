"""A link sets a password once, within its time, for its own account; before that nobody logs in."""

from datetime import timedelta

import pytest

from org.account import WRONG, prove_password
from org.account_closing import close_account, reopen_account
from org.account_creation import create_account
from org.actor import OPERATOR, Actor
from org.invitation import IS_CLOSED, NOT_VALID, VALID_FOR, Invited, accept, expire_invitations, find_invited, invite
from org.password import MIN_LETTERS, MIN_LETTERS_WITH_FACTOR
from org.refused import Refused
from org.session import find_session, open_session
from tests.unit.org.conftest import NOW, PASSWORD

NEW = "câu khác hẳn, dài không kém"


@pytest.fixture
def minh(write, person):
    """An analyst who has no password yet, and the secret of the link."""
    assert isinstance(write(create_account, OPERATOR, "Minh", "analyst", None, None, NOW), int)
    return write(invite, OPERATOR, "minh", NOW)


def test_nobody_logs_in_before_the_link_was_used_and_the_person_after(write, read, minh, audited):
    for said in ("", "None", PASSWORD):
        assert write(prove_password, "minh", said, NOW) == Refused(WRONG)
    assert read(find_invited, minh, NOW) == Invited("Minh", MIN_LETTERS)
    actor = write(accept, minh, NEW, NOW)
    assert isinstance(actor, Actor) and actor.name == "Minh"
    assert audited()[-1] == ("account:2", "account.accept_invitation", "account:2", "done")
    assert write(prove_password, "minh", NEW, NOW) == actor
    assert write(accept, minh, PASSWORD, NOW) == Refused(NOT_VALID), "once"
    assert read(find_invited, minh, NOW) == Refused(NOT_VALID)


def test_a_weak_password_leaves_the_link(write, minh):
    for weak in ("", "ngắn", "matkhau1234567890", "minhminhminhminh"):
        assert isinstance(write(accept, minh, weak, NOW), Refused)
    assert isinstance(write(accept, minh, NEW, NOW), Actor)


def test_an_administrator_needs_eight_letters(write, read, person):
    write(create_account, OPERATOR, "hoa", "administrator", None, None, NOW)
    secret = write(invite, OPERATOR, "hoa", NOW)
    assert read(find_invited, secret, NOW) == Invited("hoa", MIN_LETTERS_WITH_FACTOR)
    assert isinstance(write(accept, secret, "bờ kè 20", NOW), Actor)


@pytest.mark.parametrize("now", [NOW + VALID_FOR, NOW - timedelta(seconds=1)])
def test_it_ends_after_three_days_and_on_a_clock_set_back(write, minh, now):
    assert write(accept, minh, NEW, now) == Refused(NOT_VALID)
    assert isinstance(write(accept, minh, NEW, NOW + VALID_FOR - timedelta(seconds=1)), Actor)


def test_a_new_link_ends_the_one_before(write, minh):
    another = write(invite, OPERATOR, "minh", NOW)
    assert write(accept, minh, NEW, NOW) == Refused(NOT_VALID)
    assert isinstance(write(accept, another, NEW, NOW), Actor)


def test_a_forgotten_password_is_good_until_the_link_is_used_and_sessions_end_then(write, read, person):
    session = write(open_session, person, "authenticator", NOW)
    secret = write(invite, OPERATOR, "lan", NOW)
    assert write(prove_password, "lan", PASSWORD, NOW) == person
    assert read(find_session, session, NOW) is not None
    assert isinstance(write(accept, secret, NEW, NOW), Actor)
    assert read(find_session, session, NOW) is None
    assert write(prove_password, "lan", PASSWORD, NOW) == Refused(WRONG)


def test_a_closed_account_gets_none_and_its_link_ends(write, minh):
    assert write(close_account, OPERATOR, "minh", NOW) is None
    assert write(accept, minh, NEW, NOW) == Refused(NOT_VALID)
    assert write(invite, OPERATOR, "minh", NOW) == Refused(IS_CLOSED.format(name="Minh"))


def test_whoever_may_not_hands_none_out(write, minh, audited):
    analyst = write(accept, minh, NEW, NOW)
    assert isinstance(write(invite, analyst, "lan", NOW), Refused)
    assert audited()[-1] == ("account:2", "account.invite", "accounts", "denied")


def test_old_links_are_taken_away(write, minh):
    assert write(expire_invitations, NOW) == 0
    assert write(expire_invitations, NOW + VALID_FOR) == 1


def test_a_link_ends_with_the_closing_of_the_account(write, minh):
    assert write(close_account, OPERATOR, "minh", NOW) is None
    assert write(reopen_account, OPERATOR, "minh", NOW) is None
    assert write(accept, minh, NEW, NOW) == Refused(NOT_VALID)


def test_an_empty_password_is_no_password(write, person):
    assert isinstance(write(create_account, OPERATOR, "x", "clerk", None, "", NOW), Refused)
