"""The link of the first run: one at a time, once, within a day, only while there is no administrator."""

import sqlite3
from datetime import timedelta

import argon2

from org.account import prove_password
from org.actor import Actor
from org.first_run import BAD_NAME, HAS_ADMINISTRATOR, LINK_NOT_VALID, VALID_FOR, ensure_first_run, set_administrator
from org.refused import Refused
from tests.unit.org.conftest import NOW, PASSWORD


def test_it_makes_an_administrator_who_can_log_in(write, audited):
    secret = write(ensure_first_run, NOW)
    actor = write(set_administrator, secret, " Lan ", PASSWORD, NOW)
    assert isinstance(actor, Actor)
    assert (actor.name, actor.role, actor.scope.units) == ("Lan", "administrator", None)
    assert write(prove_password, "lan", PASSWORD, NOW) == actor
    assert audited()[:2] == [
        ("operator", "first_run.offer", "first_run", "done"),
        ("account:1", "account.create", "account:1", "done"),
    ]


def test_it_works_once(write):
    secret = write(ensure_first_run, NOW)
    write(set_administrator, secret, "lan", PASSWORD, NOW)
    assert write(set_administrator, secret, "mallory", PASSWORD, NOW) == Refused(HAS_ADMINISTRATOR)
    assert write(ensure_first_run, NOW) is None
    assert isinstance(write(prove_password, "mallory", PASSWORD, NOW), Refused)


def test_a_new_link_ends_the_one_before(write):
    first, second = write(ensure_first_run, NOW), write(ensure_first_run, NOW)
    assert first != second
    assert write(set_administrator, first, "lan", PASSWORD, NOW) == Refused(LINK_NOT_VALID)
    assert isinstance(write(set_administrator, second, "lan", PASSWORD, NOW), Actor)


def test_it_ends_after_a_day(write):
    secret = write(ensure_first_run, NOW)
    assert write(set_administrator, secret, "lan", PASSWORD, NOW + VALID_FOR) == Refused(LINK_NOT_VALID)
    assert isinstance(write(set_administrator, secret, "lan", PASSWORD, NOW + VALID_FOR - timedelta(seconds=1)), Actor)


def test_what_was_wrong_with_the_form_leaves_the_link(write):
    secret = write(ensure_first_run, NOW)
    for name, said in (
        ("lan", "ngắn"),
        ("lan", "matkhau1234567890"),
        ("", PASSWORD),
        ("a\nb", PASSWORD),
        ("x" * 201, PASSWORD),
    ):
        refused = write(set_administrator, secret, name, said, NOW)
        assert isinstance(refused, Refused) and refused.reason != LINK_NOT_VALID
        assert (refused.reason == BAD_NAME) is (said == PASSWORD)
    assert isinstance(write(set_administrator, secret, "lan", PASSWORD, NOW), Actor)


def test_a_guess_is_refused_before_anything_is_hashed(write, monkeypatch):
    monkeypatch.setattr(argon2.PasswordHasher, "hash", None)
    write(ensure_first_run, NOW)
    for guess in ("", "x", "\udcff"):
        assert write(set_administrator, guess, "lan", PASSWORD, NOW) == Refused(LINK_NOT_VALID)


def test_the_secret_is_not_in_the_database(write, engine):
    secret = write(ensure_first_run, NOW)
    with sqlite3.connect(engine.url.database) as connection:
        assert secret not in "\n".join(connection.iterdump())
