"""What every event keeps to: ECS words, known fields of the right type, nothing empty, everyone in related.*."""

import ipaddress

import pytest

from collectors.normalise.fortigate import ADDRESSES, KEYWORDS, NUMBERS
from core.event import Event
from core.fields import FIELDS, OVERFLOW_NAMESPACES
from tests.unit.collectors.normalise.samples import ROWS, read

OUTCOMES = {"success", "failure", "unknown"}
TYPES_BY_CATEGORY = {
    "api": "access admin allowed change creation deletion denied end info start user",
    "authentication": "start end info",
    "configuration": "access change creation deletion info",
    "database": "access change info error",
    "driver": "change end info start",
    "email": "info",
    "file": "access change creation deletion info",
    "host": "access change end info start",
    "iam": "admin change creation deletion group info user",
    "intrusion_detection": "allowed denied info",
    "library": "start",
    "malware": "info",
    "network": "access allowed connection denied end info protocol start",
    "package": "access change deletion info installation start",
    "process": "access change end info start",
    "registry": "access change creation deletion",
    "session": "start end info",
    "threat": "indicator",
    "vulnerability": "info",
    "web": "access error info",
}
"""Source: Elastic Common Schema 9, categorization fields, https://www.elastic.co/docs/reference/ecs/ecs-allowed-values-event-category"""

PYTHON_TYPES = {"keyword": str, "text": str, "ip": str, "long": int, "double": float, "date": str, "boolean": bool}
EVENTS = [(name, read(line, format)) for name, format, line, _ in ROWS]
events = pytest.mark.parametrize("event", [event for _, event in EVENTS], ids=[name for name, _ in EVENTS])


@events
def test_categories_and_types_go_together(event: Event):
    assert event.fields["event.kind"] == "event"
    assert event.fields.get("event.outcome", "unknown") in OUTCOMES
    categories = event.fields.get("event.category", [])
    types = event.fields.get("event.type", [])
    assert isinstance(categories, list) and isinstance(types, list)
    assert bool(categories) == bool(types)
    allowed = {type for category in categories for type in TYPES_BY_CATEGORY[category].split()}
    assert set(types) <= allowed
    for category in categories:
        assert set(types) & set(TYPES_BY_CATEGORY[category].split()), f"no type of {types} says anything of {category}"


@events
def test_fields_are_known_and_of_their_type(event: Event):
    for name, value in event.fields.items():
        if name not in FIELDS:
            assert name.startswith(OVERFLOW_NAMESPACES), name
            continue
        for item in value if isinstance(value, list) else [value]:
            assert type(item) is PYTHON_TYPES[FIELDS[name].type], name
            if FIELDS[name].type == "ip":
                ipaddress.ip_address(item)


@events
def test_nothing_is_empty(event: Event):
    for name, value in event.fields.items():
        assert value not in ("", [], None), name
        assert not isinstance(value, list) or ("" not in value and len(set(value)) == len(value)), name


@events
def test_everyone_is_related(event: Event):
    fields = event.fields
    users = {
        fields[name]
        for name in ("user.name", "user.effective.name", "user.target.name", "source.user.name")
        if name in fields
    }
    addresses = {fields[name] for name in fields if name.endswith(".ip") and name not in ("related.ip", "host.ip")}
    hosts = {
        fields[name] for name in ("host.name", "source.domain", "destination.domain", "url.domain") if name in fields
    }
    # An IPv6 address in a URL stands in brackets.
    addresses |= {host.strip("[]") for host in hosts if host.startswith("[")}
    hosts = {host for host in hosts if not host.startswith("[")}
    assert users == set(fields.get("related.user", []))
    assert addresses == set(fields.get("related.ip", []))
    assert hosts == set(fields.get("related.hosts", []))


def test_what_a_fortigate_can_name_is_known():
    for table, type in ((KEYWORDS, ("keyword", "text")), (NUMBERS, ("long",)), (ADDRESSES, ("ip",))):
        for name in table.values():
            assert FIELDS[name].type in type, name
