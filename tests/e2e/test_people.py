"""People and the roster in a real browser: a date, a hand-over, narrow and wide, with the keyboard alone."""

import pytest
from playwright.sync_api import expect

from core.scope import EVERY_UNIT
from org.actor import OPERATOR
from org.post_import import SEED, import_posts, read_posts
from org.roster_import import import_roster, read_roster
from org.unit_import import SEED as UNITS_SEED
from org.unit_import import import_units, read_units
from store import db
from tests.e2e.log_in import log_in
from tests.unit.api.world import NOW

PEOPLE = """code,event,date,unit,name,account,person,decision
nv-lan,person,2024-01-01,so-tttt-cds,Trần Thị Đặng Lan,lan,,
nv-minh,person,2024-01-01,so-tttt-cds,Lê Hoàng Minh,,,
giam-doc,appointed,2024-01-15,,,,nv-lan,101/QĐ-UBND
"""
SHIFTS = """event,person,unit,role,start,end
shift,nv-lan,so-tttt-cds,shift_leader,2026-11-24 07:00,2026-11-24 10:00
shift,nv-minh,so-tttt-cds,analyst,2026-11-24 10:00,2026-11-24 23:00
"""


@pytest.fixture
def people(world, page):
    """The seed with a director who is on duty, logged in."""
    world.administrator()
    for take, file in (
        (import_units, read_units(UNITS_SEED.read_bytes())),
        (import_posts, read_posts(SEED.read_bytes())),
        (import_posts, read_posts(PEOPLE.encode())),
        (import_roster, read_roster(SHIFTS.encode())),
    ):
        with db.session(world.engine, EVERY_UNIT) as session:
            assert take(session, OPERATOR, file, NOW, correct=False).refusals == ()
    log_in(page, world, onward="/posts")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nhân sự và chức danh")


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_who_may_sign_on_a_date(people, page):
    signers = page.locator("section", has=page.locator("#signers"))
    expect(signers).to_contain_text("Trần Thị Đặng Lan")
    field = page.get_by_label("Theo ngày")
    field.fill("2024-01-14")
    field.press("Enter")
    expect(signers).to_contain_text("không ai: chức danh trống")
    for width in (375, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert fits(page), width


def test_the_one_on_duty_hands_over_with_the_keyboard(people, page):
    page.goto("/roster")
    note = page.get_by_label("Ghi chú")
    note.fill("Gọi lại cho Sở Y tế lúc 11 giờ.")
    note.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("section", has=page.locator("#hand-overs"))).to_contain_text(
        "Trần Thị Đặng Lan → Lê Hoàng Minh Gọi lại cho Sở Y tế lúc 11 giờ."
    )
    for width in (375, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert fits(page), width
