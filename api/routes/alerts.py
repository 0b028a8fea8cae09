"""The queue of alerts: list, look, acknowledge, close."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, Field

from api.caller import Caller, require
from api.errors import REASONS, Problem
from api.models import Event, Limit, Model, Text, Why
from api.services import Served
from core import language as text
from core.hit import Level
from incident import triage
from incident.queue import Group, State, get_group, is_place, list_groups
from org.reading import note_view
from store import db

router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"])

NO_PLACE = text.Text("phải là “next” của trang trước", "must be the “next” of the page before")

Identity = Annotated[str, Path(max_length=64, description="The alert's id, or its number.")]


class Rule(Model):
    """The rule that fired, as it was then."""

    id: str
    title: Text
    level: Level
    tags: tuple[str, ...] = Field(description="Sigma's tags, `attack.t1110` among them.")


class AlertSummary(Model):
    """One row of the queue: alerts of one rule about the same entities, within one window."""

    id: str
    number: int = Field(description="Short number for people, counted from 1.")
    rule: Rule
    title: Text
    level: Level
    state: State
    unit: str
    count: int = Field(description="Events counted so far.")
    first_seen: AwareDatetime = Field(description="Time of the first event counted; UTC.")
    last_seen: AwareDatetime = Field(description="Time of the last event counted; UTC.")
    entities: Mapping[str, str] = Field(description="What it is about: `source.ip` -> `203.0.113.9`.")
    reason: Text = Field(description="Why it fired, in one sentence.")
    version: int = Field(description="Rises with each change; a change must name the one it was decided on.")


class Alert(AlertSummary):
    """One alert, whole."""

    why: Why = Field(description="The conditions that held, with the actual values.")
    guide: Text = Field(description="What an analyst does next.")
    events: tuple[Event, ...] = Field(description="The events that explain it: the first, a sample, the last.")


class AlertPage(Model):
    """Alerts, newest first."""

    alerts: tuple[AlertSummary, ...]
    next: str | None = Field(description="Give it as `before` for the alerts after these; null at the end.")


class Acknowledgement(Model):
    """Somebody looks after it."""

    version: int = Field(description="The version this was decided on.")


class Closing(Model):
    """Nothing is left to do."""

    version: int = Field(description="The version this was decided on.")
    reason: str = Field(max_length=64, description="One of: " + ", ".join(triage.CLOSING_REASONS))
    note: str = Field("", max_length=4000, description="For those who look at it later.")


@router.get("")
def list_alerts(
    services: Served,
    caller: Caller,
    state: Annotated[list[State] | None, Query(description="Only these states; may be repeated.")] = None,
    level: Annotated[list[Level] | None, Query(description="Only these levels; may be repeated.")] = None,
    since: Annotated[AwareDatetime | None, Query(description="Only those last seen at or after this time.")] = None,
    before: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
    limit: Annotated[Limit, Query()] = 100,
) -> AlertPage:
    """The queue, newest first."""
    require(caller, "alert.read", "alerts")
    if before is not None and not is_place(before):
        raise Problem("invalid_request", errors=[{"at": "query.before", "reason": NO_PLACE}])
    with db.session(services.engine, caller.scope, reading=True) as session:
        page = list_groups(session, states=state, levels=level, since=since, before=before, limit=limit)
    return AlertPage(alerts=tuple(_summary(group) for group in page.groups), next=page.next)


@router.get("/{identity}")
def show_alert(services: Served, caller: Caller, identity: Identity) -> Alert:
    """One alert: why it fired, what to do, the events with their original lines."""
    require(caller, "alert.read", f"alert:{identity}")
    with db.session(services.engine, caller.scope, reading=True) as session:
        group = get_group(session, identity)
    if group is None:
        raise Problem("not_found")
    note_view(services.engine, caller, "alert.read", f"alert:{group.id}", group.unit, services.now())
    return _alert(group)


@router.post("/{identity}/acknowledge")
def acknowledge_alert(services: Served, caller: Caller, identity: Identity, asked: Acknowledgement) -> Alert:
    """Take the alert into work; 409 with the current `version` where it has changed since it was read."""
    with db.session(services.engine, caller.scope) as session:
        outcome = triage.acknowledge(session, caller, identity, asked.version, services.now())
    return _done(outcome)


@router.post("/{identity}/close")
def close_alert(services: Served, caller: Caller, identity: Identity, asked: Closing) -> Alert:
    """Close the alert with a reason; 409 with the current `version` where it has changed since it was read."""
    if asked.reason not in triage.CLOSING_REASONS:
        require(caller, "alert.close", f"alert:{identity}")
        expected = REASONS["literal_error"].format(expected=", ".join(triage.CLOSING_REASONS))
        raise Problem("invalid_request", errors=[{"at": "body.reason", "reason": expected}])
    with db.session(services.engine, caller.scope) as session:
        outcome = triage.close(session, caller, identity, asked.version, asked.reason, asked.note, services.now())
    return _done(outcome)


def _done(outcome: triage.Acknowledged | triage.Closed | triage.Denied | triage.Conflict | triage.Missing) -> Alert:
    """The changed alert, or the problem. Called after the transaction, so that a refusal's audit row stays."""
    match outcome:
        case triage.Denied():
            raise Problem("forbidden", outcome.reason)
        case triage.Conflict():
            raise Problem("conflict", version=outcome.version)
        case triage.Missing():
            raise Problem("not_found")
        case _:
            return _alert(outcome.group)


def _summary(group: Group) -> AlertSummary:
    title = Text.of(group.rule.title)
    return AlertSummary(
        id=group.id,
        number=group.number,
        rule=Rule(id=group.rule.id, title=title, level=group.rule.level, tags=group.rule.tags),
        title=title,
        level=group.level,
        state=group.state,
        unit=group.unit,
        count=group.count,
        first_seen=group.first_seen,
        last_seen=group.last_seen,
        entities=group.entities,
        reason=Text.of(group.reason),
        version=group.version,
    )


def _alert(group: Group) -> Alert:
    return Alert(
        **dict(_summary(group)),
        why=Why.of(group.why),
        guide=Text.of(group.rule.guide),
        events=tuple(Event.of(event) for event in group.events),
    )
