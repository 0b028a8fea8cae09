"""Passkeys in a real browser with a virtual security key: made, asked for, of no use to one who imitates our page."""

import re
import socket

import pytest
from playwright.sync_api import expect

from api.settings import WebSettings
from core.scope import EVERY_UNIT
from org.account_closing import remove_second_factor
from org.actor import OPERATOR
from store import db
from tests.e2e.conftest import served
from tests.unit.api.world import PASSWORD, World


@pytest.fixture
def listener():
    """A loopback port, known before the product is built: passkeys are good at one address."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    yield bound
    bound.close()


@pytest.fixture
def world(tmp_path, listener):
    made = World(tmp_path, settings=WebSettings(port=listener.getsockname()[1]))
    yield made
    made.close()


@pytest.fixture
def site(world, listener):
    with served(world.app, listener) as port:
        yield f"http://localhost:{port}"


@pytest.fixture
def lan(world, page):
    """The administrator lan, who has no second factor yet, in a browser with a security key."""
    world.administrator()
    with db.session(world.engine, EVERY_UNIT) as session:
        remove_second_factor(session, OPERATOR, "lan", world.now)
    page.devices = plug_in(page)
    return page


def plug_in(page):
    """A security key that is touched whenever it is asked for; the browser's session that has it, and its id there."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "automaticPresenceSimulation": True}
    return devices, devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def give_password(page, site=""):
    page.goto(f"{site}/log-in?next=/my-account")
    page.get_by_label("Tên đăng nhập").fill("lan")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")


def enrol(page):
    give_password(page)
    page.get_by_label("Tên khóa").fill("Khóa USB")
    page.get_by_role("button", name="Tạo khóa truy cập").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mã khôi phục", timeout=30_000)  # asks the key, hashes
    page.get_by_role("link", name="Tôi đã cất các mã này").click()


def test_a_security_key_is_the_second_factor_from_the_first_log_in_on(lan):
    enrol(lan)
    expect(lan.locator(".passkeys")).to_contain_text("Khóa USB")
    lan.get_by_role("button", name="Đăng xuất").click()
    give_password(lan)
    expect(lan.get_by_role("heading", level=1)).to_have_text("Khóa truy cập")
    lan.get_by_role("button", name="Dùng khóa truy cập").press("Enter")
    expect(lan).to_have_url(re.compile("/my-account$"))
    expect(lan.locator(".passkeys")).to_contain_text("dùng lần cuối")


def test_under_ones_own_account_a_key_proves_and_another_is_added(lan):
    enrol(lan)
    lan.locator("summary", has_text="Thêm khóa truy cập").click()
    form = lan.locator("form[action='/my-account/passkey']")
    form.get_by_role("button", name="Dùng khóa truy cập").click()
    assert form.get_by_label("Mật khẩu hiện tại").evaluate("field => field.validity.valueMissing"), "asked for first"
    form.get_by_label("Mật khẩu hiện tại").fill(PASSWORD)
    form.get_by_role("button", name="Dùng khóa truy cập").click()
    expect(lan.get_by_role("heading", level=1)).to_have_text("Khóa truy cập mới")
    lan.get_by_label("Tên khóa").fill("Máy ở cơ quan")
    lan.get_by_role("button", name="Tạo khóa truy cập").click()
    expect(lan.get_by_role("alert")).to_have_text("Thiết bị này đã có khóa của tài khoản này.")
    devices, identity = lan.devices
    devices.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": identity})
    plug_in(lan)
    lan.get_by_role("button", name="Tạo khóa truy cập").click()
    expect(lan.locator(".passkeys")).to_contain_text("Máy ở cơ quan")


def test_no_key_at_hand_says_so_and_the_recovery_code_is_still_there(lan):
    enrol(lan)
    lan.get_by_role("button", name="Đăng xuất").click()
    devices, identity = lan.devices
    devices.send("WebAuthn.clearCredentials", {"authenticatorId": identity})
    give_password(lan)
    lan.get_by_role("button", name="Dùng khóa truy cập").click()
    expect(lan.get_by_role("alert").filter(has_text="Chưa dùng được khóa")).to_be_visible()
    expect(lan.get_by_label("Mã", exact=True)).to_be_visible()


def test_at_another_name_of_the_same_machine_the_page_says_where_keys_are_good(lan, site):
    enrol(lan)
    lan.get_by_role("button", name="Đăng xuất").click()
    away = lan.context.new_page()
    give_password(away, site.replace("localhost", "127.0.0.1"))
    expect(away.get_by_role("link", name=site)).to_be_visible()
    expect(away.get_by_role("button", name="Dùng khóa truy cập")).to_be_hidden()


def test_what_a_page_that_only_looks_like_ours_brings_back_is_refused(lan, world, site):
    """A phisher passes our pages on from another port of the same name: the browser signs whose page it was.

    From another name the browser does not even let it ask (WebAuthn Level 3, section 5.1.4.1, step 8).
    """
    enrol(lan)
    lan.get_by_role("button", name="Đăng xuất").click()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        with served(world.app, listener) as port:
            away = lan.context.new_page()
            copy_key(lan, away)
            phish = f"http://localhost:{port}"
            away.route(f"{phish}/log-in/code*", lambda route: pass_on(route, site, phish))
            give_password(away, phish)
            away.wait_for_url("**/log-in/code*")
            away.goto(f"{phish}/log-in/code")  # what a redirect leads to is not passed on
            away.get_by_role("button", name="Dùng khóa truy cập").click()
            expect(away.get_by_role("alert")).to_contain_text("có thể bạn đang ở một trang giả mạo")
            away.goto(phish.replace("localhost", "127.0.0.1") + "/log-in")
            asks = "navigator.credentials.get({publicKey: {challenge: new Uint8Array(32), rpId: 'localhost'}})"
            assert away.evaluate(f"{asks}.catch((error) => error.name)") == "SecurityError"


def pass_on(route, site, phish):
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace(site, phish))


def copy_key(page, other):
    """The same security key, plugged in at another page."""
    devices, identity = page.devices
    (credential,) = devices.send("WebAuthn.getCredentials", {"authenticatorId": identity})["credentials"]
    devices, identity = plug_in(other)
    devices.send("WebAuthn.addCredential", {"authenticatorId": identity, "credential": credential})
