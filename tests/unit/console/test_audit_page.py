"""The audit on a page: narrowed, paged, in both languages, and no text in it is obeyed."""

import re
from datetime import timedelta
from typing import get_args

import pytest

from console.pages import audit as page
from core.language import Text
from core.scope import EVERY_UNIT
from org import audit
from org.access import Action
from org.actor import NOBODY, OPERATOR, Actor
from org.audit import AUDITED_NAMES, OUTCOME_NAMES, Audited, Outcome
from org.audit_chain import chain
from org.audit_copy import note_copied
from org.audit_key import ensure_key
from org.session import Proof
from store import db
from tests.unit.api.world import NOW
from tests.unit.console.browser import Browser

HOSTILE = '"><script>alert(1)</script>\u202e\x1b[2J'
STRANGER = Actor(kind="account", number=77, name=HOSTILE, role="reader", scope=EVERY_UNIT)


@pytest.fixture
def browser(world):
    return Browser(world).log_in()


def write(world, *acts):
    with db.session(world.engine, EVERY_UNIT) as session:
        for actor, action, resource, outcome, ago, detail in acts:
            audit.append(session, actor, action, resource, outcome, NOW - timedelta(minutes=ago), detail=detail)


def test_every_audited_act_and_outcome_has_its_words():
    def values(alias):
        for each in get_args(alias):
            yield from get_args(each) or (each,)

    assert set(AUDITED_NAMES) == set(values(Audited)) >= set(get_args(Action))
    assert set(OUTCOME_NAMES) == set(get_args(Outcome))


def test_who_did_what_newest_first(world, browser):
    write(
        world,
        (OPERATOR, "token.create", "token:1", "done", 5, {"role": "reader", "name": "bộ gửi"}),
        (STRANGER, "alert.close", "alert:abc", "denied", 4, {"reason": "false_positive"}),
    )
    shown = browser.get("/audit").text.partition("<tbody>")[2]
    assert shown.index("đóng cảnh báo") < shown.index("tạo khóa API") < shown.index("tạo tài khoản")
    assert "bị từ chối" in shown and "vai trò" in shown and "bộ gửi" in shown
    assert "Báo động nhầm" in shown and "máy chỉ đọc" in shown
    assert "chờ vào chuỗi" in shown and "Chưa chép mốc nào" in shown
    browser.post("/preferences", {"language": "en", "back": "/audit"})
    shown = browser.get("/audit").text
    assert "close alerts" in shown and "create API tokens" in shown and "denied" in shown


def test_no_text_of_a_row_is_obeyed(world, browser):
    write(world, (STRANGER, "alert.close", f"alert:{HOSTILE}", "denied", 4, {HOSTILE: HOSTILE, "note": HOSTILE}))
    shown = browser.get("/audit").text
    assert "<script>alert" not in shown and "\u202e" not in shown and "\x1b" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\u202e\\x1b[2J" in shown
    for field in ("actor", "action", "resource", "from", "to", "before"):
        answer = browser.get(f"/audit?{field}=%22%3E%3Cscript%3Ealert(1)%3C/script%3E%E2%80%AE%00")
        assert answer.status_code == 200 and "<script>alert" not in answer.text, field


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("actor=operator", {1, 4}),
        ("actor=account:77", {2, 3}),
        ("actor=Minh", {2, 3}),
        ("action=alert.close", {2}),
        ("resource=alert", {2, 3}),
        ("resource=alert:abc", {2}),
        ("resource=aler", set()),
        ("resource=%25", set()),
        ("from=2026-11-24T09:25&to=2026-11-24T09:27", {2}),
        ("actor=Minh&action=alert.acknowledge", {3}),
        ("action=nothing.known", set()),
    ],
)
def test_narrowed(world, question, found):
    minh = Actor(kind="account", number=77, name="Minh", role="reader", scope=EVERY_UNIT)
    write(
        world,
        (OPERATOR, "token.create", "token:901", "done", 9, {}),
        (minh, "alert.close", "alert:abc", "denied", 4, {}),
        (minh, "alert.acknowledge", "alert:abd", "denied", 2, {}),
        (OPERATOR, "token.revoke", "token:904", "done", 1, {}),
    )
    browser = Browser(world)
    browser.log_in()
    shown = browser.get(f"/audit?{question}").text
    marks = {1: ">token:901<", 2: ">alert:abc<", 3: ">alert:abd<", 4: ">token:904<"}
    assert {number for number, mark in marks.items() if mark in shown} == found
    assert "Bỏ lọc" in shown


