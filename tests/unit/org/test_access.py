"""Every role against every action, written out a second time: a change of the table must be meant."""

import pytest

from core.scope import EVERY_UNIT
from org.access import ACTION_NAMES, ACTIONS, ALLOWED, ROLE_NAMES, decide
from org.account_creation import ROLES as ROLES_OF_ACCOUNTS
from org.actor import NOBODY, OPERATOR, Actor
from org.token import ROLES

KNOWN = "self.read api.describe"
OWN = f"{KNOWN} self.change_password self.change_factor self.end_sessions self.change_searches"
OFFICE = f"{OWN} unit.read post.read person.read roster.read body.read"
READING = f"{OFFICE} alert.read event.read status.read source.read"
WATCHING = f"{READING} alert.acknowledge alert.close event.export roster.hand_over"
EVERYTHING = (
    f"{WATCHING} metrics.read token.read token.create token.revoke record.replay record.ingest "
    "service_account.read service_account.create service_account.change_owner service_account.close "
    "account.create account.reset_password account.close account.reopen account.end_sessions "
    "account.link account.unlink account.remove_factor account.invite account.read account.change_role access.review "
    "unit.change body.change source.assign post.change roster.change audit.read audit.export "
    "setting.read setting.change sealing_key.rotate"
)
AUDITING = "audit.read audit.export access.review account.read token.read service_account.read"
MAY = {
    "operator": EVERYTHING,
    "administrator": EVERYTHING,
    "shift_leader": f"{WATCHING} roster.change",
    "analyst": WATCHING,
    "responder": WATCHING,
    "permit_officer": OFFICE,
    "clerk": OFFICE,
    "unit_contact": f"{OFFICE} alert.read event.read source.read",
    "leader": READING,
    "auditor": f"{OFFICE} {AUDITING} setting.read status.read",
    "reader": f"{KNOWN} alert.read event.read status.read unit.read source.read post.read roster.read body.read",
    "integration": f"{KNOWN} alert.read status.read metrics.read",
    "sender": "record.ingest",
    "nobody": "",
}


@pytest.mark.parametrize("role", MAY)
@pytest.mark.parametrize("action", ACTIONS)
def test_the_table(role, action):
    actor = Actor(kind="token", number=1, name="x", role=role, scope=EVERY_UNIT)
    decision = decide(actor, action, "alert:1")
    assert decision.allowed is (action in MAY[role].split())
    assert (decision.actor, decision.action, decision.resource) == (actor, action, "alert:1")
    assert ROLE_NAMES[role].vi in decision.reason.vi and ACTION_NAMES[action].en in decision.reason.en
    assert ("không được" in decision.reason.vi) is not decision.allowed


def test_what_nobody_thought_of_is_denied():
    unheard_of = Actor(kind="account", number=1, name="x", role="administrator", scope=EVERY_UNIT)
    assert not any(action not in ACTIONS for actions in ALLOWED.values() for action in actions)
    assert not any(decide(NOBODY, action, "alert:1").allowed for action in ACTIONS)
    assert decide(unheard_of, "alert.close", "alert:1").allowed


def test_everything_has_its_words_and_every_tokens_role_its_rights():
    assert set(ACTION_NAMES) == set(ACTIONS)
    assert set(ROLE_NAMES) == set(MAY)
    assert set(ROLES) | set(ROLES_OF_ACCOUNTS) <= set(ALLOWED)


def test_actors_are_told_apart_for_ever():
    assert OPERATOR.id == "operator"
    assert Actor(kind="token", number=3, name="a", role="reader", scope=EVERY_UNIT).id == "token:3"
    assert Actor(kind="account", number=3, name="a", role="reader", scope=EVERY_UNIT).id == "account:3"
