"""One's own account: who one is to Canh, the second factor, the password, what is open."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from markupsafe import Markup
from sqlalchemy.orm import Session
from starlette.responses import Response

from console import texts
from console.door import Refused, redirect, require
from console.page import Page, Visit
from console.pages.log_in import MAX_PASSWORD_LETTERS
from console.pages.second_factor import (
    ISSUER,
    MAX_CODE_LETTERS,
    RecoveryCodesPage,
    asked,
    passkey_name,
    picture,
    shown,
)
from core.language import Text
from org import refused, totp
from org.access import ROLE_NAMES
from org.own_account import (
    SET_ALREADY,
    OwnAccount,
    add_own_passkey,
    ask_own_passkey,
    change_password,
    draft_authenticator,
    draft_passkey,
    drafted_secret,
    end_own_sessions,
    new_recovery_codes,
    own_account,
    remove_own_factors,
    remove_own_passkey,
    set_own_authenticator,
)
from org.passkey import NONE_HERE, Answer, RelyingParty
from org.password import MIN_LETTERS, MIN_LETTERS_WITH_FACTOR
from org.unit import effective_date, load_history
from store import db

T = TypeVar("T")
MAX_NUMBER_DIGITS = 10

NOTICES = {
    "password": texts.PASSWORD_CHANGED,
    "removed": texts.FACTOR_REMOVED,
    "sessions": texts.OTHER_SESSIONS_ENDED,
    "set": texts.FACTOR_SET,
    "passkey-removed": texts.PASSKEY_REMOVED,
}


@dataclass(frozen=True, kw_only=True)
class MyAccountPage(Page):
    """`open` names the form that stays open after a refusal, `wrong` says why it was refused.

    `origin`: the address where passkeys are good; `provable`: the person has one that is good there.
    """

    template = "my_account.html"

    own: OwnAccount
    role: Text
    unit: str | None
    min_letters: int
    origin: str | None
    provable: bool
    open: str
    wrong: Text | None
    notice: Text | None


@dataclass(frozen=True, kw_only=True)
class OwnEnrolmentPage(Page):
    """Where a new app gets its secret and shows that it has it; `draft` carries the secret, sealed."""

    template = "own_enrolment.html"

    draft: str
    picture: Markup
    spoken: str
    wrong: Text | None


@dataclass(frozen=True, kw_only=True)
class OwnPasskeyPage(Page):
    """Where a new passkey is made; `options` are the browser's, as JSON."""

    template = "own_passkey.html"

    options: str
    origin: str


def show(visit: Visit, form: str = "", wrong: Text | None = None) -> Page:
    """The page; after a refusal with the form that was refused."""
    require(visit, "self.read", visit.actor.id)
    now = visit.desk.now()
    with db.session(visit.desk.engine, visit.actor.scope, reading=True) as session:
        own = own_account(session, visit.actor, _secret(visit), now)
        if isinstance(own, refused.Refused):
            raise Refused(403, texts.FORBIDDEN_TITLE, own.reason)
        unit = load_history(session).name(own.unit, effective_date(now)) if own.unit else None
    party = visit.desk.party
    return MyAccountPage(
        title=texts.MY_ACCOUNT,
        here="/my-account",
        own=own,
        role=ROLE_NAMES[visit.actor.role],
        unit=unit,
        min_letters=MIN_LETTERS_WITH_FACTOR if own.factors.any or own.required else MIN_LETTERS,
        origin=party.origin if party else None,
        provable=party is not None and any(each.rp_id == party.id for each in own.passkeys),
        open=form,
        wrong=wrong,
        notice=NOTICES.get(visit.request.query_params.get("notice", "")),
    )


