"""Recording facts in the browser: looked at before, taken whole or not at all, refused with line and reason."""

import base64
import html
import re
import unicodedata

import pytest

from console import texts
from core.scope import EVERY_UNIT
from org.account_creation import create_account
from org.actor import OPERATOR
from org.post import load_posts
from org.shift import live_shifts
from org.unit import load_history
from org.unit_import import SEED
from store import db
from tests.unit.api.world import NOW, PASSWORD, UNIT
from tests.unit.console.browser import Browser

pytestmark = pytest.mark.slow

PROVINCE = {
    "event": "established",
    "code": "ct",
    "date": "2004-01-01",
    "name": "Thành phố Cần Thơ",
    "decision": "22/2003/QH11",
}
COMMUNE = {
    "event": "established",
    "code": "xa-a",
    "date": "2025-07-01",
    "name": "Xã A",
    "parent": "ct",
    "decision": "1/QĐ",
}
BELOW_ITSELF = {"event": "moved", "code": "ct", "date": "2025-07-01", "parent": "ct", "decision": "3/QĐ"}
TOO_EARLY = {"event": "renamed", "code": "ct", "date": "2003-12-31", "name": "x", "decision": "3/QĐ"}


@pytest.fixture
def browser(world):
    return Browser(world).log_in()


def units(world):
    with db.session(world.engine, EVERY_UNIT, reading=True) as session:
        return load_history(session)


def names(world):
    """What the tree of today names, but for the unit that runs this Canh."""
    return [branch.name for branch in units(world).tree(NOW.date()) if branch.unit != UNIT]


def looked_at(browser, path, form):
    """The page that answers a form."""
    return html.unescape(browser.post(f"{path}/change/preview", form).text)


def written(browser, path, form):
    """Preview the form, then confirm what the preview carries."""
    page = looked_at(browser, path, form)
    return confirmed(browser, path, page)


def confirmed(browser, path, page):
    form = page.partition(f'action="{path}/change/apply"')[2].partition("</form>")[0]
    assert form, page.partition("<main")[2][:3000]
    hidden = dict(re.findall(r'name="(content|event|correct)" value="([^"]*)"', form))
    return browser.post(f"{path}/change/apply", hidden)


def uploaded(browser, path, content, **fields):
    answer = browser.world.send(
        "POST",
        f"{path}/change/preview",
        files={"file": ("tệp.csv", content, "text/csv")},
        data={"csrf": browser.csrf(), **fields},
        headers={"Sec-Fetch-Site": "same-origin", "Cookie": browser.cookie_header()},
    )
    return answer.status_code, html.unescape(answer.text)


