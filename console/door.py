"""The one way in: reads the request, asks who it is, refuses what is forged, runs the page in the thread pool.

Every page is a plain function `Visit -> Page | Response`; only this file touches the event loop.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, quote

import anyio
from anyio.to_thread import run_sync
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from console import cookies, forgery, texts
from console.desk import Desk
from console.page import PAGE_HEADERS, Page, Visit, Visitor, render
from core.errors import Unavailable
from core.ids import new_incarnation
from core.language import Text
from core.scope import EVERY_UNIT
from org.access import Action, decide
from org.session import find_session, note_seen
from store import db

log = logging.getLogger("web")

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
MAX_FORM_FIELDS = 50
PASSWORDS_AT_ONCE = 2
PASSWORDS_WAITING = 20
OUTSIDE_AT_ONCE = 4
OUTSIDE_WAITING = 20
SEARCHES_AT_ONCE = 6
SEARCHES_WAITING = 40

Handler = Callable[[Visit], Page | Response]
Queue = Literal["passwords", "outside", "searches"]
WAITING: Mapping[Queue, int] = {
    "passwords": PASSWORDS_WAITING,
    "outside": OUTSIDE_WAITING,
    "searches": SEARCHES_WAITING,
}


@dataclass(frozen=True, kw_only=True)
class Refusal(Page):
    """A page that says no, and why."""

    template = "refusal.html"

    detail: str | Text


class Refused(Exception):
    """A handler's no: shown as a page with this status."""

    def __init__(self, status: int, title: Text, detail: Text) -> None:
        super().__init__(title.en)
        self.status = status
        self.title = title
        self.detail = detail


def not_found() -> Refused:
    """Nothing is there, or nothing that this visitor may see: the two are told alike."""
    return Refused(404, texts.NOT_FOUND_TITLE, texts.NOT_FOUND)


def require(visit: Visit, action: Action, resource: str) -> None:
    """Refuse with the reason unless the visitor may."""
    decision = decide(visit.actor, action, resource)
    if not decision.allowed:
        raise Refused(403, texts.FORBIDDEN_TITLE, decision.reason)


def page(
    path: str, handler: Handler, *, anonymous: bool = False, outside: bool = False, searches: bool = False
) -> Route:
    """A page that is looked at. Without a session a visitor is sent to log in, unless the page is `anonymous`.

    `outside`: it asks another machine and may wait for it, so few do at once and the other pages are not held up.
    `searches`: it asks the event store, and the same holds.
    """
    queue: Queue | None = "outside" if outside else "searches" if searches else None
    endpoint = _endpoint(handler, anonymous=anonymous, changes=False, queue=queue)
    return Route(path, endpoint, methods=["GET"])


def change(
    path: str, handler: Handler, *, anonymous: bool = False, password: bool = False, upload: bool = False
) -> Route:
    """A form that changes something: refused unless it comes from our own page, with the session's token.

    `password`: it computes a password hash, so few run at once and the others wait. `upload`: it may carry one file.
    """
    queue: Queue | None = "passwords" if password else None
    endpoint = _endpoint(handler, anonymous=anonymous, changes=True, queue=queue, upload=upload)
    return Route(path, endpoint, methods=["POST"])


def redirect(path: str) -> Response:
    """See Other: the browser then asks for `path` with GET."""
    return RedirectResponse(path, 303, PAGE_HEADERS)


def is_local(path: str) -> bool:
    """Whether a path that came with a request stays on this site: `/alerts`, never `//elsewhere` or `/\\elsewhere`."""
    return path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()


