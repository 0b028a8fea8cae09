"""The first page of all: the printed link sets the administrator's name and password, once."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from console import texts
from console.door import redirect
from console.page import Page, Visit
from console.pages.log_in import MAX_PASSWORD_LETTERS
from core.language import Text
from core.scope import EVERY_UNIT
from org.actor import Actor
from org.first_run import refusal, set_administrator
from org.password import MIN_LETTERS_WITH_FACTOR
from store import db


@dataclass(frozen=True, kw_only=True)
class FirstRunPage(Page):
    """The form behind the printed link; without a secret it only says where to find the link."""

    template = "first_run.html"

    secret: str
    name: str
    wrong: Text | None
    min_letters: int = MIN_LETTERS_WITH_FACTOR


def show(visit: Visit) -> Page:
    """The form, or why the link cannot be used. Looking at it does not use it up."""
    secret = visit.request.query_params.get("secret", "")
    if not secret:
        return _form("", "", None)
    with db.session(visit.desk.engine, EVERY_UNIT, reading=True) as session:
        wrong = refusal(session, secret, visit.desk.now())
    return _form("" if wrong else secret, "admin", wrong)


def set_up(visit: Visit) -> Page | Response:
    """Set the administrator and go to log in; or say what was wrong."""
    secret = visit.form.get("secret", "")
    name = visit.form.get("name", "").strip()
    password = visit.form.get("password", "")
    if not name:
        return _form(secret, name, texts.NAME_NEEDED)
    if password != visit.form.get("again", ""):
        return _form(secret, name, texts.PASSWORDS_DIFFER)
    with db.session(visit.desk.engine, EVERY_UNIT) as session:
        said = password[:MAX_PASSWORD_LETTERS]
        outcome = set_administrator(session, secret, name, said, visit.desk.now(), visit.desk.breached)
    if not isinstance(outcome, Actor):
        return _form(secret, name, outcome.reason)
    return redirect("/log-in?notice=ready")


def _form(secret: str, name: str, wrong: Text | None) -> Page:
    here = "/first-run?" + urlencode({"secret": secret})
    return FirstRunPage(title=texts.FIRST_RUN_TITLE, here=here, secret=secret, name=name, wrong=wrong)
