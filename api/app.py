"""The application for machines; `console.app.add_console` puts the pages beside it."""

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo

from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute
from sqlalchemy import Engine
from starlette.responses import Response
from starlette.routing import Match, Route

from api.edge import Edge
from api.elasticsearch import app as elasticsearch
from api.errors import REASONS, Problem, ProblemReport, add_problem_handlers
from api.routes import alerts, events, me, metrics, openapi, status
from api.seats import SearchSeats
from api.services import Services
from api.settings import WebSettings
from core.ports import EventReader
from core.scope import EVERY_UNIT
from core.status import Status
from org.token import known_tokens
from store import db

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def build_api(
    *,
    engine: Engine,
    events: EventReader,
    status: Callable[[], Status],
    counted: Callable[[], Mapping[str, float]],
    now: Callable[[], datetime],
    zone: tzinfo,
    settings: WebSettings,
) -> FastAPI:
    """`/healthz`, `/metrics` and `/api/v1/...` behind the edge (Host check, size cap, security headers).

    `status` is called for each request that shows it: let it remember for a moment. Routes are plain functions
    in the thread pool; nothing here blocks the event loop.
    """
    app = FastAPI(
        title="Canh",
        version="1",
        description="Alerts, events and status of Canh. Errors are problem+json (RFC 9457).",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        responses={"4XX": {"model": ProblemReport}, "5XX": {"model": ProblemReport}},
    )
    app.state.services = Services(engine=engine, events=events, status=status, counted=counted, now=now, zone=zone)
    app.state.searches = SearchSeats()
    add_problem_handlers(app)
    for router in _ROUTERS:
        app.include_router(router, dependencies=[Depends(_refuse_unknown_parameters)])
    app.mount(elasticsearch.PATH, elasticsearch.build_elasticsearch(lambda: app.state.services, app.state.searches))
    app.add_api_route("/api/{rest:path}", _nothing_here, methods=METHODS, include_in_schema=False)
    with db.session(engine, EVERY_UNIT) as session:
        tokens = known_tokens(session)
    app.add_middleware(Edge, hosts=settings.hosts, tokens=tokens)
    return app


_ROUTERS = (alerts.router, events.router, status.router, metrics.router, me.router, openapi.router)


async def _refuse_unknown_parameters(request: Request) -> None:
    """A misspelt `from` must not quietly search everything. Health and metrics take what a scraper adds."""
    route = request.scope["route"]
    if not isinstance(route, APIRoute) or not request.url.path.startswith("/api/"):
        return
    if "authorization" not in request.headers:
        return  # told that first
    known = {each.alias for part in (route.dependant, *route.dependant.dependencies) for each in part.query_params}
    wrong = [{"at": f"query.{name}", "reason": REASONS["extra_forbidden"]} for name in {*request.query_params} - known]
    if wrong:
        raise Problem("invalid_request", errors=sorted(wrong, key=str))


async def _nothing_here(request: Request) -> Response:
    """What no route took: the wrong method of a known address, or an unknown address. Keeps such from the console."""
    allowed: set[str] = set()
    for router in _ROUTERS:
        for route in router.routes:
            match, _ = route.matches(request.scope)
            if match is Match.PARTIAL and isinstance(route, Route):
                allowed |= set(route.methods or ())
    if allowed:
        raise Problem("method_not_allowed", headers={"Allow": ", ".join(sorted(allowed))})
    raise Problem("not_found")
