"""Settings in the browser: changed with a reason, the history with its diff, undone."""

import html
import re

import pytest

from console import texts
from tests.unit.console.browser import Browser

pytestmark = pytest.mark.slow

KEY = "org.session_idle_minutes"


@pytest.fixture
def browser(world):
    return Browser(world).log_in()


def part(page):
    """What the page says of the setting."""
    return html.unescape(page).partition(f'aria-labelledby="{KEY}"')[2].partition("</section>")[0]


def change(browser, value, reason="phòng trực chung", version="0"):
    return browser.post("/settings/change", {"key": KEY, "value": value, "reason": reason, "version": version})


def test_a_setting_is_changed_shown_with_its_diff_and_undone(browser):
    assert change(browser, "15").headers["location"] == "/settings?changed=1"
    shown = part(browser.get("/settings").text)
    assert "<strong>15</strong>" in shown and "mặc định: 30" in shown and "phòng trực chung" in shown
    assert "<del>30</del> → <ins>15</ins>" in shown
    hidden = dict(re.findall(r'name="(version|number)" value="(\d+)"', shown.partition('action="/settings/undo"')[2]))
    undo = browser.post("/settings/undo", {"key": KEY, "reason": "xong", **hidden})
    assert undo.headers["location"] == "/settings?changed=1"
    assert "<strong>30</strong>" in part(browser.get("/settings").text)


def test_what_is_refused_is_said_beside_the_setting_and_what_was_typed_kept(browser):
    shown = part(change(browser, "600", "lý do dài").text)
    assert "từ 5 đến 30" in shown and 'value="600"' in shown and 'value="lý do dài"' in shown
    assert "Cần lý do" in part(change(browser, "15", " ").text)
    for version in ("9", "x", "-1", ""):
        assert "hãy xem lại" in part(change(browser, "15", version=version).text)


def test_an_auditor_sees_and_cannot_change(world, browser):
    from sqlalchemy import update

    from core.scope import EVERY_UNIT
    from org.account import Account
    from store import db

    with db.session(world.engine, EVERY_UNIT) as session:
        session.execute(update(Account).values(role="auditor"))
    page = browser.get("/settings").text
    assert texts.SETTINGS_TITLE.vi in page and "/settings/change" not in page
    assert change(browser, "15").status_code == 403