def _endpoint(
    handler: Handler, *, anonymous: bool, changes: bool, queue: Queue | None = None, upload: bool = False
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        form, files = await _read_body(request, upload=upload) if changes else ({}, {})
        desk: Desk = request.app.state.desk

        def answer() -> Response:
            return _answer(desk, request, form, files, handler, anonymous=anonymous, changes=changes)

        if queue is None:
            return await run_sync(answer)
        limiter: anyio.CapacityLimiter = getattr(request.app.state, queue)
        if limiter.statistics().tasks_waiting >= WAITING[queue]:
            return _refusal(desk, request, None, Refused(503, texts.UNAVAILABLE_TITLE, texts.TOO_BUSY))
        return await run_sync(answer, limiter=limiter)

    return endpoint


def _answer(
    desk: Desk,
    request: Request,
    form: dict[str, str] | None,
    files: dict[str, bytes],
    handler: Handler,
    *,
    anonymous: bool,
    changes: bool,
) -> Response:
    visitor: Visitor | None = None
    try:
        visitor = _visitor(desk, request)
        if form is None:
            raise Refused(400, texts.BAD_REQUEST_TITLE, texts.BAD_REQUEST)
        if changes and not _is_ours(request, visitor, form, anonymous=anonymous):
            raise Refused(403, texts.FORGED_TITLE, texts.FORGED)
        if visitor is None and not anonymous:
            return _to_log_in(request)
        visit = Visit(desk=desk, request=request, visitor=visitor, form=form, files=files)
        shown = handler(visit)
        return render(visit, shown) if isinstance(shown, Page) else shown
    except Refused as refused:
        return _refusal(desk, request, visitor, refused)
    except (Unavailable, OperationalError) as error:
        log.warning("a page had to say wait: %s", type(error).__name__)
        return _refusal(desk, request, visitor, Refused(503, texts.UNAVAILABLE_TITLE, texts.UNAVAILABLE))


def _refusal(desk: Desk, request: Request, visitor: Visitor | None, refused: Refused) -> Response:
    visit = Visit(desk=desk, request=request, visitor=visitor, form={})
    return render(visit, Refusal(title=refused.title, detail=refused.detail), refused.status)


def _visitor(desk: Desk, request: Request) -> Visitor | None:
    secret = cookies.session_secret(request, secure=desk.secure_cookie)
    if secret is None:
        return None
    with db.session(desk.engine, EVERY_UNIT, reading=True) as session:
        living = find_session(session, secret, desk.now())
    if living is None:
        return None
    if living.note_due:
        with suppress(Unavailable), db.session(desk.engine, EVERY_UNIT) as session:
            note_seen(session, secret, desk.now())
    return Visitor(living.actor, secret)


def _is_ours(request: Request, visitor: Visitor | None, form: dict[str, str], *, anonymous: bool) -> bool:
    if not forgery.comes_from_us(request.headers):
        return False
    if visitor is None or anonymous:
        return True
    return forgery.is_token_of(visitor.session_secret, form.get(forgery.FIELD, ""))


def _to_log_in(request: Request) -> Response:
    visit_path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    path = "/log-in" if request.method != "GET" or visit_path == "/" else f"/log-in?next={quote(visit_path, safe='')}"
    if request.headers.get("hx-request") == "true":
        return Response(None, 200, {**PAGE_HEADERS, "HX-Redirect": "/log-in"})
    return redirect(path)


async def _read_body(request: Request, *, upload: bool) -> tuple[dict[str, str] | None, dict[str, bytes]]:
    """The fields and files of a form; fields None where the body is none. The edge has capped the body's size."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not upload or content_type != MULTIPART:
        return await _read_form(request), {}
    form: dict[str, str] = {}
    files: dict[str, bytes] = {}
    try:
        async with request.form(max_files=1, max_fields=MAX_FORM_FIELDS) as parts:
            for name, part in parts.multi_items():
                if isinstance(part, str):
                    form[name] = part
                else:
                    files[name] = await part.read()
    except HTTPException:
        return None, {}
    return form, files


async def _read_form(request: Request) -> dict[str, str] | None:
    """The fields of a form, None where the body is none. The edge has capped the body's size."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return None
    try:
        fields = parse_qsl(
            (await request.body()).decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_FORM_FIELDS,
        )
    except ValueError:
        return None
    return dict(fields)


async def refuse_unknown(request: Request, _error: Exception) -> Response:
    """The page for an address or a method that no route has."""

    def answer() -> Response:
        desk: Desk = request.app.state.desk
        return _refusal(desk, request, _visitor(desk, request), not_found())

    return await run_sync(answer)


async def refuse_failed(request: Request, error: Exception) -> Response:
    """The page for an error of ours: says nothing but the id under which the log has it."""
    log_id = new_incarnation()
    log.error("page failed, told as %s", log_id, exc_info=error)
    desk: Desk = request.app.state.desk
    visit = Visit(desk=desk, request=request, visitor=None, form={})
    return render(visit, Refusal(title=texts.FAILED_TITLE, detail=texts.FAILED.format(log_id=log_id)), 500)
