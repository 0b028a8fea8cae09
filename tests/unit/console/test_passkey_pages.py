"""Passkeys through the pages: enrolled at the first log-in, asked for at the next, added and removed by their owner."""

import html
import json
import re

import pytest

from api.settings import WebSettings
from console import texts
from core.scope import EVERY_UNIT
from org.account_closing import remove_second_factor
from org.account_creation import create_account
from org.actor import OPERATOR
from org.passkey import NONE_HERE, REASONS
from org.second_factor import set_authenticator
from store import db
from tests.unit.api.world import PASSWORD, World
from tests.unit.console.browser import Browser
from tests.unit.org.authenticator import Authenticator

pytestmark = pytest.mark.slow

ORIGIN = "http://localhost:8480"


@pytest.fixture
def key():
    return Authenticator(ORIGIN)


@pytest.fixture
def enrolled(world, key):
    """The administrator lan, whose only factor is this passkey, and her browser."""
    world.administrator()
    with db.session(world.engine, EVERY_UNIT) as session:
        remove_second_factor(session, OPERATOR, "lan", world.now)
    browser = Browser(world)
    assert browser.enter().headers["location"].startswith("/log-in/enrol")
    page = browser.get("/log-in/enrol").text
    assert f'data-origin="{ORIGIN}"' in page and texts.MAKE_PASSKEY.vi in page
    made = key.create(browser.post("/log-in/passkey", {"csrf": ""}).json())
    codes = browser.post("/log-in/enrol", {"passkey": made, "passkey_name": "Khóa của Lan"})
    assert texts.RECOVERY_CODES_TITLE.vi in codes.text
    return browser


def notices(page):
    return [html.unescape(each) for each in re.findall(r'<p class="notice bad"[^>]*>([^<]+)</p>', page.text)]


def test_the_next_log_in_asks_for_the_passkey(world, enrolled, key):
    browser = Browser(world)
    assert browser.post("/log-in", {"name": "lan", "password": PASSWORD}).headers["location"].startswith("/log-in/code")
    page = browser.get("/log-in/code").text
    assert texts.USE_PASSKEY.vi in page and "hiện cho" not in page, "there is no app to look at"
    options = browser.post("/log-in/passkey", {"csrf": ""}).json()
    lying = key.get(options, origin="http://canh.example")
    assert notices(browser.post("/log-in/code", {"passkey": lying})) == [REASONS["origin"].vi]
    answer = browser.post("/log-in/code", {"passkey": key.get(browser.post("/log-in/passkey", {"csrf": ""}).json())})
    assert answer.headers["location"] == "/alerts" and browser.get("/my-account").status_code == 200


def test_a_stranger_is_asked_nothing(world):
    assert set(Browser(world).post("/log-in/passkey", {"csrf": ""}).json()) == {"refused"}


def test_the_reason_comes_in_the_readers_language(world, enrolled, key):
    with db.session(world.engine, EVERY_UNIT) as session:
        create_account(session, OPERATOR, "hoa", "analyst", None, PASSWORD, world.now)
        set_authenticator(session, 2, b"s" * 20, 0, world.key, world.now)
    browser = Browser(world)
    browser.post("/log-in", {"name": "hoa", "password": PASSWORD})
    assert texts.USE_PASSKEY.vi not in browser.get("/log-in/code").text
    assert browser.post("/log-in/passkey", {"csrf": ""}).json() == {"refused": NONE_HERE.vi}
    browser.cookies["canh_language"] = "en"
    assert browser.post("/log-in/passkey", {"csrf": ""}).json() == {"refused": NONE_HERE.en}


def test_a_second_passkey_is_added_and_removed(world, enrolled, key):
    proof = key.get(enrolled.post("/my-account/passkey/ask", {}).json())
    page = enrolled.post("/my-account/passkey", {"password": PASSWORD, "passkey": proof}).text
    options = json.loads(html.unescape(re.search(r'data-options="([^"]+)"', page)[1]))
    assert options["create"]["excludeCredentials"], "the same device is not taken twice"
    second = Authenticator(ORIGIN, b"second")
    form = {"passkey": second.create(options), "passkey_name": "<b>Máy</b>"}
    assert enrolled.post("/my-account/passkey/add", form).headers["location"] == "/my-account?notice=set"
    page = enrolled.get("/my-account").text
    assert "&lt;b&gt;Máy&lt;/b&gt;" in page and "Khóa của Lan" in page and "localhost" in page
    again = enrolled.post("/my-account/passkey/add", form)
    assert notices(again) == [REASONS["challenge"].vi], "once"
    number = re.findall(r'name="number" value="(\d+)"', page)[-1]
    wrong = enrolled.post("/my-account/passkey/remove", {"password": PASSWORD, "code": "000000", "number": number})
    assert wrong.status_code == 200 and f'value="{number}"' in wrong.text
    proof = second.get(enrolled.post("/my-account/passkey/ask", {}).json())
    gone = enrolled.post("/my-account/passkey/remove", {"password": PASSWORD, "passkey": proof, "number": number})
    assert gone.headers["location"] == "/my-account?notice=passkey-removed"
    page = enrolled.get("/my-account?notice=passkey-removed").text
    assert "Máy" not in page and texts.PASSKEY_REMOVED.vi in page


@pytest.mark.parametrize("number", ["", "x", "²", "9" * 40, "-1"])
def test_a_number_that_is_none_removes_nothing(world, enrolled, key, number):
    proof = key.get(enrolled.post("/my-account/passkey/ask", {}).json())
    form = {"password": PASSWORD, "passkey": proof, "number": number}
    assert enrolled.post("/my-account/passkey/remove", form).status_code == 200
    assert "Khóa của Lan" in enrolled.get("/my-account").text


def test_where_browsers_allow_none_the_page_says_so(tmp_path):
    world = World(tmp_path, settings=WebSettings(allowed_hosts=["10.0.0.5"]))
    try:
        browser = Browser(world).log_in()
        page = browser.get("/my-account").text
        assert texts.PASSKEYS_NOWHERE.vi in page and texts.ADD_PASSKEY.vi not in page
        assert browser.post("/my-account/passkey", {"password": PASSWORD}).status_code == 404
        assert browser.post("/my-account/passkey/add", {"passkey": "{}"}).status_code == 404
        assert browser.post("/my-account/passkey/ask", {}).json() == {"refused": NONE_HERE.vi}
        assert browser.post("/log-in/passkey", {"csrf": ""}).json() == {"refused": NONE_HERE.vi}
    finally:
        world.close()
