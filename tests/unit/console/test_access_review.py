"""The page of the quarterly review: for administrators, everyone on it, recorded by a button."""

from datetime import timedelta

import pytest

from core.scope import EVERY_UNIT
from org.access_review import EVERY
from org.account_closing import close_account
from org.account_creation import create_account
from org.actor import OPERATOR
from store import db
from tests.unit.api.world import NOW, PASSWORD
from tests.unit.console.browser import Browser

pytestmark = pytest.mark.slow


def write(world, call, *arguments, **named):
    with db.session(world.engine, EVERY_UNIT) as session:
        return call(session, *arguments, **named)


def test_an_administrator_reads_and_records_it(world):
    browser = Browser(world).log_in()
    write(world, create_account, OPERATOR, "<b>Minh</b>", "analyst", None, PASSWORD, NOW)
    write(world, create_account, OPERATOR, "Hoa", "analyst", None, PASSWORD, NOW)
    write(world, close_account, OPERATOR, "hoa", NOW)
    page = browser.get("/access-review").text
    assert "&lt;b&gt;Minh" in page and "<b>Minh" not in page and "làm được mọi việc" in page and "chưa lần nào" in page
    living, ended = page.split('id="ended"')
    assert "Hoa" in ended and "Hoa" not in living
    assert "quá hạn" not in page
    version = page.partition('name="version" value="')[2].partition('"')[0]
    assert "đã có thay đổi" in browser.post("/access-review", {"version": "another"}).text
    answer = browser.post("/access-review", {"version": version})
    assert answer.status_code == 303 and answer.headers["location"] == "/access-review?done=1"
    assert "Đã ghi nhận" in browser.get("/access-review?done=1").text
    assert "chưa lần nào" not in browser.get("/access-review").text


def test_an_overdue_review_is_said(world):
    Browser(world).log_in()
    for days in (40, 80, EVERY.days + 1):  # an account that nobody uses for 45 days lets nobody in
        world.now = NOW + timedelta(days=days)
        browser = Browser(world)
        browser.enter()
    assert "Đã quá hạn rà soát quyền truy cập." in browser.get("/access-review").text


def test_an_analyst_has_no_way_to_it(world):
    write(world, create_account, OPERATOR, "minh", "analyst", None, PASSWORD, NOW)
    browser = Browser(world)
    assert browser.post("/log-in", {"name": "minh", "password": PASSWORD}).headers["location"] == "/alerts"
    assert "/access-review" not in browser.get("/alerts").text
    assert browser.get("/access-review").status_code == 403
    assert browser.post("/access-review", {}).status_code == 403
