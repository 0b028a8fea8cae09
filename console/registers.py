"""The registers that are kept through the console: of units, of persons and posts, of shifts."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from console import texts
from console.day import written_day
from console.pages.facts import Column, FactEvent, Register, Says
from console.post_words import fact_sentence
from core.language import Text
from org.body import import_bodies, load_bodies, preview_bodies, read_bodies
from org.body_history import BODY_ROLES, BodyFact, Confirmed
from org.post import load_posts
from org.post_history import PostFact, key_of
from org.post_import import MAY_HAVE as POST_MAY_HAVE
from org.post_import import NEEDS as POST_NEEDS
from org.post_import import import_posts, preview_posts, read_posts
from org.roster import Shift
from org.roster_import import import_roster, preview_roster, read_roster
from org.unit import VIETNAM, load_history
from org.unit_history import UnitFact
from org.unit_import import MAY_HAVE as UNIT_MAY_HAVE
from org.unit_import import NEEDS as UNIT_NEEDS
from org.unit_import import import_units, preview_units, read_units

UNITS, PERSONS, POSTS, SUBJECTS = "units", "persons", "posts", "subjects"
BODIES, BODY_ROLES_OFFERED = "bodies", "body-roles"


def _line(on: date, who: str, what: Text, decision: str) -> Text:
    """One fact in words: `01/07/2025 · xa-a: Thành lập: Xã A (1/QĐ)`."""
    day, by = written_day(on), f" ({decision})" if decision else ""
    return Text(f"{day.vi} · {who}: {what.vi}{by}", f"{day.en} · {who}: {what.en}{by}")


def _unit_offers(session: Session, on: date) -> Mapping[str, Mapping[str, str]]:
    history = load_history(session)
    return {UNITS: {unit: history.name(unit, on) for unit in history.units if history.lives(unit, on)}}


def _unit_words(session: Session) -> Says:
    history = load_history(session)

    def named(unit: str | None, on: date) -> str:
        return history.name(unit, on) if unit is not None and unit in history else unit or ""

    def say(fact: UnitFact) -> Text:
        other = fact.successor or fact.parent
        said = texts.UNIT_FACTS[fact.kind].format(name=fact.name, other=named(other, fact.on))
        if fact.kind == "established" and fact.parent:
            above = texts.UNIT_ABOVE.format(other=named(fact.parent, fact.on))
            said = Text(f"{said.vi}, {above.vi}", f"{said.en}, {above.en}")
        return _line(fact.on, named(fact.unit, fact.on), said, fact.decision)

    return say


def _post_offers(session: Session, on: date) -> Mapping[str, Mapping[str, str]]:
    history = load_posts(session)
    persons = ((code, history.person(code, on)) for code in history.persons)
    return {
        **_unit_offers(session, on),
        PERSONS: {code: person.name if person else code for code, person in persons},
        POSTS: {post.post: post.title.vi for post in history.living_posts(on)},
        SUBJECTS: {code: name.vi for code, name in texts.SUBJECTS.items()},
    }


def _post_words(session: Session) -> Says:
    history = load_posts(session)

    def say(fact: PostFact) -> Text:
        def person(code: str) -> str:
            known = history.person(code, fact.on)
            return known.name if known else history.posts[code].title.vi if code in history.posts else code

        def place(code: str) -> str:
            return history.units.name(code, fact.on) if code in history.units else person(code)

        return _line(fact.on, str(key_of(fact)[1]), fact_sentence(fact, person, place), fact.decision)

    return say


def _shift_offers(session: Session, on: date) -> Mapping[str, Mapping[str, str]]:
    offers = _post_offers(session, on)
    return {UNITS: offers[UNITS], PERSONS: offers[PERSONS]}


def _shift_words(session: Session) -> Says:
    history = load_posts(session)

    def say(shift: Shift) -> Text:
        start, end = shift.start.astimezone(VIETNAM), shift.end.astimezone(VIETNAM)
        known = history.person(shift.person, start.date())
        name = known.name if known else shift.person
        unit = history.units.name(shift.unit, start.date()) if shift.unit in history.units else shift.unit
        role, hours = texts.DUTY_ROLES[shift.role], f"{start:%d/%m/%Y %H:%M}–{end:%H:%M}"
        said = Text(f"{hours}: {name}, {role.vi}, {unit}", f"{hours}: {name}, {role.en}, {unit}")
        cancelled = texts.SHIFT_CANCELLED
        return Text(f"{said.vi} ({cancelled.vi})", f"{said.en} ({cancelled.en})") if shift.cancelled else said

    return say


_DECISION = (Column("decision", texts.COLUMN_DECISION), Column("decided", texts.COLUMN_DECIDED, "date"))

UNIT_REGISTER = Register(
    path="/units",
    title=texts.UNITS_CHANGE_TITLE,
    action="unit.change",
    resource="units",
    columns=(
        Column("code", texts.COLUMN_UNIT_CODE, offers=UNITS),
        Column("date", texts.COLUMN_DATE, "date"),
        Column("name", texts.COLUMN_NAME),
        Column("parent", texts.COLUMN_PARENT, offers=UNITS),
        Column("into", texts.COLUMN_INTO, offers=UNITS),
        *_DECISION,
    ),
    events=tuple(
        FactEvent(
            kind,
            texts.UNIT_EVENTS[kind],
            ("code", "date", *needs, "decision"),
            (*(each for each in UNIT_MAY_HAVE[kind] if each not in needs), "decided"),
        )
        for kind, needs in UNIT_NEEDS.items()
    ),
    read=read_units,
    preview=preview_units,
    take=import_units,
    offers=_unit_offers,
    says=_unit_words,
)

_CODE_OF = {
    "person": (texts.CODE_OF_PERSON, PERSONS),
    "person_changed": (texts.CODE_OF_PERSON, PERSONS),
    "established": (texts.CODE_OF_POST, POSTS),
    "abolished": (texts.CODE_OF_POST, POSTS),
    "appointed": (texts.CODE_OF_POST, POSTS),
    "acting": (texts.CODE_OF_POST, POSTS),
    "relieved": (texts.CODE_OF_POST, POSTS),
    "delegated": (texts.CODE_OF_GIVER, POSTS),
    "withdrawn": (texts.CODE_OF_GIVER, POSTS),
    "quota": (texts.COLUMN_UNIT_CODE, UNITS),
    "rule": (texts.CODE_OF_RULE, ""),
    "rule_ended": (texts.CODE_OF_RULE, ""),
    "verified": (texts.CODE_OF_POST, POSTS),
    "verification": (texts.COLUMN_UNIT_CODE, UNITS),
}

POST_REGISTER = Register(
    path="/posts",
    title=texts.POSTS_CHANGE_TITLE,
    action="post.change",
    resource="posts",
    columns=(
        Column("code", texts.COLUMN_CODE, offers=POSTS),
        Column("date", texts.COLUMN_DATE, "date"),
        Column("until", texts.COLUMN_UNTIL, "date"),
        Column("unit", texts.COLUMN_UNIT_CODE, offers=UNITS),
        Column("name", texts.COLUMN_NAME),
        Column("name_en", texts.COLUMN_NAME_EN),
        Column("kind", texts.COLUMN_KIND, choices=tuple(texts.POST_KINDS.items())),
        Column("other_kind", texts.COLUMN_OTHER_KIND, choices=tuple(texts.POST_KINDS.items())),
        Column("group", texts.COLUMN_GROUP),
        Column("number", texts.COLUMN_NUMBER, "number"),
        Column("person", texts.COLUMN_PERSON, offers=PERSONS),
        Column("verifier", texts.COLUMN_VERIFIER, offers=PERSONS),
        Column("receiver", texts.COLUMN_RECEIVER, offers=POSTS),
        Column("subject", texts.COLUMN_SUBJECT, offers=SUBJECTS),
        Column("words", texts.COLUMN_WORDS),
        Column("email", texts.COLUMN_EMAIL, "email"),
        Column("phone", texts.COLUMN_PHONE, "tel"),
        Column("account", texts.COLUMN_ACCOUNT),
        Column("basis", texts.COLUMN_BASIS),
        *_DECISION,
    ),
    events=tuple(
        FactEvent(
            event,
            texts.POST_EVENTS[event],
            ("code", "date", *needs),
            (*POST_MAY_HAVE.get(event, ()), *(("decided",) if "decision" in needs else ())),
            _CODE_OF[event],
        )
        for event, needs in POST_NEEDS.items()
    ),
    read=read_posts,
    preview=preview_posts,
    take=import_posts,
    offers=_post_offers,
    says=_post_words,
)

SHIFT_REGISTER = Register(
    path="/roster",
    title=texts.ROSTER_CHANGE_TITLE,
    action="roster.change",
    resource="roster",
    columns=(
        Column("person", texts.COLUMN_PERSON, offers=PERSONS),
        Column("unit", texts.COLUMN_UNIT_CODE, offers=UNITS),
        Column("role", texts.COLUMN_ROLE, choices=tuple(texts.DUTY_ROLES.items())),
        Column("start", texts.COLUMN_START, "time"),
        Column("end", texts.COLUMN_END, "time"),
    ),
    events=(
        FactEvent("shift", texts.EVENT_SHIFT, ("person", "unit", "role", "start", "end")),
        FactEvent("cancelled", texts.EVENT_CANCELLED, ("person", "unit", "role", "start", "end")),
    ),
    read=read_roster,
    preview=preview_roster,
    take=import_roster,
    offers=_shift_offers,
    says=_shift_words,
)


def body_sentence(fact: BodyFact) -> Text:
    """One fact of a body in words."""
    if isinstance(fact, Confirmed):
        said = texts.BODY_CONFIRMED.format(role=fact.role, body=fact.body)
        return _line(fact.on, fact.body, said, fact.basis)
    role = BODY_ROLES.get(fact.role, Text(fact.role, fact.role))
    said = Text(f"{fact.name.vi}, {role.vi}", f"{fact.name.en}, {role.en}")
    return _line(fact.on, fact.body, said, f"{fact.basis}, {fact.mark}")


def _body_offers(session: Session, on: date) -> Mapping[str, Mapping[str, str]]:
    rows = [row for rows in load_bodies(session).rows.values() for row in rows]
    return {
        BODIES: {row.body: row.name.vi for row in rows},
        BODY_ROLES_OFFERED: {role: name.vi for role, name in BODY_ROLES.items()},
    }


BODY_REGISTER = Register(
    path="/bodies",
    title=texts.BODIES_CHANGE_TITLE,
    action="body.change",
    resource="bodies",
    columns=(
        Column("role", texts.COLUMN_BODY_ROLE, offers=BODY_ROLES_OFFERED),
        Column("body", texts.COLUMN_BODY, offers=BODIES),
        Column("date", texts.COLUMN_DATE, "date"),
        Column("until", texts.COLUMN_UNTIL, "date"),
        Column("name", texts.COLUMN_NAME),
        Column("name_en", texts.COLUMN_NAME_EN),
        Column("mark", texts.COLUMN_MARK, choices=tuple(texts.MARKS.items())),
        Column("basis", texts.COLUMN_BASIS),
    ),
    events=(
        FactEvent("held", texts.EVENT_HELD, ("role", "body", "date", "name", "mark", "basis"), ("until", "name_en")),
        FactEvent("confirmed", texts.EVENT_CONFIRMED, ("role", "body", "date", "basis")),
    ),
    read=read_bodies,
    preview=preview_bodies,
    take=import_bodies,
    offers=_body_offers,
    says=lambda _session: body_sentence,
)

REGISTERS = (UNIT_REGISTER, POST_REGISTER, SHIFT_REGISTER, BODY_REGISTER)
