"""The machines: what each is for, who answers for it, giving it to another person, and ending it with its tokens."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session
from starlette.responses import Response

from console import texts
from console.door import Refused, redirect, require
from console.page import Page, Visit
from core.language import Text
from org import refused
from org.access import Action, decide
from org.account_list import list_accounts
from org.actor import Actor
from org.service_account import (
    MAX_PURPOSE_LETTERS,
    ServiceAccountRow,
    change_owner,
    create_service_account,
    list_service_accounts,
)
from org.service_account_closing import close_service_account
from org.token import TokenRow, list_tokens
from org.unit import effective_date, load_history
from store import db

Row = TypeVar("Row")

NOTICES = {
    "create": texts.SERVICE_MADE,
    "change-owner": texts.SERVICE_OWNER_CHANGED,
    "close": texts.SERVICE_CLOSED,
}


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What stood in the form of a new service account when it was refused."""

    name: str = ""
    purpose: str = ""
    owner: str = ""
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class ServiceAccountsPage(Page):
    """`tokens`: the valid ones of each, by its name. `owners`: the names of those who could answer for one."""

    template = "service_accounts.html"

    living: tuple[ServiceAccountRow, ...]
    closed: tuple[ServiceAccountRow, ...]
    tokens: dict[str, tuple[TokenRow, ...]]
    owners: tuple[str, ...]
    units: tuple[tuple[str, str], ...]
    may_change: bool
    typed: Typed
    wrong: Text | None
    notice: Text | None
    most_letters: int = MAX_PURPOSE_LETTERS


def show(visit: Visit, *, wrong: Text | None = None, typed: Typed | None = None) -> Page:
    """The page; after a refusal with what was typed."""
    require(visit, "service_account.read", "service_accounts")
    now = visit.desk.now()
    with db.session(visit.desk.engine, visit.actor.scope, reading=True) as session:
        rows = _told(list_service_accounts(session, visit.actor))
        tokens = _told(list_tokens(session, visit.actor))
        accounts = _told(list_accounts(session, visit.actor, now))
        history, today = load_history(session), effective_date(now)
    living = tuple(row for row in rows if row.closed_at is None)
    return ServiceAccountsPage(
        title=texts.SERVICES_TITLE,
        here="/service-accounts",
        living=living,
        closed=tuple(row for row in rows if row.closed_at is not None),
        tokens={
            row.name: tuple(token for token in tokens if token.service_account == row.name and token.is_valid(now))
            for row in living
        },
        owners=tuple(account.name for account in accounts if account.closed_at is None),
        units=tuple((unit, history.name(unit, today)) for unit in history.units if history.lives(unit, today)),
        may_change=decide(visit.actor, "service_account.create", "service_accounts").allowed,
        typed=typed or Typed(),
        wrong=wrong,
        notice=NOTICES.get(visit.request.query_params.get("notice", "")),
    )


def create(visit: Visit) -> Page | Response:
    """Make one; its tokens are made on the page of tokens."""
    require(visit, "service_account.create", "service_accounts")
    said = {name: visit.form.get(name, "").strip() for name in ("name", "purpose", "owner", "unit")}
    typed = Typed(**said)
    with db.session(visit.desk.engine, visit.actor.scope) as session:
        made = create_service_account(
            session, visit.actor, typed.name, typed.purpose, typed.owner, typed.unit or None, visit.desk.now()
        )
    if isinstance(made, refused.Refused):
        return show(visit, wrong=made.reason, typed=typed)
    return redirect("/service-accounts?notice=create")


def give(visit: Visit) -> Page | Response:
    """Another person answers for it."""
    owner = visit.form.get("owner", "")

    def step(session: Session, actor: Actor, name: str, now: datetime) -> refused.Refused | None:
        return change_owner(session, actor, name, owner, now)

    return _changed(visit, "service_account.change_owner", "change-owner", step)


def close(visit: Visit) -> Page | Response:
    """It ends, and its tokens with it."""
    return _changed(visit, "service_account.close", "close", close_service_account)


def _told(answer: tuple[Row, ...] | refused.Refused) -> tuple[Row, ...]:
    if isinstance(answer, refused.Refused):
        raise Refused(403, texts.FORBIDDEN_TITLE, answer.reason)
    return answer


def _changed(
    visit: Visit, action: Action, notice: str, step: Callable[[Session, Actor, str, datetime], object]
) -> Page | Response:
    require(visit, action, "service_accounts")
    with db.session(visit.desk.engine, visit.actor.scope) as session:
        outcome = step(session, visit.actor, visit.form.get("name", ""), visit.desk.now())
    if isinstance(outcome, refused.Refused):
        return show(visit, wrong=outcome.reason)
    return redirect(f"/service-accounts?notice={notice}")