def set_password(visit: Visit) -> Page | Response:
    """Change the password, or say why not."""
    require(visit, "self.change_password", visit.actor.id)
    said = visit.form.get("new", "")[:MAX_PASSWORD_LETTERS]
    if said != visit.form.get("again", ""):
        return show(visit, "password", texts.PASSWORDS_DIFFER)
    desk = visit.desk

    def step(session: Session) -> refused.Refused | None:
        present = _password(visit)
        return change_password(session, visit.actor, _secret(visit), present, said, desk.now(), desk.breached)

    no = _proving(visit, step)
    return show(visit, "password", no.reason) if no else redirect("/my-account?notice=password")


def draft(visit: Visit) -> Page | Response:
    """The picture of a new app's secret, once the person has proven who they are."""
    require(visit, "self.change_factor", visit.actor.id)
    desk = visit.desk
    made = _proving(
        visit,
        lambda session: draft_authenticator(
            session, visit.actor, _password(visit), _shown(visit), desk.key, desk.now()
        ),
    )
    if isinstance(made, refused.Refused):
        return show(visit, "authenticator", made.reason)
    secret, sealed = made
    return _enrolment(visit, secret, base64.b64encode(sealed).decode(), None)


def confirm(visit: Visit) -> Page | Response:
    """The new app has shown its first code: it is the person's, and here are their recovery codes."""
    require(visit, "self.change_factor", visit.actor.id)
    desk, now = visit.desk, visit.desk.now()
    text = visit.form.get("draft", "")
    try:
        sealed = base64.b64decode(text, validate=True)
    except ValueError:
        sealed = b""
    with db.session(desk.engine, visit.actor.scope) as session:
        codes = set_own_authenticator(session, visit.actor, _secret(visit), sealed, _code(visit), desk.key, now)
    if not isinstance(codes, refused.Refused):
        return _codes(codes, "set")
    secret = drafted_secret(visit.actor, sealed, desk.key, now)
    if isinstance(secret, refused.Refused) or codes.reason == SET_ALREADY:
        return show(visit, "authenticator", codes.reason)
    return _enrolment(visit, secret, text, codes.reason)


def renew_codes(visit: Visit) -> Page | Response:
    """New recovery codes, or why not."""
    require(visit, "self.change_factor", visit.actor.id)
    desk = visit.desk
    codes = _proving(
        visit,
        lambda session: new_recovery_codes(session, visit.actor, _password(visit), _shown(visit), desk.key, desk.now()),
    )
    if isinstance(codes, refused.Refused):
        return show(visit, "recovery-codes", codes.reason)
    return _codes(codes, "")


def remove(visit: Visit) -> Page | Response:
    """The person logs in by password alone, or why not."""
    require(visit, "self.change_factor", visit.actor.id)
    desk = visit.desk
    no = _proving(
        visit,
        lambda session: remove_own_factors(
            session, visit.actor, _secret(visit), _password(visit), _shown(visit), desk.key, desk.now()
        ),
    )
    return show(visit, "remove-factor", no.reason) if no else redirect("/my-account?notice=removed")


def ask_key(visit: Visit) -> Response:
    """What the page's script hands to the browser, so that it asks one of the person's passkeys; or why not."""
    require(visit, "self.change_factor", visit.actor.id)
    desk, party = visit.desk, visit.desk.party
    if party is None:
        return asked(visit, refused.Refused(NONE_HERE))
    with db.session(desk.engine, visit.actor.scope) as session:
        return asked(visit, ask_own_passkey(session, visit.actor, _secret(visit), party, desk.now()))


def draft_key(visit: Visit) -> Page | Response:
    """The page on which a new passkey is made, once the person has proven who they are."""
    require(visit, "self.change_factor", visit.actor.id)
    desk, party = visit.desk, _party(visit)
    options = _proving(
        visit,
        lambda session: draft_passkey(
            session, visit.actor, _secret(visit), _password(visit), _shown(visit), party, desk.key, desk.now()
        ),
    )
    if isinstance(options, refused.Refused):
        return show(visit, "passkey", options.reason)
    said = msgspec.json.encode(options).decode()
    return OwnPasskeyPage(title=texts.NEW_PASSKEY, here="/my-account", options=said, origin=party.origin)


