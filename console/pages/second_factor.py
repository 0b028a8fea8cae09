"""The second step of logging in: a passkey or a code, or the enrolment of a passkey or an app."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.responses import JSONResponse, Response

from console import cookies, texts
from console.door import redirect
from console.page import PAGE_HEADERS, Page, Visit, home_of, render
from console.pages.log_in import let_in, onward_path
from core.language import Text
from core.scope import EVERY_UNIT
from org import totp
from org.log_in import (
    ENDED,
    Due,
    Step,
    ask_passkey,
    due_log_in,
    enrol_log_in,
    enrol_log_in_by_passkey,
    finish_log_in,
)
from org.passkey import MAX_ANSWER_BYTES, NONE_HERE, Answer, has_passkeys
from org.refused import Refused
from org.second_factor import factors_of
from store import db

MAX_CODE_LETTERS = 64
ISSUER = "Canh"


@dataclass(frozen=True, kw_only=True)
class CodePage(Page):
    """Where a passkey or a code is given.

    `app`: the account has an authenticator app; `origin`: the address where it has passkeys, None where it has none.
    """

    template = "log_in_code.html"

    name: str
    app: bool
    origin: str | None
    next: str
    wrong: Text | None


@dataclass(frozen=True, kw_only=True)
class EnrolmentPage(Page):
    """Where the app gets its secret, as a picture and as letters, and shows that it has it; or a passkey is made.

    `origin`: the address where passkeys are good, None where there can be none.
    """

    template = "log_in_enrol.html"

    name: str
    origin: str | None
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
        outcome = finish_log_in(session, _secret(visit), shown(visit, _secret(visit)), desk.key, desk.now())
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
        proof = shown(visit, _secret(visit))
        if isinstance(proof, Answer):
            outcome = enrol_log_in_by_passkey(session, _secret(visit), proof, passkey_name(visit), desk.now())
        else:
            outcome = enrol_log_in(session, _secret(visit), proof, desk.key, desk.now())
    if isinstance(outcome, Refused):
        return _to_password(visit) if outcome.reason == ENDED else _enrolment_page(visit, due, outcome.reason)
    after = _next(visit) or home_of(outcome.actor)
    codes = RecoveryCodesPage(
        title=texts.RECOVERY_CODES_TITLE, here="/my-account", codes=outcome.recovery_codes, after=after
    )
    return let_in(visit, render(visit, codes), outcome.secret, outcome.actor)


def ask(visit: Visit) -> Response:
    """What the script of the page hands to the browser, so that it asks a passkey; or why not."""
    party, secret = visit.desk.party, cookies.half_log_in_secret(visit.request, secure=visit.desk.secure_cookie)
    if party is None or secret is None:
        return asked(visit, Refused(NONE_HERE if party is None else ENDED))
    with db.session(visit.desk.engine, EVERY_UNIT) as session:
        return asked(visit, ask_passkey(session, secret, party, visit.desk.now()))


def asked(visit: Visit, options: dict[str, Any] | Refused) -> Response:
    """The options as the page's script reads them, or the reason in the reader's language."""
    said = {"refused": options.reason.within(visit.language)} if isinstance(options, Refused) else options
    return JSONResponse(said, headers=PAGE_HEADERS)


def shown(visit: Visit, secret: str) -> str | Answer:
    """What was shown as second factor: the answer of a passkey, with the secret it was asked under, or a code."""
    answer, party = visit.form.get("passkey", ""), visit.desk.party
    if answer and party is not None:
        return Answer(answer[: MAX_ANSWER_BYTES + 1], secret, party)
    return visit.form.get("code", "")[:MAX_CODE_LETTERS]


def passkey_name(visit: Visit) -> str:
    """What the person calls the new passkey; the page's own word for one who gave none."""
    return visit.form.get("passkey_name", "")[:MAX_CODE_LETTERS].strip() or texts.PASSKEY.within(visit.language)


def picture(uri: str) -> Markup:
    """The QR code as SVG, black on whatever is behind it, with the margin of four modules that ISO/IEC 18004 asks."""
    import segno

    drawn = segno.make(uri, error="m", micro=False).svg_inline(border=4, dark="#000", svgclass="qr", omitsize=True)
    return Markup(drawn)  # noqa: S704 (the text is in the drawing, not in the markup)


def _due(visit: Visit, step: Step) -> Due | Response:
    secret = cookies.half_log_in_secret(visit.request, secure=visit.desk.secure_cookie)
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
    party = visit.desk.party
    with db.session(visit.desk.engine, EVERY_UNIT, reading=True) as session:
        app = factors_of(session, due.account).authenticator_since is not None
        origin = party.origin if party is not None and has_passkeys(session, due.account, party) else None
    return CodePage(title=texts.CODE_TITLE, here=here, name=due.name, app=app, origin=origin, next=onward, wrong=wrong)


def _enrolment_page(visit: Visit, due: Due, wrong: Text | None) -> Page:
    onward = _next(visit)
    secret = due.app_secret or b""
    return EnrolmentPage(
        title=texts.ENROL_TITLE,
        here="/log-in/enrol?" + urlencode({"next": onward}),
        name=due.name,
        origin=visit.desk.party.origin if visit.desk.party else None,
        next=onward,
        picture=picture(totp.uri(secret, ISSUER, due.name)),
        spoken=totp.spoken(secret),
        wrong=wrong,
    )


def _secret(visit: Visit) -> str:
    return cookies.half_log_in_secret(visit.request, secure=visit.desk.secure_cookie) or ""


def _next(visit: Visit) -> str:
    return onward_path(visit.form.get("next") or visit.request.query_params.get("next", ""))
