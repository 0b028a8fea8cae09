"""The page on which a person sets the password of the account they were given."""

import html

from console import texts
from core.scope import EVERY_UNIT
from org.account_creation import create_account
from org.actor import OPERATOR
from org.invitation import NOT_VALID, invite
from store import db
from tests.unit.api.world import NOW, PASSWORD
from tests.unit.console.browser import Browser


def invited(world):
    with db.session(world.engine, EVERY_UNIT) as session:
        create_account(session, OPERATOR, "minh", "analyst", None, None, NOW)
        secret = invite(session, OPERATOR, "minh", NOW)
    assert isinstance(secret, str)
    return secret


def test_from_the_link_to_the_queue(world):
    secret = invited(world)
    browser = Browser(world)
    page = html.unescape(browser.get(f"/invitation?secret={secret}").text)
    assert "“minh”" in page and "Ít nhất 14 ký tự" in page
    form = {"secret": secret, "password": PASSWORD, "again": PASSWORD}
    assert texts.PASSWORDS_DIFFER.vi in html.unescape(browser.post("/invitation", {**form, "again": "x"}).text)
    assert "ít nhất 14 ký tự" in browser.post("/invitation", {**form, "password": "ngắn", "again": "ngắn"}).text
    assert browser.post("/invitation", form).headers["location"] == "/log-in?notice=password"
    assert texts.PASSWORD_READY.vi in browser.get("/log-in?notice=password").text
    assert browser.enter("minh").headers["location"] == "/alerts"
    again = html.unescape(browser.post("/invitation", form).text)
    assert NOT_VALID.vi in again and 'action="/invitation"' not in again


def test_a_made_up_link_tells_nothing(world):
    invited(world)
    for made_up in ("x", "é", ""):
        page = html.unescape(Browser(world).get(f"/invitation?secret={made_up}").text)
        assert NOT_VALID.vi in page and "minh" not in page
