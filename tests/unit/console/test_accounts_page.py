"""Accounts, tokens and rights in the browser."""

import html
import re

import pytest

from console import texts
from core.scope import EVERY_UNIT
from org.account_closing import LAST_ADMINISTRATOR
from org.account_creation import create_account
from org.actor import OPERATOR
from store import db
from tests.security.province import OWN, alert_in_each_unit
from tests.unit.api.world import NOW, PASSWORD
from tests.unit.console.browser import Browser

pytestmark = pytest.mark.slow


@pytest.fixture
def browser(world):
    return Browser(world).log_in()


def invited(world, page):
    """A browser of whoever was handed the link on the page, with their password set."""
    link = re.search(r"http://[^<]*/invitation\?secret=([\w-]+)<", page.text)
    person = Browser(world)
    form = {"secret": link[1], "password": PASSWORD, "again": PASSWORD}
    assert person.post("/invitation", form).headers["location"] == "/log-in?notice=password"
    return person


def test_an_account_is_handed_out_by_a_link_that_is_shown_once(world, browser):
    page = browser.post("/accounts/create", {"name": "minh", "role": "analyst", "unit": ""})
    assert "“minh”" in page.text and page.headers["cache-control"] == "no-store"
    assert "invitation?secret" not in browser.get("/accounts").text
    assert texts.STATE_NO_PASSWORD.vi in browser.last.text
    assert invited(world, page).enter("minh").headers["location"] == "/alerts"
    assert "1 phiên đang mở" in browser.get("/accounts").text


def test_what_was_wrong_with_a_new_account_is_said_and_the_form_kept(browser):
    page = html.unescape(browser.post("/accounts/create", {"name": "mai", "role": "unit_contact", "unit": ""}).text)
    assert "cần một đơn vị" in page and 'value="mai"' in page and 'value="unit_contact" selected' in page
    assert "invitation?secret" not in page
    assert "đã có tài khoản" in browser.post("/accounts/create", {"name": "lan", "role": "leader"}).text.lower()


def test_an_account_is_closed_opened_and_given_another_role(world, browser):
    alert_in_each_unit(world)
    minh = invited(world, browser.post("/accounts/create", {"name": "minh", "role": "analyst", "unit": ""}))
    minh.enter("minh")
    change = {"name": "minh", "role": "unit_contact", "unit": OWN}
    assert browser.post("/accounts/change-role", change).headers["location"] == "/accounts?notice=change-role"
    assert minh.get("/alerts").status_code == 303
    assert minh.post("/log-in", {"name": "minh", "password": PASSWORD}, csrf=False).headers["location"] == "/alerts"
    assert browser.post("/accounts/close", {"name": "minh"}).status_code == 303
    assert minh.get("/alerts").status_code == 303
    assert texts.CLOSED_ACCOUNTS.vi in browser.get("/accounts?notice=close").text
    assert browser.post("/accounts/reopen", {"name": "minh"}).status_code == 303
    last = html.unescape(browser.post("/accounts/close", {"name": "lan"}).text)
    assert LAST_ADMINISTRATOR.format(name="lan").vi in last


def test_sessions_factor_and_link_of_another(world, browser):
    with db.session(world.engine, EVERY_UNIT) as session:
        number = create_account(session, OPERATOR, "minh", "analyst", None, PASSWORD, NOW)
    world.enrol(number, "minh")
    minh = Browser(world)
    minh.enter("minh")
    assert browser.post("/accounts/end-sessions", {"name": "minh"}).status_code == 303
    assert minh.get("/alerts").status_code == 303
    assert browser.post("/accounts/remove-factor", {"name": "minh"}).status_code == 303
    assert minh.post("/log-in", {"name": "minh", "password": PASSWORD}, csrf=False).headers["location"] == "/alerts"
    assert "invitation?secret" in browser.post("/accounts/invite", {"name": "minh"}).text


