"""Sources are assigned by whoever may, to units that are there, and every change is written down."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from core.scope import EVERY_UNIT, Scope
from org.actor import OPERATOR, Actor
from org.audit import Audit
from org.refused import Refused
from org.settings import OrgSettings
from org.source import BAD_NETWORK, SETTLED_AFTER, assign_source, end_source, load_assignments, load_map, read_place
from org.source_map import Place
from org.unit import ensure_unit, record_facts
from org.unit_history import UnitFact
from tests.unit.api.world import NOW

LATER = NOW + timedelta(hours=1)
NETWORK = Place(network="10.1.0.0/16")


def established(unit):
    return UnitFact(unit=unit, kind="established", on=date(2020, 1, 1), name=unit, decision="1/QĐ")


@pytest.fixture(autouse=True)
def units(write):
    write(ensure_unit, OrgSettings())
    assert write(record_facts, OPERATOR, [established("xa-a"), established("xa-b")], {}, NOW) is None


def test_a_place_is_one_units_at_a_time(write, read):
    first = write(assign_source, OPERATOR, "xa-a", NETWORK, NOW)
    assert write(assign_source, OPERATOR, "xa-a", NETWORK, LATER) == first, "nothing to change"
    second = write(assign_source, OPERATOR, "xa-b", NETWORK, LATER)
    assert list(read(load_assignments)) == [second]
    assert [each.unit for each in read(load_assignments, also_ended=True).values()] == ["xa-a", "xa-b"]
    sources = read(load_map)
    assert sources.find("10.1.0.1", "syslog/udp", "", NOW) is None, "the pipeline may not know of it yet"
    assert sources.find("10.1.0.1", "syslog/udp", "", NOW + SETTLED_AFTER).unit == "xa-a"
    assert sources.find("10.1.0.1", "syslog/udp", "", LATER).unit == "xa-a"
    assert sources.find("10.1.0.1", "syslog/udp", "", LATER + SETTLED_AFTER).unit == "xa-b"


def test_an_end_is_an_end(write, read):
    number = write(assign_source, OPERATOR, "xa-a", NETWORK, NOW)
    assert write(end_source, OPERATOR, number, LATER) is None
    assert isinstance(write(end_source, OPERATOR, number, LATER), Refused)
    assert isinstance(write(end_source, OPERATOR, 99, LATER), Refused)
    assert not read(load_assignments)
    assert read(load_map).find("10.1.0.1", "syslog/udp", "", LATER + SETTLED_AFTER) is None


def test_of_what_is_no_unit_nothing_is(write, read):
    assert isinstance(write(assign_source, OPERATOR, "xa-c", NETWORK, NOW), Refused)
    assert not read(load_assignments)


@pytest.mark.parametrize(
    "place",
    [
        (None, None, "web"),
        ("10.0.0.0/8", "journald", None),
        ("10.0.0.1/8", None, None),
        ("ten", None, None),
        ("fe80::1%eth0", None, None),
        ("10.0.0.0/8", None, ""),
        ("10.0.0.0/8", None, "a b"),
        ("10.0.0.0/8", None, "[ab]"),
        ("10.0.0.0/8", None, "x" * 201),
        (None, "tail:\x1b", None),
    ],
)
def test_a_place_that_is_none_is_refused(place):
    assert isinstance(read_place(*place), Refused)


def test_a_place_is_kept_in_one_form():
    assert read_place(" 10.1.2.3 ", None, "XMX-*") == Place(network="10.1.2.3/32", host="xmx-*")
    assert read_place("::ffff:10.0.0.0/104", None, None) == Place(network="10.0.0.0/8")
    assert read_place("2001:DB8::/32", None, None) == Place(network="2001:db8::/32")
    refused = read_place("10.0.0.0/99", None, None)
    assert isinstance(refused, Refused) and refused.reason == BAD_NETWORK.format(text="10.0.0.0/99")


@pytest.mark.parametrize("role", ["analyst", "reader", "unit_contact", "integration", "nobody"])
def test_who_may_not_is_refused_and_that_is_written_down(write, read, role):
    number = write(assign_source, OPERATOR, "xa-a", NETWORK, NOW)
    actor = Actor(kind="account", number=7, name="x", role=role, scope=EVERY_UNIT)
    assert isinstance(write(assign_source, actor, "xa-b", NETWORK, LATER), Refused)
    assert isinstance(write(end_source, actor, number, LATER), Refused)
    assert [each.unit for each in read(load_assignments).values()] == ["xa-a"]
    rows = read(lambda session: [(row.action, row.outcome) for row in session.scalars(select(Audit))])
    assert rows[-2:] == [("source.assign", "denied")] * 2


def test_every_change_is_audited_with_its_unit(write, read):
    number = write(assign_source, OPERATOR, "xa-a", NETWORK, NOW)
    write(assign_source, OPERATOR, "xa-b", NETWORK, LATER)
    rows = read(
        lambda session: [
            (row.resource, row.unit_id, row.detail)
            for row in session.scalars(select(Audit).where(Audit.action == "source.assign"))
        ]
    )
    network = {"network": "10.1.0.0/16"}
    assert rows == [
        (f"source:{number}", "xa-a", network),
        (f"source:{number}", "xa-a", {**network, "ended": "yes"}),
        (f"source:{number + 1}", "xa-b", network),
    ]


def test_a_unit_sees_its_own_sources_alone(write, read):
    write(assign_source, OPERATOR, "xa-a", NETWORK, NOW)
    write(assign_source, OPERATOR, "xa-b", Place(input="tail:/var/log/b.log"), NOW)
    seen = read(load_assignments, scope=Scope(units=frozenset({"xa-b"})))
    assert [each.unit for each in seen.values()] == ["xa-b"]
