"""What a page is: a typed context with the template that shows it, and how both become a response."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import jinja2
from jinja2 import pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import Response

from console import cookies, forgery, texts
from console.desk import Desk
from console.display import Display, original, visible
from console.narrowing import only, search_link, without
from core.language import Text
from core.status import Status
from org.access import Action, decide
from org.actor import Actor

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"

PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    ),
    "Referrer-Policy": "same-origin",  # with no-referrer a browser sends `Origin: null` on our own forms
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a template may show. A subclass names its `template` and, for requests of htmx, its `part`.

    `here` is where the page can be looked at again; an answer to a form says it, any other page knows its own address.
    """

    template: ClassVar[str]
    part: ClassVar[str | None] = None

    title: Text
    here: str | None = None


@dataclass(frozen=True)
class Visitor:
    """Somebody with a living session."""

    actor: Actor
    session_secret: str


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request of a browser, read. `form` keeps the last value of each name; empty for a page that is looked at.

    `files`: what was uploaded, by the name of its field, on the few pages that take files.
    """

    desk: Desk
    request: Request
    visitor: Visitor | None
    form: dict[str, str]
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        """Who asks; only pages that are not `anonymous` may use it."""
        assert self.visitor is not None  # noqa: S101 (the door lets nobody else through)
        return self.visitor.actor

    @property
    def language(self) -> str:
        """The reader's language."""
        return cookies.language_of(self.request)

    @property
    def partial(self) -> bool:
        """Whether htmx asks for a part of the page."""
        return self.request.headers.get("hx-request") == "true"

    @property
    def here(self) -> str:
        """The path and query of this request."""
        query = self.request.url.query
        return self.request.url.path + (f"?{query}" if query else "")


@dataclass(frozen=True)
class Menu:
    """Links of the header, beside each other or (with a name) behind it."""

    name: Text | None
    links: tuple[tuple[str, Text], ...]


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What every page carries around its content; `status` and each link of `menus` for those alone who may read it."""

    language: str
    theme: str
    here: str
    actor: Actor | None
    menus: tuple[Menu, ...]
    csrf: str
    status: Status | None
    static: dict[str, str]


def render(visit: Visit, page: Page, status: int = 200) -> Response:
    """The page as a response, with the headers of every page."""
    part = page.part if visit.partial else None
    template = ENVIRONMENT.get_template(part or page.template)
    visitor = visit.visitor
    html = template.render(
        page=page,
        frame=Frame(
            language=visit.language,
            theme=cookies.theme_of(visit.request),
            here=page.here or (visit.here if visit.request.method == "GET" else "/"),
            actor=visitor.actor if visitor else None,
            menus=_menus(visitor) if visitor else (),
            csrf=forgery.token_of(visitor.session_secret) if visitor else "",
            status=visit.desk.status() if visitor and _may_read_status(visitor) else None,
            static=STATIC_LINKS,
        ),
        show=Display(visit.language, visit.desk.zone, visit.desk.now()),
        T=texts,
    )
    return Response(html, status, PAGE_HEADERS, "text/html; charset=utf-8")


_NAVIGATION: tuple[tuple[Text | None, tuple[tuple[str, Text, Action], ...]], ...] = (
    (
        None,
        (
            ("/alerts", texts.NAV_ALERTS, "alert.read"),
            ("/events", texts.NAV_EVENTS, "event.read"),
            ("/status", texts.NAV_STATUS, "status.read"),
        ),
    ),
    (
        texts.NAV_ORGANISATION,
        (
            ("/units", texts.NAV_UNITS, "unit.read"),
            ("/posts", texts.NAV_POSTS, "post.read"),
            ("/roster", texts.NAV_ROSTER, "roster.read"),
            ("/sources", texts.NAV_SOURCES, "source.read"),
            ("/bodies", texts.NAV_BODIES, "body.read"),
        ),
    ),
    (
        texts.NAV_ADMINISTRATION,
        (
            ("/accounts", texts.NAV_ACCOUNTS, "account.read"),
            ("/keys", texts.NAV_KEYS, "token.read"),
            ("/service-accounts", texts.NAV_SERVICES, "service_account.read"),
            ("/roles", texts.NAV_ROLES, "account.read"),
            ("/settings", texts.NAV_SETTINGS, "setting.read"),
            ("/access-review", texts.NAV_REVIEW, "access.review"),
            ("/audit", texts.NAV_AUDIT, "audit.read"),
        ),
    ),
)
"""What lies in the header; what has a name is a menu."""


def home_of(actor: Actor) -> str:
    """The first page that this actor may look at; one's own account where there is no other."""
    links = (link for _, group in _NAVIGATION for link in group)
    return next((path for path, _, action in links if decide(actor, action, path).allowed), "/my-account")


def _menus(visitor: Visitor) -> tuple[Menu, ...]:
    """What this visitor may look at; a menu of which they may look at nothing is not there."""
    menus = (
        Menu(name, tuple((path, text) for path, text, action in links if decide(visitor.actor, action, path).allowed))
        for name, links in _NAVIGATION
    )
    return tuple(menu for menu in menus if menu.links)


def _may_read_status(visitor: Visitor) -> bool:
    return decide(visitor.actor, "status.read", "status").allowed


@pass_context
def _in_language(context: Context, value: object) -> object:
    """A text in an expression is shown in the reader's language."""
    return value.within(context["frame"].language) if isinstance(value, Text) else value


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_in_language,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(visible=visible, original=original)
    environment.globals.update(search_link=search_link, only=only, without=without)
    return environment


def _static_links() -> dict[str, str]:
    """Each asset's address, with a digest of its content so that it may be cached for ever."""
    return {
        file.relative_to(STATIC).as_posix(): f"/static/{file.relative_to(STATIC).as_posix()}"
        f"?v={hashlib.sha256(file.read_bytes()).hexdigest()[:12]}"
        for file in sorted(STATIC.rglob("*"))
        if file.suffix in (".css", ".js", ".svg")
    }


ENVIRONMENT = _environment()
STATIC_LINKS = _static_links()
