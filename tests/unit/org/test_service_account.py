"""A machine has a purpose, a person who answers for it, and tokens that end with it; it never logs in."""

from datetime import date, timedelta

import pytest

from core.scope import EVERY_UNIT
from org.access import ALLOWED
from org.account import NO_SUCH_ACCOUNT, WRONG, prove_password
from org.account_closing import close_account
from org.account_creation import create_account
from org.actor import NO_UNIT, OPERATOR, Actor
from org.refused import Refused
from org.service_account import (
    BAD_NAME,
    BAD_PURPOSE,
    NAME_TAKEN,
    NO_SUCH_SERVICE_ACCOUNT,
    NO_SUCH_UNIT,
    OWNER_CLOSED,
    OWNER_OF_ANOTHER_UNIT,
    THE_SAME_OWNER,
    change_owner,
    create_service_account,
    list_service_accounts,
)
from org.service_account_closing import close_service_account
from org.token import NO_SUCH_TOKEN, OF_ANOTHER_UNIT, authenticate_token, create_token, list_tokens, revoke_token
from org.unit import record_facts
from org.unit_history import UnitFact
from tests.unit.org.conftest import NOW, PASSWORD

PURPOSE = "đưa cảnh báo lên màn hình phòng trực"


@pytest.fixture
def units(write):
    facts = [
        UnitFact(unit=unit, kind="established", on=date(2020, 1, 1), name=unit, decision="1")
        for unit in ("xa-a", "xa-b")
    ]
    assert write(record_facts, OPERATOR, facts, {}, NOW) is None


@pytest.fixture
def machine(write, person):
    """The service account `bảng`, of which lan is the owner."""
    return write(create_service_account, OPERATOR, "bảng", PURPOSE, "lan", None, NOW)


def test_it_has_a_purpose_and_an_owner(write, read, audited, machine):
    row = read(list_service_accounts, OPERATOR)[0]
    assert (row.number, row.name, row.purpose, row.owner, row.owner_open) == (1, "bảng", PURPOSE, "Lan", True)
    assert audited()[-1] == ("operator", "service_account.create", "service_account:1", "done")


def test_nobody_logs_in_as_a_machine(write, machine):
    for said in ("", PASSWORD, PURPOSE):
        assert write(prove_password, "bảng", said, NOW) == Refused(WRONG)


def test_its_tokens_end_with_it_and_only_they(write, read, audited, machine):
    first, second = (write(create_token, OPERATOR, "reader", name, NOW, service_account=" BẢNG ") for name in "ab")
    other = write(create_token, OPERATOR, "reader", "c", NOW)
    assert [row.service_account for row in read(list_tokens, OPERATOR)] == ["bảng", "bảng", None]
    write(revoke_token, OPERATOR, 2, NOW)
    later = NOW + timedelta(hours=1)
    assert write(close_service_account, OPERATOR, "bảng", later) == 1
    assert read(authenticate_token, first, later) is None and read(authenticate_token, second, later) is None
    assert read(authenticate_token, other, later) is not None
    assert [row.revoked_at for row in read(list_tokens, OPERATOR)] == [later, NOW, None]
    assert audited()[-2:] == [
        ("operator", "token.revoke", "token:1", "done"),
        ("operator", "service_account.close", "service_account:1", "done"),
    ]
    assert write(revoke_token, OPERATOR, 1, later) == Refused(NO_SUCH_TOKEN.format(number=1))


def test_a_closed_one_takes_no_token_and_its_name_is_free(write, read, machine):
    write(close_service_account, OPERATOR, "bảng", NOW)
    gone = Refused(NO_SUCH_SERVICE_ACCOUNT.format(name="bảng"))
    assert write(create_token, OPERATOR, "reader", "a", NOW, service_account="bảng") == gone
    assert write(close_service_account, OPERATOR, "bảng", NOW) == gone
    assert write(change_owner, OPERATOR, "bảng", "lan", NOW) == gone
    assert read(list_tokens, OPERATOR) == ()
    assert write(create_service_account, OPERATOR, "bảng", PURPOSE, "lan", None, NOW) == 2


@pytest.mark.parametrize(
    ("name", "purpose", "reason"),
    [
        ("", PURPOSE, BAD_NAME),
        ("x" * 201, PURPOSE, BAD_NAME),
        ("a\x1b[2J", PURPOSE, BAD_NAME),
        ("khác", "  ", BAD_PURPOSE),
        ("khác", "x" * 501, BAD_PURPOSE),
        ("khác", "a\nb", BAD_PURPOSE),
        ("ＢẢＮＧ", PURPOSE, NAME_TAKEN.format(name="ＢẢＮＧ")),
    ],
)
def test_what_nobody_could_read_or_tell_apart_is_refused(write, read, machine, name, purpose, reason):
    assert write(create_service_account, OPERATOR, name, purpose, "lan", None, NOW) == Refused(reason)
    assert len(read(list_service_accounts, OPERATOR)) == 1


