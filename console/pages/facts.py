"""Recording what happened to units, people, posts and shifts: one fact by a form, many by a file, looked at before.

A form is a file of one row: read, checked and taken by the same functions as `canh unit|post|roster import`.
"""

import base64
import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Literal

from sqlalchemy.orm import Session
from starlette.responses import Response

from console import texts
from console.door import Handler, Refused, redirect, require
from console.page import Page, Visit
from core.language import Text
from org import refused
from org.access import Action
from org.fact_import import FactFile, ImportPlan
from store import db

MAX_FILE_BYTES = 700 << 10
"""What fits a form together with its preview; larger files are for the command."""
MAX_CELL_LETTERS = 1000
CONTENT, CORRECT, EVENT = "content", "correct", "event"
FILE = "file"

Kind = Literal["text", "date", "time", "number", "email", "tel"]
Says = Callable[[Any], Text]


@dataclass(frozen=True)
class Column:
    """One field of a form; `offers` names the list of codes that are proposed, `choices` what alone it may be."""

    name: str
    label: Text
    kind: Kind = "text"
    offers: str = ""
    choices: tuple[tuple[str, Text], ...] = ()


@dataclass(frozen=True)
class FactEvent:
    """What can have happened: the columns that it needs and those that it may have; `code_is`: whose code it takes."""

    code: str
    name: Text
    needs: tuple[str, ...]
    may_have: tuple[str, ...] = ()
    code_is: tuple[Text, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Register:
    """One kind of facts: its forms, and the room's functions that read, look at and take them.

    `offers` are the codes to propose, each with its name; `says` puts a fact into words as of a session.
    """

    path: str
    title: Text
    action: Action
    resource: str
    columns: tuple[Column, ...]
    events: tuple[FactEvent, ...]
    read: Callable[[bytes], FactFile[Any]]
    preview: Callable[..., ImportPlan[Any] | refused.Refused]
    take: Callable[..., ImportPlan[Any] | refused.Refused]
    offers: Callable[[Session, date], Mapping[str, Mapping[str, str]]]
    says: Callable[[Session], Says]

    def event(self, code: str) -> FactEvent | None:
        """The event with this code."""
        return next((event for event in self.events if event.code == code), None)

    def columns_of(self, event: FactEvent) -> tuple[tuple[Column, bool], ...]:
        """The fields of its form, each with whether it is needed."""
        wanted = (*event.needs, *event.may_have)
        return tuple(
            (_named(column, event), column.name in event.needs) for column in self.columns if column.name in wanted
        )


@dataclass(frozen=True)
class PlanView:
    """A plan in words. `one_row`: it came from a form, so that lines say nothing."""

    added: tuple[Text, ...]
    changed: tuple[tuple[Text, Text], ...]
    unchanged: int
    notes: tuple[tuple[int, Text], ...]
    refusals: tuple[tuple[int, Text], ...]
    one_row: bool


@dataclass(frozen=True, kw_only=True)
class FactsPage(Page):
    """Forms of a register; `plan` is what would be done with `content` (base64), `typed` what stood in the form."""

    template: ClassVar[str] = "facts.html"

    register: Register
    event: FactEvent | None
    fields: tuple[tuple[Column, bool], ...]
    typed: Mapping[str, str]
    offers: Mapping[str, Mapping[str, str]]
    plan: PlanView | None
    content: str
    correct: bool
    wrong: Text | None
    notice: Text | None
    most_kibibytes: int = MAX_FILE_BYTES >> 10


def show(register: Register) -> Handler:
    """The page with the form of the event that was asked for."""

    def answer(visit: Visit) -> Page:
        require(visit, register.action, register.resource)
        event = register.event(visit.request.query_params.get(EVENT, ""))
        done = visit.request.query_params.get("recorded", "")
        notice = (
            texts.FACTS_RECORDED.format(count=int(done))
            if done.isascii() and done.isdigit() and len(done) < 10
            else None
        )
        return _page(visit, register, event or register.events[0], notice=notice)

    return answer


def preview(register: Register) -> Handler:
    """What the form or the file would do. Nothing is written."""

    def answer(visit: Visit) -> Page:
        require(visit, register.action, register.resource)
        event = register.event(visit.form.get(EVENT, ""))
        uploaded = visit.files.get(FILE)
        if event is None and uploaded is None:
            return _page(visit, register, register.events[0], wrong=texts.NO_FILE)
        if uploaded is not None and len(uploaded) > MAX_FILE_BYTES:
            return _page(visit, register, register.events[0], wrong=texts.FILE_TOO_LARGE)
        content = uploaded if event is None and uploaded is not None else _row(register, event, visit.form)
        return _previewed(visit, register, event, content, correct=CORRECT in visit.form)

    return answer


def take(register: Register) -> Handler:
    """Write what was looked at, all or nothing; where it is refused now, say why."""

    def answer(visit: Visit) -> Page | Response:
        require(visit, register.action, register.resource)
        event = register.event(visit.form.get(EVENT, ""))
        try:
            content = base64.b64decode(visit.form.get(CONTENT, ""), validate=True)
        except ValueError:
            return _page(visit, register, event or register.events[0], wrong=texts.NO_FILE)
        correct, now = CORRECT in visit.form, visit.desk.now()
        with db.session(visit.desk.engine, visit.actor.scope) as session:
            plan = register.take(session, visit.actor, register.read(content), now, correct=correct)
        if isinstance(plan, refused.Refused):
            raise Refused(403, texts.FORBIDDEN_TITLE, plan.reason)
        if plan.refusals:
            return _previewed(visit, register, event, content, correct=correct)
        return redirect(f"{register.path}/change?recorded={len(plan.added) + len(plan.changed)}")

    return answer


def _previewed(visit: Visit, register: Register, event: FactEvent | None, content: bytes, *, correct: bool) -> Page:
    file = register.read(content)
    with db.session(visit.desk.engine, visit.actor.scope, reading=True) as session:
        plan = register.preview(session, visit.actor, file, correct=correct)
        says = register.says(session)
    if isinstance(plan, refused.Refused):
        raise Refused(403, texts.FORBIDDEN_TITLE, plan.reason)
    view = PlanView(
        added=tuple(map(says, plan.added)),
        changed=tuple((says(change.before), says(change.after)) for change in plan.changed),
        unchanged=plan.unchanged,
        notes=tuple((note.line, note.reason) for note in plan.notes),
        refusals=tuple((refusal.line, refusal.reason) for refusal in plan.refusals),
        one_row=event is not None,
    )
    return _page(visit, register, event or register.events[0], plan=view, content=content, correct=correct)


def _page(
    visit: Visit,
    register: Register,
    event: FactEvent,
    *,
    plan: PlanView | None = None,
    content: bytes = b"",
    correct: bool = False,
    wrong: Text | None = None,
    notice: Text | None = None,
) -> Page:
    with db.session(visit.desk.engine, visit.actor.scope, reading=True) as session:
        offers = register.offers(session, visit.desk.now().astimezone(visit.desk.zone).date())
    return FactsPage(
        title=register.title,
        here=f"{register.path}/change?event={event.code}",
        register=register,
        event=event,
        fields=register.columns_of(event),
        typed=visit.form or dict(visit.request.query_params),
        offers=offers,
        plan=plan,
        content=base64.b64encode(content).decode(),
        correct=correct,
        wrong=wrong,
        notice=notice,
    )


def _named(column: Column, event: FactEvent) -> Column:
    """The column with the name that it has in this event's form."""
    if column.name != "code" or event.code_is is None:
        return column
    label, offers = event.code_is
    return Column(column.name, label, offers=offers)


def _row(register: Register, event: FactEvent | None, form: Mapping[str, str]) -> bytes:
    """The form as a file of one row; an empty field is an empty cell."""
    assert event is not None  # noqa: S101 (the caller has looked)
    cells = {EVENT: event.code}
    for column, _ in register.columns_of(event):
        typed = form.get(column.name, "").strip()[:MAX_CELL_LETTERS]
        cells[column.name] = typed.replace("T", " ") if column.kind == "time" else typed
    written = io.StringIO()
    writer = csv.DictWriter(written, fieldnames=tuple(cells), delimiter=";")
    writer.writeheader()
    writer.writerow(cells)
    return written.getvalue().encode()
