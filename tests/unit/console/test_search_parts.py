"""What stands around the results of a search: overview, values, suggestions, export, saved searches, columns."""

import csv
import html
import json
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select, update

from console import texts
from console.pages.event_export import csv_lines
from core.record import Position
from core.scope import EVERY_UNIT
from org.account import Account
from org.audit import Audit
from org.saved_search import MAX_COLUMNS, MAX_SEARCHES, NAME_IT, TOO_MANY, TOO_MANY_COLUMNS, SavedSearch
from store import db
from tests.unit.api.world import failed_login
from tests.unit.console.browser import Browser


@pytest.fixture
def browser(world):
    return Browser(world).log_in()


def audited(world, action):
    with db.session(world.engine, EVERY_UNIT, reading=True) as session:
        rows = session.scalars(select(Audit).where(Audit.action == action).order_by(Audit.sequence))
        return [dict(row.detail or {}) for row in rows]


def page(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


def test_the_overview_counts_all_events_of_the_search(world, browser):
    world.store(*[failed_login(number, ago_s=number) for number in range(1, 61)], failed_login(61, user="lan"))
    seen = page(browser, "/events/overview?query=user.name:root")
    assert seen.count('<rect class="bar"') == 1 and ": 60 sự kiện" in seen
    assert 'data-name="source.ip"' in seen
    assert audited(world, "event.count") == [{"query": "user.name:root", "counted": "overview"}]
    part = browser.get("/events/overview?query=user.name:root", **{"HX-Request": "true"}).text
    assert "<html" not in part and '<rect class="bar"' in part


def test_a_search_without_end_or_answer_is_drawn_all_the_same(world, browser):
    for query in ("query=&range=all", "query=nothing", "query=&from=2026-11-01T00:00"):
        assert 'class="bars"' not in page(browser, f"/events/overview?{query}")
    world.store(failed_login(1, ago_s=40 * 86_400), failed_login(2))
    assert page(browser, "/events/overview?range=all").count('<rect class="bar"') == 2
    assert page(browser, "/events/overview?from=2026-11-01T00:00").count('<rect class="bar"') == 1


def test_a_question_that_cannot_be_read_has_no_parts(browser):
    for asked in ("query=(", "range=never", f"query={'x' * 4001}"):
        for path in ("/events/overview", "/events/values"):
            assert 'role="alert"' in page(browser, f"{path}?{asked}"), (path, asked)
        assert browser.get(f"/events/export?{asked}").status_code == 400, asked
    assert browser.get("/events/export?format=exe").status_code == 400


def test_the_values_of_a_field(world, browser):
    world.store(*[failed_login(number, user=f"u{number % 12}", ago_s=number) for number in range(1, 61)])
    seen = page(browser, "/events/values?query=sshd&field=user.name")
    assert seen.count("<progress") == 10 and "12 giá trị khác nhau" in seen and "còn lại: 10" in seen
    assert "query=sshd+and+user.name%3A%22u1%22" in seen
    assert "query=sshd+and+not+user.name%3A%22u1%22" in seen
    assert audited(world, "event.count") == [{"query": "sshd", "counted": "user.name"}]
    assert "không đếm theo giá trị được" in page(browser, "/events/values?query=sshd&field=message")


def test_values_that_may_be_missing_are_told_of(world, browser):
    """Of very many values on several days, a day tells the most frequent ones."""
    world.store(*[failed_login(number, user=f"v{number % 150}", ago_s=number % 3000) for number in range(1, 601)])
    assert "có thể sót" not in page(browser, "/events/values?range=all&field=user.name")
    events = [failed_login(number, user=f"v{number % 600}", ago_s=86_400) for number in range(1001, 2201)]
    for day in (1, 2):
        world.store(
            *(
                msgspec.structs.replace(
                    event,
                    received=event.received - timedelta(days=day),
                    position=Position(f"day.{day}", event.position.sequence),
                )
                for event in events
            )
        )
    world.store(
        *(msgspec.structs.replace(event, position=Position("again.1", event.position.sequence)) for event in events)
    )
    assert "có thể sót giá trị" in page(browser, "/events/values?range=all&field=user.name")


@pytest.mark.parametrize(
    ("query", "offers"),
    [
        ("user.n", ["user.name:"]),
        ("user.name:", ["root", '"hai từ"', '"and"']),
        ("user.name:H", ['"hai từ"']),
        ("source.ip:203.", ["203.0.113.9"]),
        ("message:fa", []),
        ('"fail', []),
        ("@timestamp:2026", []),
        ("odd name=:x", []),
    ],
)
def test_suggestions(world, browser, query, offers):
    world.store(failed_login(1), failed_login(2), failed_login(3, user="hai từ"), failed_login(4, user="and"))
    told = browser.get("/events/completion", params={"query": query, "at": str(len(query))})
    assert told.headers["content-type"] == "application/json"
    found = [offer["text"] for offer in told.json()["offers"]]
    assert found[: len(offers)] == offers if query == "user.n" else sorted(found) == sorted(offers)


def test_the_export_is_whole_written_down_and_of_the_scope(world, browser):
    world.store(
        *[failed_login(number, ago_s=number) for number in range(1, 1203)],
        failed_login(1300, user="=1+1", ago_s=5),
    )
    lines = browser.get("/events/export?query=sshd&format=csv")
    assert lines.headers["content-disposition"].startswith('attachment; filename="canh-2026')
    rows = list(csv.reader(lines.content.decode("utf-8-sig").splitlines()))
    assert len(rows) == 1204 and len({row[0] for row in rows}) == 1204
    told = [json.loads(line) for line in browser.get("/events/export?format=ndjson").text.splitlines()]
    assert len(told) == 1203 and told[0]["fields"]["source.ip"] == "203.0.113.9"
    assert [each["as"] for each in audited(world, "event.export")] == ["csv", "ndjson"]
    assert audited(world, "event.export")[0]["written"] == "1203"
    with db.session(world.engine, EVERY_UNIT) as session:
        session.execute(update(Account).values(role="analyst", unit_id=None))
    assert browser.get("/events/export").status_code == 200
    with db.session(world.engine, EVERY_UNIT) as session:
        session.execute(update(Account).values(role="leader", unit_id=None))
    assert browser.get("/events/export").status_code == 403
    assert "/events/export" not in browser.get("/events").text


@pytest.mark.parametrize("cell", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", '=cmd|" /C calc"!A0'])
def test_no_cell_is_a_formula(cell):
    event = failed_login(1, user=cell)
    (_, line) = csv_lines(iter([event]), ("user.name", "message"))
    (row,) = csv.reader([line])
    assert row[3][0] == "'" or row[3].startswith("\\x"), row
    assert not any(each.startswith(("=", "+", "-", "@", "\t", "\r")) for each in row)


@pytest.mark.parametrize("cell", ["-5", "+7", "-1.5", "10.0.0.1", "x=1"])
def test_a_number_stays_a_number(cell):
    (_, line) = csv_lines(iter([failed_login(1, user=cell)]), ("user.name",))
    assert next(csv.reader([line]))[3] == cell


def test_searches_are_saved_shown_replaced_and_forgotten(world, browser):
    saved = {"name": "  Của  tôi ", "query": "user.name:root", "range": "7d", "limit": "50"}
    answer = browser.post("/events/saved", saved)
    assert answer.status_code == 303 and answer.headers["location"] == "/events?query=user.name%3Aroot&range=7d"
    assert "Của tôi" in page(browser, "/events")
    browser.post("/events/saved", {**saved, "query": "user.name:lan"})
    with db.session(world.engine, EVERY_UNIT, reading=True) as session:
        (row,) = session.scalars(select(SavedSearch))
        number, query = row.id, row.query
    assert query == "user.name:lan"
    assert NAME_IT.vi.partition("{")[0] in page_of(browser.post("/events/saved", {"name": " ", "query": ""}))
    for _ in range(2):
        assert browser.post("/events/saved/remove", {"number": str(number)}).status_code == 303
    assert texts.NO_SAVED_SEARCHES.vi in page(browser, "/events")
    assert [set(each) for each in audited(world, "self.change_searches")] == [
        {"saved", "query"},
        {"saved", "query"},
        {"removed"},
    ]


def test_nobody_keeps_searches_without_end_or_sees_those_of_others(world, browser):
    with db.session(world.engine, EVERY_UNIT) as session:
        account = session.scalars(select(Account.id)).first()
        session.add_all(
            SavedSearch(account_id=account, name=f"s{number}", query="", parameters={}, saved_at=world.now)
            for number in range(MAX_SEARCHES)
        )
    answer = browser.post("/events/saved", {"name": "one more", "query": ""})
    assert answer.status_code == 409 and TOO_MANY.format(most=MAX_SEARCHES).vi in page_of(answer)
    other = Browser(world).log_in("minh")
    assert texts.NO_SAVED_SEARCHES.vi in page(other, "/events")
    other.post("/events/saved/remove", {"number": "1"})
    with db.session(world.engine, EVERY_UNIT, reading=True) as session:
        assert len(session.scalars(select(SavedSearch)).all()) == MAX_SEARCHES


def test_columns_are_chosen(world, browser):
    world.store(failed_login(1))
    browser.post("/events/columns", {"add": "source.ip", "query": "sshd"})
    seen = page(browser, "/events")
    assert '<span title="source.ip">' in seen and "203.0.113.9" in seen
    for name in ("source.port", "user.name"):
        browser.post("/events/columns", {"add": name})
    answer = browser.post("/events/columns", {"add": "process.name"})
    assert answer.status_code == 409 and TOO_MANY_COLUMNS.format(most=MAX_COLUMNS).vi in page_of(answer)
    browser.post("/events/columns", {"remove": "host.name"})
    assert '<span title="host.name">' not in page(browser, "/events")
    browser.post("/events/columns", {})
    assert '<span title="host.name">' in page(browser, "/events") and '<span title="source.ip">' not in page(
        browser, "/events"
    )


def page_of(answer):
    return html.unescape(answer.text)
