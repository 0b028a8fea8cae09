"""A machine in a real browser: its account, its key, and both ending; with the keyboard, narrow and wide."""

import pytest
from playwright.sync_api import expect

from tests.e2e.log_in import log_in
from tests.security.province import OWN, alert_in_each_unit

PURPOSE = "đẩy nhật ký của máy chủ web qua mạng nội bộ về trung tâm giám sát an toàn thông tin của tỉnh"


@pytest.mark.slow
def test_a_machine_gets_an_account_and_a_key_and_both_end(world, page):
    alert_in_each_unit(world)
    world.administrator()
    log_in(page, world, onward="/service-accounts")
    page.get_by_label("Tên", exact=True).fill("máy chủ web")
    page.get_by_label("Dùng để làm gì").fill(PURPOSE)
    page.get_by_label("Người chịu trách nhiệm").select_option("lan")
    page.get_by_label("Đơn vị").select_option(OWN)
    page.get_by_label("Đơn vị").press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Đã tạo tài khoản dịch vụ.")).to_be_visible()
    row = page.locator("tr[data-row]")
    expect(row).to_contain_text(PURPOSE)
    expect(row).to_contain_text("chưa có khóa")
    page.goto("/keys")
    page.get_by_label("Tên (ai dùng, để làm gì)").fill("rsyslog của máy chủ web")
    page.get_by_label("Vai trò").select_option("sender")
    page.locator("select[name=unit]").select_option(OWN)
    page.get_by_label("Tài khoản dịch vụ").select_option("máy chủ web")
    page.get_by_role("button", name="Tạo khóa").click()
    expect(page.locator("code.secret")).to_contain_text("canh_")
    for path in ("/keys", "/service-accounts", "/access-review"):
        page.goto(path)
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (path, width)
    page.goto("/service-accounts")
    expect(page.locator("tr[data-row]")).to_contain_text("rsyslog của máy chủ web")
    page.locator("tr[data-row] summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Đóng và thu hồi khóa").click()
    expect(page.get_by_text("Đã đóng; các khóa đã bị thu hồi.")).to_be_visible()
    page.goto("/keys")
    expect(page.get_by_text("Chưa có khóa nào còn hiệu lực.")).to_be_visible()
