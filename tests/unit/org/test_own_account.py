"""What people change about their own account: only after they have proven again that it is theirs."""

from datetime import timedelta

import pytest

from org import totp
from org.account import Account, prove_password
from org.account_creation import create_account
from org.actor import OPERATOR, Actor
from org.own_account import (
    DRAFT_ENDED,
    DRAFT_VALID_FOR,
    LONGER_FIRST,
    NO_FACTOR,
    REQUIRED,
    SET_ALREADY,
    THE_SAME,
    WRONG_PASSWORD,
    change_password,
    draft_authenticator,
    end_own_sessions,
    new_recovery_codes,
    own_account,
    remove_own_factors,
    set_own_authenticator,
)
from org.password import MIN_LETTERS, TOO_SHORT
from org.refused import Refused
from org.sealing import SealingKey
from org.second_factor import WRONG_CODE, factors_of, new_authenticator_secret, set_authenticator
from org.session import find_session, open_session
from tests.unit.org.conftest import NOW, PASSWORD

KEY = SealingKey(b"k" * 32)
NEW = "câu khác hẳn, dài không kém"


@pytest.fixture
def minh(write, person):
    """An analyst without a second factor, and the secrets of two sessions."""
    assert isinstance(write(create_account, OPERATOR, "minh", "analyst", None, PASSWORD, NOW), int)
    actor = write(prove_password, "minh", PASSWORD, NOW)
    return actor, [write(open_session, actor, "password", NOW) for _ in range(2)]


@pytest.fixture
def app(write, minh):
    """minh has an app: its secret, and the recovery codes."""
    secret = new_authenticator_secret()
    return secret, write(set_authenticator, minh[0].number, secret, 0, KEY, NOW)


def code(secret, off=0):
    return totp.code(secret, totp.step_of(NOW) + off)


def test_a_new_password_needs_the_present_one_and_ends_the_other_sessions(write, read, minh, audited):
    actor, (here, there) = minh
    assert write(change_password, actor, here, "wrong", NEW, NOW) == Refused(WRONG_PASSWORD)
    assert audited()[-1] == ("account:2", "self.change_password", "account:2", "failed")
    assert write(change_password, actor, here, PASSWORD, PASSWORD, NOW) == Refused(THE_SAME)
    assert write(change_password, actor, here, PASSWORD, "bờ kè 2026 lạ", NOW) == Refused(
        TOO_SHORT.format(letters=MIN_LETTERS)
    )
    assert read(find_session, there, NOW) is not None
    assert write(change_password, actor, here, PASSWORD, NEW, NOW) is None
    assert audited()[-1] == ("account:2", "self.change_password", "account:2", "done")
    assert read(find_session, here, NOW) is not None and read(find_session, there, NOW) is None
    assert isinstance(write(prove_password, "minh", NEW, NOW), Actor)
    assert isinstance(write(prove_password, "minh", PASSWORD, NOW), Refused)


def test_with_a_second_factor_eight_letters_are_enough(write, minh, app):
    actor, (here, _) = minh
    assert write(change_password, actor, here, PASSWORD, "bờ kè 20", NOW) is None


def test_an_app_is_set_in_two_steps(write, read, minh):
    actor, (here, there) = minh
    assert write(draft_authenticator, actor, "wrong", "", KEY, NOW) == Refused(WRONG_PASSWORD)
    secret, draft = write(draft_authenticator, actor, PASSWORD, "", KEY, NOW)
    assert not read(factors_of, 2).any, "not before the app has shown a code"
    assert write(set_own_authenticator, actor, here, draft, "000000", KEY, NOW) == Refused(WRONG_CODE)
    codes = write(set_own_authenticator, actor, here, draft, code(secret), KEY, NOW)
    assert len(codes) == 10 and read(factors_of, 2).any
    assert read(find_session, here, NOW) is not None and read(find_session, there, NOW) is None


def test_replacing_the_app_needs_the_one_there_is(write, read, minh, app):
    """A stolen session and the password together do not put the thief's telephone in place of the owner's."""
    actor, (here, _) = minh
    secret, codes = app
    assert write(draft_authenticator, actor, PASSWORD, "", KEY, NOW) == Refused(WRONG_CODE)
    assert write(draft_authenticator, actor, PASSWORD, "000000", KEY, NOW) == Refused(WRONG_CODE)
    another, draft = write(draft_authenticator, actor, PASSWORD, code(secret), KEY, NOW)
    new = write(set_own_authenticator, actor, here, draft, code(another), KEY, NOW)
    assert set(new).isdisjoint(codes)
    assert write(new_recovery_codes, actor, PASSWORD, codes[0], KEY, NOW) == Refused(WRONG_CODE), "the old codes ended"
    assert isinstance(write(new_recovery_codes, actor, PASSWORD, new[0], KEY, NOW), tuple)


