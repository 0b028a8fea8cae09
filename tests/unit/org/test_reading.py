"""Who looked at what is in the audit, whichever way they looked; nothing is shown that cannot be written down."""

import pytest
from sqlalchemy import select

from core.scope import EVERY_UNIT
from org.actor import OPERATOR
from org.audit import Audit
from org.token import create_token
from store import db
from tests.unit.api.world import NOW, UNIT, brute_force, failed_login
from tests.unit.console.browser import Browser


@pytest.fixture
def alert(world):
    """An alert over one stored event; both."""
    event = failed_login(1)
    world.store(event)
    return world.alert(brute_force((event,))), event


def readings(world):
    with db.session(world.engine, EVERY_UNIT, reading=True) as session:
        rows = session.scalars(select(Audit).order_by(Audit.sequence)).all()
    return [
        (row.actor_name, row.action, row.resource, row.unit_id, row.detail)
        for row in rows
        if row.action in ("event.search", "event.read", "alert.read")
    ]


def test_a_person_who_searches_and_looks(world, alert):
    browser = Browser(world).log_in()
    group, _ = alert
    assert browser.get("/events?query=user.name%3Aroot&range=24h").status_code == 200
    assert browser.get("/events?query=%28&range=24h").status_code == 200, "a question that cannot be read asks nothing"
    assert browser.get(f"/alerts/{group.id}").status_code == 200
    assert browser.get("/alerts/no-such-alert").status_code == 404
    searched, looked = readings(world)
    assert searched[1:4] == ("event.search", "events", None)
    assert searched[4]["query"] == "user.name:root" and searched[4]["found"] == "1"
    assert searched[4]["from"] < searched[4].get("to", "9")
    assert looked[1:4] == ("alert.read", f"alert:{group.id}", UNIT)


def test_a_script_that_searches_counts_and_looks(world, alert):
    group, event = alert
    with db.session(world.engine, EVERY_UNIT) as session:
        secret = create_token(session, OPERATOR, "reader", "máy quét", NOW)
    for path in (
        "/api/v1/events?query=user.name:root",
        "/api/v1/events/count?query=user.name:nobody",
        f"/api/v1/events/{event.id}",
        f"/api/v1/alerts/{group.id}",
    ):
        assert world.call("GET", path, secret).status_code == 200, path
    assert world.call("GET", "/api/v1/events/none", secret).status_code == 404
    told = readings(world)
    assert {name for name, *_ in told} == {"máy quét"}
    assert [row[1:4] for row in told] == [
        ("event.search", "events", None),
        ("event.search", "events", None),
        ("event.read", f"event:{event.id}", UNIT),
        ("alert.read", f"alert:{group.id}", UNIT),
    ]
    assert [row[4].get("found") for row in told[:2]] == ["1", "0"]


def test_what_cannot_be_written_down_is_not_shown(world, alert):
    group, event = alert
    world.raise_errors = False
    browser = Browser(world).log_in()
    with db.session(world.engine, EVERY_UNIT) as session:
        secret = create_token(session, OPERATOR, "reader", "a", NOW)
    assert world.call("GET", "/api/v1/me", secret).status_code == 200, "its use is noted"
    with db.session(world.engine, EVERY_UNIT) as session:
        session.connection().exec_driver_sql(
            "create trigger full before insert on audit begin select raise(abort, 'full'); end"
        )
    page = browser.get("/events?query=user.name%3Aroot")
    assert "203.0.113.9" not in page.text
    assert "203.0.113.9" not in browser.get(f"/alerts/{group.id}").text
    for path in ("/api/v1/events", f"/api/v1/events/{event.id}", f"/api/v1/alerts/{group.id}"):
        answer = world.call("GET", path, secret)
        assert answer.status_code >= 500 and "203.0.113.9" not in answer.text