def test_a_tree_is_built_by_forms_each_looked_at_before(world, browser):
    page = looked_at(browser, "/units", PROVINCE)
    assert "01/01/2004 · ct: Thành lập: Thành phố Cần Thơ (22/2003/QH11)" in page
    assert "ct" not in units(world), "nothing is written by looking"
    assert confirmed(browser, "/units", page).headers["location"] == "/units/change?recorded=1"
    assert "Đã ghi 1 việc." in browser.get("/units/change?recorded=1").text
    assert written(browser, "/units", COMMUNE).status_code == 303
    renamed = {"event": "renamed", "code": "xa-a", "date": "2025-08-01", "name": "Xã B", "decision": "2/QĐ"}
    assert written(browser, "/units", renamed).status_code == 303
    assert names(world) == ["Thành phố Cần Thơ", "Xã B"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({**COMMUNE, "parent": "nope"}, "không có đơn vị cấp trên “nope”"),
        ({**COMMUNE, "date": "2003-01-01"}, "đơn vị cấp trên “ct” chưa thành lập"),
        ({**COMMUNE, "name": "=cmd|' /C calc'!A0"}, "là công thức"),
        ({**COMMUNE, "code": "Xã A"}, "chỉ được có chữ thường không dấu"),
        ({**COMMUNE, "date": "31/02/2025"}, "không phải ngày"),
        ({**COMMUNE, "name": ""}, "cần ô “name”"),
        ({**COMMUNE, "code": "ct"}, "trùng mã “ct”"),
        (
            {"event": "moved", "code": "ct", "date": "2025-07-01", "parent": "ct", "decision": "3/QĐ"},
            "cấp trên của chính nó",
        ),
        (TOO_EARLY, "sai thứ tự ngày"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason_and_the_form_kept(world, browser, form, said):
    assert written(browser, "/units", PROVINCE).status_code == 303
    page = looked_at(browser, "/units", form)
    assert said in page and texts.PLAN_REFUSED.vi in page
    assert 'action="/units/change/apply"' not in page
    assert 'value="3/QĐ"' in page or 'value="1/QĐ"' in page, "what was typed is still there"
    assert names(world) == ["Thành phố Cần Thơ"]


def test_letters_are_mended_and_that_is_said(world, browser):
    name = unicodedata.normalize("NFD", "Xã Ðông Hải")
    page = looked_at(browser, "/units", {**PROVINCE, "name": name})
    assert "NFC" in page and "U+0110" in page
    assert confirmed(browser, "/units", page).status_code == 303
    assert units(world).name("ct", NOW.date()) == "Xã Đông Hải"


def test_a_file_is_looked_at_and_then_taken_byte_for_byte(world, browser):
    content = SEED.read_bytes()
    status, page = uploaded(browser, "/units", content)
    assert status == 200 and "Sở Thông tin và Truyền thông tỉnh Sóc Trăng" in page
    carried = re.search(r'name="content" value="([^"]+)"', page)[1]
    assert base64.b64decode(carried) == content
    assert confirmed(browser, "/units", page).status_code == 303
    assert "so-tttt" in units(world)
    _, again = uploaded(browser, "/units", content)
    assert texts.NOTHING_NEW.vi in again


def test_one_bad_row_and_nothing_of_the_file_is_taken(world, browser):
    rows = "\n".join(
        (
            "code;event;date;name;parent;decision",
            "ct;established;2004-01-01;CT;;1/QĐ",
            "xa;established;2025-07-01;X;nope;1/QĐ",
        )
    )
    _, page = uploaded(browser, "/units", rows.encode())
    assert "dòng 3" in page and "không có đơn vị cấp trên “nope”" in page
    forced = browser.post("/units/change/apply", {"content": base64.b64encode(rows.encode()).decode()})
    assert "không có đơn vị cấp trên" in html.unescape(forced.text)
    assert "ct" not in units(world)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a;b\n1;2\n", b"PK\x03\x04" + bytes(100), b"=1+1"])
def test_what_is_no_such_file_is_said(browser, content):
    status, page = uploaded(browser, "/units", content)
    assert status == 200 and texts.PLAN_REFUSED.vi in page


def test_a_file_that_is_too_large_for_the_page_is_said(browser):
    status, page = uploaded(browser, "/units", b"x" * (701 << 10))
    assert status == 200 and texts.FILE_TOO_LARGE.vi in page


@pytest.mark.parametrize("content", ["", "!", "é", "AAAA"])
def test_a_made_up_confirmation_writes_nothing(world, browser, content):
    answer = browser.post("/units/change/apply", {"content": content})
    assert answer.status_code == 200
    assert names(world) == []


def test_what_was_recorded_wrongly_is_corrected(world, browser):
    assert written(browser, "/units", PROVINCE).status_code == 303
    changed = {**PROVINCE, "name": "Cần Thơ", "correct": "1"}
    page = looked_at(browser, "/units", changed)
    assert "thay cho" in page
    assert confirmed(browser, "/units", page).status_code == 303
    assert units(world).name("ct", NOW.date()) == "Cần Thơ"


def test_a_person_gets_a_post_delegates_and_has_a_shift(world, browser):
    assert written(browser, "/units", PROVINCE).status_code == 303
    on = {"date": "2026-01-05", "decision": "1/QĐ"}
    for form in (
        {"event": "person", "code": "nv-lan", "unit": "ct", "name": "Trần Lan", "phone": "0901234567", **on},
        {"event": "person", "code": "nv-minh", "unit": "ct", "name": "Lê Minh", **on},
        {
            "event": "established",
            "code": "gd",
            "unit": "ct",
            "name": "Giám đốc",
            "kind": "director",
            "decision": "1",
            **on,
        },
        {
            "event": "established",
            "code": "pgd",
            "unit": "ct",
            "name": "Phó Giám đốc",
            "kind": "deputy_director",
            "decision": "1",
            **on,
        },
        {"event": "appointed", "code": "gd", "person": "nv-lan", **on},
        {"event": "appointed", "code": "pgd", "person": "nv-minh", **on},
        {"event": "delegated", "code": "gd", "receiver": "pgd", "subject": "sign_report", **on},
    ):
        assert written(browser, "/posts", form).status_code == 303, form
    with db.session(world.engine, EVERY_UNIT, reading=True) as session:
        history = load_posts(session)
    assert [each.fact.person for each in history.holders("gd", NOW.date())] == ["nv-lan"]
    hours = {"start": "2026-11-25T07:00", "end": "2026-11-25T15:00"}
    shift = {"event": "shift", "person": "nv-lan", "unit": "ct", "role": "analyst", **hours}
    page = looked_at(browser, "/roster", shift)
    assert "25/11/2026 07:00–15:00: Trần Lan, phân tích viên, Thành phố Cần Thơ" in page
    assert confirmed(browser, "/roster", page).status_code == 303
    with db.session(world.engine, EVERY_UNIT, reading=True) as session:
        assert len(live_shifts(session, NOW, NOW.replace(day=30))) == 1


def test_a_shift_leader_keeps_the_roster_and_nothing_else(world, browser):
    with db.session(world.engine, EVERY_UNIT) as session:
        number = create_account(session, OPERATOR, "hoa", "shift_leader", None, PASSWORD, NOW)
    world.enrol(number, "hoa")
    hoa = Browser(world)
    hoa.enter("hoa")
    assert hoa.get("/roster/change").status_code == 200
    assert hoa.get("/units/change").status_code == 403 and "/units/change" not in hoa.get("/units").text


@pytest.mark.parametrize("path", ["/units", "/posts", "/roster"])
def test_every_form_offers_its_events_and_needs_what_the_file_needs(browser, path):
    page = browser.get(f"{path}/change").text
    links = re.findall(rf'href="{path}/change\?event=(\w+)"', page)
    assert len(links) >= 2
    for event in links:
        form = browser.get(f"{path}/change?event={event}").text
        assert f'name="event" value="{event}"' in form and "required" in form


def test_hostile_names_are_text(browser):
    page = browser.post("/units/change/preview", {**PROVINCE, "name": "<script>alert(1)</script>"}).text
    assert "<script>alert" not in page and "&lt;script&gt;" in page
