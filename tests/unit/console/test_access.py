"""Every route of the API and every page asks `org.access`: where its table allows nothing, all of them say no."""

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import update
from starlette.routing import Mount, Route, Router

from core.scope import EVERY_UNIT
from org.access import ALLOWED
from org.account import Account
from store import db
from tests.unit.api.world import brute_force, failed_login
from tests.unit.console.browser import Browser

# What answers without being asked for an action, each with its reason (docs/security.md).
OPEN_ROUTES = {
    "/healthz",  # names and states of processes, for the machine's own watchman
    "/metrics",  # asks whoever does not call from this machine: tests/unit/api/test_metrics.py
    "/api/{rest:path}",  # nothing is there
}
OPEN_PAGES = {
    ("GET", "/"),  # only leads on
    ("GET", "/first-run"),
    ("POST", "/first-run"),
    ("GET", "/log-in"),
    ("POST", "/log-in"),
    ("POST", "/log-out"),  # whoever is in may go out
    ("POST", "/preferences"),  # language and theme, kept in the browser
}
BODIES = {
    "acknowledge": {"version": 1},
    "close": {"version": 1, "reason": "false_positive", "note": ""},
    "access-review": {},
    "hand-over": {"taken_by": "x", "note": ""},
}


@pytest.fixture
def group(world, monkeypatch):
    """An alert, in a world in which a reader may nothing."""
    monkeypatch.setitem(ALLOWED, "reader", frozenset())
    world.store(failed_login(1))
    return world.alert(brute_force((failed_login(1),)))


@pytest.fixture
def browser(world):
    """Somebody logged in who is a reader."""
    logged_in = Browser(world).log_in()
    with db.session(world.engine, EVERY_UNIT) as session:
        session.execute(update(Account).values(role="reader"))
    return logged_in


def routes(world):
    """(method, path) of everything the API serves, documented or not."""
    for route in (each for top in world.app.routes for each in getattr(top, "original_router", Router([top])).routes):
        if isinstance(route, APIRoute):
            for method in route.methods:
                yield method, route.path
        else:
            assert isinstance(route, Mount) and route.path == "", f"not looked at: {route}"


def pages(world):
    """(method, path) of everything the console serves but its assets."""
    console = world.app.routes[-1].app
    for route in console.routes:
        if isinstance(route, Route):
            for method in route.methods - {"HEAD"}:
                yield method, route.path
        else:
            assert route.path == "/static", f"not looked at: {route}"


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
        assert "Vai trò “người xem” không được" in answer.text, (method, path)
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
    monkeypatch.setitem(ALLOWED, "reader", frozenset({"alert.read"}))
    page = browser.get("/alerts")
    assert page.status_code == 200 and "tồn đọng" not in page.text
    monkeypatch.setitem(ALLOWED, "reader", frozenset({"alert.read", "status.read"}))
    assert "tồn đọng 1" in browser.get("/alerts").text


def forms_token(browser):
    from console.forgery import token_of

    return token_of(browser.cookies["canh_session"])
