"""The bodies that the province answers to, by role and date: who holds a role, since when, by which text."""

from dataclasses import dataclass
from datetime import date

from console import texts
from console.day import asked_day
from console.door import require
from console.page import Page, Visit
from core.language import Text
from org.access import decide
from org.body import load_bodies
from org.body_history import BODY_ROLES, Held
from org.unit import effective_date
from store import db


@dataclass(frozen=True)
class RoleView:
    """One role on the date: who holds it, what is only proposed, and every row in order of time."""

    role: str
    name: Text
    holder: Held | None
    proposals: tuple[Held, ...]
    rows: tuple[tuple[Held, bool], ...]


@dataclass(frozen=True, kw_only=True)
class BodiesPage(Page):
    """The roles of `on`."""

    template = "bodies.html"

    on: date
    today: date
    wrong: Text | None
    roles: tuple[RoleView, ...]
    may_change: bool


def show(visit: Visit) -> Page:
    """The page. A date that cannot be read is said to be none, and today is shown."""
    require(visit, "body.read", "bodies")
    on, wrong = asked_day(visit)
    with db.session(visit.desk.engine, visit.actor.scope, reading=True) as session:
        history = load_bodies(session)
    return BodiesPage(
        title=texts.BODIES_TITLE,
        on=on,
        today=effective_date(visit.desk.now()),
        wrong=wrong,
        roles=tuple(
            RoleView(
                role,
                BODY_ROLES.get(role, Text(role, role)),
                history.holder(role, on),
                history.proposals(role, on),
                tuple((row, history.counts(row)) for row in rows),
            )
            for role, rows in history.rows.items()
        ),
        may_change=decide(visit.actor, "body.change", "bodies").allowed,
    )
