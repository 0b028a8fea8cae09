"""The list of accounts, what each may do and why, and another role for one."""

from datetime import date, timedelta

import pytest

from org.access import ACTIONS, decide
from org.account import prove_password
from org.account_closing import LAST_ADMINISTRATOR, THE_SAME_ROLE, change_role, close_account
from org.account_creation import create_account
from org.account_list import Rights, list_accounts, rights_of_account, rights_of_role
from org.actor import OPERATOR, Actor
from org.refused import Refused
from org.session import find_session, open_session
from org.unit import record_facts
from org.unit_history import UnitFact
from tests.unit.org.conftest import DORMANT_AFTER, NOW, PASSWORD


@pytest.fixture
def unit(write):
    fact = UnitFact(unit="xa-a", kind="established", on=date(2020, 1, 1), name="Xã A", decision="1/QĐ")
    assert write(record_facts, OPERATOR, [fact], {}, NOW) is None
    return "xa-a"


def test_every_account_is_listed_with_what_is_the_matter(write, read, person):
    write(create_account, OPERATOR, "Minh", "analyst", None, PASSWORD, NOW)
    write(create_account, OPERATOR, "Ân", "leader", None, None, NOW)
    write(create_account, OPERATOR, "cũ", "clerk", None, PASSWORD, NOW)
    write(close_account, OPERATOR, "cũ", NOW)
    minh = write(prove_password, "minh", PASSWORD, NOW)
    write(open_session, minh, "password", NOW)
    rows = {row.name: row for row in read(list_accounts, OPERATOR, NOW)}
    assert set(rows) == {"Lan", "Minh", "Ân", "cũ"}
    assert (rows["Minh"].sessions, rows["Minh"].has_password, rows["Minh"].has_factor) == (1, True, False)
    assert not rows["Ân"].has_password and rows["cũ"].closed_at == NOW
    later = {row.name: row for row in read(list_accounts, OPERATOR, NOW + DORMANT_AFTER)}
    assert later["Minh"].dormant and later["Minh"].sessions == 0


def test_what_a_person_may_is_what_is_decided_and_everyone_may_ask_about_themselves(write, read, person, unit):
    write(create_account, OPERATOR, "mai", "unit_contact", unit, PASSWORD, NOW)
    mai = write(prove_password, "mai", PASSWORD, NOW)
    rights = read(rights_of_account, OPERATOR, "mai", NOW)
    assert isinstance(rights, Rights) and rights.scope.units == {unit} and not rights.needs_factor
    assert [each.action for each in rights.decisions] == list(ACTIONS)
    assert all(each.allowed is decide(mai, each.action, "x").allowed and each.reason for each in rights.decisions)
    assert read(rights_of_account, mai, " MAI ", NOW) == rights
    assert isinstance(read(rights_of_account, mai, "lan", NOW), Refused)
    assert isinstance(read(rights_of_role, mai, "leader", NOW), Refused)
    assert isinstance(read(list_accounts, mai, NOW), Refused)


def test_a_token_called_like_an_account_is_not_that_account(read, person):
    token = Actor(kind="token", number=1, name="Lan", role="integration", scope=person.scope)
    assert isinstance(read(rights_of_account, token, "Lan", NOW), Refused)


def test_a_role_that_is_none_is_said(read, person):
    assert isinstance(read(rights_of_role, OPERATOR, "boss", NOW), Refused)
    assert read(rights_of_role, OPERATOR, "unit_contact", NOW).scope.units == frozenset()


def test_another_role_ends_the_sessions_and_is_audited(write, read, person, unit, audited):
    write(create_account, OPERATOR, "minh", "analyst", None, PASSWORD, NOW)
    secret = write(open_session, write(prove_password, "minh", PASSWORD, NOW), "password", NOW)
    assert write(change_role, OPERATOR, "minh", "unit_contact", unit, NOW) is None
    assert audited()[-1] == ("operator", "account.change_role", "account:2", "done")
    assert read(find_session, secret, NOW) is None
    actor = write(prove_password, "minh", PASSWORD, NOW + timedelta(seconds=1))
    assert (actor.role, actor.scope.units) == ("unit_contact", {unit})


def test_what_cannot_be_is_refused(write, person, unit, audited):
    write(create_account, OPERATOR, "minh", "analyst", None, PASSWORD, NOW)
    minh = write(prove_password, "minh", PASSWORD, NOW)
    assert write(change_role, OPERATOR, "lan", "leader", None, NOW) == Refused(LAST_ADMINISTRATOR.format(name="Lan"))
    assert write(change_role, OPERATOR, "minh", "analyst", None, NOW) == Refused(THE_SAME_ROLE.format(name="minh"))
    for role, of in (("boss", None), ("unit_contact", None), ("analyst", unit), ("unit_contact", "nope")):
        assert isinstance(write(change_role, OPERATOR, "minh", role, of, NOW), Refused), role
    assert isinstance(write(change_role, OPERATOR, "who", "leader", None, NOW), Refused)
    assert isinstance(write(change_role, minh, "minh", "administrator", None, NOW), Refused)
    assert audited()[-1] == ("account:2", "account.change_role", "accounts", "denied")
    assert write(prove_password, "minh", PASSWORD, NOW).role == "analyst"
