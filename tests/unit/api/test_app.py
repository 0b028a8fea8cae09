"""The API as a script meets it: every route over a real database and a real event store."""

import json
import logging
import sqlite3

import msgspec
import pytest

from core.errors import Unavailable
from core.language import Text
from core.status import ProcessStatus, Status
from tests.unit.api.world import NOW, World, brute_force, failed_login, rejected

SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}


def assert_problem(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] in ("vi", "en")
    body = answer.json()
    assert body["type"] == f"urn:canh:problem:{code}"
    assert body["status"] == status
    assert body["title"] and body["detail"] == body["reason"][answer.headers["content-language"]]
    return body


def routes(world):
    """Every documented (method, path) with its places filled, healthz and metrics apart."""
    paths = world.app.openapi()["paths"]
    return [
        (method.upper(), path.replace("{identity}", "1"))
        for path, methods in paths.items()
        for method in methods
        if path not in ("/healthz", "/metrics")
    ]


def test_the_documented_routes_are_the_contract(world):
    assert set(routes(world)) == {
        ("GET", "/api/v1/alerts"),
        ("GET", "/api/v1/alerts/1"),
        ("POST", "/api/v1/alerts/1/acknowledge"),
        ("POST", "/api/v1/alerts/1/close"),
        ("GET", "/api/v1/events"),
        ("GET", "/api/v1/events/count"),
        ("GET", "/api/v1/events/1"),
        ("GET", "/api/v1/status"),
        ("GET", "/api/v1/me"),
        ("GET", "/api/v1/openapi.json"),
    }


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic YTpi", "Bearer " + "x" * 5000, "Bearer kh\u00f3a".encode()],
)
def test_every_route_refuses_without_a_good_token(world, authorization):
    headers = {} if authorization is None else {"Authorization": authorization}
    for method, path in routes(world):
        answer = world.send(method, path, headers=headers)
        assert_problem(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_every_route_carries_the_security_headers(world):
    token = world.token()
    for method, path in [*routes(world), ("GET", "/healthz"), ("GET", "/metrics"), ("GET", "/api/v1/nothing")]:
        answer = world.call(method, path, token)
        assert {name: answer.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_token_is_refused_in_the_address(world):
    assert_problem(world.send("GET", f"/api/v1/me?token={world.token()}"), 401, "unauthenticated")


def test_health_names_every_process_and_nothing_else(world):
    answer = world.send("GET", "/healthz")
    assert answer.status_code == 200
    assert answer.json()["healthy"] is True
    assert answer.json()["processes"][0] == {"name": "supervisor", "state": "working"}
    dead = ProcessStatus(name="pipeline", pid=0, rss=0, state="stopped")
    world.status = Status(processes=(dead,), listeners=(), counters=world.status.counters)
    answer = world.send("GET", "/healthz")
    assert (answer.status_code, answer.json()["healthy"]) == (503, False)


def test_an_alert_in_the_list_and_whole(world):
    group = world.alert(brute_force(tuple(failed_login(number, ago_s=60 - number) for number in range(1, 12))))
    (row,) = world.call("GET", "/api/v1/alerts").json()["alerts"]
    assert (row["id"], row["number"], row["state"], row["level"], row["count"]) == (group.id, 1, "new", "high", 11)
    assert row["title"] == {"vi": "Dò mật khẩu SSH", "en": "SSH brute force"} == row["rule"]["title"]
    assert row["entities"] == {"source.ip": "203.0.113.9"}
    assert "203.0.113.9" in row["reason"]["vi"]
    assert row["rule"]["tags"] == ["attack.credential-access", "attack.t1110.001"]
    whole = world.call("GET", f"/api/v1/alerts/{group.id}").json()
    assert row.items() <= whole.items()
    assert whole["why"]["kind"] == "correlation"
    test = whole["why"]["children"][0]["children"][0]["children"][1]
    assert (test["field"], test["operator"], test["pattern"]) == ("message", "startswith", "Failed password")
    assert whole["guide"]["en"].startswith("1. Check")
    assert whole["events"][0]["original"].endswith("Failed password for root from 203.0.113.9 port 50112 ssh2")
    assert whole["events"][0]["fields"]["source.port"] == 50112
    assert whole["events"][0]["fields"]["event.category"] == ["authentication"]
    assert world.call("GET", "/api/v1/alerts/1").json()["id"] == group.id


def test_alerts_are_filtered_and_paged_without_a_gap(world):
    for number in range(1, 8):
        world.alert(
            brute_force(
                (failed_login(number, source=f"203.0.113.{number}"),), level="low" if number % 2 else "critical"
            )
        )
    token = world.token()
    low = world.call("GET", "/api/v1/alerts?level=low", token).json()["alerts"]
    assert {row["level"] for row in low} == {"low"} and len(low) == 4
    seen = []
    before = None
    while True:
        page = world.call(
            "GET", "/api/v1/alerts", token, params={"limit": 3, **({"before": before} if before else {})}
        ).json()
        seen += [row["number"] for row in page["alerts"]]
        before = page["next"]
        if before is None:
            break
    assert sorted(seen) == [1, 2, 3, 4, 5, 6, 7] and len(seen) == 7
    assert world.call("GET", "/api/v1/alerts?state=closed", token).json()["alerts"] == []
    assert len(world.call("GET", "/api/v1/alerts?state=new&state=closed", token).json()["alerts"]) == 7
    later = world.call("GET", "/api/v1/alerts", token, params={"since": "2026-11-24T09:30:01+07:00"}).json()
    assert later["alerts"] == []
    assert len(world.call("GET", "/api/v1/alerts", token, params={"since": NOW.isoformat()}).json()["alerts"]) == 7


def test_acknowledge_and_close_with_a_version(world):
    group = world.alert(brute_force((failed_login(1),)))
    path, token = f"/api/v1/alerts/{group.id}", world.token("analyst")
    answer = world.call("POST", f"{path}/acknowledge", token, json={"version": group.version})
    assert (answer.status_code, answer.json()["state"]) == (200, "acknowledged")
    version = answer.json()["version"]
    assert version > group.version
    stale = world.call("POST", f"{path}/close", token, json={"version": group.version, "reason": "false_positive"})
    assert assert_problem(stale, 409, "conflict")["version"] == version
    closed = world.call(
        "POST", f"{path}/close", token, json={"version": version, "reason": "false_positive", "note": "thử"}
    )
    assert (closed.status_code, closed.json()["state"]) == (200, "closed")
    assert world.call("GET", path, token).json()["state"] == "closed"


def test_a_change_is_refused_to_who_may_only_read(world):
    group = world.alert(brute_force((failed_login(1),)))
    token = world.token("reader")
    answer = world.call("POST", f"/api/v1/alerts/{group.id}/acknowledge", token, json={"version": group.version})
    assert assert_problem(answer, 403, "forbidden")["detail"]
    assert world.call("GET", f"/api/v1/alerts/{group.id}").json()["state"] == "new"


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({}, "body.version"),
        ({"version": 1, "extra": 1}, "body.extra"),
        ({"version": "one"}, "body.version"),
        (["version"], "body"),
    ],
)
def test_a_wrong_body_is_told_with_its_place(world, body, at):
    group = world.alert(brute_force((failed_login(1),)))
    answer = world.call("POST", f"/api/v1/alerts/{group.id}/acknowledge", json=body)
    errors = assert_problem(answer, 422, "invalid_request")["errors"]
    assert at in [error["at"] for error in errors]
    assert all(error["reason"]["vi"] != error["reason"]["en"] for error in errors)


