"""Searches and columns that a person keeps."""

from collections.abc import Callable

from sqlalchemy.orm import Session
from starlette.datastructures import QueryParams
from starlette.responses import Response

from console import texts
from console.door import Refused, redirect, require
from console.page import Visit
from console.question import KEPT, read_question
from org import refused
from org.saved_search import event_columns, remove_search, save_search, set_event_columns
from store import db

MAX_NUMBER_DIGITS = 12


def save(visit: Visit) -> Response:
    """The search is kept under a name, and shown again."""
    form = visit.form
    parameters = {name: form[name] for name in KEPT if form.get(name)}
    return _kept(
        visit,
        lambda session: save_search(
            session, visit.actor, form.get("name", ""), form.get("query", ""), parameters, visit.desk.now()
        ),
    )


def remove(visit: Visit) -> Response:
    """A saved search is forgotten."""
    said = visit.form.get("number", "")
    number = int(said) if said.isascii() and said.isdecimal() and len(said) <= MAX_NUMBER_DIGITS else 0
    return _kept(visit, lambda session: remove_search(session, visit.actor, number, visit.desk.now()))


def change_columns(visit: Visit) -> Response:
    """A column is added or taken away; with neither the usual ones are back."""
    added, removed = visit.form.get("add", ""), visit.form.get("remove", "")

    def change(session: Session) -> refused.Refused | None:
        columns = [name for name in event_columns(session, visit.actor) if name != removed]
        names = [*columns, added] if added else columns if removed else []
        return set_event_columns(session, visit.actor, names, visit.desk.now())

    return _kept(visit, change)


def _kept(visit: Visit, step: Callable[[Session], refused.Refused | None]) -> Response:
    """Take the step and show the same search again, or say why not."""
    require(visit, "self.change_searches", visit.actor.id)
    with db.session(visit.desk.engine, visit.actor.scope) as session:
        no = step(session)
    if no is not None:
        raise Refused(409, texts.NOT_SAVED_TITLE, no.reason)
    form = visit.form
    kept = QueryParams({name: form[name] for name in ("query", *KEPT) if form.get(name)})
    return redirect(read_question(kept, visit.desk.now(), visit.desk.zone).address())
