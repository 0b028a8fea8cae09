"""The second factor over the web: a password alone opens nothing, a code is good once, a thief does not replace it."""

import base64
import re

import pytest

from core.scope import EVERY_UNIT
from org import totp
from org.account_creation import create_account
from org.actor import OPERATOR
from org.log_in import MAX_WRONG, VALID_FOR
from org.own_account import WRONG_PASSWORD
from org.second_factor import WRONG_CODE
from store import db
from tests.security.surface import OPEN_PAGES, filled, pages
from tests.unit.api.world import NOW, PASSWORD
from tests.unit.console.browser import Browser

pytestmark = pytest.mark.slow


def half_way(world, name="lan"):
    """A browser whose password was right."""
    browser = Browser(world)
    assert browser.post("/log-in", {"name": name, "password": PASSWORD}).headers["location"].startswith("/log-in/")
    return browser


def test_the_right_password_of_an_administrator_opens_no_page(world):
    world.administrator()
    browser = half_way(world)
    assert "canh_session" not in browser.cookies
    looked = 0
    for method, path in pages(world):
        if (method, path) in OPEN_PAGES:
            continue
        for cookies in (browser.cookie_header(), f"canh_session={browser.cookies['canh_log_in']}"):
            headers = {"Cookie": cookies, "Sec-Fetch-Site": "same-origin"}
            answer = world.send(method, filled(path), headers=headers, data={"csrf": "x"} if method == "POST" else None)
            assert answer.headers.get("location", "").startswith("/log-in"), path
        looked += 1
    assert looked >= 12


def test_a_code_is_good_once_and_a_wrong_one_says_no_more_than_that(world):
    world.administrator()
    code = world.code()
    first, second = half_way(world), half_way(world)
    assert first.post("/log-in/code", {"code": code}).headers["location"] == "/alerts"
    again = second.post("/log-in/code", {"code": code})
    assert again.status_code == 200 and WRONG_CODE.vi in again.text and code not in again.text
    assert "canh_session" not in second.cookies


def test_guessing_codes_ends_the_half_log_in_and_time_does_too(world):
    world.administrator()
    browser = half_way(world)
    for _ in range(MAX_WRONG - 1):
        assert browser.post("/log-in/code", {"code": "000000"}).status_code == 200
    assert browser.post("/log-in/code", {"code": "000000"}).headers["location"].startswith("/log-in?")
    assert "canh_log_in" not in browser.cookies
    late = half_way(world)
    world.now = NOW + VALID_FOR
    assert late.get("/log-in/code").headers["location"].startswith("/log-in?")
    assert late.post("/log-in/code", {"code": world.code()}).headers["location"].startswith("/log-in?")


def test_nobody_enrols_an_app_for_an_account_that_has_one(world):
    world.administrator()
    browser = half_way(world)
    assert browser.get("/log-in/enrol").headers["location"].startswith("/log-in/code")
    answer = browser.post("/log-in/enrol", {"code": world.code()})
    assert answer.headers["location"].startswith("/log-in/code") and "canh_session" not in browser.cookies


def test_the_secret_is_shown_to_its_half_log_in_alone_and_never_kept_by_a_cache(world):
    with db.session(world.engine, EVERY_UNIT) as session:
        create_account(session, OPERATOR, "hoa", "administrator", None, PASSWORD, NOW)
    browser = half_way(world, "hoa")
    page = browser.get("/log-in/enrol")
    secret = base64.b32decode(re.search(r'class="spoken">([A-Z2-7 ]+)<', page.text)[1].replace(" ", ""))
    assert page.headers["cache-control"] == "no-store" and "<svg" in page.text
    assert Browser(world).get("/log-in/enrol").headers["location"].startswith("/log-in?")
    shown = browser.post("/log-in/enrol", {"code": totp.code(secret, totp.step_of(NOW))})
    codes = re.findall(r"<code>([a-z2-7-]{19})</code>", shown.text)
    assert len(codes) == 10 and shown.headers["cache-control"] == "no-store"
    assert browser.get("/my-account").status_code == 200
    assert not any(code in browser.get("/my-account").text for code in codes)
    assert Browser(world).post("/log-in/enrol", {"code": "000000"}).headers["location"].startswith("/log-in?")


def test_a_stolen_session_replaces_no_factor_and_no_password(world):
    thief = Browser(world).log_in()  # has the cookie, and knows nothing else
    for path in ("authenticator", "recovery-codes"):
        page = thief.post(f"/my-account/{path}", {"password": "guess", "code": "000000"})
        assert WRONG_PASSWORD.vi in page.text and "spoken" not in page.text
    page = thief.post("/my-account/password", {"password": "guess", "new": "x" * 20, "again": "x" * 20})
    assert WRONG_PASSWORD.vi in page.text
    for _ in range(10):
        thief.post("/my-account/password", {"password": "guess", "new": "x" * 20, "again": "x" * 20})
    slowed = thief.post("/my-account/recovery-codes", {"password": PASSWORD, "code": world.code()})
    assert "Quá nhiều lần thử" in slowed.text, "guessing on is slowed down"
    assert Browser(world).enter().headers["location"] == "/alerts", "and the owner is not kept out"


def test_the_password_alone_does_not_replace_the_factor(world):
    thief = Browser(world).log_in()
    page = thief.post("/my-account/authenticator", {"password": PASSWORD, "code": "000000"})
    assert WRONG_CODE.vi in page.text and "spoken" not in page.text
    assert "spoken" in thief.post("/my-account/authenticator", {"password": PASSWORD, "code": world.code()}).text


@pytest.mark.parametrize("draft", ["", "AAAA", "not base64!", "é"])
def test_a_made_up_draft_sets_nothing(world, draft):
    browser = Browser(world).log_in()
    page = browser.post("/my-account/authenticator/confirm", {"draft": draft, "code": "000000"})
    assert page.status_code == 200 and "hãy bắt đầu lại" in page.text
