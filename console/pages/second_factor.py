"""The second step of logging in: a code of the authenticator app, or the app's enrolment."""

from dataclasses import dataclass
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.responses import Response

from console import cookies, texts
from console.door import redirect
from console.page import Page, Visit, home_of, render
from console.pages.log_in import let_in, onward_path
from core.language import Text
from core.scope import EVERY_UNIT
from org import totp
from org.log_in import ENDED, Due, Step, due_log_in, enrol_log_in, finish_log_in
from org.refused import Refused
from store import db

MAX_CODE_LETTERS = 64
ISSUER = "Canh"


@dataclass(frozen=True, kw_only=True)
class CodePage(Page):
    """Where a code is given."""

    template = "log_in_code.html"

    name: str
    next: str
    wrong: Text | None


@dataclass(frozen=True, kw_only=True)
class EnrolmentPage(Page):
    """Where the app gets its secret, as a picture and as letters, and shows that it has it."""

    template = "log_in_enrol.html"

    name: str
    next: str
    picture: Markup
    spoken: str
    wrong: Text | None


@dataclass(frozen=True, kw_only=True)
class RecoveryCodesPage(Page):
    """New recovery codes, shown this once. `after` is where the reader goes on to."""

    template = "recovery_codes.html"

    codes: tuple[str, ...]
    after: str


def show_code(visit: Visit) -> Page | Response:
    """The form for a code; without a half log-in back to the password."""
    due = _due(visit, "code")
    return due if isinstance(due, Response) else _code_page(visit, due, None)


def give_code(visit: Visit) -> Page | Response:
    """Open the session and go on; or say what was wrong with the code."""
    due = _due(visit, "code")
    if isinstance(due, Response):
        return due
    desk = visit.desk
    with db.session(desk.engine, EVERY_UNIT) as session:
        outcome = finish_log_in(session, _secret(visit), _said(visit), desk.key, desk.now())
    if isinstance(outcome, Refused):
        return _to_password(visit) if outcome.reason == ENDED else _code_page(visit, due, outcome.reason)
    return let_in(visit, redirect(_next(visit) or home_of(outcome.actor)), outcome.secret, outcome.actor)


def show_enrolment(visit: Visit) -> Page | Response:
    """The app's secret and the form for its first code; without a half log-in back to the password."""
    due = _due(visit, "enrol")
    return due if isinstance(due, Response) else _enrolment_page(visit, due, None)


def enrol(visit: Visit) -> Page | Response:
    """Open the session and show the recovery codes; or say what was wrong with the code."""
    due = _due(visit, "enrol")
    if isinstance(due, Response):
        return due
    desk = visit.desk
    with db.session(desk.engine, EVERY_UNIT) as session:
        outcome = enrol_log_in(session, _secret(visit), _said(visit), desk.key, desk.now())
    if isinstance(outcome, Refused):
        return _to_password(visit) if outcome.reason == ENDED else _enrolment_page(visit, due, outcome.reason)
    after = _next(visit) or home_of(outcome.actor)
    shown = RecoveryCodesPage(
        title=texts.RECOVERY_CODES_TITLE, here="/my-account", codes=outcome.recovery_codes, after=after
    )
    return let_in(visit, render(visit, shown), outcome.secret, outcome.actor)


def picture(uri: str) -> Markup:
    """The QR code as SVG, black on whatever is behind it, with the margin of four modules that ISO/IEC 18004 asks."""
    import segno

    drawn = segno.make(uri, error="m", micro=False).svg_inline(border=4, dark="#000", svgclass="qr", omitsize=True)
    return Markup(drawn)  # noqa: S704 (the text is in the drawing, not in the markup)


def _due(visit: Visit, step: Step) -> Due | Response:
    secret = cookies.half_log_in_secret(visit.request)
    if secret is None:
        return _to_password(visit, ended=False)
    with db.session(visit.desk.engine, EVERY_UNIT, reading=True) as session:
        due = due_log_in(session, secret, visit.desk.key, visit.desk.now())
    if due is None:
        return _to_password(visit)
    if due.step != step:
        return redirect(f"/log-in/{due.step}?" + urlencode({"next": _next(visit)}))
    return due


def _to_password(visit: Visit, *, ended: bool = True) -> Response:
    asked = {"next": _next(visit), **({"notice": "ended"} if ended else {})}
    response = redirect("/log-in?" + urlencode(asked))
    cookies.end_half_log_in(response, secure=visit.desk.secure_cookie)
    return response


def _code_page(visit: Visit, due: Due, wrong: Text | None) -> Page:
    onward = _next(visit)
    here = "/log-in/code?" + urlencode({"next": onward})
    return CodePage(title=texts.CODE_TITLE, here=here, name=due.name, next=onward, wrong=wrong)


def _enrolment_page(visit: Visit, due: Due, wrong: Text | None) -> Page:
    onward = _next(visit)
    secret = due.app_secret or b""
    return EnrolmentPage(
        title=texts.ENROL_TITLE,
        here="/log-in/enrol?" + urlencode({"next": onward}),
        name=due.name,
        next=onward,
        picture=picture(totp.uri(secret, ISSUER, due.name)),
        spoken=totp.spoken(secret),
        wrong=wrong,
    )


def _secret(visit: Visit) -> str:
    return cookies.half_log_in_secret(visit.request) or ""


def _said(visit: Visit) -> str:
    return visit.form.get("code", "")[:MAX_CODE_LETTERS]


def _next(visit: Visit) -> str:
    return onward_path(visit.form.get("next") or visit.request.query_params.get("next", ""))
