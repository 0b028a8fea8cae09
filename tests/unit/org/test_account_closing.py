"""A closed account lets nobody in, at once and everywhere, and the last administrator is never shut out."""

from datetime import timedelta

import pytest

from org.access import ALLOWED
from org.account import WRONG, prove_password
from org.account_closing import LAST_ADMINISTRATOR, change_role, close_account, end_sessions, reopen_account
from org.account_creation import create_account
from org.actor import OPERATOR, Actor
from org.refused import Refused
from org.session import AHEAD, expire_sessions, find_session, note_seen, open_session
from tests.unit.org.conftest import DORMANT_AFTER, NOW, PASSWORD


@pytest.fixture
def other(write, person):
    """Another person, an analyst."""
    assert isinstance(write(create_account, OPERATOR, "Minh", "analyst", None, PASSWORD, NOW), int)
    return write(prove_password, "minh", PASSWORD, NOW)


def test_a_closed_account_is_out_at_once_and_may_be_let_in_again(write, read, other, audited):
    secret = write(open_session, other, "password", NOW)
    assert read(find_session, secret, NOW) is not None
    assert write(close_account, OPERATOR, " minh ", NOW) is None
    assert read(find_session, secret, NOW) is None
    assert write(prove_password, "minh", PASSWORD, NOW) == Refused(WRONG)
    assert isinstance(write(close_account, OPERATOR, "minh", NOW), Refused)
    assert write(reopen_account, OPERATOR, "minh", NOW) is None
    assert isinstance(write(reopen_account, OPERATOR, "minh", NOW), Refused)
    assert read(find_session, secret, NOW) is None, "what was open does not come back"
    assert write(prove_password, "minh", PASSWORD, NOW) == other
    said = [row[1:] for row in audited() if row[1] in ("account.close", "account.reopen")]
    assert said == [("account.close", "account:2", "done"), ("account.reopen", "account:2", "done")]


def test_the_last_administrator_stays(write, person, other):
    assert isinstance(write(close_account, OPERATOR, "lan", NOW), Refused)
    assert isinstance(write(create_account, OPERATOR, "Hoa", "administrator", None, PASSWORD, NOW), int)
    assert write(close_account, OPERATOR, "lan", NOW) is None
    assert isinstance(write(close_account, OPERATOR, "hoa", NOW), Refused)


@pytest.mark.parametrize("change", [close_account, lambda *given: change_role(*given[:3], "leader", None, given[3])])
def test_an_administrator_who_cannot_get_in_is_none(write, person, change):
    """One who was only invited, and one who was suspended, could not let anybody in again."""
    refused = Refused(LAST_ADMINISTRATOR.format(name="Lan"))
    write(create_account, OPERATOR, "Mới", "administrator", None, None, NOW)
    assert write(change, OPERATOR, "lan", NOW) == refused
    write(create_account, OPERATOR, "Hoa", "administrator", None, PASSWORD, NOW)
    later = NOW + DORMANT_AFTER
    assert write(change, OPERATOR, "lan", later) == refused
    assert write(reopen_account, OPERATOR, "hoa", later) is None
    assert write(change, OPERATOR, "lan", later) is None
    assert write(close_account, OPERATOR, "mới", later) is None, "whoever is not in can go"
    assert write(change, OPERATOR, "hoa", later) == Refused(LAST_ADMINISTRATOR.format(name="Hoa"))


def test_sessions_end_and_the_account_stays(write, read, other):
    secrets = [write(open_session, other, "password", NOW) for _ in range(3)]
    assert write(end_sessions, OPERATOR, "minh", NOW) == 3
    assert [read(find_session, secret, NOW) for secret in secrets] == [None] * 3
    assert write(prove_password, "minh", PASSWORD, NOW) == other


@pytest.mark.parametrize("change", [close_account, reopen_account, end_sessions])
def test_nobody_of_that_name(write, person, change):
    refused = write(change, OPERATOR, "{x}", NOW)
    assert isinstance(refused, Refused) and "Lan" in refused.reason.vi


@pytest.mark.parametrize("change", [close_account, reopen_account, end_sessions])
def test_who_may_not_changes_nothing_and_that_is_audited(write, read, other, audited, change):
    secret = write(open_session, other, "password", NOW)
    for role in set(ALLOWED) - {"operator", "administrator"}:
        actor = Actor(kind="token", number=9, name="x", role=role, scope=OPERATOR.scope)
        assert isinstance(write(change, actor, "minh", NOW), Refused)
        assert audited()[-1][0] == "token:9" and audited()[-1][2:] == ("accounts", "denied")
    assert read(find_session, secret, NOW) is not None


def test_a_clock_that_was_set_back_makes_no_session_live_longer(write, read, other):
    secret = write(open_session, other, "password", NOW)
    assert read(find_session, secret, NOW - timedelta(minutes=4)) is not None, "clocks are put right by seconds"
    back = NOW - AHEAD - timedelta(seconds=1)
    assert read(find_session, secret, back) is None
    assert write(expire_sessions, back) == 1
    assert read(find_session, secret, NOW) is None


def test_a_clock_that_was_set_ahead_ends_what_was_open(write, read, other):
    secret = write(open_session, other, "password", NOW)
    write(note_seen, secret, NOW)
    assert read(find_session, secret, NOW + timedelta(days=1)) is None
