"""One's own account in the browser: password, app, recovery codes, sessions."""

import base64
import re

import pytest

from console import texts
from core.scope import EVERY_UNIT
from org import totp
from org.account import find_account
from org.account_creation import create_account
from org.actor import OPERATOR
from store import db
from tests.unit.api.world import NOW, PASSWORD
from tests.unit.console.browser import Browser

pytestmark = pytest.mark.slow

NEW = "câu khác hẳn, dài không kém"


def analyst(world):
    with db.session(world.engine, EVERY_UNIT) as session:
        create_account(session, OPERATOR, "minh", "analyst", None, PASSWORD, NOW)
    browser = Browser(world)
    browser.enter("minh")
    return browser


def shown_secret(page):
    return base64.b32decode(re.search(r'class="spoken">([A-Z2-7 ]+)<', page.text)[1].replace(" ", ""))


def test_an_analyst_sets_an_app_up_and_logs_in_with_it(world):
    browser = analyst(world)
    page = browser.get("/my-account").text
    assert "phân tích viên" in page and texts.WHOLE_PROVINCE.vi in page and texts.FACTOR_NONE.vi in page
    secret = shown_secret(browser.post("/my-account/authenticator", {"password": PASSWORD}))
    draft = re.search(r'name="draft" value="([^"]+)"', browser.last.text)[1]
    wrong = browser.post("/my-account/authenticator/confirm", {"draft": draft, "code": "000000"})
    assert shown_secret(wrong) == secret, "the same picture again"
    code = totp.code(secret, totp.step_of(NOW))
    codes = browser.post("/my-account/authenticator/confirm", {"draft": draft, "code": code})
    assert texts.RECOVERY_CODES_TITLE.vi in codes.text and "notice=set" in codes.text
    assert "Còn 10 mã khôi phục" in browser.get("/my-account?notice=set").text
    again = Browser(world)
    assert again.post("/log-in", {"name": "minh", "password": PASSWORD}).headers["location"].startswith("/log-in/code")
    next_code = totp.code(secret, totp.step_of(NOW) + 1)
    assert again.post("/log-in/code", {"code": next_code}).headers["location"] == "/alerts"


def test_a_new_password_ends_what_is_open_elsewhere(world):
    here, there = analyst(world), Browser(world)
    there.enter("minh")
    form = {"password": PASSWORD, "new": NEW, "again": NEW}
    assert texts.PASSWORDS_DIFFER.vi in here.post("/my-account/password", {**form, "again": "x"}).text.replace(
        "&#39;", "'"
    )
    short = here.post("/my-account/password", {**form, "new": "ngắn", "again": "ngắn"})
    assert "ít nhất 14 ký tự" in short.text and '<details class="act" open>' in short.text
    answer = here.post("/my-account/password", form)
    assert answer.headers["location"] == "/my-account?notice=password"
    assert texts.PASSWORD_CHANGED.vi in here.get("/my-account?notice=password").text
    assert there.get("/my-account").status_code == 303


def test_the_others_of_ones_sessions_are_ended(world):
    here, there = analyst(world), Browser(world)
    there.enter("minh")
    assert texts.END_OTHER_SESSIONS.vi in here.get("/my-account").text
    assert here.post("/my-account/end-sessions", {}).status_code == 303
    assert there.get("/my-account").status_code == 303
    assert texts.END_OTHER_SESSIONS.vi not in here.get("/my-account").text


def test_an_administrator_is_not_offered_what_would_be_refused(world):
    browser = Browser(world).log_in()
    page = browser.get("/my-account").text
    assert texts.REPLACE_FACTOR.vi in page and texts.REMOVE_FACTOR.vi not in page
    refused = browser.post("/my-account/remove-factor", {"password": PASSWORD, "code": world.code()})
    assert refused.status_code == 200


def test_a_factor_is_removed_and_new_codes_are_made(world):
    browser = analyst(world)
    with db.session(world.engine, EVERY_UNIT) as session:
        number = find_account(session, "minh").id
    world.enrol(number, "minh")
    codes = browser.post("/my-account/recovery-codes", {"password": PASSWORD, "code": world.code("minh")})
    new = re.findall(r"<code>([a-z2-7-]{19})</code>", codes.text)
    assert len(new) == 10 and set(new).isdisjoint(world.apps["minh"].recovery_codes)
    answer = browser.post("/my-account/remove-factor", {"password": PASSWORD, "code": new[0]})
    assert answer.headers["location"] == "/my-account?notice=removed"
    assert texts.FACTOR_NONE.vi in browser.get("/my-account").text
