"""What is sent is data: no SQL, shell, query or header is built of it, by any parameter of any route or page."""

import ast

import pytest

from tests.house.source import modules
from tests.security.surface import filled, pages, routes
from tests.unit.api.world import brute_force, failed_login
from tests.unit.console.browser import Browser

PROBES = (
    "' OR '1'='1",
    "1' OR 1=1 --",
    "1); DROP TABLE alert; --",
    "' UNION SELECT password_hash FROM account --",
    "*:*",
    "user.name:* OR _exists_:password",
    "/.*/",
    "../../../../etc/passwd",
    "..%2f..%2fcanh.db",
    "$(id)",
    "`id`",
    "; id",
    "|id",
    "%00",
    "a\x00b",
    "x\r\nSet-Cookie: a=b",
    "%0d%0aSet-Cookie: a=b",
    "%",
    "_",
    "\\",
    '"',
    "(" * 200,
    "9" * 400,
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
)
TELLTALES = ("$argon2", "root:x:0", "uid=0", "sqlite", "syntax error", "Traceback")


def builds_sql(node):
    """Whether a call hands text that is put together to a database."""
    if not isinstance(node, ast.Call) or not node.args:
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in {"text", "exec_driver_sql", "execute", "executemany", "executescript"} and isinstance(
        node.args[0], ast.JoinedStr | ast.BinOp
    )


@pytest.mark.slow
def test_no_sql_is_put_together():
    # Pragmas with our own numbers are; a name that comes from outside would be found by its path here.
    built = {str(path) for path, tree in modules() for node in ast.walk(tree) if builds_sql(node)}
    assert built <= {"store/db.py"}
    assert builds_sql(ast.parse('connection.execute(f"select {x}")').body[0].value)


def parameters(world, path, method):
    """The query parameters that the description names."""
    operation = world.app.openapi()["paths"].get(path, {}).get(method.lower(), {})
    return [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"] or ["nothing"]


@pytest.mark.slow
def test_no_parameter_of_a_route_is_more_than_data(world):
    world.store(failed_login(1))
    world.alert(brute_force((failed_login(1),)))
    token = world.token()
    for method, path in routes(world):
        if method not in ("GET", "POST"):
            continue
        for probe in PROBES:
            body = {"version": 1, "reason": probe, "note": probe} if method == "POST" else None
            asked = dict.fromkeys(parameters(world, path, method), probe)
            for place, params in ((filled(path), asked), (filled(path, quoted(probe)), {})):
                assert_data(world.call(method, place, token, params=params, json=body), (method, path, probe))
    assert len(world.call("GET", "/api/v1/alerts", token).json()["alerts"]) == 1


@pytest.mark.slow
def test_no_parameter_of_a_page_is_more_than_data(world):
    world.store(failed_login(1))
    world.alert(brute_force((failed_login(1),)))
    browser = Browser(world).log_in()
    csrf = browser.csrf()
    names = ("query", "range", "from", "to", "on", "state", "level", "before", "actor", "action", "resource", "limit")
    form = ("name", "password", "version", "reason", "note", "language", "theme", "back", "next", "secret")
    for method, path in pages(world):
        if path == "/log-out":
            continue
        for probe in PROBES:
            place = filled(path, quoted(probe))
            if method == "GET":
                answer = browser.get(place + "?" + "&".join(f"{name}={quoted(probe)}" for name in names))
            else:
                answer = browser.post(place, {"csrf": csrf, **dict.fromkeys(form, probe)}, csrf=False)
            assert_data(answer, (method, path, probe))
    assert "1 cảnh báo" in browser.get("/alerts").text


def quoted(probe):
    from urllib.parse import quote

    return quote(probe, safe="")


def assert_data(answer, where):
    assert answer.status_code < 500, (where, answer.status_code)
    assert "a=b" not in answer.headers.get("set-cookie", ""), where
    for telltale in TELLTALES:
        assert telltale not in answer.text, (where, telltale)
