"""An error of ours on any route or page: a generic text with an id, nothing of the inside, and the log has it."""

import re

import pytest

from tests.security.surface import INSIDE, body_of, broken, fail, filled, pages, routes
from tests.unit.api.world import World
from tests.unit.console.browser import Browser

pytestmark = pytest.mark.slow

TELLTALES = ("SELECT", "/srv/canh", "Traceback", "RuntimeError", "sqlalchemy", ".py", "account WHERE")


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
    assert ids and all(re.fullmatch(r"[0-9a-f]{6,40}", told) for told in ids), (where, ids)
    assert where[0] == "HEAD" or any(told in answer.text for told in ids), (where, ids)
    caplog.clear()


def test_an_error_in_any_route_of_the_api(world, caplog):
    token = world.token()
    with broken(world, token):
        for method, path in routes(world):
            answer = world.call(method, filled(path), token, json=body_of(path))
            assert_nothing_inside(answer, caplog, (method, path))


def test_an_error_below_any_route_of_the_api(world, caplog, monkeypatch):
    """The database itself fails in a way that nobody foresaw: while it is asked who calls."""
    token, failed = world.token(), 0
    monkeypatch.setattr("store.db.session", fail)
    for method, path in routes(world):
        if path.startswith("/api/v1/"):
            answer = world.call(method, filled(path), token, json=body_of(path))
            assert_nothing_inside(answer, caplog, (method, path))
            failed += 1
    assert failed >= 10


def test_an_error_in_any_page(world, caplog):
    browser = Browser(world).log_in()
    csrf = browser.csrf()
    with broken(world, world.token()):
        for method, path in pages(world):
            actual = filled(path)
            answer = browser.get(actual) if method == "GET" else browser.post(actual, {"csrf": csrf}, csrf=False)
            assert_nothing_inside(answer, caplog, (method, path))
