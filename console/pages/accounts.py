"""The accounts: who has one, handing one out, and what becomes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session
from starlette.responses import Response

from console import texts
from console.door import Refused, redirect, require
from console.page import Page, Visit
from core.language import Text
from org import refused
from org.access import ROLE_NAMES, Action, decide
from org.account_closing import change_role, close_account, end_sessions, remove_second_factor, reopen_account
from org.account_creation import ROLES, UNIT_ROLES, create_account
from org.account_list import AccountRow, list_accounts
from org.actor import Actor, Role
from org.invitation import invite
from org.provider_identity import link_identity, unlink_identity
from org.unit import effective_date, load_history
from store import db

NOTICES = {
    "close": texts.ACCOUNT_CLOSED,
    "reopen": texts.ACCOUNT_REOPENED,
    "end-sessions": texts.ACCOUNT_SESSIONS_ENDED,
    "remove-factor": texts.ACCOUNT_FACTOR_REMOVED,
    "change-role": texts.ACCOUNT_ROLE_CHANGED,
    "link": texts.ACCOUNT_LINKED,
    "unlink": texts.ACCOUNT_UNLINKED,
}


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What stood in the form of a new account when it was refused."""

    name: str = ""
    role: str = ""
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class AccountsPage(Page):
    """`link`: the invitation just made, shown this once, for the account `of`. `linkable`: there is a provider."""

    template = "accounts.html"

    living: tuple[AccountRow, ...]
    closed: tuple[AccountRow, ...]
    units: tuple[tuple[str, str], ...]
    may_change: bool
    linkable: bool
    typed: Typed
    wrong: Text | None
    notice: Text | None
    link: str
    of: str

    @property
    def roles(self) -> tuple[tuple[str, Text, bool], ...]:
        """Each role with its name and whether it is of one unit."""
        return tuple((role, ROLE_NAMES[ROLES[role]], ROLES[role] in UNIT_ROLES) for role in ROLES)

    def role(self, role: Role) -> Text:
        """The role in words."""
        return ROLE_NAMES[role]


def show(visit: Visit, *, wrong: Text | None = None, typed: Typed | None = None, link: str = "", of: str = "") -> Page:
    """The page; after a refusal with what was typed."""
    require(visit, "account.read", "accounts")
    now = visit.desk.now()
    with db.session(visit.desk.engine, visit.actor.scope, reading=True) as session:
        rows = list_accounts(session, visit.actor, now)
        history, today = load_history(session), effective_date(now)
    if isinstance(rows, refused.Refused):
        raise Refused(403, texts.FORBIDDEN_TITLE, rows.reason)
    units = tuple((unit, history.name(unit, today)) for unit in history.units if history.lives(unit, today))
    return AccountsPage(
        title=texts.ACCOUNTS_TITLE,
        here="/accounts",
        living=tuple(row for row in rows if row.closed_at is None),
        closed=tuple(row for row in rows if row.closed_at is not None),
        units=units,
        may_change=decide(visit.actor, "account.create", "accounts").allowed,
        linkable=visit.desk.provider is not None,
        typed=typed or Typed(),
        wrong=wrong,
        notice=NOTICES.get(visit.request.query_params.get("notice", "")),
        link=link,
        of=of,
    )


def create(visit: Visit) -> Page:
    """Make the account and show the link with which the person sets their password."""
    require(visit, "account.create", "accounts")
    desk, now = visit.desk, visit.desk.now()
    form = visit.form
    typed = Typed(name=form.get("name", "").strip(), role=form.get("role", ""), unit=form.get("unit", ""))
    unit = typed.unit or None
    with db.session(desk.engine, visit.actor.scope) as session:
        made = create_account(session, visit.actor, typed.name, typed.role, unit, None, now, desk.breached)
        link = made if isinstance(made, refused.Refused) else invite(session, visit.actor, typed.name, now)
    if isinstance(link, refused.Refused):
        return show(visit, wrong=link.reason, typed=typed)
    return show(visit, link=_address(visit, link), of=typed.name)


def hand_out_link(visit: Visit) -> Page:
    """Show a new link for an account that is there."""
    require(visit, "account.invite", "accounts")
    name = visit.form.get("name", "")
    with db.session(visit.desk.engine, visit.actor.scope) as session:
        link = invite(session, visit.actor, name, visit.desk.now())
    if isinstance(link, refused.Refused):
        return show(visit, wrong=link.reason)
    return show(visit, link=_address(visit, link), of=name)


def close(visit: Visit) -> Page | Response:
    """The person logs in no more."""
    return _changed(visit, "account.close", "close", close_account)


def reopen(visit: Visit) -> Page | Response:
    """The person may log in again."""
    return _changed(visit, "account.reopen", "reopen", reopen_account)


def end(visit: Visit) -> Page | Response:
    """What the person has open ends."""
    return _changed(visit, "account.end_sessions", "end-sessions", end_sessions)


def remove_factor(visit: Visit) -> Page | Response:
    """The person sets up another second factor."""
    return _changed(visit, "account.remove_factor", "remove-factor", remove_second_factor)


def link(visit: Visit) -> Page | Response:
    """The person logs in at the identity provider too."""
    provider, subject = visit.desk.provider, visit.form.get("subject", "")
    issuer = provider.settings.issuer if provider is not None else None

    def step(session: Session, actor: Actor, name: str, now: datetime) -> refused.Refused | None:
        return link_identity(session, actor, name, issuer, subject, now)

    return _changed(visit, "account.link", "link", step)


def unlink(visit: Visit) -> Page | Response:
    """The person logs in there no more."""
    return _changed(visit, "account.unlink", "unlink", unlink_identity)


def set_role(visit: Visit) -> Page | Response:
    """The person has another role."""
    role, unit = visit.form.get("role", ""), visit.form.get("unit") or None

    def step(session: Session, actor: Actor, name: str, now: datetime) -> refused.Refused | None:
        return change_role(session, actor, name, role, unit, now)

    return _changed(visit, "account.change_role", "change-role", step)


def _changed(
    visit: Visit, action: Action, notice: str, step: Callable[[Session, Actor, str, datetime], object]
) -> Page | Response:
    require(visit, action, "accounts")
    with db.session(visit.desk.engine, visit.actor.scope) as session:
        outcome = step(session, visit.actor, visit.form.get("name", ""), visit.desk.now())
    if isinstance(outcome, refused.Refused):
        return show(visit, wrong=outcome.reason)
    return redirect(f"/accounts?notice={notice}")


def _address(visit: Visit, secret: str) -> str:
    scheme = "https" if visit.desk.secure_cookie else visit.request.url.scheme
    return f"{scheme}://{visit.request.url.netloc}/invitation?secret={secret}"
