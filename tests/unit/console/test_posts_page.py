"""The page of persons and posts: what it says of a date, to whom, and what it keeps from others."""

import pytest
from sqlalchemy import update

from core.scope import EVERY_UNIT
from org.access import ALLOWED
from org.account import Account
from org.account_creation import create_account
from org.actor import OPERATOR
from org.post_import import import_posts, read_posts
from org.unit import record_facts
from store import db
from tests.unit.api.world import NOW, PASSWORD
from tests.unit.console.browser import Browser
from tests.unit.org.provinces import FACTS

OWN, OTHER = "ct-so-khcn", "can-tho"

pytestmark = pytest.mark.slow

HEADER = (
    "code,event,date,until,unit,name,kind,other_kind,group,number,person,receiver,subject,phone,email,basis,decision"
)
POSTS = f"""{HEADER}
lan,person,2024-01-01,,{OWN},Trần Lan,,,,,,,,0901000001,lan@example.vn,,
minh,person,2024-01-01,,{OWN},Lê Minh <b>,,,,,,,,0901000002,,,
kin,person,2024-01-01,,{OTHER},Người Bí Mật,,,,,,,,0907777777,,,
gd,established,2024-01-01,,{OWN},Giám đốc Sở,director,,ld,,,,,,,,1/QĐ
pgd,established,2024-01-01,,{OWN},Phó Giám đốc Sở,deputy_director,,ld,,,,,,,,1/QĐ
cv,established,2024-01-01,,{OWN},Chuyên viên,officer,,cc,,,,,,,,1/QĐ
ct-xa,established,2024-01-01,,can-tho,Chủ tịch,head,,,,,,,,,,1/QĐ
{OWN},quota,2024-01-01,,,,,,ld,1,,,,,,,1/QĐ
khong-kiem,rule,2024-01-01,,{OWN},,deputy_director,head,,,,,,,,,Điều 3 khoản 3
dm,established,2024-01-01,,{OWN},Đầu mối 24/7,contact,,,,,,,,,,1/QĐ
dm,appointed,2024-01-01,,,,,,,,minh,,,,,,1/QĐ
{OWN},verification,2024-01-01,,,,,,,12,,,,,,,TCVN 14423:2026
gd,appointed,2024-02-01,,,,,,,,lan,,,,,,2/QĐ
pgd,appointed,2024-02-01,,,,,,,,minh,,,,,,3/QĐ
cv,acting,2024-02-01,,,,,,,,kin,,,,,,5/QĐ
ct-xa,appointed,2024-02-01,,,,,,,,kin,,,,,,6/QĐ
gd,delegated,2024-03-01,2024-03-31,,,,,,,,minh,sign_report,,,,4/QĐ
"""


@pytest.fixture
def people(world):
    """Units, people and posts; the administrator and a contact may log in."""
    with db.session(world.engine, EVERY_UNIT) as session:
        assert record_facts(session, OPERATOR, FACTS, {}, NOW) is None
    with db.session(world.engine, EVERY_UNIT) as session:
        plan = import_posts(session, OPERATOR, read_posts(POSTS.encode()), NOW, correct=False)
        assert plan.refusals == ()
    with db.session(world.engine, EVERY_UNIT) as session:
        assert isinstance(create_account(session, OPERATOR, "dau-moi", "unit_contact", OWN, PASSWORD, NOW), int)
    return world


@pytest.fixture
def browser(people):
    return Browser(people).log_in()


def test_the_page_says_who_may_sign_on_the_date(browser):
    page = browser.get("/posts?on=2024-03-31").text
    signing = page.split('id="signers"')[1].split('id="posts"')[0]
    assert "Ai được ký ngày 31/03/2024" in page
    assert "ký báo cáo" in signing and signing.count("Trần Lan") == 3 and signing.count("Lê Minh") == 1
    assert "được ủy quyền theo 4/QĐ" in signing
    after = browser.get("/posts?on=2024-04-01").text
    assert "Lê Minh" not in after.split('id="signers"')[1].split('id="posts"')[0]
    assert 'id="delegations"' in page and 'id="delegations"' not in after
    assert page.count("<ul") == page.count("</ul>") and page.count("<li>") == page.count("</li>")


def test_a_vacant_post_is_said_to_be_vacant_and_nobody_signs(browser):
    page = browser.get("/posts?on=2024-01-15").text
    assert "đang trống" in page and page.count("không ai: chức danh trống") == 3
    assert "Ngày này chưa có chức danh nào." in browser.get("/posts?on=2023-01-01").text


def test_staffing_rules_and_contacts_are_shown(browser):
    page = browser.get("/posts").text
    assert "2 trên 1" in page and "vượt 1" in page
    assert "phó giám đốc không kiêm người đứng đầu đơn vị, trừ trường hợp pháp luật có quy định khác" in page
    assert "0901000001" in page and "lan@example.vn" in page and "Người Bí Mật" in page
    assert "Lê Minh &lt;b&gt;" in page and "<b>" not in page
    browser.cookies["canh_language"] = "en"
    assert "no deputy director is also head of a unit, unless a law says otherwise" in browser.get("/posts").text


def test_a_contact_that_is_due_for_verification_is_told(browser):
    page = browser.get("/posts?on=2024-12-31").text
    contacts = page.split('id="contacts"')[1].split('id="staffing"')[0]
    assert "Lê Minh" in contacts and "0901000002" in contacts and "chưa xác minh lần nào" in contacts
    assert "hạn xác minh 01/01/2025" in contacts and "đã đến hạn" not in contacts
    assert "đã đến hạn xác minh (01/01/2025)" in browser.get("/posts?on=2025-01-01").text
    assert 'id="contacts"' not in browser.get("/posts?on=2023-12-31").text


def test_whoever_may_not_see_how_people_are_reached_sees_names_and_no_telephone(people, browser, monkeypatch):
    monkeypatch.setitem(ALLOWED, "leader", ALLOWED["leader"] - {"person.read"})
    with db.session(people.engine, EVERY_UNIT) as session:
        session.execute(update(Account).where(Account.key == "lan").values(role="leader"))
    page = browser.get("/posts").text
    assert "Trần Lan" in page and "090100000" not in page and "lan@example.vn" not in page
    assert "canh post import" not in page


def test_a_contact_sees_posts_and_people_of_its_own_scope(people):
    contact = Browser(people)
    assert contact.post("/log-in", {"name": "dau-moi", "password": PASSWORD}).status_code == 303
    page = contact.get("/posts?on=2024-03-15")
    assert page.status_code == 200 and "Trần Lan" in page.text and "0901000001" in page.text
    assert "người hoặc chức danh của đơn vị khác" in page.text, "a person of another unit in a post of its own"
    for secret in ("Bí Mật", "0907777777", "kin", "Chủ tịch", "ct-xa", "Mỹ Xuyên", OTHER):
        assert secret not in page.text, secret


@pytest.mark.parametrize("typed", ["31/12/2025", "2025-13-01", "<b>", "{x}"])
def test_a_date_that_is_none_shows_today(browser, typed):
    page = browser.get(f"/posts?on={typed}")
    assert page.status_code == 200 and "không phải ngày" in page.text and 'value="2026-11-24"' in page.text
