"""The sources of units: what is assigned to which unit, assigning and ending, and whose a sender would be."""

from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from console import texts
from console.door import redirect, require
from console.page import Page, Visit
from core.language import Text
from core.scope import EVERY_UNIT
from org import refused
from org.access import decide
from org.source import SETTLED_AFTER, assign_source, end_source, load_assignments, load_map, read_place
from org.unit import effective_date, load_history
from store import db

MAX_LETTERS = 300
MAX_NUMBER_LETTERS = 9


@dataclass(frozen=True)
class SourceView:
    """One assignment that holds."""

    number: int
    unit: str
    unit_name: str
    network: str
    input: str
    host: str
    since: datetime


@dataclass(frozen=True)
class Found:
    """Whose a sender would be: the assignment that decides, None where nothing is assigned.

    `told`: what one is told then; a contact learns only that the sender is not of their unit.
    """

    source: SourceView | None
    told: Text


@dataclass(frozen=True, kw_only=True)
class SourcesPage(Page):
    """`typed` is what stood in the form that was refused, `asked` in the question whose a sender would be."""

    template = "sources.html"

    sources: tuple[SourceView, ...]
    units: tuple[tuple[str, str], ...]
    may_change: bool
    typed: dict[str, str]
    asked: dict[str, str]
    found: Found | None
    wrong: Text | None
    notice: Text | None


def show(visit: Visit, *, wrong: Text | None = None) -> Page:
    """The page; with `?peer=` also whose that sender would be."""
    require(visit, "source.read", "sources")
    now = visit.desk.now()
    query = visit.request.query_params
    asked = {name: query.get(name, "").strip()[:MAX_LETTERS] for name in ("peer", "input", "host")}
    with db.session(visit.desk.engine, visit.actor.scope, reading=True) as session:
        assignments = load_assignments(session)
        history, today = load_history(session), effective_date(now)
    hit = None
    if asked["peer"] or asked["input"]:
        # As the collector decides it: an assignment that this visitor does not see may be the closer one.
        with db.session(visit.desk.engine, EVERY_UNIT, reading=True) as session:
            whole = load_map(session)
        hit = whole.find(asked["peer"] or None, asked["input"], asked["host"], now + SETTLED_AFTER)
    views = {
        assignment: SourceView(
            number,
            assignment.unit,
            history.name(assignment.unit, today),
            assignment.place.network or "",
            assignment.place.input or "",
            assignment.place.host or "",
            assignment.since,
        )
        for number, assignment in assignments.items()
    }
    found = None
    if asked["peer"] or asked["input"]:
        told = texts.WHOSE_NOBODY if visit.actor.scope.units is None else texts.WHOSE_NOT_YOURS
        found = Found(views.get(hit) if hit is not None else None, told)
    return SourcesPage(
        title=texts.SOURCES_TITLE,
        here="/sources" if visit.request.method == "POST" else None,
        sources=tuple(views.values()),
        units=tuple((unit, history.name(unit, today)) for unit in history.units if history.lives(unit, today)),
        may_change=decide(visit.actor, "source.assign", "sources").allowed,
        typed=visit.form,
        asked=asked,
        found=found,
        wrong=wrong,
        notice=_NOTICES.get(query.get("notice", "")),
    )


def assign(visit: Visit) -> Page | Response:
    """What comes from a place belongs to a unit from now on."""
    form = {name: visit.form.get(name, "").strip()[:MAX_LETTERS] for name in ("unit", "network", "input", "host")}
    require(visit, "source.assign", f"unit:{form['unit']}")
    place = read_place(form["network"] or None, form["input"] or None, form["host"] or None)
    if isinstance(place, refused.Refused):
        return show(visit, wrong=place.reason)
    with db.session(visit.desk.engine, visit.actor.scope) as session:
        number = assign_source(session, visit.actor, form["unit"], place, visit.desk.now())
    return show(visit, wrong=number.reason) if isinstance(number, refused.Refused) else redirect("/sources?notice=set")


def end(visit: Visit) -> Page | Response:
    """What comes from the place belongs to nobody in particular again."""
    typed = visit.form.get("number", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= MAX_NUMBER_LETTERS else 0
    require(visit, "source.assign", f"source:{number}")
    with db.session(visit.desk.engine, visit.actor.scope) as session:
        no = end_source(session, visit.actor, number, visit.desk.now())
    return show(visit, wrong=no.reason) if no is not None else redirect("/sources?notice=ended")


_NOTICES = {"set": texts.SOURCE_ASSIGNED, "ended": texts.SOURCE_ENDED}