def test_closing_needs_a_known_reason(world):
    group = world.alert(brute_force((failed_login(1),)))
    answer = world.call(
        "POST", f"/api/v1/alerts/{group.id}/close", json={"version": group.version, "reason": "because"}
    )
    (error,) = assert_problem(answer, 422, "invalid_request")["errors"]
    assert error["reason"]["vi"].startswith("phải là một trong: true_positive, false_positive")
    assert error["reason"]["en"].startswith("must be one of: true_positive, false_positive")


def test_what_is_not_there_is_not_found(world):
    token = world.token()
    for method, path in (
        ("GET", "/api/v1/alerts/nope"),
        ("GET", "/api/v1/events/5f0c9a11d2e3-1"),
        ("GET", "/api/v1/nope"),
        ("GET", "/api/"),
    ):
        assert_problem(world.call(method, path, token), 404, "not_found")
    closing = {"version": 1, "reason": "false_positive"}
    assert_problem(world.call("POST", "/api/v1/alerts/nope/close", token, json=closing), 404, "not_found")


def test_a_wrong_method_names_the_right_ones(world):
    answer = world.call("DELETE", "/api/v1/alerts")
    assert_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET"


def test_events_are_found_counted_and_paged(world):
    world.store(*[failed_login(number, ago_s=100 - number) for number in range(1, 8)], rejected(50))
    token = world.token()
    assert world.call("GET", "/api/v1/events/count?query=user.name:root", token).json() == {"count": 7, "missing": []}
    assert world.call("GET", "/api/v1/events/count", token).json()["count"] == 8
    first = world.call("GET", "/api/v1/events?query=user.name:root&limit=5", token).json()
    assert (len(first["events"]), first["total"]) == (5, 7)
    times = [event["time"] for event in first["events"]]
    assert times == sorted(times, reverse=True)
    second = world.call(
        "GET", "/api/v1/events", token, params={"query": "user.name:root", "limit": 5, "before": first["next"]}
    ).json()
    assert len(second["events"]) == 2 and second["next"] is None
    assert len({event["id"] for event in first["events"] + second["events"]}) == 7
    event = first["events"][0]
    assert world.call("GET", f"/api/v1/events/{event['id']}", token).json() == event


