"""Every route and page x every role x own and other unit, by a table that must name each of them; and ids swapped."""

import pytest
from sqlalchemy import update

from core.scope import EVERY_UNIT
from org.access import ACTIONS, ALLOWED
from org.account import Account
from org.account_creation import ROLES as ROLES_OF_ACCOUNTS
from org.account_creation import UNIT_ROLES
from org.actor import OPERATOR
from org.token import ROLES as ROLES_OF_TOKENS
from org.token import create_token
from store import db
from tests.security.province import OTHER, OWN, write
from tests.security.surface import OPEN_PAGES, OPEN_ROUTES, body_of, form_of, pages, routes
from tests.unit.api.world import UNIT
from tests.unit.console.browser import Browser

WATCHING = {"administrator", "shift_leader", "analyst", "responder"}
READING = WATCHING | {"leader", "reader"}
SEEING = READING | {"unit_contact"}
OFFICE = (READING - {"reader"}) | {"permit_officer", "clerk", "unit_contact", "auditor"}
TOKENS = {"administrator", "analyst", "reader", "unit_contact", "integration"}
AUDITING = {"administrator", "auditor"}

# Who may; a route that is served and not named here fails the test, and so does a row that names none.
OF_ROUTES = {
    ("GET", "/api/v1/alerts"): TOKENS,
    ("GET", "/api/v1/alerts/{identity}"): TOKENS,
    ("POST", "/api/v1/alerts/{identity}/acknowledge"): WATCHING,
    ("POST", "/api/v1/alerts/{identity}/close"): WATCHING,
    ("GET", "/api/v1/events"): SEEING,
    ("GET", "/api/v1/events/count"): SEEING,
    ("GET", "/api/v1/events/{identity}"): SEEING,
    ("GET", "/api/v1/status"): READING | {"integration"},
    ("GET", "/api/v1/me"): TOKENS,
    ("GET", "/api/v1/openapi.json"): TOKENS,
}
OF_PAGES = {
    ("GET", "/alerts"): SEEING,
    ("GET", "/alerts/{identity}"): SEEING,
    ("POST", "/alerts/{identity}/acknowledge"): WATCHING,
    ("POST", "/alerts/{identity}/close"): WATCHING,
    ("GET", "/events"): SEEING,
    ("GET", "/events/overview"): SEEING,
    ("GET", "/events/values"): SEEING,
    ("GET", "/events/completion"): SEEING,
    ("GET", "/events/export"): WATCHING,
    ("POST", "/events/saved"): OFFICE,
    ("POST", "/events/saved/remove"): OFFICE,
    ("POST", "/events/columns"): OFFICE,
    ("GET", "/units"): OFFICE,
    ("GET", "/status"): READING | {"auditor"},
    ("GET", "/audit"): AUDITING,
    ("GET", "/access-review"): AUDITING,
    ("POST", "/access-review"): AUDITING,
    ("GET", "/posts"): OFFICE,
    ("GET", "/roster"): OFFICE,
    ("POST", "/roster/hand-over"): WATCHING,
    ("GET", "/units/change"): {"administrator"},
    ("POST", "/units/change/preview"): {"administrator"},
    ("POST", "/units/change/apply"): {"administrator"},
    ("GET", "/posts/change"): {"administrator"},
    ("POST", "/posts/change/preview"): {"administrator"},
    ("POST", "/posts/change/apply"): {"administrator"},
    ("GET", "/roster/change"): {"administrator", "shift_leader"},
    ("POST", "/roster/change/preview"): {"administrator", "shift_leader"},
    ("POST", "/roster/change/apply"): {"administrator", "shift_leader"},
    ("GET", "/bodies"): OFFICE,
    ("GET", "/bodies/change"): {"administrator"},
    ("POST", "/bodies/change/preview"): {"administrator"},
    ("POST", "/bodies/change/apply"): {"administrator"},
    ("GET", "/sources"): SEEING,
    ("POST", "/sources/assign"): {"administrator"},
    ("POST", "/sources/end"): {"administrator"},
    ("GET", "/settings"): AUDITING,
    ("POST", "/settings/change"): {"administrator"},
    ("POST", "/settings/undo"): {"administrator"},
    ("GET", "/accounts"): AUDITING,
    ("POST", "/accounts/create"): {"administrator"},
    ("POST", "/accounts/invite"): {"administrator"},
    ("POST", "/accounts/close"): {"administrator"},
    ("POST", "/accounts/reopen"): {"administrator"},
    ("POST", "/accounts/end-sessions"): {"administrator"},
    ("POST", "/accounts/remove-factor"): {"administrator"},
    ("POST", "/accounts/change-role"): {"administrator"},
    ("POST", "/accounts/link"): {"administrator"},
    ("POST", "/accounts/unlink"): {"administrator"},
    ("GET", "/keys"): AUDITING,
    ("POST", "/keys/create"): {"administrator"},
    ("POST", "/keys/revoke"): {"administrator"},
    ("GET", "/service-accounts"): AUDITING,
    ("POST", "/service-accounts/create"): {"administrator"},
    ("POST", "/service-accounts/change-owner"): {"administrator"},
    ("POST", "/service-accounts/close"): {"administrator"},
    ("GET", "/roles"): OFFICE,
    ("GET", "/my-account"): OFFICE,
    ("POST", "/my-account/password"): OFFICE,
    ("POST", "/my-account/authenticator"): OFFICE,
    ("POST", "/my-account/authenticator/confirm"): OFFICE,
    ("POST", "/my-account/recovery-codes"): OFFICE,
    ("POST", "/my-account/remove-factor"): OFFICE,
    ("POST", "/my-account/passkey"): OFFICE,
    ("POST", "/my-account/passkey/add"): OFFICE,
    ("POST", "/my-account/passkey/ask"): OFFICE,
    ("POST", "/my-account/passkey/remove"): OFFICE,
    ("POST", "/my-account/end-sessions"): OFFICE,
}


