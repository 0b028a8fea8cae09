"""The bodies in the browser: of a date, what is proposed, and confirming it."""

import html

import pytest

from console import texts
from core.scope import EVERY_UNIT
from org.actor import OPERATOR
from org.body import SEED, import_bodies, read_bodies
from store import db
from tests.unit.api.world import NOW
from tests.unit.console.browser import Browser
from tests.unit.console.test_facts_pages import confirmed, looked_at

pytestmark = pytest.mark.slow


@pytest.fixture
def browser(world):
    return Browser(world).log_in()


@pytest.fixture
def seeded(world):
    with db.session(world.engine, EVERY_UNIT) as session:
        import_bodies(session, OPERATOR, read_bodies(SEED.read_bytes()), NOW, correct=False)


def part(page, role):
    return html.unescape(page).partition(f'id="{role}"')[2].partition("<details")[0]


def test_nothing_recorded_says_where_to_begin(browser):
    assert "canh body import --seed" in html.unescape(browser.get("/bodies").text)


def test_the_date_decides_and_a_successor_takes_over(browser, seeded):
    def holder(on):
        return part(browser.get(f"/bodies?on={on}").text, "provincial_digital_authority")

    assert "Sở Khoa học và Công nghệ tỉnh Sóc Trăng" in holder("2025-06-30")
    assert "Sở Khoa học và Công nghệ thành phố Cần Thơ" in holder("2025-07-01")
    assert "Sở Thông tin và Truyền thông" in holder("2025-02-28")
    assert "không phải ngày" in html.unescape(browser.get("/bodies?on=x").text)


def test_a_proposal_is_confirmed_by_a_form_that_is_filled_in_already(browser, seeded):
    shown = part(browser.get("/bodies").text, "provincial_authority")
    assert texts.BODY_PROPOSED.vi in shown and "Công an thành phố Cần Thơ" in shown
    link = shown.rpartition('href="')[2].partition('"')[0]
    form = html.unescape(browser.get(link).text)
    for value in ("provincial_authority", "cong-an-can-tho", "2025-07-01"):
        assert f'value="{value}"' in form
    asked = {"event": "confirmed", "role": "provincial_authority", "body": "cong-an-can-tho", "date": "2025-07-01"}
    page = looked_at(browser, "/bodies", {**asked, "basis": "Công văn 12/CAT"})
    assert confirmed(browser, "/bodies", page).status_code == 303
    assert "<strong>Công an thành phố Cần Thơ (PA05)</strong>" in part(
        browser.get("/bodies").text, "provincial_authority"
    )
