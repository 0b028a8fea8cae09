"""Small rules and events for the tests of detection."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.event import Event
from core.record import Position
from detection.match import Matcher
from detection.rule import RuleSet
from detection.sigma.load import load_rules
from detection.sigma.logsource import Origin

BEGIN = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)

FAILED = """\
title: Failed log-in
id: 11111111-1111-4111-8111-111111111111
name: failed
logsource: {product: linux, service: sshd}
detection:
  failed: {event.action: ssh_login, event.outcome: failure}
  condition: failed
"""
BRUTE_FORCE = """\
---
title: Brute force
id: 22222222-2222-4222-8222-222222222222
correlation:
  type: event_count
  rules: [failed]
  group-by: [source.ip]
  timespan: 1m
  condition: {gte: 3}
level: high
canh:
  reason_vi: "{count} lần từ {source.ip} trong {timespan} vào {host.name}"
  reason_en: "{count} times from {source.ip} within {timespan} into {host.name}"
"""
SPRAYING = """\
---
title: Many accounts
id: 33333333-3333-4333-8333-333333333333
correlation:
  type: value_count
  rules: [failed]
  group-by: [source.ip]
  timespan: 2m
  condition: {gte: 3, field: user.name}
"""
ROOT = """\
---
title: Root
id: 44444444-4444-4444-8444-444444444444
logsource: {product: linux, service: sshd}
detection:
  root: {user.name: root}
  condition: root
"""


class Everything(Origin):
    """Meets every rule."""

    def fits(self, logsource):
        return True


def loaded(folder: Path, *texts: str) -> RuleSet:
    """The rules of one file; none may be refused."""
    rules = tried(folder, *texts)
    assert rules.errors == ()
    return rules


def tried(folder: Path, *texts: str) -> RuleSet:
    """The rules of one file, and what was refused of it."""
    file = folder / "rule.yml"
    file.write_text("".join(texts), "utf-8")
    return load_rules([file])


def login(
    number: int,
    seconds: float,
    *,
    source: str | None = "203.0.113.9",
    user: str = "an",
    unit: str = "soc",
    received: float | None = None,
    **fields: Any,
) -> Event:
    """A failed SSH log-in; times are seconds after BEGIN."""
    values = {
        "event.dataset": "linux.sshd",
        "event.action": "ssh_login",
        "event.outcome": "failure",
        "host.name": "web-01",
        "user.name": user,
        **fields,
    }
    if source is not None:
        values["source.ip"] = source
    return Event(
        time=BEGIN + timedelta(seconds=seconds),
        received=BEGIN + timedelta(seconds=seconds if received is None else received),
        position=Position("test.1", number),
        unit=unit,
        fields=values,
        raw=f"Failed password for {user} from {source} port {number} ssh2".encode(),
    )


def event_of(fields: dict[str, Any], raw: str = "a line") -> Event:
    """An event of any fields."""
    return Event(
        time=BEGIN, received=BEGIN, position=Position("test.1", 1), unit="soc", fields=fields, raw=raw.encode()
    )


def everywhere(rules: RuleSet) -> Matcher:
    """A matcher that looks at no log source."""
    return Matcher(rules, key=lambda fields: (), origin=lambda key: Everything())
