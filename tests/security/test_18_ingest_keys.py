"""18: a key that brings records in reads nothing on any route; it lies on the machines that are attacked first."""

import pytest

from org.access import ACTION_NAMES, ALLOWED, ROLE_NAMES
from org.actor import OPERATOR
from org.token import create_token
from tests.security.province import OTHER, OWN, write
from tests.security.surface import OPEN_ROUTES, body_of, routes

pytestmark = pytest.mark.slow


@pytest.fixture
def sender(world, alerts):
    """The key of a sender of the unit OWN."""
    return write(world, create_token, OPERATOR, "sender", "máy chủ web", world.now, unit=OWN)


def test_no_route_answers_a_sender_and_each_says_why(world, alerts, sender):
    refused = {ROLE_NAMES["sender"].vi}
    for method, path in routes(world):
        if path in OPEN_ROUTES:
            continue
        for unit in (OWN, OTHER):
            group, event = alerts[unit]
            actual = path.replace("{identity}", event.id if "/events/" in path else group.id)
            answer = world.call(method, actual, sender, json=body_of(path))
            told = answer.json()
            assert (answer.status_code, told["code"]) == (403, "forbidden"), (method, path, answer.text)
            action = next((each for each, name in ACTION_NAMES.items() if name.vi in told["detail"]), None)
            assert action and "máy gửi nhật ký" in told["detail"], told
            refused.add(action)
    assert {"alert.read", "alert.close", "event.read", "status.read", "self.read", "api.describe"} <= refused


def test_metrics_from_elsewhere_are_no_senders(world, sender):
    answer = world.send(
        "GET", "/metrics", headers={"Authorization": f"Bearer {sender}", "X-Forwarded-For": "192.0.2.7"}
    )
    assert answer.status_code == 403


def test_were_it_allowed_everything_it_would_still_see_no_unit(world, alerts, sender, monkeypatch):
    """A route that forgot to ask, or a table that allowed too much, would show a sender nothing all the same."""
    monkeypatch.setitem(ALLOWED, "sender", ALLOWED["administrator"])
    assert world.call("GET", "/api/v1/alerts", sender).json()["alerts"] == []
    found = world.call("GET", "/api/v1/events", sender).json()
    assert (found["events"], found["total"]) == ([], 0)
    assert world.call("GET", "/api/v1/events/count", sender).json()["count"] == 0
    for group, event in alerts.values():
        assert world.call("GET", f"/api/v1/alerts/{group.id}", sender).status_code == 404
        assert world.call("GET", f"/api/v1/events/{event.id}", sender).status_code == 404
        closed = world.call("POST", f"/api/v1/alerts/{group.id}/close", sender, json=body_of("/close"))
        assert closed.status_code == 404
    assert world.call("GET", "/api/v1/alerts").json()["alerts"], (
        "there is something to be seen, or this test says nothing"
    )


def test_a_sender_is_no_password_of_the_console(world, sender):
    for headers in ({"Authorization": f"Bearer {sender}"}, {"Cookie": f"canh_session={sender}"}):
        assert world.send("GET", "/alerts", headers=headers).headers["location"].startswith("/log-in")
