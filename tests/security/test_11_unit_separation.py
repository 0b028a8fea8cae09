"""A unit contact walks every page and route and meets nothing of other units, not even that it exists."""

import pytest

from org.account_creation import create_account
from org.actor import OPERATOR
from org.source import assign_source
from org.source_map import Place
from org.token import create_token
from tests.security.province import FORMER, OTHER, OWN, write
from tests.security.surface import BODIES, OPEN_PAGES, OPEN_ROUTES, pages, routes
from tests.security.test_10_authorisation_matrix import OF_PAGES
from tests.unit.api.world import NOW, PASSWORD, UNIT
from tests.unit.console.browser import Browser

pytestmark = pytest.mark.slow

SECRETS = ("198.51.100.77", "bimat", "canh.theirs", "Mỹ Xuyên", "my-xuyen", UNIT, "Đại Tâm", "Ủy ban nhân dân")


@pytest.fixture
def contact(world, alerts):
    """The contact's browser."""
    number = write(world, create_account, OPERATOR, "dau-moi", "unit_contact", OWN, PASSWORD, NOW)
    assert isinstance(number, int)
    browser = Browser(world)
    answer = browser.post("/log-in", {"name": "dau-moi", "password": PASSWORD})
    assert answer.headers["location"] == "/alerts"
    return browser


@pytest.fixture
def token(world, alerts):
    """The contact's token."""
    return write(world, create_token, OPERATOR, "unit_contact", "script", NOW, unit=OWN)


def told(answer, *identities):
    """What an answer says, without the identity that was asked for and the form's token."""
    text = answer.text
    for identity in identities:
        text = text.replace(identity, "IDENTITY")
    return answer.status_code, text


def assert_nothing_of_others(answer, where):
    for secret in SECRETS:
        assert secret not in answer.text, (where, secret)


@pytest.mark.slow
def test_every_page_shows_its_own_unit_alone(world, alerts, contact):
    own, other = alerts[OWN][0], alerts[OTHER][0]
    seen = set()
    for method, path in pages(world):
        if (method, path) in OPEN_PAGES:
            continue
        for identities in ((own.id, other.id, "0" * 32), (str(own.number), str(other.number), "99")):
            mine, theirs, nobodys = (path.replace("{identity}", identity) for identity in identities)
            if method == "POST":
                form = {name: str(value) for name, value in BODIES[path.rpartition("/")[2]].items()}
                answers = [contact.post(each, form) for each in (mine, theirs, nobodys)]
                may = "unit_contact" in OF_PAGES[method, path]
                assert all((answer.status_code in (200, 303)) is may for answer in answers), path
                if "{identity}" in path or not may:
                    assert told(answers[1], other.id) == told(answers[2], "0" * 32)
            else:
                answers = [contact.get(each) for each in (mine, theirs, nobodys)]
                assert answers[0].status_code == (200 if "unit_contact" in OF_PAGES[method, path] else 403), path
                if "{identity}" in path:
                    assert answers[1].status_code == 404
                    assert told(answers[1], theirs) == told(answers[2], nobodys)
            for answer in answers:
                assert_nothing_of_others(answer, path)
            seen.add(path)
    assert {"/alerts", "/alerts/{identity}", "/events", "/units", "/status"} <= seen


def test_every_route_of_the_api_answers_about_its_own_unit_alone(world, alerts, token):
    (own, own_event), (other, other_event) = alerts[OWN], alerts[OTHER]
    for method, path in routes(world):
        if path in OPEN_ROUTES or "{rest" in path:
            continue
        events = "/events/" in path
        ids = (own_event.id, other_event.id) if events else (own.id, other.id)
        nobodys = "0" * len(ids[0])
        body = BODIES.get(path.rpartition("/")[2])
        answers = [
            world.call(method, path.replace("{identity}", identity), token, json=body) for identity in (*ids, nobodys)
        ]
        if method == "POST" or path in ("/api/v1/status", "/metrics"):
            assert {answer.status_code for answer in answers} == {403}, path
        else:
            assert answers[0].status_code == 200, (path, answers[0].text)
        if "{identity}" in path:
            assert answers[1].status_code in (403, 404)
            assert told(answers[1], ids[1]) == told(answers[2], nobodys)
        for answer in answers:
            assert_nothing_of_others(answer, path)


