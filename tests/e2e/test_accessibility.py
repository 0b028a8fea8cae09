"""Every page of the console under axe-core: nothing serious, in both languages, wide and narrow; no mouse needed."""

import pytest

from console.registers import REGISTERS
from core.scope import EVERY_UNIT
from org.account_creation import create_account
from org.actor import OPERATOR
from org.invitation import invite
from org.service_account import create_service_account
from org.token import create_token
from store import db
from tests.e2e.log_in import log_in
from tests.security.province import OWN, alert_in_each_unit
from tests.security.surface import NO_PAGES, OPEN_PAGES, pages
from tests.unit.api.world import NOW, PASSWORD

SERIOUS = ("serious", "critical")


def findings(page, where):
    """What axe finds serious, with the first place of each."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        (where, each["id"], each["help"], each["nodes"][0]["html"][:200]) for each in found if each["impact"] in SERIOUS
    ]


def speak(page, language):
    page.context.add_cookies([{"name": "canh_language", "value": language, "domain": "127.0.0.1", "path": "/"}])


def in_every_shape(page, path):
    """The findings of one page in both languages and widths; the language is that of the reader's cookie."""
    found = []
    for language in ("vi", "en"):
        speak(page, language)
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(path)
            page.wait_for_load_state("networkidle")
            assert page.locator("html").get_attribute("lang") == language
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, language, width)
            found += findings(page, (path, language, width))
    return found


@pytest.fixture
def province(world):
    """Alerts, units, an account of each state, a machine with its token, an invitation."""
    world.administrator()
    made = alert_in_each_unit(world)
    with db.session(world.engine, EVERY_UNIT) as session:
        create_account(session, OPERATOR, "mai", "unit_contact", OWN, None, NOW)
        secret = invite(session, OPERATOR, "mai", NOW)
        create_account(session, OPERATOR, "hoa", "administrator", None, PASSWORD, NOW)
        create_service_account(session, OPERATOR, "web", "gửi nhật ký", "hoa", OWN, NOW)
        create_token(session, OPERATOR, "sender", "rsyslog", NOW, unit=OWN, service_account="web")
    world.token("reader")
    return made, secret


def addresses(world, group):
    """Every page that is looked at, with something in its places."""
    for method, path in pages(world):
        if method == "GET" and (method, path) not in OPEN_PAGES and path not in NO_PAGES:
            yield path.replace("{identity}", str(group.number))


def further():
    """What pages look like when something is asked of them."""
    yield from (f"{register.path}/change?event={event.code}" for register in REGISTERS for event in register.events)
    yield "/events/values?range=all&field=source.ip"
    yield from (
        "/events?range=all",
        "/events?query=user.name:",
        "/roles?role=auditor",
        "/units?on=2025-06-30",
    )


@pytest.mark.slow
def test_no_page_behind_the_door_has_a_serious_finding(world, province, page):
    made, _ = province
    log_in(page, world)
    found, looked = [], 0
    for path in addresses(world, made[OWN][0]):
        found += in_every_shape(page, path)
        looked += 1
    page.set_viewport_size({"width": 1280, "height": 800})
    for path in further():
        page.goto(path)
        found += findings(page, path)
    assert found == []
    assert looked >= 15


# Pages that show nothing of their own: they lead on, to another page or to the identity provider.
LEAD_ON = {"/", "/log-in/provider", "/log-in/provider/answer"}


def test_the_page_of_the_first_link_has_no_serious_finding(world, page):
    page.goto("/log-in")
    shapes = ("/first-run", f"/first-run?secret={world.first_run_secret()}", "/first-run?secret=x")
    assert [each for path in shapes for each in in_every_shape(page, path)] == []


def test_no_page_before_the_door_has_a_serious_finding(world, province, page):
    _, secret = province
    page.goto("/log-in")
    seen = {"/log-in", "/invitation", "/log-in/code", "/log-in/enrol"}
    before = {path for method, path in OPEN_PAGES if method == "GET"} - LEAD_ON - {"/first-run"}
    assert seen == before, "a page that needs no session is looked at here too"
    found = [
        each
        for path in ("/log-in", f"/invitation?secret={secret}", "/invitation?secret=x")
        for each in in_every_shape(page, path)
    ]
    page.goto("/log-in")
    speak(page, "vi")
    for name, heading in (("lan", "Mã xác thực"), ("hoa", "Thiết lập yếu tố thứ hai")):
        page.goto("/log-in")
        page.get_by_label("Tên đăng nhập").fill(name)
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name=heading).wait_for()
        found += in_every_shape(page, page.url)
        speak(page, "vi")
    assert found == []


@pytest.mark.slow
def test_every_control_of_every_page_is_reached_by_the_keyboard(world, province, page):
    made, _ = province
    log_in(page, world)
    for path in (*addresses(world, made[OWN][0]), *further()):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        wanted = page.evaluate(
            """() => {
                const controls = "a[href], button, input:not([type=hidden]), select, textarea, summary";
                const shown = (each) => each.checkVisibility({visibilityProperty: true}) && !each.disabled;
                const all = [...document.querySelectorAll(controls)].filter(shown);
                all.forEach((each, number) => each.dataset.control = number);
                return all.length;
            }"""
        )
        reached = set()
        page.evaluate("document.activeElement?.blur()")
        for _ in range(wanted + 40):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement?.dataset?.control ?? null"))
        missing = [
            page.locator(f'[data-control="{number}"]').evaluate("each => each.outerHTML.slice(0, 200)")
            for number in range(wanted)
            if str(number) not in reached
        ]
        assert missing == [], path
