"""The search page in a real browser: overview, brush, values, columns, suggestions, saved searches, export."""

import csv
import json
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from console import texts
from tests.e2e.log_in import log_in
from tests.unit.api.world import NOW, failed_login, rejected

FORMULA = '=HYPERLINK("http://evil.example")'


@pytest.fixture
def staff(world, page):
    """Logged in, over 60 log-ins of three users, two hours apart at most, and one of a user called by a formula."""
    users = ["root", "root", "admin", "Nguyễn Văn Ánh"]
    world.store(
        *(
            failed_login(number, source=f"203.0.113.{number % 5}", user=users[number % 4], ago_s=number * 120)
            for number in range(1, 61)
        ),
        failed_login(61, user=FORMULA, ago_s=1),
        rejected(62),
    )
    world.administrator()
    log_in(page, world)
    return page


def test_the_overview_comes_behind_the_first_results(staff):
    staff.goto("/events")
    expect(staff.locator(".result")).to_have_count(50)
    expect(staff.locator(".bars rect.bar").first).to_be_visible()
    assert staff.locator(".bars g").count() > 20
    names = staff.locator(".field-list summary").all_inner_texts()
    assert names[0] == "event.dataset" and "source.ip" in names
    staff.get_by_placeholder(texts.FIND_FIELD.vi).fill("user.na")
    expect(staff.locator(".field-list > li:visible")).to_have_count(1)
    staff.locator(".field-list summary", has_text="user.name").click()
    expect(staff.locator(".values")).to_contain_text("root")
    expect(staff.locator(".values li").first).to_contain_text("30")
    expect(staff.get_by_text("4 giá trị khác nhau")).to_be_visible()
    staff.locator(".values").get_by_role("link", name="Nguyễn Văn Ánh", exact=True).click()
    expect(staff.get_by_role("combobox", name=texts.QUERY.vi)).to_have_value('user.name:"Nguyễn Văn Ánh"')
    expect(staff.get_by_role("status")).to_have_text("15 sự kiện")


def test_a_time_is_chosen_by_dragging_over_the_bars(staff):
    staff.goto("/events?query=sshd")
    bars = staff.locator(".bars")
    expect(bars.locator("rect.bar").first).to_be_visible()
    box = bars.bounding_box()
    staff.mouse.move(box["x"] + box["width"] * 0.97, box["y"] + 20)
    staff.mouse.down()
    staff.mouse.move(box["x"] + box["width"] * 0.99, box["y"] + 30, steps=4)
    staff.mouse.up()
    expect(staff.locator("#range")).to_have_value("custom")
    expect(staff.get_by_label("Từ", exact=True)).not_to_have_value("")
    expect(staff.get_by_role("status")).not_to_have_text("61 sự kiện")
    expect(staff.locator("#query")).to_have_value("sshd")
    total = staff.get_by_role("status").inner_text()
    assert 0 < int(total.split()[0]) < 61
    staff.locator(".bars a").last.focus()
    staff.keyboard.press("Enter")
    staff.wait_for_load_state()
    expect(staff.locator("#range")).to_have_value("custom")


def test_what_may_come_next_is_offered(staff):
    staff.goto("/events")
    query = staff.locator("#query")
    query.press_sequentially("user.na")
    offers = staff.locator("#offers").get_by_role("option")
    expect(offers.first).to_contain_text("user.name")
    query.press("ArrowDown")
    query.press("Enter")
    expect(query).to_have_value("user.name:")
    expect(offers.first).to_contain_text("root")
    query.press_sequentially("ng")
    expect(offers).to_have_count(1)
    query.press("ArrowDown")
    query.press("Tab")
    expect(query).to_have_value('user.name:"Nguyễn Văn Ánh" ')
    expect(offers).to_have_count(0)
    query.press("Enter")
    expect(staff.get_by_role("status")).to_have_text("15 sự kiện")


def test_columns_are_kept_per_person(staff):
    staff.goto("/events")
    staff.locator(".field-list > li", has_text="source.ip").get_by_role("button").click()
    expect(staff.locator(".results-head")).to_contain_text("source.ip")
    expect(staff.locator(".result").nth(2)).to_contain_text("203.0.113.")
    staff.goto("/events?query=sshd")
    staff.locator(".results-head").get_by_role("button", name="Bỏ cột event.dataset").click()
    expect(staff.locator(".results-head")).not_to_contain_text(texts.COLUMNS["event.dataset"].vi)
    expect(staff.locator("#query")).to_have_value("sshd")


def test_a_search_is_saved_under_a_name(staff):
    staff.goto("/events?query=user.name:root&range=7d")
    staff.get_by_text(texts.SAVED_SEARCHES.vi).click()
    staff.get_by_label(texts.SEARCH_NAME.vi, exact=True).fill("Đăng nhập <b>root</b>")
    staff.get_by_role("button", name=texts.SAVE_SEARCH.vi).click()
    staff.get_by_text(texts.SAVED_SEARCHES.vi).click()
    staff.goto("/events")
    staff.get_by_text(texts.SAVED_SEARCHES.vi).click()
    staff.get_by_role("link", name="Đăng nhập <b>root</b>").click()
    expect(staff.locator("#query")).to_have_value("user.name:root")
    expect(staff.locator("#range")).to_have_value("7d")
    expect(staff.get_by_role("status")).to_have_text("30 sự kiện")
    staff.get_by_text(texts.SAVED_SEARCHES.vi).click()
    staff.get_by_role("button", name="Xóa “Đăng nhập <b>root</b>”").click()
    staff.get_by_text(texts.SAVED_SEARCHES.vi).click()
    expect(staff.get_by_text(texts.NO_SAVED_SEARCHES.vi)).to_be_visible()


def test_what_is_found_is_exported(staff, tmp_path):
    staff.goto("/events?query=sshd")
    with staff.expect_download() as taken:
        staff.get_by_role("link", name="CSV").click()
    file = tmp_path / "events.csv"
    taken.value.save_as(file)
    rows = list(csv.reader(file.read_text("utf-8-sig").splitlines()))
    assert rows[0][:3] == ["id", "time", "unit"] and rows[0][-1] == "event.original"
    assert len(rows) == 62 and len({row[0] for row in rows}) == 62
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    with staff.expect_download() as taken:
        staff.get_by_role("link", name="NDJSON").click()
    file = tmp_path / "events.ndjson"
    taken.value.save_as(file)
    told = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert len(told) == 61
    assert {each["fields"]["user.name"] for each in told} == {"root", "admin", "Nguyễn Văn Ánh", FORMULA}
    assert all(each["time"] <= (NOW + timedelta(seconds=1)).isoformat() for each in told)


def test_the_counts_are_there_without_script(staff, site):
    browser = staff.context.browser
    plain = browser.new_context(
        base_url=site, java_script_enabled=False, storage_state=staff.context.storage_state(), locale="vi-VN"
    )
    page = plain.new_page()
    page.goto("/events")
    page.get_by_role("link", name=texts.OVERVIEW_TITLE.vi).click()
    expect(page.locator(".bars rect.bar").first).to_be_visible()
    page.locator(".field-list > li", has_text="user.name").locator("summary").click()
    page.locator(".field-list > li", has_text="user.name").get_by_role("link").click()
    expect(page.locator(".values")).to_contain_text("root")
    plain.close()
