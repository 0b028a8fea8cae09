"""The roster of a week, the hand-over on the page, and what others do not see."""

import pytest
from sqlalchemy import update

from core.scope import EVERY_UNIT
from org.account import Account
from org.account_creation import create_account
from org.actor import OPERATOR
from org.post_import import import_posts, read_posts
from org.roster_import import import_roster, read_roster
from org.unit import record_facts
from store import db
from tests.unit.api.world import NOW, PASSWORD
from tests.unit.console.browser import Browser
from tests.unit.org.provinces import FACTS

pytestmark = pytest.mark.slow

UNIT = "can-tho"
PEOPLE = f"""code,event,date,unit,name,account
nv-lan,person,2024-01-01,{UNIT},Trần Lan,lan
nv-minh,person,2024-01-01,{UNIT},Lê Minh <b>,
"""
SHIFTS = f"""event,person,unit,role,start,end
shift,nv-lan,{UNIT},shift_leader,2026-11-24 07:00,2026-11-24 10:00
shift,nv-minh,{UNIT},shift_leader,2026-11-24 09:45,2026-11-24 15:00
"""


@pytest.fixture
def browser(world):
    with db.session(world.engine, EVERY_UNIT) as session:
        assert record_facts(session, OPERATOR, FACTS, {}, NOW) is None
    with db.session(world.engine, EVERY_UNIT) as session:
        assert import_posts(session, OPERATOR, read_posts(PEOPLE.encode()), NOW, correct=False).refusals == ()
    with db.session(world.engine, EVERY_UNIT) as session:
        assert import_roster(session, OPERATOR, read_roster(SHIFTS.encode()), NOW, correct=False).refusals == ()
    with db.session(world.engine, EVERY_UNIT) as session:
        create_account(session, OPERATOR, "dau-moi", "unit_contact", "x-my-xuyen", PASSWORD, NOW)
    return Browser(world).log_in()


def test_the_week_with_who_is_on_duty_gaps_and_overlaps(browser):
    page = browser.get("/roster").text
    now = page.split('id="now"')[1].split('id="week"')[0]
    assert "Trần Lan" in now and "trưởng ca" in now and "Tuần từ thứ Hai 23/11/2026" in page
    assert "Không có ai trực từ 23/11/2026 00:00 đến 24/11/2026 07:00" in page
    assert "Hai trưởng ca cùng lúc, 24/11/2026:" in page and "Lê Minh &lt;b&gt;" in page and "<b>" not in page
    assert page.count("<ul") == page.count("</ul>")
    assert "Không có ai trực" not in browser.get("/roster?on=2026-12-01").text, "a week without any shift"
    browser.cookies["canh_language"] = "en"
    assert "Nobody is on duty from 2026-11-23" in browser.get("/roster").text


def test_the_one_on_duty_hands_over(browser):
    answer = browser.post("/roster/hand-over", {"taken_by": "nv-minh", "note": "Theo dõi máy chủ <i>"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/roster")
    page = browser.get("/roster").text
    assert "Các lần bàn giao" in page and "Theo dõi máy chủ &lt;i&gt;" in page and "Trần Lan → Lê Minh" in page


def test_a_hand_over_that_cannot_be_is_said_and_the_note_kept(browser):
    answer = browser.post("/roster/hand-over", {"taken_by": "nv-lan", "note": "đừng mất"})
    assert "Người nhận phải đang trực" in answer.text and "đừng mất" in answer.text
    assert "Các lần bàn giao" not in browser.get("/roster").text


def test_whoever_is_not_on_duty_has_no_form(world, browser):
    assert "/roster/hand-over" in browser.get("/roster").text
    with db.session(world.engine, EVERY_UNIT) as session:
        session.execute(update(Account).where(Account.key == "lan").values(key="ai", name="ai"))
    page = browser.get("/roster").text
    assert "/roster/hand-over" not in page and "Trần Lan" in page


def test_a_contact_of_another_unit_sees_no_shift(world, browser):
    contact = Browser(world)
    contact.post("/log-in", {"name": "dau-moi", "password": PASSWORD})
    page = contact.get("/roster").text
    assert "Lúc này không có ai trực." in page
    for secret in ("Lan", "Minh", "can-tho", "Cần Thơ", "07:00", "/roster/hand-over"):
        assert secret not in page, secret


@pytest.mark.parametrize("typed", ["31/12/2025", "<b>", "9999-12-31", "0001-01-01", "{x}"])
def test_a_date_that_is_none_shows_this_week(browser, typed):
    page = browser.get(f"/roster?on={typed}")
    assert page.status_code == 200 and "không phải ngày" in page.text and "23/11/2026" in page.text
