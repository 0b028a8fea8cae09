"""The page behind an invitation: a person sets the password of their account, once."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from console import texts
from console.door import redirect
from console.page import Page, Visit
from console.pages.log_in import MAX_PASSWORD_LETTERS
from core.language import Text
from core.scope import EVERY_UNIT
from org.invitation import Invited, accept, find_invited
from org.refused import Refused
from store import db


@dataclass(frozen=True, kw_only=True)
class InvitationPage(Page):
    """The form; without `invited` it only says that the link is no good."""

    template = "invitation.html"

    secret: str
    invited: Invited | None
    wrong: Text | None


def show(visit: Visit) -> Page:
    """The form, or why the link cannot be used. Looking at it does not use it up."""
    return _form(visit, visit.request.query_params.get("secret", ""), None)


def set_password(visit: Visit) -> Page | Response:
    """Set the password and go to log in; or say what was wrong."""
    secret, said = visit.form.get("secret", ""), visit.form.get("password", "")[:MAX_PASSWORD_LETTERS]
    if said != visit.form.get("again", "")[:MAX_PASSWORD_LETTERS]:
        return _form(visit, secret, texts.PASSWORDS_DIFFER)
    with db.session(visit.desk.engine, EVERY_UNIT) as session:
        outcome = accept(session, secret, said, visit.desk.now(), visit.desk.breached)
    if isinstance(outcome, Refused):
        return _form(visit, secret, outcome.reason)
    return redirect("/log-in?notice=password")


def _form(visit: Visit, secret: str, wrong: Text | None) -> Page:
    with db.session(visit.desk.engine, EVERY_UNIT, reading=True) as session:
        found = find_invited(session, secret, visit.desk.now())
    here = "/invitation?" + urlencode({"secret": secret})
    if isinstance(found, Refused):
        return InvitationPage(title=texts.INVITATION_TITLE, here=here, secret="", invited=None, wrong=found.reason)
    return InvitationPage(title=texts.INVITATION_TITLE, here=here, secret=secret, invited=found, wrong=wrong)
