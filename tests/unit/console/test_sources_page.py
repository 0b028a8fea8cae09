"""Sources in the browser: assigned, ended, and whose a sender would be; a contact sees its own."""

import html

import pytest

from console import texts
from core.scope import EVERY_UNIT
from org.account_creation import create_account
from org.actor import OPERATOR
from org.source import load_assignments
from store import db
from tests.security.province import OTHER, OWN, alert_in_each_unit
from tests.unit.api.world import NOW, PASSWORD
from tests.unit.console.browser import Browser

pytestmark = pytest.mark.slow


@pytest.fixture
def browser(world):
    alert_in_each_unit(world)
    return Browser(world).log_in()


def assign(browser, unit, **place):
    return browser.post("/sources/assign", {"unit": unit, "network": "", "input": "", "host": "", **place})


def told(browser, question=""):
    return html.unescape(browser.get(f"/sources{question}").text).partition("<main")[2]


def test_a_source_is_assigned_asked_about_and_ended(world, browser):
    assert assign(browser, OWN, network="10.9.0.0/16").headers["location"] == "/sources?notice=set"
    assert assign(browser, OTHER, input="syslog/*", host="web-*").status_code == 303
    page = told(browser)
    assert "10.9.0.0/16" in page and "web-*" in page and "Sở Khoa học và Công nghệ thành phố Cần Thơ" in page
    asked = told(browser, "?peer=10.9.2.3").partition('id="whose"')[2]
    assert "Sở Khoa học và Công nghệ thành phố Cần Thơ" in asked
    assert texts.WHOSE_NOBODY.vi in told(browser, "?peer=192.0.2.1&input=tail:x")
    assert browser.post("/sources/end", {"number": "1"}).headers["location"] == "/sources?notice=ended"
    assert "10.9.0.0/16" not in told(browser)
    with db.session(world.engine, EVERY_UNIT, reading=True) as session:
        assert list(load_assignments(session)) == [2]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ({}, "mạng"),
        ({"network": "10.9.2.3/16"}, "10.9.0.0/16"),
        ({"network": "nope"}, "nope"),
        ({"network": "10.0.0.0/8", "input": "tail:x"}, "mạng"),
        ({"input": "a b"}, "a b"),
    ],
)
def test_what_is_no_place_is_refused_and_the_form_kept(browser, place, said):
    page = html.unescape(assign(browser, OWN, **place).text).partition("<main")[2]
    assert 'class="notice bad"' in page and said in page
    assert all(f'value="{value}"' in page for value in place.values())
    assert f'value="{OWN}" selected' in page


def test_a_unit_that_is_none_gets_nothing(browser):
    assert "nope" in html.unescape(assign(browser, "nope", network="10.0.0.0/8").text)


@pytest.mark.parametrize("number", ["", "0", "x", "99", "1" * 40])
def test_an_assignment_that_is_none_is_not_ended(browser, number):
    assert 'class="notice bad"' in browser.post("/sources/end", {"number": number}).text


def test_a_contact_sees_its_own_and_changes_nothing(world, browser):
    assign(browser, OWN, network="10.9.0.0/16")
    assign(browser, OTHER, network="10.2.0.0/16")
    with db.session(world.engine, EVERY_UNIT) as session:
        create_account(session, OPERATOR, "mai", "unit_contact", OWN, PASSWORD, NOW)
    contact = Browser(world)
    contact.enter("mai")
    page = told(contact, "?peer=10.2.0.1")
    assert "10.9.0.0/16" in page and "10.2.0.0/16" not in page and "/sources/assign" not in page
    assert texts.WHOSE_NOT_YOURS.vi in page, "not whose it is, if it is another unit's"
    assert texts.WHOSE_NOT_YOURS.vi in told(contact, "?peer=192.0.2.1"), "nor whether it is anybody's"
    assert contact.post("/sources/end", {"number": "1"}).status_code == 403


def test_a_network_of_another_unit_within_ones_own_is_not_ones_own(world, browser):
    """The closest assignment decides, though a contact does not see it."""
    assign(browser, OWN, network="10.9.0.0/16")
    assign(browser, OTHER, network="10.9.5.0/24")
    with db.session(world.engine, EVERY_UNIT) as session:
        create_account(session, OPERATOR, "mai", "unit_contact", OWN, PASSWORD, NOW)
        create_account(session, OPERATOR, "hoa", "unit_contact", OTHER, PASSWORD, NOW)
    for name, within, beside in (("mai", False, True), ("hoa", True, False)):
        contact = Browser(world)
        contact.enter(name)
        for peer, own in (("10.9.5.7", within), ("10.9.6.7", beside)):
            answer = told(contact, f"?peer={peer}")
            assert (texts.WHOSE_NOT_YOURS.vi in answer) is not own, (name, peer)
    assert "10.9.5.0/24" in told(browser, "?peer=10.9.5.7").partition('id="whose"')[2]
