"""Logging in at the identity provider: the way there, and the way back."""

import base64
import logging
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from console import cookies, texts
from console.desk import Desk
from console.door import redirect
from console.page import PAGE_HEADERS, Page, Visit, home_of, render
from console.pages.log_in import let_in, log_in_page, onward_path
from core.language import Text
from core.scope import EVERY_UNIT
from org.log_in import Entered
from org.policy import policy_of
from org.provider_log_in import enter_by_identity, question_for, question_of, refuse_answer
from org.refused import Refused
from store import db

log = logging.getLogger("identity")

ANSWER = "/log-in/provider/answer"
MAX_STATE_LETTERS = 200
MAX_CODE_LETTERS = 4096
MAX_ONWARD_BYTES = 1000


@dataclass(frozen=True, kw_only=True)
class GoOnPage(Page):
    """The last step of the way back: goes on by itself.

    A redirect would not do: the browser counts it to the provider's site and withholds our strict cookies.
    """

    template = "go_on.html"

    onward: str


def ask(visit: Visit) -> Page | Response:
    """To the provider, with a question that only this browser can bring an answer to.

    Only from our own page: a log-in begins because the person wants one. Source: OWASP ASVS 5.0, 7.6.2
    """
    desk, provider = visit.desk, visit.desk.provider
    onward = onward_path(visit.request.query_params.get("next", ""))
    if visit.visitor is not None:
        return redirect(onward or home_of(visit.actor))
    if provider is None or visit.request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return redirect("/log-in?" + urlencode({"next": onward}) if onward else "/log-in")
    if len(onward.encode()) > MAX_ONWARD_BYTES:  # a cookie has 4 KB
        onward = ""
    sealed, question = question_for(onward, desk.key, desk.now())
    address = provider.question(question.state, question.nonce, question.verifier, _max_age(desk))
    if isinstance(address, Refused):
        return log_in_page(visit, onward, address.reason)
    response = RedirectResponse(address, 303, PAGE_HEADERS)
    kept = base64.urlsafe_b64encode(sealed).decode()
    cookies.set_provider_question(response, kept, secure=desk.secure_cookie)
    return response


def take(visit: Visit) -> Page | Response:
    """Open the session of whom the provider names and go on; or to the second step; or say what was wrong."""
    desk, provider, asked = visit.desk, visit.desk.provider, visit.request.query_params
    if provider is None:
        return redirect("/log-in")
    try:
        sealed = base64.urlsafe_b64decode(cookies.provider_question(visit.request, secure=desk.secure_cookie))
    except ValueError:
        sealed = b""
    question = question_of(sealed, asked.get("state", "")[:MAX_STATE_LETTERS], desk.key, desk.now())
    if "code" not in asked or "error" in asked:  # some providers leave the state out then
        if isinstance(question, Refused):
            return log_in_page(visit, "", texts.PROVIDER_CANCELLED)
        log.warning("identity provider: it sends the browser back with %r", asked.get("error", "")[:100])
        return _again(visit, question.onward, texts.PROVIDER_CANCELLED)
    if isinstance(question, Refused):
        return log_in_page(visit, "", question.reason)
    code = asked["code"][:MAX_CODE_LETTERS]
    identity = provider.identity(code, question.verifier, question.nonce, _max_age(desk))
    if isinstance(identity, Refused):
        with db.session(desk.engine, EVERY_UNIT) as session:
            refuse_answer(session, identity, desk.now())
        return _again(visit, question.onward, identity.reason)
    strong = frozenset(provider.settings.second_factor)
    with db.session(desk.engine, EVERY_UNIT) as session:
        outcome = enter_by_identity(session, identity, strong, desk.key, desk.now())
    if isinstance(outcome, Refused):
        return _again(visit, question.onward, outcome.reason)
    if isinstance(outcome, Entered):
        return let_in(visit, _go_on(visit, question.onward or home_of(outcome.actor)), outcome.secret, outcome.actor)
    response = _go_on(visit, f"/log-in/{outcome.step}?" + urlencode({"next": question.onward}))
    cookies.set_half_log_in(response, outcome.secret, secure=desk.secure_cookie)
    return response


def _max_age(desk: Desk) -> timedelta:
    """So long ago one may have logged in there: as long as one may be idle here."""
    with db.session(desk.engine, EVERY_UNIT, reading=True) as session:
        return policy_of(session, desk.now()).idle


def _again(visit: Visit, onward: str, wrong: Text) -> Response:
    response = render(visit, log_in_page(visit, onward, wrong))
    cookies.end_provider_question(response, secure=visit.desk.secure_cookie)
    return response


def _go_on(visit: Visit, onward: str) -> Response:
    response = render(visit, GoOnPage(title=texts.LOG_IN_TITLE, here="/log-in", onward=onward))
    cookies.end_provider_question(response, secure=visit.desk.secure_cookie)
    return response
