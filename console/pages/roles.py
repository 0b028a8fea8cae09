"""What a person, or anyone of a role, may do, and why."""

from dataclasses import dataclass

from console import texts
from console.door import Refused, require
from console.page import Page, Visit
from core.language import Text
from org import refused
from org.access import ACTION_NAMES, ROLE_NAMES, Decision, decide
from org.account_creation import ROLES
from org.account_list import Rights, list_accounts, rights_of_account, rights_of_role
from org.unit import effective_date, load_history
from store import db

MAX_LETTERS = 200


@dataclass(frozen=True, kw_only=True)
class RolesPage(Page):
    """`accounts` is empty for one who may look at nobody but themselves; `units` that the person sees, None: all."""

    template = "roles.html"

    accounts: tuple[str, ...]
    may_choose: bool
    rights: Rights | None
    asked_role: str
    wrong: Text | None
    units: tuple[str, ...] | None

    @property
    def roles(self) -> tuple[tuple[str, Text], ...]:
        """Each role with its name."""
        return tuple((role, ROLE_NAMES[ROLES[role]]) for role in ROLES)

    def role(self, rights: Rights) -> Text:
        """The role in words."""
        return ROLE_NAMES[rights.role]

    def action(self, decision: Decision) -> Text:
        """The act in words."""
        return ACTION_NAMES[decision.action]


def show(visit: Visit) -> Page:
    """The page; without a question about oneself."""
    require(visit, "self.read", visit.actor.id)
    asked = visit.request.query_params
    name, role = asked.get("account", "")[:MAX_LETTERS], asked.get("role", "")[:MAX_LETTERS]
    now = visit.desk.now()
    may_choose = decide(visit.actor, "account.read", "accounts").allowed
    with db.session(visit.desk.engine, visit.actor.scope, reading=True) as session:
        if role:
            rights = rights_of_role(session, visit.actor, role, now)
        else:
            rights = rights_of_account(session, visit.actor, name or visit.actor.name, now)
        rows = list_accounts(session, visit.actor, now) if may_choose else ()
        history, today = load_history(session), effective_date(now)
    if isinstance(rights, refused.Refused) and not may_choose:
        raise Refused(403, texts.FORBIDDEN_TITLE, rights.reason)
    known = rights if isinstance(rights, Rights) else None
    seen = known.scope.units if known is not None else frozenset()
    return RolesPage(
        title=texts.ROLES_TITLE,
        accounts=() if isinstance(rows, refused.Refused) else tuple(row.name for row in rows if row.closed_at is None),
        may_choose=may_choose,
        rights=known,
        asked_role=role,
        wrong=rights.reason if isinstance(rights, refused.Refused) else None,
        units=None if seen is None else tuple(sorted(history.name(unit, today) for unit in seen)),
    )
