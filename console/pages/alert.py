"""One alert: the reason first, then the facts, what to do, why it fired, the events; and its handling."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from starlette.responses import Response

from console import texts
from console.door import Refused, is_local, not_found, redirect, require
from console.guide import GuidePart, guide_parts
from console.narrowing import only, search_link
from console.page import PAGE_HEADERS, Page, Visit
from core.event import Event, Value
from core.hit import Why
from core.language import LANGUAGES, Text
from core.rejection import REASONS
from detection.reason import duration
from incident import triage
from incident.queue import Group, get_group
from org.access import decide
from org.reading import note_view
from org.unit import effective_date, load_history
from store import db

MAX_NOTE_LETTERS = 4000


@dataclass(frozen=True)
class WhyNode:
    """A node of the tree as it is shown: a sentence for what joins, the parts of a test for a leaf."""

    sentence: Text | None
    field: str | None
    operator: Text | None
    pattern: str | None
    value: str | None
    children: tuple["WhyNode", ...]


@dataclass(frozen=True)
class EntityFact:
    """One entity of the alert and where its events are."""

    field: str
    label: Text
    value: str
    link: str


@dataclass(frozen=True)
class EventView:
    """One event as it is shown; `fields` sorted by name, each value as text. `rejection`: why it was not parsed."""

    id: str
    time: datetime
    received: datetime
    rejection: Text | None
    fields: tuple[tuple[str, tuple[str, ...]], ...]
    raw: bytes


@dataclass(frozen=True, kw_only=True)
class AlertPage(Page):
    """One alert whole."""

    template = "alert.html"

    group: Group
    unit: str
    counted_since: int
    entities: tuple[EntityFact, ...]
    tags: tuple[str, ...]
    why: WhyNode
    guide: tuple[GuidePart, ...]
    events: tuple[EventView, ...]
    around_link: str
    narrow: Callable[[str], str]
    reasons: Mapping[str, Text]
    closed_for: Text | None
    may_acknowledge: bool
    may_close: bool
    notice: Text | None
    wrong: Text | None
    note: str


def show(visit: Visit) -> Page:
    """The page."""
    identity = _identity(visit)
    require(visit, "alert.read", f"alert:{identity}")
    done = texts.DONE.get(visit.request.query_params.get("done", ""))
    group, unit = _existing(visit, identity)
    notice = done.format(number=group.number) if done is not None else None
    if visit.request.query_params.get("notice") == "changed":
        notice = texts.CHANGED_MEANWHILE
    return _page(visit, group, unit, notice=notice)


def acknowledge(visit: Visit) -> Page | Response:
    """Take the alert into work; then the queue it was pressed in, or the alert."""
    with db.session(visit.desk.engine, visit.actor.scope) as session:
        outcome = triage.acknowledge(session, visit.actor, _identity(visit), _version(visit), visit.desk.now())
    match outcome:
        case triage.Acknowledged():
            return _onward(visit, outcome.group, "acknowledged")
        case _:
            return _not_done(visit, outcome)


def close(visit: Visit) -> Page | Response:
    """Close the alert for the chosen reason; then the queue."""
    reason, note = visit.form.get("reason", ""), visit.form.get("note", "").strip()[:MAX_NOTE_LETTERS]
    if reason not in triage.CLOSING_REASONS:
        require(visit, "alert.close", f"alert:{_identity(visit)}")
        group, unit = _existing(visit, _identity(visit))
        return _page(visit, group, unit, wrong=texts.REASON_NEEDED, note=note)
    with db.session(visit.desk.engine, visit.actor.scope) as session:
        outcome = triage.close(session, visit.actor, _identity(visit), _version(visit), reason, note, visit.desk.now())
    match outcome:
        case triage.Closed():
            return _onward(visit, outcome.group, "closed")
        case _:
            return _not_done(visit, outcome)


def shown_event(event: Event) -> EventView:
    """An event with its fields in the order of their names."""
    fields = tuple((name, _values(event.fields[name])) for name in sorted(event.fields))
    return EventView(event.id, event.time, event.received, _rejection(event), fields, event.raw)


def shown_why(why: Why) -> WhyNode:
    """The tree in words; an operator that we have no words for is shown as the rule writes it."""
    children = tuple(shown_why(child) for child in why.children)
    match why.kind:
        case "test":
            parts = [texts.OPERATORS.get(part, Text(part, part)) for part in (why.operator or "equals").split("|")]
            operator = Text(" ".join(part.vi for part in parts), " ".join(part.en for part in parts))
            return WhyNode(None, why.field, operator, why.pattern, why.value, children)
        case "and":
            sentence = texts.WHY_ALL
        case "or":
            sentence = texts.WHY_ANY
        case "not":
            sentence = texts.WHY_NONE
        case "selection":
            sentence = texts.WHY_SELECTION.format(name=why.name or "")
        case "correlation":
            counted = texts.WHY_COUNTED_VALUES if why.field else texts.WHY_COUNTED
            sentence = counted.format(value=why.value or "", field=why.field, pattern=why.pattern or "")
        case "window":
            span, window = (duration(float(seconds or 0)) for seconds in (why.value, why.pattern))
            sentence = Text(*(_in(texts.WHY_WINDOW, each, span=span, window=window) for each in LANGUAGES))
        case "group":
            return WhyNode(None, why.field, texts.WHY_SAME, why.value, None, children)
        case "rule":
            title = why.title or Text(why.name or "", why.name or "")
            sentence = Text(*(_in(texts.WHY_RULE, each, title=title) for each in LANGUAGES))
    return WhyNode(sentence, None, None, None, None, children)


def _page(
    visit: Visit, group: Group, unit: str, *, notice: Text | None = None, wrong: Text | None = None, note: str = ""
) -> AlertPage:
    query = ""
    for field, value in group.entities.items():
        query = only(query, field, value)
    resource = f"alert:{group.id}"
    return AlertPage(
        title=group.rule.title,
        here=f"/alerts/{group.id}",
        group=group,
        unit=unit,
        counted_since=0 if group.closed_count is None else group.count - group.closed_count,
        entities=tuple(
            EntityFact(
                field,
                texts.FIELD_LABELS.get(field, Text(field, field)),
                value,
                _narrow(only("", field, value)),
            )
            for field, value in group.entities.items()
        ),
        tags=tuple(_tag(tag) for tag in group.rule.tags),
        why=shown_why(group.why),
        guide=guide_parts(group.rule.guide.within(visit.language), group.entities),
        events=tuple(shown_event(event) for event in group.events),
        around_link=_narrow(query),
        narrow=_narrow,
        reasons=triage.CLOSING_REASONS,
        closed_for=triage.CLOSING_REASONS.get(group.closing_reason or ""),
        may_acknowledge=group.state == "new" and decide(visit.actor, "alert.acknowledge", resource).allowed,
        may_close=group.state != "closed" and decide(visit.actor, "alert.close", resource).allowed,
        notice=notice,
        wrong=wrong,
        note=note,
    )


def _narrow(query: str) -> str:
    """The search among all events: an alert may be of any age."""
    return search_link(query, range="all")


def _identity(visit: Visit) -> str:
    return str(visit.request.path_params["identity"])[:64]


def _version(visit: Visit) -> int:
    version = visit.form.get("version", "")
    if not version.isascii() or not version.isdecimal() or len(version) > 12:
        raise Refused(400, texts.BAD_REQUEST_TITLE, texts.BAD_REQUEST)
    return int(version)


def _existing(visit: Visit, identity: str) -> tuple[Group, str]:
    """The group, and what its unit was called when it was seen last; that it was looked at is written down."""
    with db.session(visit.desk.engine, visit.actor.scope, reading=True) as session:
        group = get_group(session, identity)
        if group is None:
            raise not_found()
        unit = load_history(session).name(group.unit, effective_date(group.last_seen))
    note_view(visit.desk.engine, visit.actor, "alert.read", f"alert:{group.id}", group.unit, visit.desk.now())
    return group, unit


def _onward(visit: Visit, group: Group, done: str) -> Response:
    """Back to the queue as it was filtered, with the word of what was done."""
    back = visit.form.get("back", "")
    path = back if is_local(back) and back.partition("?")[0] == "/alerts" else f"/alerts/{group.id}"
    return redirect(f"{path}{'&' if '?' in path else '?'}{urlencode({'done': done, 'number': group.number})}")


def _not_done(visit: Visit, outcome: object) -> Response:
    match outcome:
        case triage.Denied():
            raise Refused(403, texts.FORBIDDEN_TITLE, outcome.reason)
        case triage.Conflict():
            path = f"/alerts/{_identity(visit)}?notice=changed"
            if visit.partial:
                return Response(None, 200, {**PAGE_HEADERS, "HX-Redirect": path})
            return redirect(path)
        case _:
            raise not_found()


def _values(value: Value) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(str(each) for each in value)
    if isinstance(value, bool):
        return ("true" if value else "false",)
    return (str(value),)


def _rejection(event: Event) -> Text | None:
    if event.fields.get("event.kind") != "pipeline_error":
        return None
    return next((reason for code, reason in REASONS.items() if code == event.fields.get("error.code")), None)


def _tag(tag: str) -> str:
    """`attack.t1110.001` as analysts write it, `T1110.001`; any other tag as it is."""
    name = tag.removeprefix("attack.")
    return name.upper() if tag != name and name[:1] == "t" and name[1:2].isdigit() else tag


def _in(text: Text, language: str, **values: Text) -> str:
    return text.within(language).format(**{name: value.within(language) for name, value in values.items()})
