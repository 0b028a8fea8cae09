"""The queue: alerts grouped, newest first, renewed by itself, worked with the keyboard."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args
from urllib.parse import urlencode

from console import texts
from console.door import require
from console.page import Page, Visit
from core.hit import LEVELS, Level
from core.language import Text
from incident.queue import Group, State, list_groups
from org.access import decide
from org.unit import effective_date, load_history
from org.unit_history import UnitHistory
from store import db

ROWS = 50
REFRESH_S = 10

VIEWS: Mapping[str, tuple[State, ...] | None] = {
    "open": ("new", "acknowledged"),
    "new": ("new",),
    "acknowledged": ("acknowledged",),
    "closed": ("closed",),
    "all": None,
}


@dataclass(frozen=True)
class Choice:
    """One choice of a filter: what it is called, where it leads, whether it is on."""

    label: Text
    link: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class AlertsPage(Page):
    """The queue. `refresh_link` asks for the same rows again; `may_acknowledge` shows the buttons.

    `units`: by the id of a group what its unit was called when the group was seen last.
    """

    template = "alerts.html"
    part = "alerts_part.html"

    groups: tuple[Group, ...]
    units: Mapping[str, str]
    total: int
    views: tuple[Choice, ...]
    levels: tuple[Choice, ...]
    filtered: bool
    refresh_link: str
    refresh_s: int
    newest_link: str | None
    older_link: str | None
    may_acknowledge: bool
    notice: Text | None


def show(visit: Visit) -> Page:
    """The page, or its rows alone for htmx. Unknown filters are left out."""
    require(visit, "alert.read", "alerts")
    asked = visit.request.query_params
    view = asked.get("state", "open")
    view = view if view in VIEWS else "open"
    levels = tuple(level for level in reversed(LEVELS) if level in asked.getlist("level"))
    before = asked.get("before")
    with db.session(visit.desk.engine, visit.actor.scope, reading=True) as session:
        page = list_groups(session, states=VIEWS[view], levels=levels or None, before=before, limit=ROWS)
        history = load_history(session) if page.groups else None
    return AlertsPage(
        title=texts.ALERTS_TITLE,
        groups=page.groups,
        units={} if history is None else _unit_names(history, page.groups),
        total=page.total,
        views=tuple(Choice(texts.VIEWS[name], _link(name, levels), name == view) for name in VIEWS),
        levels=(
            Choice(texts.EVERY_LEVEL, _link(view, ()), not levels),
            *(Choice(texts.LEVELS[level], _link(view, _toggled(levels, level)), level in levels) for level in _DOWN),
        ),
        filtered=view != "open" or bool(levels) or before is not None,
        refresh_link=_link(view, levels, before),
        refresh_s=REFRESH_S,
        newest_link=_link(view, levels) if before is not None else None,
        older_link=None if page.next is None else _link(view, levels, page.next),
        may_acknowledge=decide(visit.actor, "alert.acknowledge", "alerts").allowed,
        notice=_notice(asked.get("done", ""), asked.get("number", "")),
    )


_DOWN: tuple[Level, ...] = tuple(reversed(get_args(Level)))


def _unit_names(history: UnitHistory, groups: tuple[Group, ...]) -> dict[str, str]:
    return {group.id: history.name(group.unit, effective_date(group.last_seen)) for group in groups}


def _toggled(levels: tuple[Level, ...], level: Level) -> tuple[Level, ...]:
    return tuple(each for each in _DOWN if (each in levels) != (each == level))


def _link(view: str, levels: tuple[Level, ...], before: str | None = None) -> str:
    asked = [("state", view)] if view != "open" else []
    asked += [("level", level) for level in levels]
    asked += [("before", before)] if before is not None else []
    return "/alerts" + (f"?{urlencode(asked)}" if asked else "")


def _notice(done: str, number: str) -> Text | None:
    if done not in texts.DONE or not number.isdecimal() or len(number) > 12:
        return None
    return texts.DONE[done].format(number=number)