def expected(role, may, path, unit):
    """The answers that are right: let through, refused, or told that nothing is there."""
    if role not in may:
        return {403}
    if role == "unit_contact" and unit != OWN and "{identity}" in path:
        return {404}
    return {200, 303, 409}  # a write that comes second is a conflict


def identity_of(path, group, event):
    return event.id if "/events/" in path else group.id


@pytest.mark.slow
@pytest.mark.parametrize("unit", [OWN, OTHER])
def test_every_route_answers_each_role_as_the_table_says(world, alerts, unit):
    served = {each for each in routes(world) if each[1] not in OPEN_ROUTES}
    assert served == set(OF_ROUTES)
    assert set(ROLES_OF_TOKENS) == TOKENS | {"sender"}  # a sender reads nothing, so no row may name it
    for role in ROLES_OF_TOKENS:
        token = write(world, create_token, OPERATOR, role, f"of-{role}", world.now, unit=unit_of(role))
        for method, path in served:
            actual = path.replace("{identity}", identity_of(path, *alerts[unit]))
            answer = world.call(method, actual, token, json=body_of(path))
            right = expected(role, OF_ROUTES[method, path], path, unit)
            assert answer.status_code in right, (role, method, path, unit, answer.text)
            assert world.send(method, actual, json=body_of(path)).status_code == 401, (method, path)


@pytest.mark.slow
@pytest.mark.parametrize("unit", [OWN, OTHER])
def test_every_page_answers_each_role_as_the_table_says(world, alerts, unit):
    served = {each for each in pages(world) if each not in OPEN_PAGES}
    assert served == set(OF_PAGES)
    browser = Browser(world).log_in()
    token = browser.csrf()
    for role in ROLES_OF_ACCOUNTS:
        become(world, role)
        for method, path in served:
            actual = path.replace("{identity}", identity_of(path, *alerts[unit]))
            answer = (
                browser.get(actual)
                if method == "GET"
                else browser.post(actual, {"csrf": token, **form_of(path)}, csrf=False)
            )
            right = expected(role, OF_PAGES[method, path], path, unit)
            assert answer.status_code in right, (role, method, path, unit, answer.status_code)
            assert answer.headers.get("location", "") != "/log-in"
            form = None if method == "GET" else form_of(path) or {"nothing": ""}
            stranger = world.send(method, actual, headers={"Sec-Fetch-Site": "same-origin"}, data=form)
            assert stranger.headers.get("location", "").startswith("/log-in"), (method, path)


@pytest.mark.slow
def test_an_id_of_another_unit_on_a_write_changes_nothing_whatever_the_role_may(world, alerts, monkeypatch):
    """Were a unit contact allowed everything, its scope alone must keep it from what is not its own."""
    monkeypatch.setitem(ALLOWED, "unit_contact", frozenset(ACTIONS))
    token = write(world, create_token, OPERATOR, "unit_contact", "script", world.now, unit=OWN)
    browser = Browser(world).log_in()
    csrf = browser.csrf()
    become(world, "unit_contact")
    own, nobodys = alerts[OWN][0], "0" * 32
    before = {unit: state_of(world, group) for unit, (group, _) in alerts.items()}
    for unit in (OTHER, UNIT):
        theirs = alerts[unit][0]
        for name in (theirs.id, str(theirs.number)):
            for method, path in (each for each in routes(world) if each[0] != "GET" and "{identity}" in each[1]):
                body = {**(body_of(path) or {}), "version": theirs.version}
                answer = world.call(method, path.replace("{identity}", name), token, json=body)
                missing = world.call(method, path.replace("{identity}", nobodys), token, json=body)
                assert answer.status_code == missing.status_code == 404, (path, answer.text)
                assert answer.text == missing.text
                # the address names its own, the body another's: what is not asked for is refused
                for extra in ({"id": name}, {"identity": name}, {"unit": unit}, {"number": theirs.number}):
                    own_path = path.replace("{identity}", own.id)
                    assert world.call(method, own_path, token, json={**body, **extra}).status_code == 422, path
            for method, path in (each for each in pages(world) if each[0] != "GET" and "{identity}" in each[1]):
                form = {"csrf": csrf, **form_of(path), "version": str(theirs.version)}
                answer = browser.post(path.replace("{identity}", name), form, csrf=False)
                assert answer.status_code == 404, (path, method)
                swapped = {**form, "version": "0", "id": name, "identity": name, "unit": unit}
                browser.post(path.replace("{identity}", own.id), swapped, csrf=False)
    assert {unit: state_of(world, group) for unit, (group, _) in alerts.items()} == before
    written = world.call("POST", f"/api/v1/alerts/{own.id}/acknowledge", token, json={"version": own.version})
    assert written.status_code == 200, "its own it may change, or this test says nothing"


def become(world, role):
    with db.session(world.engine, EVERY_UNIT) as session:
        session.execute(update(Account).values(role=role, unit_id=unit_of(role)))


def unit_of(role):
    return OWN if role in UNIT_ROLES else None


def state_of(world, group):
    found = world.call("GET", f"/api/v1/alerts/{group.id}").json()
    return found["state"], found["version"]
