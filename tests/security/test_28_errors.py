"""An error of ours on any route or page: a generic text with an id, nothing of the inside, and the log has it."""

import re

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Route, Router

from tests.security.surface import body_of, console, pages, routes
from tests.unit.api.world import World
from tests.unit.console.browser import Browser

INSIDE = "SELECT secret FROM account WHERE path='/srv/canh/var/canh.db'"
TELLTALES = ("SELECT", "/srv/canh", "Traceback", "RuntimeError", "sqlalchemy", ".py", "account WHERE")


def fail(*_arguments, **_named):
    """An error that nobody foresaw. Its code is put in place of others': it may name nothing of this file."""
    raise RuntimeError("SELECT secret FROM account WHERE path='/srv/canh/var/canh.db'")


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path, raise_errors=False)
    yield made
    made.close()


def assert_nothing_inside(answer, caplog, where):
    assert answer.status_code == 500, (where, answer.status_code, answer.text[:300])
    for telltale in TELLTALES:
        assert telltale not in answer.text, (where, telltale)
        assert telltale not in str(answer.headers), (where, telltale)
    logged = [each for each in caplog.records if each.exc_info and INSIDE in str(each.exc_info[1])]
    ids = [each.getMessage().rpartition(" ")[2] for each in logged]
    assert [told for told in ids if re.fullmatch(r"[0-9a-f]{6,40}", told) and told in answer.text], (where, ids)
    caplog.clear()


def test_an_error_in_any_route_of_the_api(world, caplog):
    token = world.token()
    every = [route for top in world.app.routes for route in getattr(top, "original_router", Router([top])).routes]
    broken = 0
    for route in every:
        if not isinstance(route, APIRoute):
            continue
        method, path = sorted(route.methods)[0], route.path.replace("{identity}", "1").replace("{rest:path}", "nope")
        world.call(method, path, token, json=body_of(route.path))  # its signature is read at the first call
        kept, route.endpoint.__code__ = route.endpoint.__code__, fail.__code__
        try:
            answer = world.call(method, path, token, json=body_of(route.path))
        finally:
            route.endpoint.__code__ = kept
        assert_nothing_inside(answer, caplog, (method, path))
        broken += 1
    assert broken == len({path for _, path in routes(world)})


def test_an_error_below_any_route_of_the_api(world, caplog, monkeypatch):
    """The database itself fails in a way that nobody foresaw: while it is asked who calls."""
    token = world.token()
    monkeypatch.setattr("store.db.session", fail)
    for method, path in routes(world):
        if path.startswith("/api/v1/"):
            answer = world.call(method, path.replace("{identity}", "1"), token, json={"version": 1})
            assert_nothing_inside(answer, caplog, path)


def test_an_error_in_any_page(world, caplog):
    browser = Browser(world).log_in()
    csrf = browser.csrf()
    failed = 0
    for route in console(world).routes:
        if not isinstance(route, Route):
            continue
        handler = handler_of(route)
        kept, handler.cell_contents = handler.cell_contents, fail
        path = route.path.replace("{identity}", "1")
        answer = browser.post(path, {"csrf": csrf}, csrf=False) if "POST" in route.methods else browser.get(path)
        handler.cell_contents = kept
        assert_nothing_inside(answer, caplog, path)
        failed += 1
    assert failed == len(list(pages(world)))


def handler_of(route):
    """Where the endpoint of a page (console/door.py) keeps the function that it runs."""
    return route.endpoint.__closure__[route.endpoint.__code__.co_freevars.index("handler")]