def test_events_are_bound_by_time_half_open(world):
    world.store(failed_login(1), failed_login(2, ago_s=60))
    token = world.token()

    def count(**bounds):
        return world.call("GET", "/api/v1/events/count", token, params=bounds).json()["count"]

    assert count(**{"from": "2026-11-24T09:30:00+07:00"}) == 1
    assert count(to="2026-11-24T02:30:00Z") == 1
    assert count(**{"from": "2026-11-24T09:29:00+07:00"}, to="2026-11-24T09:31:00+07:00") == 2


def test_an_answer_that_is_not_whole_says_what_is_missing(world):
    world.store(failed_login(1, ago_s=2 * 86400), failed_login(2))
    aside = world.damage("2026-11-22")
    token = world.token()
    missing = [{"day": "2026-11-22", "place": aside}]
    page = world.call("GET", "/api/v1/events", token).json()
    assert (len(page["events"]), page["total"], page["missing"]) == (1, 1, missing)
    assert world.call("GET", "/api/v1/events/count", token).json() == {"count": 1, "missing": missing}
    later = {"from": "2026-11-24T00:00:00+07:00"}
    assert world.call("GET", "/api/v1/events", token, params=later).json()["missing"] == []


def test_an_end_before_the_start_is_refused(world):
    bounds = {"from": "2026-11-24T09:30:00+07:00", "to": "2026-11-24T02:30:00Z"}
    for path in ("/api/v1/events", "/api/v1/events/count"):
        (error,) = assert_problem(world.call("GET", path, params=bounds), 422, "invalid_request")["errors"]
        assert error["at"] == "query.to" and error["reason"]["vi"] == "phải sau “from”"


def test_bytes_that_are_no_text_are_written_out(world):
    world.store(rejected(1))
    (event,) = world.call("GET", "/api/v1/events").json()["events"]
    assert event["original"] == "\x00\\xff rubbish nobody can read"
    assert event["fields"]["event.kind"] == "pipeline_error"


@pytest.mark.parametrize(("language", "word"), [("vi", "Ký tự"), ("en-GB,en;q=0.9", "Character"), ("fr", "Ký tự")])
def test_a_query_error_points_at_the_character(world, language, word):
    answer = world.call("GET", "/api/v1/events", params={"query": "user.name:"}, headers={"Accept-Language": language})
    body = assert_problem(answer, 400, "invalid_query")
    assert body["at"] == 10
    assert body["detail"].startswith(f"{word} 11")
    assert body["expected"]["vi"] in body["reason"]["vi"] and body["expected"]["en"] in body["reason"]["en"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"limit": 0},
        {"limit": 1001},
        {"limit": "many"},
        {"from": "2026-11-24T09:30:00"},
        {"from": "yesterday"},
        {"query": "x" * 5000},
    ],
)
def test_a_wrong_parameter_is_refused(world, parameters):
    answer = world.call("GET", "/api/v1/events", params=parameters)
    (error,) = assert_problem(answer, 422, "invalid_request")["errors"]
    assert error["at"] == f"query.{next(iter(parameters))}"


@pytest.mark.parametrize(
    ("method", "path", "request_", "vi", "en"),
    [
        ("GET", "/api/v1/alerts?state=open", {}, "phải là một trong: new, acknowledged, closed", "must be one"),
        ("GET", "/api/v1/events?limit=1001", {}, "phải từ 1000 trở xuống", "must be 1000 or less"),
        ("GET", "/api/v1/events?from=2026-11-24T09:30:00", {}, "thiếu múi giờ", "lacks the time zone"),
        ("POST", "/api/v1/alerts/1/close", {"content": b"{"}, "không phải JSON", "is not JSON"),
        ("POST", "/api/v1/alerts/1/close", {"json": {"version": 1}}, "thiếu", "is missing"),
        ("POST", "/api/v1/alerts/1/close", {"json": {"version": 1, "reason": []}}, "phải là một chuỗi", "must be a"),
    ],
)
def test_what_is_wrong_is_said_in_both_languages_and_in_no_third(world, method, path, request_, vi, en):
    headers = {"Content-Type": "application/json"}
    answer = world.call(method, path, headers=headers, **request_)
    (error,) = assert_problem(answer, 422, "invalid_request")["errors"]
    assert error["reason"]["vi"].startswith(vi) and error["reason"]["en"].startswith(en)
    assert " or " not in error["reason"]["vi"] and "Expecting" not in error["reason"]["vi"]