def test_a_draft_is_good_for_its_person_for_ten_minutes(write, minh, person):
    actor, (here, _) = minh
    secret, draft = write(draft_authenticator, actor, PASSWORD, "", KEY, NOW)
    for other, made, now in (
        (person, draft, NOW),
        (actor, draft, NOW + DRAFT_VALID_FOR),
        (actor, draft, NOW - timedelta(seconds=30)),
        (actor, draft[:-1], NOW),
        (actor, b"", NOW),
    ):
        answer = write(set_own_authenticator, other, here, made, totp.code(secret, totp.step_of(now)), KEY, now)
        assert answer == Refused(DRAFT_ENDED)


def test_a_factor_is_removed_where_none_is_required_and_the_password_can_stand_alone(write, read, minh, app, person):
    actor, (here, _) = minh
    secret, _ = app
    assert write(remove_own_factors, person, "secret", PASSWORD, "", KEY, NOW) == Refused(REQUIRED)
    assert write(change_password, actor, here, PASSWORD, "bờ kè 20", NOW) is None
    answer = write(remove_own_factors, actor, "secret", "bờ kè 20", code(secret), KEY, NOW)
    assert answer == Refused(LONGER_FIRST.format(letters=MIN_LETTERS))
    assert write(change_password, actor, here, "bờ kè 20", PASSWORD, NOW) is None
    assert write(remove_own_factors, actor, "secret", PASSWORD, "000000", KEY, NOW) == Refused(WRONG_CODE)
    there = write(open_session, actor, "password", NOW)
    assert write(remove_own_factors, actor, here, PASSWORD, code(secret), KEY, NOW) is None
    assert read(find_session, here, NOW) is not None and read(find_session, there, NOW) is None
    assert not read(factors_of, 2).any and read(factors_of, 2).recovery_codes == 0


def test_recovery_codes_belong_to_an_app(write, minh):
    assert write(new_recovery_codes, minh[0], PASSWORD, "", KEY, NOW) == Refused(NO_FACTOR)


def test_one_sees_ones_own_sessions_and_ends_the_others(write, read, minh, person):
    actor, (here, there) = minh
    write(open_session, person, "authenticator", NOW)
    told = read(own_account, actor, here, NOW)
    assert sorted(each.this for each in told.sessions) == [False, True]
    assert write(end_own_sessions, actor, here, NOW) == 1
    assert [each.this for each in read(own_account, actor, here, NOW).sessions] == [True]
    assert read(find_session, there, NOW) is None


@pytest.mark.parametrize("role", ["integration", "administrator"])
def test_what_is_no_person_may_not(write, read, person, role):
    """The token number 1 is not the account number 1."""
    token = Actor(kind="token", number=1, name="t", role=role, scope=person.scope)
    before = read(lambda session: session.get_one(Account, 1).password_hash)
    for answer in (
        write(change_password, token, "", PASSWORD, NEW, NOW),
        write(draft_authenticator, token, PASSWORD, "", KEY, NOW),
        write(end_own_sessions, token, "", NOW),
        write(remove_own_factors, token, "secret", PASSWORD, "", KEY, NOW),
        write(new_recovery_codes, token, PASSWORD, "", KEY, NOW),
        write(set_own_authenticator, token, "", b"", "", KEY, NOW),
    ):
        assert isinstance(answer, Refused)
    assert read(lambda session: session.get_one(Account, 1).password_hash) == before


def test_a_form_that_is_sent_twice_does_not_replace_the_recovery_codes_that_were_shown(write, read, minh):
    actor, (here, _) = minh
    secret, draft = write(draft_authenticator, actor, PASSWORD, "", KEY, NOW)
    codes = write(set_own_authenticator, actor, here, draft, code(secret), KEY, NOW)
    assert write(set_own_authenticator, actor, here, draft, code(secret), KEY, NOW) == Refused(SET_ALREADY)
    assert write(set_own_authenticator, actor, here, draft, code(secret, 1), KEY, NOW) == Refused(SET_ALREADY)
    assert isinstance(write(new_recovery_codes, actor, PASSWORD, codes[0], KEY, NOW), tuple), "they are still good"
