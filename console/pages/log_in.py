"""The first step of logging in, and logging out."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from console import cookies, texts
from console.door import is_local, redirect
from console.page import Page, Visit, home_of
from core.language import Text
from core.scope import EVERY_UNIT
from org.account import MAX_NAME_LETTERS
from org.account_name import name_key
from org.actor import Actor
from org.browser import browser_mark, is_known_browser
from org.log_in import ENDED, Entered, begin_log_in
from org.refused import Refused
from org.session import close_session
from store import db

MAX_PASSWORD_LETTERS = 1000
NOTICES = {"out": texts.LOGGED_OUT, "ready": texts.ADMINISTRATOR_SET, "ended": ENDED, "password": texts.PASSWORD_READY}


@dataclass(frozen=True, kw_only=True)
class LogInPage(Page):
    """The log-in form; `wrong` is what was wrong with the last try, `provider` where else one may log in."""

    template = "log_in.html"

    name: str
    next: str
    wrong: Text | None
    notice: Text | None
    provider: str | None


def show(visit: Visit) -> Page | Response:
    """The form; whoever is logged in already goes on."""
    onward = onward_path(visit.request.query_params.get("next", ""))
    if visit.visitor is not None:
        return redirect(onward or home_of(visit.actor))
    notice = NOTICES.get(visit.request.query_params.get("notice", ""))
    return log_in_page(visit, onward, None, notice=notice)


def log_visitor_in(visit: Visit) -> Page | Response:
    """Open a session, always a new one, and go on; or to the second step; or say what was wrong."""
    desk, now = visit.desk, visit.desk.now()
    name = visit.form.get("name", "").strip()
    onward = onward_path(visit.form.get("next", ""))
    peer = visit.request.client.host if visit.request.client else ""
    key, browser = name_key(name)[:MAX_NAME_LETTERS], _known_browser(visit, name)
    wait = desk.throttle.wait(peer, key, browser, now)
    if wait:
        minutes = -int(-wait.total_seconds() // 60)
        return log_in_page(visit, onward, texts.TOO_MANY_TRIES.format(minutes=minutes), name=name)
    with db.session(desk.engine, EVERY_UNIT) as session:
        outcome = begin_log_in(session, name, visit.form.get("password", "")[:MAX_PASSWORD_LETTERS], desk.key, now)
    if isinstance(outcome, Refused):
        desk.throttle.failed(peer, key, browser, now)
        return log_in_page(visit, onward, outcome.reason, name=name)
    desk.throttle.succeeded(peer, key, browser)
    if isinstance(outcome, Entered):
        return let_in(visit, redirect(onward or home_of(outcome.actor)), outcome.secret, outcome.actor)
    response = redirect(f"/log-in/{outcome.step}?" + urlencode({"next": onward}))
    cookies.set_half_log_in(response, outcome.secret, secure=desk.secure_cookie)
    return response


def let_in(visit: Visit, response: Response, secret: str, actor: Actor) -> Response:
    """Give the browser its new session and its mark; the session it had before ends."""
    desk = visit.desk
    with db.session(desk.engine, EVERY_UNIT) as session:
        mark = browser_mark(session, actor)
        if visit.visitor is not None:
            close_session(session, visit.visitor.session_secret, desk.now())
    cookies.set_session(response, secret, secure=desk.secure_cookie)
    cookies.set_browser_mark(response, mark, secure=desk.secure_cookie)
    cookies.end_half_log_in(response, secure=desk.secure_cookie)
    return response


def log_visitor_out(visit: Visit) -> Response:
    """End the session here and in the browser."""
    desk = visit.desk
    if visit.visitor is not None:
        with db.session(desk.engine, EVERY_UNIT) as session:
            close_session(session, visit.visitor.session_secret, desk.now())
    response = redirect("/log-in?notice=out")
    cookies.end_session(response, secure=desk.secure_cookie)
    return response


def _known_browser(visit: Visit, name: str) -> str | None:
    """The browser's mark where this name has logged in with it before."""
    mark = cookies.browser_mark(visit.request)
    if mark is None:
        return None
    with db.session(visit.desk.engine, EVERY_UNIT, reading=True) as session:
        return mark if is_known_browser(session, name, mark) else None


def log_in_page(visit: Visit, onward: str, wrong: Text | None, *, name: str = "", notice: Text | None = None) -> Page:
    """The form, with what was wrong with the last try."""
    return LogInPage(
        title=texts.LOG_IN_TITLE,
        here="/log-in?" + urlencode({"next": onward}),
        name=name,
        next=onward,
        wrong=wrong,
        notice=notice,
        provider=visit.desk.provider.settings.name if visit.desk.provider else None,
    )


def onward_path(path: str) -> str:
    """Where a log-in leads on to: the path that was asked for, if it is one of ours; else "", for the person's home."""
    return path if is_local(path) and not path.startswith("/log-") else ""


def lead_home(visit: Visit) -> Response:
    """To the first page that this visitor may look at; a stranger to the log-in."""
    return redirect("/log-in" if visit.visitor is None else home_of(visit.actor))
