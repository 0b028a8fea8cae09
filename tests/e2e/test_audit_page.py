"""The audit in a real browser: read, narrowed, paged, in Vietnamese and English; hostile names do nothing."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from core.language import Text
from core.scope import EVERY_UNIT
from org import audit
from org.actor import OPERATOR, Actor
from org.audit_chain import chain
from org.audit_copy import note_copied
from org.audit_key import ensure_key
from store import db
from tests.e2e.test_console import attack, staff  # noqa: F401 (a fixture)
from tests.unit.api.world import NOW

pytestmark = pytest.mark.slow
HOSTILE = "<img src=x onerror=alert(1)>\u202e"


@pytest.fixture
def history(world, tmp_path_factory):
    """Sixty acts of several people, chained but for the last three; one place outside works, one does not."""
    stranger = Actor(kind="account", number=9, name=f"Minh {HOSTILE}", role="reader", scope=EVERY_UNIT)

    def acts(first, last):
        with db.session(world.engine, EVERY_UNIT) as session:
            for number in range(first, last):
                at = NOW - timedelta(minutes=60 - number)
                who, action, outcome = (
                    (stranger, "alert.close", "denied") if number % 7 == 0 else (OPERATOR, "token.create", "done")
                )
                detail = (
                    {"reason": "false_positive", "note": HOSTILE} if number % 7 == 0 else {"name": "bộ gửi nhật ký"}
                )
                resource = f"alert:{number}" if number % 7 == 0 else f"token:{number}"
                audit.append(session, who, action, resource, outcome, at, detail=detail)

    acts(0, 57)
    key, _ = ensure_key(tmp_path_factory.mktemp("key"))
    with db.session(world.engine, EVERY_UNIT) as session:
        chain(session, key, NOW)
        note_copied(session, "/mnt/may-khac/canh-moc.jsonl", 57, None, NOW)
        note_copied(session, "tcp://10.0.0.5:514", 0, Text("máy kia từ chối kết nối", "it refuses"), NOW)
    acts(57, 60)


def test_the_audit_read_narrowed_and_paged(world, history, staff):  # noqa: F811
    staff.locator("details.menu", has_text="Quản trị").locator("summary").click()
    staff.get_by_role("link", name="Kiểm toán").click()
    expect(staff.get_by_role("heading", level=1)).to_have_text("Nhật ký kiểm toán")
    rows = staff.locator("table.audit tbody tr")
    expect(rows).to_have_count(50)
    expect(rows.first).to_contain_text("đăng nhập")
    expect(rows.nth(2)).to_contain_text("chờ vào chuỗi")
    expect(staff.get_by_text("Không chép được lúc")).to_be_visible()
    staff.get_by_role("link", name="Cũ hơn").click()
    expect(rows.last).to_contain_text("alert:0")
    staff.get_by_label("Việc").select_option("alert.close")
    staff.get_by_role("button", name="Lọc").click()
    expect(rows).to_have_count(9)
    expect(rows.first).to_contain_text("Minh <img src=x onerror=alert(1)>\\u202e")
    rows.first.get_by_role("link").first.click()
    expect(staff).to_have_url(re.compile("actor=account%3A9$"))
    expect(rows).to_have_count(9)
    staff.get_by_role("link", name="Bỏ lọc").click()
    expect(rows).to_have_count(50)


def test_the_audit_in_english_on_a_narrow_screen(world, history, staff):  # noqa: F811
    staff.goto("/audit?actor=operator&action=token.create")
    staff.get_by_role("button", name="English").click()
    expect(staff.get_by_role("heading", level=1)).to_have_text("Audit")
    expect(staff.locator("table.audit tbody tr").first).to_contain_text("create API tokens")
    staff.set_viewport_size({"width": 390, "height": 844})
    wide = staff.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0


def test_the_status_tells_of_the_chain(world, history, staff):  # noqa: F811
    staff.goto("/status")
    expect(staff.get_by_role("heading", name="Chuỗi băm của nhật ký kiểm toán")).to_be_visible()
