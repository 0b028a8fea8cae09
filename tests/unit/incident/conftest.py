from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from core.alert import Alert
from core.event import Event
from core.hit import RuleIdentity, Why
from core.language import Text
from core.record import Position
from core.scope import Scope
from incident import intake
from org.actor import Actor

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
WINDOW = 24

RULE = RuleIdentity(
    id="6f1c7c1e-6f5d-4a5e-9a57-1d1b1d0c0001",
    version="1",
    title=Text("Dò mật khẩu SSH", "SSH brute force"),
    guide=Text("1. Kiểm tra.", "1. Check."),
    level="high",
    tags=("attack.t1110",),
)


def event(at, sequence=1, unit="a", **fields):
    return Event(
        time=at,
        received=at + timedelta(microseconds=7),
        position=Position("intake.5f0c9a11d2e3", sequence),
        unit=unit,
        fields={"source.ip": "203.0.113.9", **fields},
        raw=b"Failed password \xff\x00",
    )


def alert(at=NOW, *, count=1, last=None, source="203.0.113.9", unit="a", rule=RULE, level=None, events=None, **told):
    """An alert whose window opened at `at`."""
    return Alert(
        rule=rule if level is None else msgspec.structs.replace(rule, level=level),
        unit=unit,
        entities={"source.ip": source},
        window_start=told.get("window_start", at),
        first=at,
        last=last or at,
        count=count,
        why=told.get("why", Why(kind="correlation", pattern=">= 10", value=str(count))),
        reason=Text(f"{count} lần thất bại", f"{count} failures"),
        events=events or (event(at, unit=unit),),
    )


def actor(role="analyst", units=None, name="lan"):
    return Actor(kind="account", number=1, name=name, role=role, scope=Scope(units=units))


@pytest.fixture
def receive(write):
    """Intake with the usual window; how many alerts were new."""

    def call(*alerts, hours=WINDOW, now=NOW):
        return len(write(intake.receive, alerts, now, window_hours=hours))

    return call