def test_a_token_is_made_shown_once_and_revoked(world, browser):
    page = browser.post("/keys/create", {"name": "bảng theo dõi", "role": "reader", "unit": "", "days": "30"})
    secret = re.search(r"canh_[\w-]{40,}", page.text)[0]
    assert world.send("GET", "/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).json()["role"] == "reader"
    listed = browser.get("/keys").text
    assert "bảng theo dõi" in listed and secret not in listed
    assert browser.post("/keys/revoke", {"number": "1"}).headers["location"] == "/keys?revoked=1"
    assert world.send("GET", "/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


@pytest.mark.parametrize("days", ["", "0", "-1", "٣", "1e3", "99999", "1096", " 5"])
def test_days_that_are_none_are_refused_and_the_form_kept(browser, days):
    page = browser.post("/keys/create", {"name": "thử", "role": "reader", "unit": "", "days": days}).text
    assert "từ 1 đến 1095 ngày" in page and 'value="thử"' in page and "canh_" not in page


@pytest.mark.parametrize("number", ["", "x", "0", "99", "1" * 30, "²"])
def test_a_token_that_is_none_is_not_revoked(browser, number):
    assert "Không có khóa API số" in browser.post("/keys/revoke", {"number": number}).text


def test_what_a_person_may_and_why(world, browser):
    with db.session(world.engine, EVERY_UNIT) as session:
        create_account(session, OPERATOR, "minh", "analyst", None, PASSWORD, NOW)
    page = browser.get("/roles?account=minh").text
    row = re.search(r"<tr[^>]*>\s*<td>xem nhật ký kiểm toán.*?</tr>", page, re.DOTALL)[0]
    assert "không" in row and "Vai trò “phân tích viên” không được xem nhật ký kiểm toán" in row
    assert "trưởng ca" in browser.get("/roles?role=shift_leader").text
    assert "Không có tài khoản “who”" in browser.get("/roles?account=who").text
    minh = Browser(world)
    minh.enter("minh")
    own = minh.get("/roles").text
    assert "phân tích viên" in own and "<select" not in own
    assert "Vai trò “phân tích viên” không được xem các tài khoản" in minh.get("/roles?account=lan").text


def test_a_machine_gets_an_owner_and_a_key_that_ends_with_it(world, browser):
    alert_in_each_unit(world)
    with db.session(world.engine, EVERY_UNIT) as session:
        create_account(session, OPERATOR, "mai", "unit_contact", OWN, PASSWORD, NOW)
    assert texts.NO_SERVICES.vi in browser.get("/service-accounts").text
    form = {"name": "máy chủ web", "purpose": "gửi <b>nhật ký</b>", "owner": "mai", "unit": ""}
    page = html.unescape(browser.post("/service-accounts/create", form).text)
    assert "“mai” thuộc đơn vị khác" in page and 'value="gửi <b>nhật ký</b>"' in page
    made = browser.post("/service-accounts/create", {**form, "unit": OWN})
    assert made.headers["location"] == "/service-accounts?notice=create"
    assert "gửi &lt;b&gt;nhật ký&lt;/b&gt;" in browser.get("/service-accounts?notice=create").text
    key = {"name": "khóa web", "role": "sender", "unit": "", "days": "30", "service": "máy chủ web"}
    refused = html.unescape(browser.post("/keys/create", key).text)
    assert "“máy gửi nhật ký” cần một đơn vị" in refused and 'value="máy chủ web" selected' in refused
    secret = re.search(r"canh_[\w-]{40,}", browser.post("/keys/create", {**key, "unit": OWN}).text)[0]
    asked = {"Authorization": f"Bearer {secret}"}
    assert world.send("GET", "/api/v1/me", headers=asked).status_code == 403
    assert "máy chủ web" in browser.get("/keys").text and "khóa web" in browser.get("/service-accounts").text
    assert "Của dịch vụ: máy chủ web" in browser.get("/access-review").text
    given = browser.post("/service-accounts/change-owner", {"name": "máy chủ web", "owner": "lan"})
    assert given.headers["location"] == "/service-accounts?notice=change-owner"
    assert browser.post("/service-accounts/close", {"name": "máy chủ web"}).status_code == 303
    assert texts.SERVICE_CLOSED.vi in browser.get("/service-accounts?notice=close").text
    assert world.send("GET", "/api/v1/me", headers=asked).status_code == 401
    assert "Không có tài khoản dịch vụ" in browser.post("/service-accounts/close", {"name": "máy chủ web"}).text