def test_an_owner_is_somebody_who_can_answer_for_it(write, units, machine):
    write(create_account, OPERATOR, "mai", "unit_contact", "xa-a", PASSWORD, NOW)
    write(create_account, OPERATOR, "cũ", "analyst", None, PASSWORD, NOW)
    write(close_account, OPERATOR, "cũ", NOW)

    def made(owner, unit):
        return write(create_service_account, OPERATOR, f"{owner} {unit}", PURPOSE, owner, unit, NOW)

    assert made("ai", None) == Refused(NO_SUCH_ACCOUNT.format(name="ai", known="Lan, mai, cũ"))
    assert made("cũ", None) == Refused(OWNER_CLOSED.format(name="cũ"))
    assert made("mai", None) == made("mai", "xa-b") == Refused(OWNER_OF_ANOTHER_UNIT.format(name="mai"))
    assert made("lan", "xa-c") == Refused(NO_SUCH_UNIT.format(unit="xa-c"))
    assert isinstance(made("mai", "xa-a"), int) and isinstance(made("lan", "xa-b"), int)


def test_it_is_given_to_another_owner(write, read, audited, machine):
    write(create_account, OPERATOR, "minh", "analyst", None, PASSWORD, NOW)
    assert write(change_owner, OPERATOR, "Bảng", "minh", NOW) is None
    assert audited()[-1] == ("operator", "service_account.change_owner", "service_account:1", "done")
    assert write(change_owner, OPERATOR, "bảng", "MINH", NOW) == Refused(THE_SAME_OWNER.format(name="minh"))
    write(close_account, OPERATOR, "minh", NOW)
    row = read(list_service_accounts, OPERATOR)[0]
    assert (row.owner, row.owner_open) == ("minh", False)
    assert write(change_owner, OPERATOR, "bảng", "minh", NOW) == Refused(OWNER_CLOSED.format(name="minh"))
    assert write(change_owner, OPERATOR, "bảng", "lan", NOW) is None


def test_the_tokens_of_a_units_machine_are_of_that_unit(write, units, person):
    write(create_service_account, OPERATOR, "xã a", PURPOSE, "lan", "xa-a", NOW)
    write(create_service_account, OPERATOR, "tỉnh", PURPOSE, "lan", None, NOW)

    def made(role, unit, service):
        return write(create_token, OPERATOR, role, f"{role} {unit} {service}", NOW, unit=unit, service_account=service)

    wrong = Refused(OF_ANOTHER_UNIT.format(name="xã a", unit="xa-a"))
    assert made("sender", "xa-b", "xã a") == made("reader", None, "xã a") == wrong
    for unit, service in (("xa-a", "xã a"), ("xa-a", "tỉnh"), ("xa-b", "tỉnh")):
        assert isinstance(made("sender", unit, service), str)


@pytest.mark.parametrize("role", sorted(set(ALLOWED) - {"operator", "administrator"}))
def test_only_administrators_make_give_and_close_them(write, read, audited, machine, role):
    actor = Actor(kind="account", number=9, name="x", role=role, scope=EVERY_UNIT)
    assert isinstance(write(create_service_account, actor, "khác", PURPOSE, "lan", None, NOW), Refused)
    assert isinstance(write(change_owner, actor, "bảng", "lan", NOW), Refused)
    assert isinstance(write(close_service_account, actor, "bảng", NOW), Refused)
    assert [row[1:] for row in audited()[-3:]] == [
        (f"service_account.{verb}", "service_accounts", "denied") for verb in ("create", "change_owner", "close")
    ]
    assert isinstance(read(list_service_accounts, actor), Refused) is (role != "auditor")
    assert read(list_service_accounts, OPERATOR)[0].closed_at is None


def test_a_sender_is_of_a_unit_and_sees_none(write, read, units):
    assert isinstance(write(create_token, OPERATOR, "sender", "a", NOW), Refused)
    secret = write(create_token, OPERATOR, "sender", "a", NOW, unit="xa-a")
    assert read(authenticate_token, secret, NOW).actor.scope == NO_UNIT
    assert read(list_tokens, OPERATOR)[0].unit == "xa-a"
