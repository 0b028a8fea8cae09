"""The pages in a real browser, over a real database and a real event store."""

import base64
import re

import msgspec
import pytest
from playwright.sync_api import expect

from console import texts
from org import totp
from org.second_factor import WRONG_CODE
from tests.e2e.log_in import log_in
from tests.unit.api.world import BRUTE_FORCE, PASSWORD, brute_force, failed_login, rejected


def attack(world, number=1, *, source="203.0.113.9", level="high", events=12):
    """A stored brute force and its alert."""
    failures = [failed_login(number * 100 + each, source=source, ago_s=300 - each) for each in range(1, events + 1)]
    world.store(*failures)
    return world.alert(brute_force((failures[0], failures[events // 2], failures[-1]), count=events, level=level))


@pytest.fixture
def staff(world, page):
    """The page of somebody who is logged in."""
    world.administrator()
    log_in(page, world)
    return page


def test_from_the_first_run_link_to_the_queue(world, page):
    page.goto(f"/first-run?secret={world.first_run_secret()}")
    page.get_by_label("Tên đăng nhập").fill("lan")
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_label("Nhập lại mật khẩu").fill("khác")
    page.get_by_role("button", name="Tạo tài khoản quản trị").click()
    expect(page.get_by_role("alert")).to_have_text(texts.PASSWORDS_DIFFER.vi)
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_label("Nhập lại mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Tạo tài khoản quản trị").click()
    expect(page.get_by_role("status")).to_have_text(texts.ADMINISTRATOR_SET.vi)
    page.get_by_label("Tên đăng nhập").fill("lan")
    page.get_by_label("Mật khẩu").fill("sai rồi")
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thiết lập yếu tố thứ hai")
    app = base64.b32decode(page.locator(".spoken").inner_text().replace(" ", ""))
    page.get_by_label("6 chữ số trong ứng dụng").fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text(WRONG_CODE.vi)
    page.get_by_label("6 chữ số trong ứng dụng").fill(totp.code(app, totp.step_of(world.now)))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mã khôi phục")
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    page.get_by_role("link", name="Tôi đã cất các mã này").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cảnh báo")
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page.get_by_role("status")).to_have_text(texts.LOGGED_OUT.vi)
    page.goto("/alerts")
    expect(page).to_have_url(re.compile("/log-in"))


def test_an_alert_from_the_queue_to_its_end(world, staff):
    attack(world)
    staff.reload()
    row = staff.get_by_role("row", name=re.compile("Dò mật khẩu SSH"))
    expect(row).to_contain_text("203.0.113.9")
    row.get_by_role("button", name="Tiếp nhận").click()
    expect(row).to_contain_text("Đã tiếp nhận")
    expect(row.get_by_role("button")).to_have_count(0)
    staff.get_by_role("link", name="Dò mật khẩu SSH").click()
    expect(staff.get_by_text("Có 12 lần đăng nhập SSH thất bại từ 203.0.113.9 trong 5 phút.").first).to_be_visible()
    expect(staff.get_by_text("Failed password for root from 203.0.113.9").first).to_be_visible()
    expect(staff.get_by_text("lan tiếp nhận lúc")).to_be_visible()
    staff.get_by_label("Lý do").select_option("false_positive")
    staff.get_by_label("Ghi chú").fill("Máy quét nội bộ")
    staff.get_by_role("button", name="Đóng cảnh báo").click()
    expect(staff.get_by_role("status").first).to_have_text("Đã đóng cảnh báo #1.")
    expect(staff.get_by_role("row")).to_have_count(0)
    staff.get_by_role("link", name="Đã đóng").click()
    staff.get_by_role("link", name="Dò mật khẩu SSH").click()
    expect(staff.get_by_text("Máy quét nội bộ")).to_be_visible()


def test_the_queue_by_keyboard_alone(world, staff):
    for number in range(1, 4):
        attack(world, number, source=f"203.0.113.{number}")
    staff.reload()
    staff.keyboard.press("j")
    first = staff.evaluate("document.activeElement.id")
    staff.keyboard.press("j")
    second = staff.evaluate("document.activeElement.id")
    assert first != second
    staff.keyboard.press("k")
    assert staff.evaluate("document.activeElement.id") == first
    staff.keyboard.press("a")
    expect(staff.locator(f"tr:has(#{first})")).to_contain_text("Đã tiếp nhận")
    assert staff.evaluate("document.activeElement.id") == first
    staff.keyboard.press("j")
    staff.keyboard.press("c")
    expect(staff.get_by_label("Lý do")).to_be_focused()
    staff.keyboard.press("ArrowDown")
    staff.keyboard.press("Tab")
    staff.keyboard.type("ajk? đã xử lý")
    staff.keyboard.press("Tab")
    staff.keyboard.press("Enter")
    expect(staff.get_by_role("status").first).to_contain_text("Đã đóng cảnh báo")
    staff.keyboard.press("?")
    expect(staff.get_by_role("dialog")).to_be_visible()
    staff.keyboard.press("Escape")
    staff.keyboard.press("j")
    staff.keyboard.press("Enter")
    expect(staff).to_have_url(re.compile("/alerts/[^/]+$"))
    staff.keyboard.press("u")
    expect(staff).to_have_url(re.compile("/alerts$"))


def test_the_queue_renews_itself_and_the_cursor_stays(world, staff):
    attack(world, 1, source="203.0.113.1")
    staff.reload()
    staff.keyboard.press("j")
    stood_on = staff.evaluate("document.activeElement.id")
    attack(world, 2, source="203.0.113.2")
    expect(staff.get_by_text("203.0.113.2")).to_be_visible(timeout=15_000)
    assert staff.evaluate("document.activeElement.id") == stood_on


def test_a_search_with_an_error_then_narrowed(world, staff):
    attack(world)
    world.store(failed_login(900, source="198.51.100.7", user="thử"), rejected(901))
    staff.goto("/events")
    query = staff.get_by_role("combobox", name=texts.QUERY.vi)
    query.fill("user.name:root and (")
    staff.get_by_role("button", name="Tìm").click()
    expect(staff.get_by_role("alert")).to_contain_text("Ký tự")
    expect(query).to_have_value("user.name:root and (")
    expect(staff.locator(".fault mark")).to_have_count(1)
    query.fill("sshd")
    staff.keyboard.press("Enter")
    expect(staff.get_by_role("status")).to_have_text("13 sự kiện")
    staff.locator("summary", has_text="198.51.100.7").click()
    expect(staff.locator("details[open]").get_by_text("<38>Nov 24 09:12:01 web-01 sshd[812]")).to_be_visible()
    staff.locator("details[open]").get_by_role("link", name="thử", exact=True).click()
    expect(query).to_have_value('sshd and user.name:"thử"')
    expect(staff.get_by_role("status")).to_have_text("1 sự kiện")
    query.fill("khôngcógì")
    staff.keyboard.press("Enter")
    expect(staff.get_by_text(texts.NO_EVENTS.vi)).to_be_visible()


def test_a_time_of_ones_own(world, staff):
    world.store(failed_login(1), failed_login(2, ago_s=7200))
    staff.goto("/events")
    expect(staff.get_by_label("Từ", exact=True)).to_be_hidden()
    staff.locator("#range").select_option("custom")
    staff.get_by_label("Từ", exact=True).fill("2026-11-24T07:29:00")
    staff.get_by_label("Đến", exact=True).fill("2026-11-24T07:31:00")
    staff.get_by_role("button", name="Tìm").click()
    expect(staff.get_by_role("status")).to_have_text("1 sự kiện")
    expect(staff.locator("summary time")).to_have_attribute("title", "2026-11-24 00:30:00.000 UTC")


def test_both_languages_and_the_dark(world, staff):
    attack(world)
    staff.reload()
    staff.get_by_role("button", name="English").click()
    expect(staff.get_by_role("heading", level=1)).to_have_text("Alerts")
    expect(staff.get_by_role("link", name="SSH brute force")).to_be_visible()
    light = staff.evaluate("getComputedStyle(document.body).backgroundColor")
    staff.get_by_role("button", name="Dark").click()
    assert staff.evaluate("getComputedStyle(document.body).backgroundColor") != light
    staff.get_by_role("button", name="Light").click()
    assert staff.evaluate("getComputedStyle(document.body).backgroundColor") == light
    staff.get_by_role("button", name="System").click()
    staff.emulate_media(color_scheme="dark")
    assert staff.evaluate("getComputedStyle(document.body).backgroundColor") != light
    staff.get_by_role("button", name="Tiếng Việt").click()
    expect(staff.get_by_role("heading", level=1)).to_have_text("Cảnh báo")


CONTRAST = """
() => {
  const channel = c => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const parse = s => s.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  const weak = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; node = walker.nextNode();) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility() || element.closest("dialog, .hidden, .skip, option")) continue;
    const a = luminance(parse(getComputedStyle(element).color)), b = luminance(ground(element));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) weak.push(`${node.data.trim().slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return weak;
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_the_contrast_of_wcag_aa(world, staff, scheme):
    for number, level in enumerate(("critical", "high", "medium", "low", "informational"), 1):
        group = attack(world, number, source=f"203.0.113.{number}", level=level)
    world.store(rejected(999))
    staff.emulate_media(color_scheme=scheme)
    for path in ("/alerts", f"/alerts/{group.id}", "/events?query=*&range=all", "/events?query=(", "/status"):
        staff.goto(path)
        staff.wait_for_timeout(200)
        assert staff.evaluate(CONTRAST) == [], path


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_no_page_is_wider_than_the_screen(world, staff, width):
    long_name = "x" * 300
    event = failed_login(1, user=long_name, **{f"a.very.long.{long_name}": long_name})
    world.store(event)
    rule = msgspec.structs.replace(BRUTE_FORCE, title=texts.Text("Dò " + long_name, "Guess " + long_name))
    group = world.alert(brute_force((event,), rule=rule))
    staff.set_viewport_size({"width": width, "height": 740})
    for path in ("/alerts", f"/alerts/{group.id}", "/events?query=" + long_name, "/events", "/status"):
        staff.goto(path)
        if path == "/events":
            staff.locator("summary").first.click()
        assert staff.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_status_page(world, staff):
    staff.get_by_role("link", name="Trạng thái", exact=True).click()
    expect(staff.get_by_role("row", name=re.compile("pipeline"))).to_contain_text("Đang hoạt động")
    expect(staff.get_by_text("oversized")).to_be_visible()


def test_it_prints(world, staff):
    group = attack(world)
    staff.goto(f"/alerts/{group.id}")
    staff.emulate_media(media="print")
    expect(staff.get_by_role("button", name="Tiếp nhận")).to_be_hidden()
    expect(staff.get_by_text("Failed password for root").first).to_be_visible()
    assert len(staff.pdf()) > 10_000


def test_on_a_phone_the_facts_come_first_and_one_sees_who_one_is(world, staff):
    group = attack(world)
    staff.set_viewport_size({"width": 375, "height": 740})
    staff.goto(f"/alerts/{group.id}")
    tops = [
        staff.get_by_role("heading", name=name, exact=True).bounding_box()["y"]
        for name in (texts.WHAT_HAPPENED.vi, texts.HISTORY.vi, texts.WHY_IT_FIRED.vi)
    ]
    assert tops == sorted(tops)
    expect(staff.get_by_text("lan", exact=True)).to_be_visible()


def test_a_time_that_is_none_stays_in_its_field(world, staff):
    staff.goto("/events?from=banana&to=2026-11-24T07:31")
    expect(staff.get_by_label("Từ", exact=True)).to_have_value("banana")
    expect(staff.get_by_label("Đến", exact=True)).to_have_value("2026-11-24T07:31")
    expect(staff.get_by_role("alert")).to_have_text(texts.BAD_TIME.format(text="banana").vi)


def test_the_guides_query_is_one_click_away(world, staff):
    guide = texts.Text(
        "Tìm: event.outcome:failure source.ip:ĐỊA_CHỈ.", "Look for: event.outcome:failure source.ip:ADDRESS."
    )
    failures = [failed_login(number, ago_s=number) for number in range(1, 4)]
    world.store(*failures)
    group = world.alert(brute_force(tuple(failures), rule=msgspec.structs.replace(BRUTE_FORCE, guide=guide)))
    staff.goto(f"/alerts/{group.id}")
    staff.get_by_role("link", name='event.outcome:failure source.ip:"203.0.113.9"').click()
    expect(staff.get_by_role("status")).to_have_text("3 sự kiện")


def test_the_menus_of_the_header_with_the_keyboard(staff):
    menu = staff.locator("details.menu", has_text="Tổ chức")
    expect(menu.get_by_role("link", name="Lịch trực")).not_to_be_visible()
    menu.locator("summary").focus()
    staff.keyboard.press("Enter")
    expect(menu.get_by_role("link", name="Lịch trực")).to_be_visible()
    staff.keyboard.press("Escape")
    expect(menu.get_by_role("link", name="Lịch trực")).not_to_be_visible()
    expect(menu.locator("summary")).to_be_focused()
    staff.keyboard.press("Enter")
    staff.keyboard.press("Tab")
    staff.keyboard.press("Enter")
    expect(staff).to_have_url(re.compile("/units$"))
    expect(staff.locator("details.menu[data-current] > summary")).to_have_text("Tổ chức")
    staff.locator("details.menu", has_text="Quản trị").locator("summary").click()
    staff.get_by_role("heading", level=1).click()
    expect(staff.get_by_role("link", name="Kiểm toán")).not_to_be_visible()
