"""The staff's pages: one Starlette application, mounted beside the API."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Protocol

import anyio
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from console.desk import Desk
from console.door import (
    OUTSIDE_AT_ONCE,
    PASSWORDS_AT_ONCE,
    SEARCHES_AT_ONCE,
    change,
    page,
    refuse_failed,
    refuse_unknown,
)
from console.page import STATIC
from console.pages import (
    access_review,
    accounts,
    alert,
    alerts,
    audit,
    bodies,
    event_completion,
    event_export,
    event_overview,
    facts,
    first_run,
    invitation,
    keys,
    log_in,
    my_account,
    posts,
    preferences,
    provider,
    roles,
    roster,
    saved_searches,
    second_factor,
    service_accounts,
    sources,
    units,
)
from console.pages import events as events_page
from console.pages import settings as settings_page
from console.pages import status as status_page
from console.registers import REGISTERS
from console.throttle import LogInThrottle
from core.ports import EventReader
from core.status import Status
from org.breached_passwords import BUILT_IN, BreachedPasswords
from org.identity_provider import IdentityProvider
from org.passkey import relying_party
from org.sealing import SealingKey


class ConsoleSettings(Protocol):
    """What the console must know of the web server's settings."""

    @property
    def secure_cookie(self) -> bool:
        """Whether cookies travel over HTTPS only."""

    @property
    def public_url(self) -> str:
        """Where the staff find the pages."""


def add_console(
    app: Starlette,
    *,
    engine: Engine,
    events: EventReader,
    status: Callable[[], Status],
    now: Callable[[], datetime],
    zone: tzinfo,
    settings: ConsoleSettings,
    key: SealingKey,
    breached: BreachedPasswords = BUILT_IN,
    identity_provider: IdentityProvider | None = None,
) -> None:
    """Mount the pages at `/` of the API's application, behind everything that the API serves."""
    desk = Desk(
        engine=engine,
        events=events,
        status=status,
        now=now,
        zone=zone,
        secure_cookie=settings.secure_cookie,
        throttle=LogInThrottle(),
        key=key,
        breached=breached,
        party=relying_party(settings.public_url),
        provider=identity_provider,
    )
    app.mount("/", build_console(desk))


def build_console(desk: Desk) -> Starlette:
    """The pages alone. The Host check and the size cap of bodies are the edge's (`api.edge`)."""
    console = Starlette(
        routes=[
            page("/", log_in.lead_home, anonymous=True),
            page("/first-run", first_run.show, anonymous=True),
            change("/first-run", first_run.set_up, anonymous=True, password=True),
            page("/invitation", invitation.show, anonymous=True),
            change("/invitation", invitation.set_password, anonymous=True, password=True),
            page("/log-in", log_in.show, anonymous=True),
            change("/log-in", log_in.log_visitor_in, anonymous=True, password=True),
            page("/log-in/code", second_factor.show_code, anonymous=True),
            change("/log-in/code", second_factor.give_code, anonymous=True),
            page("/log-in/enrol", second_factor.show_enrolment, anonymous=True),
            change("/log-in/enrol", second_factor.enrol, anonymous=True),
            change("/log-in/passkey", second_factor.ask, anonymous=True),
            page("/log-in/provider", provider.ask, anonymous=True, outside=True),
            page("/log-in/provider/answer", provider.take, anonymous=True, outside=True),
            change("/log-out", log_in.log_visitor_out),
            change("/preferences", preferences.prefer, anonymous=True),
            page("/alerts", alerts.show),
            page("/alerts/{identity}", alert.show),
            change("/alerts/{identity}/acknowledge", alert.acknowledge),
            change("/alerts/{identity}/close", alert.close),
            page("/events", events_page.show, searches=True),
            page("/events/overview", event_overview.show, searches=True),
            page("/events/values", event_overview.show_values, searches=True),
            page("/events/completion", event_completion.complete, searches=True),
            page("/events/export", event_export.export, searches=True),
            change("/events/saved", saved_searches.save),
            change("/events/saved/remove", saved_searches.remove),
            change("/events/columns", saved_searches.change_columns),
            page("/units", units.show),
            page("/posts", posts.show),
            page("/roster", roster.show),
            change("/roster/hand-over", roster.give),
            page("/status", status_page.show),
            page("/audit", audit.show),
            page("/access-review", access_review.show),
            change("/access-review", access_review.record),
            page("/accounts", accounts.show),
            change("/accounts/create", accounts.create),
            change("/accounts/invite", accounts.hand_out_link),
            change("/accounts/close", accounts.close),
            change("/accounts/reopen", accounts.reopen),
            change("/accounts/end-sessions", accounts.end),
            change("/accounts/remove-factor", accounts.remove_factor),
            change("/accounts/link", accounts.link),
            change("/accounts/unlink", accounts.unlink),
            change("/accounts/change-role", accounts.set_role),
            page("/keys", keys.show),
            change("/keys/create", keys.create),
            change("/keys/revoke", keys.revoke),
            page("/service-accounts", service_accounts.show),
            change("/service-accounts/create", service_accounts.create),
            change("/service-accounts/change-owner", service_accounts.give),
            change("/service-accounts/close", service_accounts.close),
            page("/roles", roles.show),
            page("/bodies", bodies.show),
            page("/sources", sources.show),
            change("/sources/assign", sources.assign),
            change("/sources/end", sources.end),
            page("/settings", settings_page.show),
            change("/settings/change", settings_page.change),
            change("/settings/undo", settings_page.undo),
            page("/my-account", my_account.show),
            change("/my-account/password", my_account.set_password, password=True),
            change("/my-account/authenticator", my_account.draft, password=True),
            change("/my-account/authenticator/confirm", my_account.confirm),
            change("/my-account/recovery-codes", my_account.renew_codes, password=True),
            change("/my-account/remove-factor", my_account.remove, password=True),
            change("/my-account/passkey", my_account.draft_key, password=True),
            change("/my-account/passkey/add", my_account.add_key),
            change("/my-account/passkey/ask", my_account.ask_key),
            change("/my-account/passkey/remove", my_account.remove_key, password=True),
            change("/my-account/end-sessions", my_account.end_sessions),
            *(route for register in REGISTERS for route in _routes_of(register)),
            Mount("/static", Assets(directory=STATIC)),
        ],
        exception_handlers={HTTPException: refuse_unknown, Exception: refuse_failed},
    )
    console.state.desk = desk
    console.state.passwords = anyio.CapacityLimiter(PASSWORDS_AT_ONCE)
    console.state.outside = anyio.CapacityLimiter(OUTSIDE_AT_ONCE)
    console.state.searches = anyio.CapacityLimiter(SEARCHES_AT_ONCE)
    return console


def _routes_of(register: facts.Register) -> tuple[Route, ...]:
    """The pages on which the facts of a register are recorded."""
    return (
        page(f"{register.path}/change", facts.show(register)),
        change(f"{register.path}/change/preview", facts.preview(register), upload=True),
        change(f"{register.path}/change/apply", facts.take(register)),
    )


class Assets(StaticFiles):
    """Our own style, script, fonts and htmx; their addresses carry a digest, so they may be kept for ever."""

    def file_response(self, *arguments: object, **named: object) -> Response:
        """The file, or 304."""
        response = super().file_response(*arguments, **named)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