def test_counts_searches_and_hints_know_its_own_unit_alone(world, alerts, contact, token):
    asked = {"query": "*", "from": "2020-01-01T00:00:00Z"}
    assert world.call("GET", "/api/v1/events/count", token, params=asked).json()["count"] == 2, "its own and the former"
    found = world.call("GET", "/api/v1/events", token, params=asked).json()
    assert (found["total"], {event["unit"] for event in found["events"]}) == (2, {OWN, FORMER})
    listed = world.call("GET", "/api/v1/alerts", token).json()
    assert [alert["unit"] for alert in listed["alerts"]] == [OWN, FORMER]
    assert "2 cảnh báo" in contact.get("/alerts").text
    for query in ("source.ip:198.51.100.77", "user.name:bimat", f"host.name:web-01 and message:{UNIT}"):
        assert world.call("GET", "/api/v1/events/count", token, params={"query": query}).json()["count"] == 0
    hint = contact.get("/events?range=all&query=canh.theirs:1").text.replace("canh.theirs", "FIELD")
    assert hint == contact.get("/events?range=all&query=canh.nobodys:1").text.replace("canh.nobodys", "FIELD")
    assert "sự kiện" in hint


def test_me_tells_a_token_its_units(world, token):
    me = world.call("GET", "/api/v1/me", token).json()
    assert (me["role"], me["units"]) == ("unit_contact", [OWN, FORMER, "st-tt-cns"])


def test_a_contact_has_no_way_to_the_status(contact):
    page = contact.get("/alerts").text
    assert 'href="/status"' not in page and "tồn đọng" not in page
    assert 'href="/units"' in page


def test_an_alert_prints_the_name_of_its_units_date(alerts, contact):
    """What the department was called the day before the merger, and what it is called now."""
    queue = contact.get("/alerts").text
    assert "Sở Thông tin và Truyền thông tỉnh Sóc Trăng" in queue
    assert "Sở Khoa học và Công nghệ thành phố Cần Thơ" in queue
    page = contact.get(f"/alerts/{alerts[FORMER][0].id}").text
    assert "Sở Thông tin và Truyền thông tỉnh Sóc Trăng" in page


def test_the_units_page_shows_the_tree_and_names_of_a_date(world, alerts):
    browser = Browser(world).log_in()
    before, after = browser.get("/units?on=2025-06-30").text, browser.get("/units?on=2025-07-01").text
    for page in (before, after):
        assert page.count("<ul") == page.count("</ul>") and page.count("<li>") == page.count("</li>")
        assert "Sáp nhập vào Ủy ban nhân dân thành phố Cần Thơ" in page
        assert "Theo văn bản 202/2025/QH15, ký ngày 12/06/2025" in page
    assert "10 đơn vị" in before and "5 đơn vị" in after, "with the unit of the settings"
    name = '<span class="unit-name">{}</span>'
    assert name.format("Trung tâm Công nghệ số tỉnh Sóc Trăng") in before
    assert name.format("Trung tâm Chuyển đổi số thành phố Cần Thơ") in after
    tree, elsewhere = after.split('id="elsewhere"')
    assert name.format("Huyện Mỹ Xuyên") not in tree and name.format("Huyện Mỹ Xuyên") in elsewhere
    assert "kết thúc 01/07/2025" in elsewhere
    browser.cookies["canh_language"] = "en"
    assert "Merged into" in browser.get("/units").text


@pytest.mark.parametrize("typed", ["31/12/2025", "2025-13-01", "<b>", "{x}", "9" * 400])
def test_a_date_that_is_none_shows_today(world, alerts, typed):
    page = Browser(world).log_in().get(f"/units?on={typed}")
    assert page.status_code == 200 and "không phải ngày" in page.text and "<b>" not in page.text
    assert 'value="2026-11-24"' in page.text


def test_of_a_unit_it_does_not_see_a_contact_reads_not_even_the_code(contact):
    page = contact.get("/units?on=2025-06-30").text
    assert "trực thuộc đơn vị khác" in page, "what stood above the predecessor"
    assert_nothing_of_others(contact.last, "/units")
    assert "soc-trang" not in page and "can-tho" not in page


def test_the_units_page_names_the_sources_of_whom_one_sees(world, alerts, contact):
    hostile = Place(input="tail:/<script>", host="ok*")
    for unit, place in (
        (OWN, Place(network="10.1.0.0/16", host="khcn-*")),
        (OTHER, Place(network="10.2.0.0/16")),
        (OWN, hostile),
    ):
        assert isinstance(write(world, assign_source, OPERATOR, unit, place, NOW), int)
    page = contact.get("/units").text
    assert (
        "10.1.0.0/16, máy khcn-*" in page and "10.2.0.0/16" not in page and "<script>" not in page.split("</head>")[1]
    )
    whole = Browser(world).log_in().get("/units").text
    assert "10.1.0.0/16, máy khcn-*" in whole and "10.2.0.0/16" in whole
