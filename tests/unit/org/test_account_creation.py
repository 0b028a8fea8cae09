"""Accounts of the province and of one unit, and what they see from their log-in on."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.scope import EVERY_UNIT, Scope
from org.account import Account, prove_password
from org.account_creation import create_account
from org.actor import NO_UNIT, OPERATOR, Actor
from org.refused import Refused
from org.session import find_session, open_session
from org.token import authenticate_token, create_token
from org.unit import load_history, record_facts, unit_scope
from org.unit_history import UnitHistory
from tests.unit.org.conftest import NOW, PASSWORD
from tests.unit.org.provinces import FACTS, established

MERGED = {"ct-so-khcn", "st-so-tttt", "st-tt-cns"}


@pytest.fixture
def provinces(write):
    assert write(record_facts, OPERATOR, FACTS, {}, NOW) is None


def test_a_contact_who_logs_in_sees_the_scope_of_the_unit(write, read, provinces, audited):
    number = write(create_account, OPERATOR, "Đầu mối", "unit_contact", "ct-so-khcn", PASSWORD, NOW)
    actor = write(prove_password, "đầu mối", PASSWORD, NOW)
    assert (actor.number, actor.role, actor.scope) == (number, "unit_contact", Scope(frozenset(MERGED)))
    secret = write(open_session, actor, "password", NOW)
    assert read(find_session, secret, NOW).actor == actor
    assert audited()[-2:] == [
        ("operator", "account.create", f"account:{number}", "done"),
        (f"account:{number}", "account.log_in", f"account:{number}", "done"),
    ]


def test_the_scope_follows_the_facts_at_each_request(write, read, provinces):
    """The day of the merger begins in Vietnam, whatever the zone of the machine."""
    from datetime import UTC, datetime

    midnight = datetime(2025, 6, 30, 17, tzinfo=UTC)
    write(create_account, OPERATOR, "ct", "unit_contact", "ct-so-khcn", PASSWORD, midnight)
    secret = write(open_session, write(prove_password, "ct", PASSWORD, midnight), "password", midnight)
    assert read(find_session, secret, midnight).actor.scope.units == MERGED
    before = midnight - timedelta(seconds=1)
    assert read(find_session, secret, before).actor.scope.units == {"ct-so-khcn"}


def test_who_is_of_no_unit_sees_every_unit_and_a_contact_without_one_none(write, provinces):
    write(create_account, OPERATOR, "lan", "analyst", None, PASSWORD, NOW)
    write(create_account, OPERATOR, "minh", "unit_contact", "can-tho", PASSWORD, NOW)
    assert write(prove_password, "lan", PASSWORD, NOW).scope == EVERY_UNIT
    write(lambda session: session.execute(update(Account).values(unit_id=None)))
    assert write(prove_password, "minh", PASSWORD, NOW).scope == NO_UNIT


@pytest.mark.parametrize(
    ("name", "role", "unit", "said", "reason"),
    [
        ("a", "king", None, PASSWORD, "No account has the role “king”"),
        ("a", "integration", None, PASSWORD, "No account has the role “integration”"),
        ("a", "unit_contact", None, PASSWORD, "needs a unit"),
        ("a", "unit_contact", "nope", PASSWORD, "There is no unit “nope” today"),
        ("a", "unit_contact", "soc-trang", PASSWORD, "There is no unit “soc-trang” today"),
        ("a", "analyst", "can-tho", PASSWORD, "sees the whole province"),
        ("a", "administrator", "can-tho", PASSWORD, "sees the whole province"),
        ("LAN ", "leader", None, PASSWORD, "There is an account called “LAN” already"),
        ("a", "leader", None, "short", "14 characters"),
        (" ", "leader", None, PASSWORD, "printable"),
        ("a\x1b", "leader", None, PASSWORD, "printable"),
    ],
)
def test_what_is_no_account_is_refused(write, read, provinces, person, name, role, unit, said, reason):
    refused = write(create_account, OPERATOR, name, role, unit, said, NOW)
    assert isinstance(refused, Refused) and reason in refused.reason.en
    assert read(lambda session: session.scalars(select(Account.name)).all()) == ["Lan"]


def test_only_who_may_makes_accounts(write, audited):
    analyst = Actor(kind="account", number=4, name="x", role="analyst", scope=EVERY_UNIT)
    assert isinstance(write(create_account, analyst, "a", "administrator", None, PASSWORD, NOW), Refused)
    assert audited() == [("account:4", "account.create", "accounts", "denied")]


def test_a_token_of_a_unit_sees_no_more_than_its_contact(write, read, provinces):
    secret = write(create_token, OPERATOR, "unit_contact", "script", NOW, unit="ct-so-khcn")
    assert read(authenticate_token, secret, NOW).actor.scope.units == MERGED
    for role, unit in (("unit_contact", None), ("leader", "can-tho"), ("unit_contact", "nope")):
        assert isinstance(write(create_token, OPERATOR, role, "another", NOW, unit=unit), Refused)


def test_a_session_of_a_unit_sees_its_own_facts_accounts_and_names(write, read, provinces):
    """Kept apart by construction: no query of ours has to remember it."""
    for name, unit in (("ct", "ct-so-khcn"), ("x", "x-my-xuyen")):
        write(create_account, OPERATOR, name, "unit_contact", unit, PASSWORD, NOW)
    scope = write(prove_password, "x", PASSWORD, NOW).scope
    history = read(load_history, scope=scope)
    assert set(history.units) == {"x-my-xuyen", "x-dai-tam", "x-tham-don"}
    assert isinstance(history, UnitHistory) and history.parent("x-my-xuyen", NOW.date()) is None
    assert read(lambda session: session.scalars(select(Account.name)).all(), scope=scope) == ["x"]


def test_a_scope_follows_every_new_fact_and_the_date(write, read):
    """What is remembered of one day's facts is never given for others."""
    facts = [established("tinh", "Tỉnh"), established("xa-a", "Xã A", "tinh")]
    assert write(record_facts, OPERATOR, facts, {}, NOW) is None
    assert read(unit_scope, "tinh", NOW).units == {"tinh", "xa-a"}
    assert read(unit_scope, "xa-a", NOW).units == {"xa-a"}
    later = established("xa-b", "Xã B", "tinh", on=NOW.date() + timedelta(days=2))
    assert write(record_facts, OPERATOR, [later], {}, NOW) is None
    assert read(unit_scope, "tinh", NOW + timedelta(days=3)).units == {"tinh", "xa-a", "xa-b"}
    assert read(unit_scope, "tinh", NOW).units == {"tinh", "xa-a"}, "not there yet"
