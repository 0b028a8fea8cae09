"""The units page in a real browser, with the keyboard alone and without any script."""

import re

import pytest
from playwright.sync_api import expect

from core.scope import EVERY_UNIT
from org.account_creation import create_account
from org.actor import OPERATOR
from org.unit import record_facts
from store import db
from tests.e2e.log_in import log_in
from tests.unit.api.world import NOW, PASSWORD
from tests.unit.org.provinces import FACTS


@pytest.fixture
def people(world):
    """The three provinces, an administrator and the contact of a commune."""
    world.administrator()
    with db.session(world.engine, EVERY_UNIT) as session:
        record_facts(session, OPERATOR, FACTS, {}, NOW)
    with db.session(world.engine, EVERY_UNIT) as session:
        create_account(session, OPERATOR, "mai", "unit_contact", "x-my-xuyen", PASSWORD, NOW)


def test_the_tree_of_a_date_with_the_keyboard(world, people, page):
    log_in(page, world, onward="/units")
    expect(page.locator("section", has=page.locator("#tree"))).not_to_contain_text("Huyện Mỹ Xuyên")
    field = page.get_by_label("Tên và cơ cấu có hiệu lực ngày")
    field.fill("2025-06-30")
    field.press("Enter")
    expect(page).to_have_url(re.compile("on=2025-06-30"))
    tree = page.locator("section", has=page.locator("#tree"))
    expect(tree).to_contain_text("Huyện Mỹ Xuyên")
    center = tree.locator("summary", has_text="Trung tâm Công nghệ số tỉnh Sóc Trăng")
    center.focus()
    page.keyboard.press("Enter")
    expect(tree.get_by_text("Đổi tên thành Trung tâm Chuyển đổi số thành phố Cần Thơ")).to_be_visible()


def test_a_contact_sees_its_commune_and_those_before_it(world, people, page):
    log_in(page, world, "mai", onward="/units")
    expect(page.get_by_role("navigation", name="Điều hướng chính")).to_have_text(
        re.compile(
            r"^\s*Cảnh báo\s*Sự kiện\s*Tổ chức\s*Đơn vị\s*Nhân sự\s*Lịch trực\s*Nguồn nhật ký\s*Cơ quan tiếp nhận\s*$"
        )
    )
    page.get_by_text("Xã Mỹ Xuyên").first.click()
    expect(page.get_by_text("Tiếp nhận từ: Xã Đại Tâm; Xã Tham Đôn")).to_be_visible()
    expect(page.get_by_text("Cần Thơ")).to_have_count(0)


def test_no_script_is_needed(world, people, chromium, site):
    context = chromium.new_context(base_url=site, java_script_enabled=False, locale="vi-VN")
    page = context.new_page()
    log_in(page, world, onward="/units")
    page.get_by_label("Tên và cơ cấu có hiệu lực ngày").fill("2025-06-30")
    page.get_by_role("button", name="Xem", exact=True).click()
    expect(page.get_by_role("heading", level=2).first).to_have_text("Cơ cấu ngày 30/06/2025")
    page.locator("#unit-h-my-xuyen > summary").click()
    expect(page.locator("#unit-h-my-xuyen")).to_contain_text("Giải thể")
    context.close()


def test_the_slider_steps_through_the_dates_of_change(world, people, page):
    log_in(page, world, onward="/units")
    slider = page.get_by_role("slider", name="Lần thay đổi")
    slider.focus()
    before = page.locator(".slider output").inner_text()
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile("step="))
    assert page.locator(".slider output").inner_text() != before
    shown = page.locator(".slider output").inner_text()
    expect(page.get_by_role("heading", level=2).first).to_have_text(f"Cơ cấu ngày {shown}")


def test_a_small_tree_is_built_from_nothing_with_the_keyboard(world, page, tmp_path):
    world.administrator()
    log_in(page, world, onward="/units")
    page.get_by_role("link", name="Ghi thay đổi về đơn vị").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2).first).to_have_text("Thành lập")
    page.get_by_label("Đơn vị (mã)").fill("ct")
    page.get_by_label("Có hiệu lực ngày").fill("2004-01-01")
    page.get_by_label("Tên", exact=True).fill("Thành phố Cần Thơ")
    page.get_by_label("Số quyết định").fill("22/2003/QH11")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("01/01/2004 · ct: Thành lập: Thành phố Cần Thơ")
    page.get_by_role("button", name="Ghi", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Đã ghi 1 việc.")
    file = tmp_path / "đơn vị.csv"
    file.write_text(
        "mã;việc;ngày;tên;cấp trên;quyết định\n"
        "xa-a;thành lập;01/07/2025;Xã A;ct;1/QĐ\n"
        "xa-b;thành lập;01/07/2025;Xã B;nope;1/QĐ\n",
        "utf-8",
    )
    page.get_by_label("Tệp CSV (UTF-8)").set_input_files(file)
    page.get_by_role("button", name="Xem trước").last.click()
    expect(page.get_by_role("alert")).to_contain_text("dòng 3: không có đơn vị cấp trên “nope”")
    file.write_text(file.read_text("utf-8").replace("nope", "xa-a"), "utf-8")
    page.get_by_label("Tệp CSV (UTF-8)").set_input_files(file)
    page.get_by_role("button", name="Xem trước").last.click()
    expect(page.get_by_role("status")).to_contain_text("Mới: 2")
    page.get_by_role("button", name="Ghi", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Đã ghi 2 việc.")
    page.get_by_role("link", name="Quay lại").click()
    tree = page.locator("section", has=page.locator("#tree"))
    expect(tree).to_contain_text("Thành phố Cần Thơ")
    expect(tree).to_contain_text("Xã B")
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for path in ("/units", "/units/change", "/posts/change", "/roster/change"):
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (path, width)
