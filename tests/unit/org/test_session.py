"""Sessions end by idleness, age, log-out and time; their secrets are nowhere in the database."""

import sqlite3
from datetime import timedelta

import pytest

from org.session import (
    NOTE_SEEN_EVERY,
    close_session,
    expire_sessions,
    find_session,
    note_seen,
    open_session,
)
from tests.unit.org.conftest import ABSOLUTE, IDLE, NOW

SECOND = timedelta(seconds=1)


@pytest.fixture
def secret(write, person):
    return write(open_session, person, "password", NOW)


def test_a_session_is_its_accounts(read, secret, person):
    assert read(find_session, secret, NOW).actor == person
    for other in ("", "x", secret[:-1], secret + "x", "\udcff"):
        assert read(find_session, other, NOW) is None


def test_it_ends_when_idle(read, write, secret):
    assert read(find_session, secret, NOW + IDLE - SECOND) is not None
    assert read(find_session, secret, NOW + IDLE) is None
    write(note_seen, secret, NOW + IDLE - SECOND)
    assert read(find_session, secret, NOW + IDLE) is not None


def test_it_ends_with_age_however_busy(read, write, secret):
    time = NOW
    while time < NOW + ABSOLUTE - IDLE:
        time += IDLE - SECOND
        write(note_seen, secret, time)
    assert read(find_session, secret, NOW + ABSOLUTE - SECOND) is not None
    write(note_seen, secret, NOW + ABSOLUTE - SECOND)
    assert read(find_session, secret, NOW + ABSOLUTE) is None


def test_use_is_noted_once_a_minute_at_most(read, write, secret):
    assert not read(find_session, secret, NOW + NOTE_SEEN_EVERY - SECOND).note_due
    assert read(find_session, secret, NOW + NOTE_SEEN_EVERY).note_due
    write(note_seen, secret, NOW + NOTE_SEEN_EVERY)
    assert not read(find_session, secret, NOW + NOTE_SEEN_EVERY).note_due


def test_log_out_ends_it_at_once_and_is_audited_once(read, write, secret, audited):
    write(close_session, secret, NOW)
    assert read(find_session, secret, NOW) is None
    assert audited()[-1] == ("account:1", "account.log_out", "account:1", "done")
    before = audited()
    write(close_session, secret, NOW)
    write(note_seen, secret, NOW)
    assert audited() == before
    assert read(find_session, secret, NOW) is None


def test_what_no_longer_lives_is_deleted(read, write, secret, person):
    busy = write(open_session, person, "password", NOW)
    write(note_seen, busy, NOW + IDLE - SECOND)
    assert write(expire_sessions, NOW + IDLE - SECOND) == 0
    assert write(expire_sessions, NOW + IDLE) == 1
    assert read(find_session, busy, NOW + IDLE) is not None
    write(note_seen, busy, NOW + ABSOLUTE - SECOND)
    assert write(expire_sessions, NOW + ABSOLUTE) == 1
    assert write(expire_sessions, NOW + ABSOLUTE) == 0


def test_the_secret_is_not_in_the_database(engine, secret):
    with sqlite3.connect(engine.url.database) as connection:
        assert secret not in "\n".join(connection.iterdump())