def add_key(visit: Visit) -> Page | Response:
    """The new passkey is the person's; with the first second factor come recovery codes."""
    require(visit, "self.change_factor", visit.actor.id)
    desk = visit.desk
    answer = Answer(visit.form.get("passkey", ""), _secret(visit), _party(visit))
    with db.session(desk.engine, visit.actor.scope) as session:
        codes = add_own_passkey(session, visit.actor, answer, passkey_name(visit), desk.now())
    if isinstance(codes, refused.Refused):
        return show(visit, "passkey", codes.reason)
    return _codes(codes, "set") if codes else redirect("/my-account?notice=set")


def remove_key(visit: Visit) -> Page | Response:
    """One passkey is the person's no more, or why not."""
    require(visit, "self.change_factor", visit.actor.id)
    desk, said = visit.desk, visit.form.get("number", "")
    number = int(said) if said.isascii() and said.isdigit() and len(said) < MAX_NUMBER_DIGITS else 0
    no = _proving(
        visit,
        lambda session: remove_own_passkey(
            session, visit.actor, _secret(visit), number, _password(visit), _shown(visit), desk.key, desk.now()
        ),
    )
    if no:
        return show(visit, f"passkey-{number}", no.reason)
    return redirect("/my-account?notice=passkey-removed")


def end_sessions(visit: Visit) -> Page | Response:
    """The other sessions of the person end."""
    require(visit, "self.end_sessions", visit.actor.id)
    with db.session(visit.desk.engine, visit.actor.scope) as session:
        ended = end_own_sessions(session, visit.actor, _secret(visit), visit.desk.now())
    if isinstance(ended, refused.Refused):
        raise Refused(403, texts.FORBIDDEN_TITLE, ended.reason)
    return redirect("/my-account?notice=sessions")


def _proving(visit: Visit, step: Callable[[Session], T | refused.Refused]) -> T | refused.Refused:
    """One step that begins with proof of who it is: a session of this person alone is slowed down when proofs fail."""
    desk, now, session_secret = visit.desk, visit.desk.now(), _secret(visit)
    wait = desk.throttle.wait("", "", session_secret, now)
    if wait:
        minutes = -int(-wait.total_seconds() // 60)
        return refused.Refused(texts.TOO_MANY_TRIES.format(minutes=minutes))
    with db.session(desk.engine, visit.actor.scope) as session:
        outcome = step(session)
    if isinstance(outcome, refused.Refused):
        desk.throttle.failed("", "", session_secret, now)
    return outcome


def _enrolment(visit: Visit, secret: bytes, sealed: str, wrong: Text | None) -> Page:
    return OwnEnrolmentPage(
        title=texts.ENROL_TITLE,
        here="/my-account",
        draft=sealed,
        picture=picture(totp.uri(secret, ISSUER, visit.actor.name)),
        spoken=totp.spoken(secret),
        wrong=wrong,
    )


def _codes(codes: tuple[str, ...], notice: str) -> Page:
    after = f"/my-account?notice={notice}" if notice else "/my-account"
    return RecoveryCodesPage(title=texts.RECOVERY_CODES_TITLE, here="/my-account", codes=codes, after=after)


def _secret(visit: Visit) -> str:
    assert visit.visitor is not None  # noqa: S101 (the door lets nobody else through)
    return visit.visitor.session_secret


def _password(visit: Visit) -> str:
    return visit.form.get("password", "")[:MAX_PASSWORD_LETTERS]


def _party(visit: Visit) -> RelyingParty:
    if visit.desk.party is None:
        raise Refused(404, texts.NOT_FOUND_TITLE, texts.PASSKEYS_NOWHERE)
    return visit.desk.party


def _shown(visit: Visit) -> str | Answer:
    return shown(visit, _secret(visit))


def _code(visit: Visit) -> str:
    return visit.form.get("code", "")[:MAX_CODE_LETTERS]