def test_a_time_that_is_none_is_said_beside_its_field(browser):
    shown = browser.get("/audit?from=yesterday&to=2026-11-24T09:25").text
    assert "“yesterday” không phải thời điểm" in shown
    assert "“Đến” phải sau “Từ”" in browser.get("/audit?from=2026-11-24T09:25&to=2026-11-24T09:25").text


def test_every_row_is_met_once_when_one_turns_the_pages(world, browser, monkeypatch):
    monkeypatch.setattr(page, "ROWS", 7)
    write(world, *((OPERATOR, "token.create", f"token:{number}", "done", 1, {}) for number in range(100, 120)))
    import re

    met, path = [], "/audit?action=token.create"
    while path:
        shown = browser.get(path).text
        met += re.findall(r">token:(\d+)<", shown)
        older = re.search(r'rel="next" href="([^"]+)"', shown)
        path = older[1].replace("&amp;", "&") if older else None
    assert met == [str(number) for number in range(119, 99, -1)]


def test_a_row_bent_by_hand_does_not_break_the_page(world, browser):
    import sqlite3

    write(world, (OPERATOR, "token.create", "token:901", "done", 9, {}))
    with sqlite3.connect(world.folder / "canh.db") as connection:
        connection.execute("update audit set detail = 'no json' where resource = 'token:901'")
    connection.close()
    answer = browser.get("/audit")
    assert answer.status_code == 200 and "không đọc được vì đã bị sửa ngoài Canh" in answer.text


def test_the_chain_and_its_copies_are_shown(world, browser, tmp_path_factory):
    key, _ = ensure_key(tmp_path_factory.mktemp("key"))
    with db.session(world.engine, EVERY_UNIT) as session:
        chained = chain(session, key, NOW)
    with db.session(world.engine, EVERY_UNIT) as session:
        note_copied(session, "/nơi khác", 1, None, NOW)
        note_copied(session, "tcp://10.0.0.5", 0, Text("hết chỗ", "no space"), NOW)
    shown = browser.get("/audit").text
    assert "chờ vào chuỗi</span>" not in shown and "/nơi khác" in shown
    assert f"Đã vào chuỗi đến dòng</dt><dd>{chained}<" in shown
    assert "Không chép được lúc 24/11/2026 09:30:00: hết chỗ; còn 1 mốc chưa chép." in shown


def test_the_way_to_the_audit_is_for_those_who_may_read_it(world, browser):
    from sqlalchemy import update

    from org.account import Account

    assert 'href="/audit"' in browser.get("/alerts").text
    with db.session(world.engine, EVERY_UNIT) as session:
        session.execute(update(Account).values(role="analyst"))
    assert 'href="/audit"' not in browser.get("/alerts").text
    answer = browser.get("/audit")
    assert answer.status_code == 403 and "không được xem nhật ký kiểm toán" in answer.text


def test_whoever_has_no_name_is_told_in_the_readers_language(world, browser):
    write(
        world,
        (OPERATOR, "unit.change", "units", "done", 1, None),
        (NOBODY, "account.log_in", "accounts", "failed", 2, None),
    )
    assert {"người vận hành máy chủ", "chưa đăng nhập"} <= set(re.findall(r">([^<>]+)</a>", browser.get("/audit").text))
    browser.cookies["canh_language"] = "en"
    assert {"operator of the server", "nobody"} <= set(re.findall(r">([^<>]+)</a>", browser.get("/audit").text))


def test_every_proof_of_a_log_in_has_its_words():
    assert set(page.PROOFS) == set(get_args(Proof))
