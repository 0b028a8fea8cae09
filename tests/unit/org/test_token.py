"""Tokens are shown once, kept as digests, made by those who may."""

import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import update

from core.scope import EVERY_UNIT
from org.actor import OPERATOR, Actor
from org.refused import Refused
from org.token import (
    LIFETIME_DAYS,
    MOST_DAYS,
    NO_SUCH_TOKEN,
    NOTE_USE_EVERY,
    Token,
    authenticate_token,
    create_token,
    list_tokens,
    note_use,
    revoke_token,
)
from org.token_mark import PREFIX
from tests.unit.org.conftest import NOW


def test_a_token_speaks_for_its_name_and_role(write, read, audited):
    secret = write(create_token, OPERATOR, "analyst", " máy quét ", NOW)
    found = read(authenticate_token, secret, NOW)
    assert found.actor == Actor(kind="token", number=1, name="máy quét", role="analyst", scope=EVERY_UNIT)
    assert audited() == [("operator", "token.create", "token:1", "done")]
    assert secret.startswith(PREFIX) and len(secret) >= len(PREFIX) + 43


def test_any_other_text_is_nobody(write, read):
    secret = write(create_token, OPERATOR, "reader", "a", NOW)
    for other in (
        "",
        secret[:-1],
        secret + " ",
        secret.removeprefix(PREFIX),
        secret.upper(),
        "%",
        "' or 1=1 --",
        "\x00",
    ):
        assert read(authenticate_token, other, NOW) is None


def test_the_secret_is_not_in_the_database(write, engine):
    secret = write(create_token, OPERATOR, "reader", "a", NOW)
    with sqlite3.connect(engine.url.database) as connection:
        everything = "\n".join(connection.iterdump())
    assert secret not in everything and secret.removeprefix(PREFIX) not in everything


def test_the_name_of_a_valid_token_is_not_given_again(write, read):
    first = write(create_token, OPERATOR, "reader", "a", NOW)
    refused = write(create_token, OPERATOR, "analyst", " a ", NOW)
    assert isinstance(refused, Refused) and "1" in refused.reason.vi
    assert write(revoke_token, OPERATOR, 1, NOW) is None
    second = write(create_token, OPERATOR, "reader", "a", NOW)
    assert read(authenticate_token, first, NOW) is None
    assert read(authenticate_token, second, NOW).actor.id == "token:2"


def test_a_token_ends_by_itself_and_its_name_is_free_again(write, read):
    secret = write(create_token, OPERATOR, "reader", "a", NOW, days=2)
    end = NOW + timedelta(days=2)
    assert read(authenticate_token, secret, end - timedelta(seconds=1)) is not None
    assert read(authenticate_token, secret, end) is None
    assert isinstance(write(create_token, OPERATOR, "reader", "a", end - timedelta(seconds=1)), Refused)
    assert isinstance(write(create_token, OPERATOR, "reader", "a", end), str)
    assert [row.expires_at for row in read(list_tokens, OPERATOR)] == [end, end + timedelta(days=LIFETIME_DAYS)]


@pytest.mark.parametrize("days", [0, -1, MOST_DAYS + 1, 10**9])
def test_no_token_lives_for_ever(write, read, days):
    assert isinstance(write(create_token, OPERATOR, "reader", "a", NOW, days=days), Refused)
    assert read(list_tokens, OPERATOR) == ()


def test_a_token_made_before_there_was_an_end_goes_on(write, read):
    secret = write(create_token, OPERATOR, "reader", "a", NOW)
    write(lambda session: session.execute(update(Token).values(expires_at=None)))
    assert read(authenticate_token, secret, NOW + timedelta(days=9999)) is not None


@pytest.mark.parametrize("role", ["operator", "nobody", "", "Administrator"])
def test_a_role_that_is_not_for_tokens_is_refused(write, role):
    assert isinstance(write(create_token, OPERATOR, role, "a", NOW), Refused)


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\nb", "\x1b[2J"])
def test_a_name_that_cannot_be_read_is_refused(write, name):
    assert isinstance(write(create_token, OPERATOR, "reader", name, NOW), Refused)


@pytest.mark.parametrize("role", ["analyst", "reader", "integration"])
def test_who_may_not_make_tokens_makes_none_and_is_audited(write, read, audited, role):
    actor = Actor(kind="token", number=7, name="x", role=role, scope=EVERY_UNIT)
    refused = write(create_token, actor, "administrator", "mine", NOW)
    assert isinstance(refused, Refused) and refused.reason.vi
    assert audited() == [("token:7", "token.create", "tokens", "denied")]
    assert read(authenticate_token, "mine", NOW) is None


def test_use_is_noted_once_an_hour_at_most(write, read):
    secret = write(create_token, OPERATOR, "reader", "a", NOW)
    found = read(authenticate_token, secret, NOW)
    assert found.note_due
    write(note_use, found.actor, NOW)
    assert not read(authenticate_token, secret, NOW + NOTE_USE_EVERY - timedelta(seconds=1)).note_due
    assert read(authenticate_token, secret, NOW + NOTE_USE_EVERY).note_due


def test_a_revoked_token_is_nobody_at_once_and_its_number_never_returns(write, read, audited):
    first, second = (write(create_token, OPERATOR, "reader", name, NOW) for name in "ab")
    assert write(revoke_token, OPERATOR, 2, NOW) is None
    assert read(authenticate_token, second, NOW) is None
    assert read(authenticate_token, first, NOW) is not None
    assert audited()[-1] == ("operator", "token.revoke", "token:2", "done")
    write(create_token, OPERATOR, "reader", "c", NOW)
    rows = read(list_tokens, OPERATOR)
    assert [(row.number, row.name, row.revoked_at) for row in rows] == [(1, "a", None), (2, "b", NOW), (3, "c", None)]


@pytest.mark.parametrize("number", [2, 0, -1])
def test_what_is_not_there_or_revoked_already_is_told(write, number):
    write(create_token, OPERATOR, "reader", "a", NOW)
    assert write(revoke_token, OPERATOR, number, NOW) == Refused(NO_SUCH_TOKEN.format(number=number))
    write(revoke_token, OPERATOR, 1, NOW)
    assert write(revoke_token, OPERATOR, 1, NOW) == Refused(NO_SUCH_TOKEN.format(number=1))


@pytest.mark.parametrize("role", ["analyst", "reader", "integration"])
def test_who_may_not_revoke_or_list(write, read, audited, role):
    secret = write(create_token, OPERATOR, role, "a", NOW)
    actor = read(authenticate_token, secret, NOW).actor
    assert isinstance(write(revoke_token, actor, 1, NOW), Refused)
    assert isinstance(read(list_tokens, actor), Refused)
    assert read(authenticate_token, secret, NOW) is not None
    assert audited()[-1] == ("token:1", "token.revoke", "token:1", "denied")