def test_who_may_not_read_events_is_refused_with_the_reason(world):
    body = assert_problem(world.call("GET", "/api/v1/events", world.token("integration")), 403, "forbidden")
    assert body["detail"]


def test_status_and_me(world):
    status = world.call("GET", "/api/v1/status").json()
    assert status["healthy"] is True
    assert status["counters"]["dropped"] == {"oversized": 3}
    assert status["processes"][1] == {"name": "intake", "pid": 101, "rss": 50 << 20, "state": "working", "reason": None}
    me = world.call("GET", "/api/v1/me", world.token("analyst")).json()
    assert me == {"name": "test-analyst", "role": "analyst", "units": None}


def test_openapi_describes_everything(world):
    described = world.call("GET", "/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], (method, path)
            assert "4XX" in operation["responses"]
    assert world.call("GET", "/docs").status_code == 404


def test_a_failure_of_ours_says_nothing_but_the_log_id(tmp_path, caplog):
    world = World(tmp_path, raise_errors=False)

    def broken() -> Status:
        raise RuntimeError("SELECT secret FROM /srv/canh")

    token, services = world.token(), world.app.state.services
    world.app.state.services = type(services)(
        engine=world.engine, events=world.reader, status=broken, counted=dict, now=lambda: NOW, zone=services.zone
    )
    with caplog.at_level(logging.ERROR):
        answer = world.call("GET", "/api/v1/status", token)
    body = assert_problem(answer, 500, "internal")
    assert "SELECT" not in answer.text and "Runtime" not in answer.text
    assert body["log_id"] in caplog.text
    world.close()


class BusyStore:
    """An event store that cannot answer now."""

    def refresh(self) -> None:
        return None

    def search(self, _search, _scope):
        raise Unavailable("events", Text("the disk is slow", "the disk is slow"), 2.4)


def test_a_busy_store_asks_to_come_back(world):
    services = world.app.state.services
    world.app.state.services = type(services)(
        engine=world.engine,
        events=BusyStore(),
        status=services.status,
        counted=dict,
        now=lambda: NOW,
        zone=services.zone,
    )
    answer = world.call("GET", "/api/v1/events")
    assert_problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "2"


def test_answers_have_the_documented_members_and_no_others(world):
    group = world.alert(brute_force((failed_login(1),)))
    described = world.app.openapi()["components"]["schemas"]
    alert = world.call("GET", f"/api/v1/alerts/{group.id}").json()
    assert set(alert) == set(described["Alert"]["properties"])
    assert set(alert["events"][0]) == set(described["Event"]["properties"])
    assert set(alert["why"]) == set(described["Why"]["properties"])
    assert msgspec.json.decode(json.dumps(alert)) == alert


def test_reading_goes_on_while_another_process_writes(world):
    """Once its use was noted, a token takes no write lock for an hour."""
    token = world.token()
    assert world.call("GET", "/api/v1/me", token).status_code == 200
    with sqlite3.connect(world.folder / "canh.db", isolation_level=None) as writing:
        writing.execute("begin immediate")
        assert world.call("GET", "/api/v1/alerts", token).status_code == 200
        writing.execute("rollback")
    writing.close()


@pytest.mark.parametrize("path", ["/api/v1/alerts?bogus=1", "/api/v1/events?query=*&frm=2026-01-01", "/api/v1/me?x"])
def test_a_parameter_that_nobody_knows_is_refused(world, path):
    answer = world.call("GET", path)
    assert answer.status_code == 422
    assert [error["at"] for error in answer.json()["errors"]] in (["query.bogus"], ["query.frm"], ["query.x"])


def test_a_scraper_may_add_what_it_likes(world):
    assert world.send("GET", "/healthz?probe=1").status_code == 200
    assert world.call("GET", "/metrics?target=canh").status_code == 200


@pytest.mark.parametrize("place", ["zzz", "", "1-", "-1", "1-2-3", "9" * 41])
def test_a_place_that_is_none_is_not_the_end(world, place):
    answer = world.call("GET", f"/api/v1/alerts?before={place}")
    assert answer.status_code == 422 and answer.json()["errors"][0]["at"] == "query.before"
