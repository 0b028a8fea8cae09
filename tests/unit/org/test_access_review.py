"""The quarterly review names everyone who can get in, and what to look at."""

from datetime import date, timedelta

import pytest

from org.access import ALLOWED
from org.access_review import (
    CHANGED,
    EVERY,
    EXPIRES_SOON,
    MAY_ALL,
    NEVER_USED,
    NO_TOKENS,
    NOBODYS,
    OWNER_GONE,
    SUSPENDED,
    UNIT_ENDED,
    WITHOUT_FACTOR,
    AccessReview,
    record_review,
    review_access,
)
from org.account import prove_password
from org.account_closing import close_account
from org.account_creation import create_account
from org.actor import OPERATOR, Actor
from org.refused import Refused
from org.service_account import create_service_account
from org.service_account_closing import close_service_account
from org.session import open_session
from org.token import create_token, note_use, revoke_token
from org.unit import record_facts
from org.unit_history import UnitFact
from tests.unit.org.conftest import NOW, PASSWORD


def fact(kind, on):
    return UnitFact(unit="xa-a", kind=kind, on=on, name="Xã A" if kind == "established" else None, decision="1")


def holders(review):
    return {(holder.kind, holder.name): holder for holder in review.holders}


def test_everyone_is_there_with_what_to_look_at(write, read, person):
    assert write(record_facts, OPERATOR, [fact("established", date(2020, 1, 1))], {}, NOW) is None
    write(create_account, OPERATOR, "Minh", "analyst", None, PASSWORD, NOW)
    write(create_account, OPERATOR, "xã", "unit_contact", "xa-a", PASSWORD, NOW)
    write(create_account, OPERATOR, "Cũ", "analyst", None, PASSWORD, NOW)
    write(close_account, OPERATOR, "cũ", NOW)
    write(create_token, OPERATOR, "reader", "bảng", NOW, days=100)
    write(create_token, OPERATOR, "reader", "hết", NOW, days=10)
    write(create_token, OPERATOR, "reader", "thu", NOW)
    write(revoke_token, OPERATOR, 3, NOW)
    later = NOW + timedelta(days=80)
    assert write(record_facts, OPERATOR, [fact("dissolved", later.date())], {}, NOW) is None
    write(open_session, person, "authenticator", NOW + timedelta(days=79))
    minh = write(prove_password, "minh", PASSWORD, NOW + timedelta(days=20))
    write(open_session, minh, "password", NOW + timedelta(days=20))
    write(prove_password, "minh", "wrong", NOW + timedelta(days=70))
    found = holders(read(review_access, OPERATOR, later))
    assert found["account", "Lan"].remarks == (MAY_ALL, WITHOUT_FACTOR)
    assert found["account", "Lan"].used_at == NOW + timedelta(days=79)
    assert found["account", "Minh"].remarks == (SUSPENDED.format(days=60),), "a failed log-in is no use"
    assert found["account", "xã"].remarks == (NEVER_USED, UNIT_ENDED)
    assert found["account", "Cũ"].ended_at == NOW and found["account", "Cũ"].remarks == ()
    assert found["token", "bảng"].remarks == (NEVER_USED, EXPIRES_SOON.format(days=20), NOBODYS)
    assert found["token", "hết"].ended_at == NOW + timedelta(days=10) and found["token", "thu"].ended_at == NOW


def test_a_machine_is_there_with_whoever_answers_for_it(write, read, person):
    write(create_account, OPERATOR, "Minh", "analyst", None, PASSWORD, NOW)
    write(create_service_account, OPERATOR, "bảng", "màn hình ở phòng trực", "minh", None, NOW)
    write(create_service_account, OPERATOR, "cũ", "đã thôi", "lan", None, NOW)
    write(close_service_account, OPERATOR, "cũ", NOW)
    assert holders(read(review_access, OPERATOR, NOW))["service_account", "bảng"].remarks == (NO_TOKENS,)
    write(create_token, OPERATOR, "reader", "khóa bảng", NOW, service_account="bảng")
    used = NOW + timedelta(days=1)
    write(note_use, Actor(kind="token", number=1, name="x", role="reader", scope=OPERATOR.scope), used)
    found = holders(read(review_access, OPERATOR, used))
    machine = found["service_account", "bảng"]
    assert (machine.owner, machine.purpose, machine.used_at) == ("Minh", "màn hình ở phòng trực", used)
    assert machine.remarks == () and machine.role is None
    assert found["token", "khóa bảng"].belongs_to == "bảng" and found["token", "khóa bảng"].remarks == ()
    assert found["service_account", "cũ"].ended_at == NOW and found["service_account", "cũ"].remarks == ()
    write(close_account, OPERATOR, "minh", used)
    assert holders(read(review_access, OPERATOR, used))["service_account", "bảng"].remarks == (OWNER_GONE,)


def test_it_is_due_every_quarter(write, read, person, audited):
    first = read(review_access, OPERATOR, NOW)
    assert (first.reviewed_at, first.due) == (None, NOW + EVERY)
    done = NOW + timedelta(days=100)
    assert write(record_review, OPERATOR, read(review_access, OPERATOR, done).version, done) is None
    assert audited()[-1] == ("operator", "access.review", "accounts", "done")
    again = read(review_access, OPERATOR, done)
    assert (again.reviewed_at, again.reviewed_by, again.due) == (done, "operator", done + EVERY)


@pytest.mark.parametrize("role", sorted(set(ALLOWED) - {"operator", "administrator", "auditor"}))
def test_who_may_not_reads_and_records_nothing(write, read, person, audited, role):
    actor = Actor(kind="account", number=9, name="x", role=role, scope=OPERATOR.scope)
    assert isinstance(read(review_access, actor, NOW), Refused)
    assert isinstance(write(record_review, actor, "", NOW), Refused)
    assert audited()[-1] == ("account:9", "access.review", "accounts", "denied")
    assert isinstance(read(review_access, OPERATOR, NOW), AccessReview)


def test_what_nobody_saw_is_not_recorded_as_reviewed(write, read, person, audited):
    seen = read(review_access, OPERATOR, NOW).version
    write(create_token, OPERATOR, "administrator", "mới", NOW)
    before = audited()
    assert write(record_review, OPERATOR, seen, NOW) == Refused(CHANGED)
    assert audited() == before
    assert write(record_review, OPERATOR, read(review_access, OPERATOR, NOW).version, NOW) is None
