"""A forgotten password: the new one works, the old one and what it opened do not."""

import sqlite3

import pytest

from org.access import ALLOWED
from org.account import NO_ACCOUNTS, WRONG, prove_password
from org.actor import OPERATOR, Actor
from org.password_reset import reset_password
from org.refused import Refused
from org.session import find_session, open_session
from tests.unit.org.conftest import NOW, PASSWORD

ANOTHER = "câu khác hẳn, dài không kém"


def test_the_new_password_is_the_only_one_and_the_sessions_end(write, read, person, audited):
    secret = write(open_session, person, "password", NOW)
    assert read(find_session, secret, NOW) is not None
    assert write(reset_password, OPERATOR, " lan ", ANOTHER, NOW) is None
    assert audited()[-1] == ("operator", "account.reset_password", "account:1", "done")
    assert read(find_session, secret, NOW) is None
    assert write(prove_password, "Lan", PASSWORD, NOW) == Refused(WRONG)
    assert write(prove_password, "Lan", ANOTHER, NOW) == person


@pytest.mark.parametrize("said", ["", "short", "lanlanlanlanlan", "passwordpassword"])
def test_a_password_that_is_easy_to_guess_is_refused(write, person, audited, said):
    before = audited()
    assert isinstance(write(reset_password, OPERATOR, "lan", said, NOW), Refused)
    assert audited() == before
    assert write(prove_password, "lan", PASSWORD, NOW) == person


def test_an_unknown_name_is_answered_with_the_known_ones(write, person):
    refused = write(reset_password, OPERATOR, "{x}", ANOTHER, NOW)
    assert "“{x}”" in refused.reason.en and "Lan" in refused.reason.vi


def test_before_the_first_run_there_is_nothing_to_reset(write):
    assert write(reset_password, OPERATOR, "lan", ANOTHER, NOW) == Refused(NO_ACCOUNTS)


def test_who_may_not_is_refused_and_that_is_audited(write, person, audited):
    for role in set(ALLOWED) - {"operator", "administrator"}:
        actor = Actor(kind="token", number=9, name="x", role=role, scope=OPERATOR.scope)
        assert isinstance(write(reset_password, actor, "lan", ANOTHER, NOW), Refused)
        assert audited()[-1] == ("token:9", "account.reset_password", "accounts", "denied")
    assert write(prove_password, "lan", PASSWORD, NOW) == person


def test_the_password_is_not_in_the_database(write, person, engine):
    write(reset_password, OPERATOR, "lan", ANOTHER, NOW)
    with sqlite3.connect(engine.url.database) as connection:
        assert ANOTHER not in "\n".join(connection.iterdump())
