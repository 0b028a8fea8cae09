"""Every route of the API and every page asks `org.access`: where its table allows nothing, all of them say no."""

import pytest
from sqlalchemy import update

from core.scope import EVERY_UNIT
from org.access import ALLOWED
from org.account import Account
from store import db
from tests.security.surface import BODIES, OPEN_PAGES, OPEN_ROUTES, pages, routes
from tests.unit.api.world import brute_force, failed_login
from tests.unit.console.browser import Browser


@pytest.fixture
def group(world, monkeypatch):
    """An alert, in a world in which neither a leader nor a reading machine may do anything."""
    monkeypatch.setitem(ALLOWED, "reader", frozenset())
    monkeypatch.setitem(ALLOWED, "leader", frozenset())
    world.store(failed_login(1))
    return world.alert(brute_force((failed_login(1),)))


@pytest.fixture
def browser(world):
    """Somebody logged in who is a leader."""
    logged_in = Browser(world).log_in()
    with db.session(world.engine, EVERY_UNIT) as session:
        session.execute(update(Account).values(role="leader"))
    return logged_in


@pytest.mark.parametrize("identity", ["that is there", "nope"])
def test_every_route_of_the_api_asks_before_it_looks(world, group, identity):
    token, found = world.token("reader"), set()
    for method, path in routes(world):
        if path in OPEN_ROUTES:
            continue
        found.add(path)
        actual = path.replace("{identity}", group.id if identity == "that is there" else identity)
        answer = world.call(method, actual, token, json=BODIES.get(path.rpartition("/")[2]))
        assert (answer.status_code, answer.json().get("code")) == (403, "forbidden"), (method, path, answer.text)
    assert len(found) >= 10


@pytest.mark.parametrize("identity", ["that is there", "nope"])
def test_every_page_asks_before_it_looks(world, group, browser, identity):
    csrf = forms_token(browser)
    found = set()
    for method, path in pages(world):
        if (method, path) in OPEN_PAGES:
            continue
        found.add(path)
        actual = path.replace("{identity}", group.id if identity == "that is there" else identity)
        if method == "GET":
            answer = browser.get(actual)
        else:
            form = {name: str(value) for name, value in BODIES[path.rpartition("/")[2]].items()}
            answer = browser.post(actual, {"csrf": csrf, **form}, csrf=False)
        assert answer.status_code == 403, (method, path)
        assert "Vai trò “lãnh đạo” không được" in answer.text, (method, path)
    assert len(found) >= 6


def test_a_reason_that_is_none_is_refused_like_any_other(world, group, browser):
    """What is wrong with a request is told only to those who may make it."""
    for identity in (group.id, "nope"):
        body = {"version": 1, "reason": "because"}
        answer = world.call("POST", f"/api/v1/alerts/{identity}/close", world.token("reader"), json=body)
        assert answer.json()["code"] == "forbidden"
        form = {"csrf": forms_token(browser), "version": "1", "reason": "because"}
        assert browser.post(f"/alerts/{identity}/close", form, csrf=False).status_code == 403


def test_the_foot_of_a_page_tells_the_status_to_those_who_may_read_it(world, group, browser, monkeypatch):
    assert "health" not in browser.get("/alerts").text
    monkeypatch.setitem(ALLOWED, "leader", frozenset({"alert.read"}))
    page = browser.get("/alerts")
    assert page.status_code == 200 and "tồn đọng" not in page.text
    monkeypatch.setitem(ALLOWED, "leader", frozenset({"alert.read", "status.read"}))
    assert "tồn đọng 1" in browser.get("/alerts").text


def forms_token(browser):
    from console.forgery import token_of

    return token_of(browser.cookies["canh_session"])
