"""Everything that answers: what the tests of this folder walk, so that a new route or page is covered by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi.routing import APIRoute
from starlette.applications import Starlette
from starlette.routing import Mount, Route, Router

from tests.unit.api.world import World

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
    ("GET", "/invitation"),
    ("POST", "/invitation"),
    ("GET", "/log-in"),
    ("POST", "/log-in"),
    ("GET", "/log-in/code"),
    ("POST", "/log-in/code"),
    ("POST", "/log-in/passkey"),
    ("GET", "/log-in/provider"),
    ("GET", "/log-in/provider/answer"),
    ("GET", "/log-in/enrol"),
    ("POST", "/log-in/enrol"),
    ("POST", "/log-out"),  # whoever is in may go out
    ("POST", "/preferences"),  # language and theme, kept in the browser
}
LIKE_ELASTICSEARCH = "/elasticsearch"
"""An application of its own: test_10_elasticsearch_reading.py."""
NO_PAGES = ("/events/completion", "/events/export")
"""What is answered there is no page: a browser is told what it is and believes that."""
BODIES: dict[str, dict[str, Any]] = {
    "acknowledge": {"version": 1},
    "close": {"version": 1, "reason": "false_positive", "note": ""},
    "access-review": {},
    "password": {"password": "x", "new": "y", "again": "y"},
    "authenticator": {"password": "x", "code": "000000"},
    "confirm": {"draft": "", "code": "000000"},
    "recovery-codes": {"password": "x", "code": "000000"},
    "remove-factor": {"password": "x", "code": "000000"},
    "passkey": {"password": "x", "code": "000000"},
    "ask": {},
    "add": {"passkey": "{}", "passkey_name": "x"},
    "saved": {"name": "x", "query": "*"},
    "columns": {"add": "user.name"},
    "remove": {"password": "x", "code": "000000", "number": "0"},
    "end-sessions": {"name": "nobody"},
    "create": {"name": "", "role": "leader", "unit": "", "days": "9"},
    "invite": {"name": "nobody"},
    "reopen": {"name": "nobody"},
    "link": {"name": "nobody", "subject": "8f14e45f"},
    "unlink": {"name": "nobody"},
    "change-role": {"name": "nobody", "role": "leader", "unit": ""},
    "revoke": {"number": "0"},
    "change-owner": {"name": "nobody", "owner": "nobody"},
    "change": {"key": "none", "value": "1", "reason": "x", "version": "0"},
    "undo": {"key": "none", "number": "1", "reason": "x", "version": "0"},
    "assign": {"unit": "", "network": "10.0.0.0/8", "input": "", "host": ""},
    "end": {"number": "0"},
    "preview": {"event": "none"},
    "apply": {"content": "", "event": "none"},
    "hand-over": {"taken_by": "x", "note": ""},
}


def routes(world: World) -> Iterator[tuple[str, str]]:
    """(method, path) of everything the API serves, documented or not."""
    for top in world.app.routes:
        for route in getattr(top, "original_router", Router([top])).routes:
            if isinstance(route, APIRoute):
                for method in sorted(route.methods):
                    yield method, route.path
            else:
                assert isinstance(route, Mount) and route.path in ("", LIKE_ELASTICSEARCH), f"not looked at: {route}"


def console(world: World) -> Starlette:
    """The console's application."""
    mounted = world.app.routes[-1].app  # type: ignore[attr-defined]
    assert isinstance(mounted, Starlette)
    return mounted


def pages(world: World) -> Iterator[tuple[str, str]]:
    """(method, path) of everything the console serves but its assets."""
    for route in console(world).routes:
        if isinstance(route, Route):
            for method in sorted((route.methods or set()) - {"HEAD"}):
                yield method, route.path
        else:
            assert isinstance(route, Mount) and route.path == "/static", f"not looked at: {route}"


def body_of(path: str) -> dict[str, Any] | None:
    """What a write on this path takes."""
    return BODIES.get(path.rpartition("/")[2])


def form_of(path: str) -> dict[str, str]:
    """The same as a form."""
    return {name: str(value) for name, value in (body_of(path) or {}).items()}


def api_routes(world: World) -> Iterator[APIRoute]:
    """The routes themselves."""
    for top in world.app.routes:
        for route in getattr(top, "original_router", Router([top])).routes:
            if isinstance(route, APIRoute):
                yield route


INSIDE = "SELECT secret FROM account WHERE path='/srv/canh/var/canh.db'"


def fail(*_arguments: Any, **_named: Any) -> Any:
    """An error that nobody foresaw, saying `INSIDE`. Its code replaces others': it may name nothing of this file."""
    raise RuntimeError("SELECT secret FROM account WHERE path='/srv/canh/var/canh.db'")


@contextmanager
def broken(world: World, token: str) -> Iterator[None]:
    """Every route and every page of the console fails as soon as it begins its work."""
    routes_, pages_ = [], []
    for route in api_routes(world):  # how a route is called is read at its first call
        world.call(sorted(route.methods)[0], filled(route.path), token, json=body_of(route.path))
        routes_.append((route.endpoint, route.endpoint.__code__))
    for page in console(world).routes:
        if isinstance(page, Route):
            closure = page.endpoint  # of console/door.py: it keeps the function that makes the page
            cell = closure.__closure__[closure.__code__.co_freevars.index("handler")]
            pages_.append((cell, cell.cell_contents))
    try:
        for endpoint, _ in routes_:
            endpoint.__code__ = fail.__code__
        for cell, _ in pages_:
            cell.cell_contents = fail
        yield
    finally:
        for endpoint, code in routes_:
            endpoint.__code__ = code
        for cell, handler in pages_:
            cell.cell_contents = handler


def filled(path: str, identity: str = "1") -> str:
    """The path with something in its places."""
    return path.replace("{identity}", identity).replace("{rest:path}", "nope")
