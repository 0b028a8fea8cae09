"""A province of several units with an alert in each: what is kept apart."""

from collections.abc import Callable
from typing import Any

import msgspec

from core.event import Event
from core.scope import EVERY_UNIT
from incident.queue import Group, list_groups
from org.actor import OPERATOR
from org.unit import record_facts
from store import db
from tests.unit.api.world import NOW, UNIT, World, brute_force, failed_login
from tests.unit.org.provinces import BEFORE, FACTS

OWN, FORMER, OTHER = "ct-so-khcn", "st-so-tttt", "x-my-xuyen"


def of_unit(unit: str, number: int, source: str, user: str, ago_s: float = 60.0, **fields: Any) -> Event:
    """A failed log-in that belongs to the unit."""
    return msgspec.structs.replace(failed_login(number, source=source, user=user, ago_s=ago_s, **fields), unit=unit)


def write(world: World, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """One call in a transaction of its own."""
    with db.session(world.engine, EVERY_UNIT) as session:
        return call(session, *arguments, **named)


def alert_in_each_unit(world: World) -> dict[str, tuple[Group, Event]]:
    """An alert in each of: the contact's unit, its predecessor (before the merger), another unit, the province's."""
    assert write(world, record_facts, OPERATOR, FACTS, {}, NOW) is None
    made = {}
    since = (world.now.date() - BEFORE).days * 86400.0
    for number, (unit, source, user, ago) in enumerate(
        [
            (OWN, "203.0.113.1", "lan", 60.0),
            (FORMER, "203.0.113.2", "minh", since),
            (OTHER, "198.51.100.77", "bimat", 60.0),
            (UNIT, "198.51.100.77", "bimat", 60.0),
        ],
        1,
    ):
        fields = {"canh.theirs": "1"} if unit in (OTHER, UNIT) else {}
        event = of_unit(unit, number, source, user, ago, **fields)
        world.store(event)
        world.alert(msgspec.structs.replace(brute_force((event,)), unit=unit))
        with db.session(world.engine, EVERY_UNIT, reading=True) as session:
            (group,) = (each for each in list_groups(session, limit=9).groups if each.unit == unit)
        made[unit] = (group, event)
    return made
