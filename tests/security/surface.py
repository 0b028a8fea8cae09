"""Everything that answers: what the tests of this folder walk, so that a new route or page is covered by itself."""

from collections.abc import Iterator
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
    ("GET", "/log-in"),
    ("POST", "/log-in"),
    ("POST", "/log-out"),  # whoever is in may go out
    ("POST", "/preferences"),  # language and theme, kept in the browser
}
BODIES: dict[str, dict[str, Any]] = {
    "acknowledge": {"version": 1},
    "close": {"version": 1, "reason": "false_positive", "note": ""},
}


def routes(world: World) -> Iterator[tuple[str, str]]:
    """(method, path) of everything the API serves, documented or not."""
    for route in (each for top in world.app.routes for each in getattr(top, "original_router", Router([top])).routes):
        if isinstance(route, APIRoute):
            for method in sorted(route.methods):
                yield method, route.path
        else:
            assert isinstance(route, Mount) and route.path == "", f"not looked at: {route}"


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
