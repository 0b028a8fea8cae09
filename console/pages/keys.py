"""The API tokens of machines: which there are, a new one shown once, and ending one."""

from dataclasses import dataclass

from starlette.responses import Response

from console import texts
from console.door import Refused, redirect, require
from console.page import Page, Visit
from core.language import Text
from org import refused
from org.access import ROLE_NAMES, decide
from org.account_creation import UNIT_ROLES
from org.actor import Role
from org.service_account import list_service_accounts
from org.token import LIFETIME_DAYS, MOST_DAYS, ROLES, TokenRow, create_token, list_tokens, revoke_token
from org.unit import effective_date, load_history
from store import db

MAX_DAYS_LETTERS = 4
MAX_NUMBER_LETTERS = 9


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What stood in the form of a new token when it was refused."""

    name: str = ""
    role: str = ""
    unit: str = ""
    days: str = str(LIFETIME_DAYS)
    service: str = ""


@dataclass(frozen=True, kw_only=True)
class KeysPage(Page):
    """`secret`: of the token just made, shown this once. `services`: the names of the open service accounts."""

    template = "keys.html"

    valid: tuple[TokenRow, ...]
    ended: tuple[TokenRow, ...]
    units: tuple[tuple[str, str], ...]
    services: tuple[str, ...]
    may_change: bool
    typed: Typed
    wrong: Text | None
    notice: Text | None
    secret: str
    most_days: int = MOST_DAYS

    @property
    def roles(self) -> tuple[tuple[str, Text, bool], ...]:
        """Each role with its name and whether it is of one unit."""
        return tuple((role, ROLE_NAMES[ROLES[role]], ROLES[role] in UNIT_ROLES) for role in ROLES)

    def role(self, role: Role) -> Text:
        """The role in words."""
        return ROLE_NAMES[role]


def show(visit: Visit, *, wrong: Text | None = None, typed: Typed | None = None, secret: str = "") -> Page:
    """The page; after a refusal with what was typed."""
    require(visit, "token.read", "tokens")
    now = visit.desk.now()
    with db.session(visit.desk.engine, visit.actor.scope, reading=True) as session:
        rows = list_tokens(session, visit.actor)
        services = list_service_accounts(session, visit.actor)
        history, today = load_history(session), effective_date(now)
    if isinstance(services, refused.Refused):
        services = ()
    if isinstance(rows, refused.Refused):
        raise Refused(403, texts.FORBIDDEN_TITLE, rows.reason)
    valid = [row for row in rows if row.is_valid(now)]
    return KeysPage(
        title=texts.TOKENS_TITLE,
        here="/keys",
        valid=tuple(valid),
        ended=tuple(row for row in rows if row not in valid),
        units=tuple((unit, history.name(unit, today)) for unit in history.units if history.lives(unit, today)),
        services=tuple(row.name for row in services if row.closed_at is None),
        may_change=decide(visit.actor, "token.create", "tokens").allowed,
        typed=typed or Typed(),
        wrong=wrong,
        notice=texts.TOKEN_REVOKED if "revoked" in visit.request.query_params else None,
        secret=secret,
    )


def create(visit: Visit) -> Page:
    """Make the token and show its secret, this once."""
    require(visit, "token.create", "tokens")
    form = visit.form
    typed = Typed(
        name=form.get("name", "").strip(),
        role=form.get("role", ""),
        unit=form.get("unit", ""),
        days=form.get("days", ""),
        service=form.get("service", ""),
    )
    days = (
        int(typed.days) if typed.days.isascii() and typed.days.isdigit() and len(typed.days) < MAX_DAYS_LETTERS else 0
    )
    with db.session(visit.desk.engine, visit.actor.scope) as session:
        made = create_token(
            session,
            visit.actor,
            typed.role,
            typed.name,
            visit.desk.now(),
            unit=typed.unit or None,
            days=days,
            service_account=typed.service or None,
        )
    if isinstance(made, refused.Refused):
        return show(visit, wrong=made.reason, typed=typed)
    return show(visit, secret=made)


def revoke(visit: Visit) -> Page | Response:
    """The token speaks for nobody from the next request on."""
    number = _number(visit.form.get("number", ""), MAX_NUMBER_LETTERS)
    require(visit, "token.revoke", f"token:{number}")
    with db.session(visit.desk.engine, visit.actor.scope) as session:
        no = revoke_token(session, visit.actor, number, visit.desk.now())
    return show(visit, wrong=no.reason) if no is not None else redirect("/keys?revoked=1")


def _number(text: str, letters: int) -> int:
    """The number that was typed; 0, which no token has and no day is, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= letters else 0
