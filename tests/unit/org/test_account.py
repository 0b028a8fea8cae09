"""Logging in: one answer for every failure, everything in the audit, nothing of what was typed."""

import sqlite3

import argon2
from sqlalchemy import select, update

from org.account import WRONG, Account, prove_password
from org.audit import Audit
from org.refused import Refused
from tests.unit.org.conftest import NOW, PASSWORD


def test_the_right_password_whatever_the_case_and_form_of_the_name(write, person, audited):
    for name in ("Lan", " lan ", "LAN", "ｌａｎ"):
        assert write(prove_password, name, PASSWORD, NOW) == person
    assert audited()[-1][1] != "account.log_in", "nothing is open yet"


def test_every_failure_is_told_alike(write, person, audited):
    answers = [
        write(prove_password, name, said, NOW)
        for name, said in (("lan", "x"), ("who", PASSWORD), ("", ""), ("lan", ""))
    ]
    assert answers == [Refused(WRONG)] * 4
    assert audited()[-4:] == [
        ("nobody", "account.log_in", "account:1", "failed"),
        ("nobody", "account.log_in", "accounts", "failed"),
        ("nobody", "account.log_in", "accounts", "failed"),
        ("nobody", "account.log_in", "account:1", "failed"),
    ]


def test_nothing_that_was_typed_is_written_down(write, person, engine):
    """A password typed into the field of the name must not rest in the audit."""
    write(prove_password, "canary-name-4711", "canary-password-4711", NOW)
    write(prove_password, "lan", "canary-password-4712", NOW)
    write(prove_password, "lan", PASSWORD, NOW)
    for table in ("audit", "account"):
        with sqlite3.connect(engine.url.database) as connection:
            everything = repr(connection.execute(f"select * from {table}").fetchall())
        assert "canary" not in everything and PASSWORD not in everything


def test_a_hash_of_old_parameters_is_made_anew_at_log_in(write, read, person):
    old = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    write(lambda session: session.execute(update(Account).values(password_hash=old)))

    def kept():
        return read(lambda session: session.scalar(select(Account.password_hash)))

    write(prove_password, "lan", "wrong", NOW)
    assert kept() == old
    assert write(prove_password, "lan", PASSWORD, NOW) == person
    renewed = kept()
    assert renewed != old
    assert write(prove_password, "lan", PASSWORD, NOW) == person
    assert kept() == renewed


def test_the_write_lock_is_not_held_while_hashing(engine, person, write, monkeypatch):
    """Another writer gets through at the moment the hash is computed."""
    real = argon2.PasswordHasher.verify
    got_through = []

    def meanwhile(hasher, kept, said):
        with sqlite3.connect(engine.url.database, timeout=0) as other:
            other.execute("update account set created_at = created_at")
        got_through.append(True)
        return real(hasher, kept, said)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", meanwhile)
    assert write(prove_password, "lan", PASSWORD, NOW) == person
    assert got_through == [True]


def test_the_audit_falls_with_the_transaction(engine, person, audited):
    from core.scope import EVERY_UNIT
    from store import db

    before = audited()
    try:
        with db.session(engine, EVERY_UNIT) as session:
            prove_password(session, "lan", PASSWORD, NOW)
            assert session.scalars(select(Audit).order_by(Audit.sequence.desc())).first().outcome == "done"
            raise KeyError
    except KeyError:
        pass
    assert audited() == before
