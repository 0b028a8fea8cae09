"""Sessions: new at each log-in, ended by log-out, a new password, a revoked key, at once, in every process."""

import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from core.scope import EVERY_UNIT
from org.account_creation import create_account
from org.actor import OPERATOR
from org.password_reset import reset_password
from store import db
from tests.security.surface import OPEN_PAGES, pages
from tests.unit.api.world import PASSWORD, World
from tests.unit.console.browser import Browser
from tests.unit.org.conftest import ABSOLUTE, IDLE

WITHIN_S = 1.0


def enters(world: World, cookies: str) -> bool:
    return world.send("GET", "/alerts", headers={"Cookie": cookies}).status_code == 200


def test_a_session_that_was_there_before_the_log_in_is_not_taken(world):
    """Fixation: what an attacker put into the browser opens nothing after the victim has logged in."""
    world.administrator()
    browser = Browser(world)
    browser.cookies["canh_session"] = planted = "a" * 43
    browser.cookies["canh_log_in"] = planted
    browser.post("/log-in", {"name": "lan", "password": PASSWORD}, csrf=False)
    assert browser.cookies["canh_log_in"] != planted
    browser.post("/log-in/code", {"code": world.code()}, csrf=False)
    assert browser.cookies["canh_session"] != planted
    assert not enters(world, f"canh_session={planted}")
    assert len(browser.cookies["canh_session"]) * 6 >= 128, "bits"


def test_a_session_that_was_ended_is_not_taken_again_by_any_page(world):
    browser = Browser(world).log_in()
    stolen = browser.cookie_header()
    csrf = browser.csrf()
    assert enters(world, stolen)
    browser.post("/log-out", {})
    asked = 0
    for method, path in pages(world):
        if (method, path) in OPEN_PAGES:
            continue
        headers = {"Cookie": stolen, "Sec-Fetch-Site": "same-origin"}
        answer = world.send(
            method, path.replace("{identity}", "1"), headers=headers, data={"csrf": csrf} if method == "POST" else None
        )
        assert answer.headers.get("location", "").startswith("/log-in"), path
        asked += 1
    assert asked >= 8


def test_the_limits_hold_to_the_second(world):
    browser = Browser(world).log_in()
    secret = browser.cookie_header()
    began = world.now
    world.now = began + IDLE
    assert not enters(world, secret)
    world.now = began
    while world.now < began + ABSOLUTE - IDLE / 2:
        assert enters(world, secret)
        world.now += IDLE / 2
    world.now = began + ABSOLUTE
    assert not enters(world, secret)
    assert IDLE.total_seconds() <= 30 * 60 and ABSOLUTE.total_seconds() <= 12 * 3600


def test_a_new_password_ends_every_session_of_that_person_and_no_other(world):
    browser = Browser(world).log_in()
    with db.session(world.engine, EVERY_UNIT) as session:
        create_account(session, OPERATOR, "minh", "leader", None, PASSWORD, world.now)
    other = Browser(world)
    other.post("/log-in", {"name": "minh", "password": PASSWORD})
    with db.session(world.engine, EVERY_UNIT) as session:
        assert reset_password(session, OPERATOR, "lan", "câu khác hẳn, dài không kém", world.now) is None
    assert not enters(world, browser.cookie_header())
    assert enters(world, other.cookie_header())


@pytest.mark.slow
def test_what_one_process_ends_the_web_process_refuses_within_a_second(product):
    """A key revoked and a password reset by commands in processes of their own, while web serves."""
    name, new = "lan", "câu khác hẳn, dài không kém"
    created = product.command("account", "create", "--name", name, "--role", "leader", text=f"{PASSWORD}\n{PASSWORD}\n")
    assert created.returncode == 0
    cookie = log_in(product.url, name)
    assert status_of(product.url + "/alerts", Cookie=cookie) == 200
    product.command("account", "reset-password", name, text=f"{new}\n{new}\n")
    began = time.monotonic()
    assert status_of(product.url + "/alerts", Cookie=cookie) == 303
    assert time.monotonic() - began < WITHIN_S

    token = product.command("token", "create", "--role", "reader", "--name", "short").stdout.split()[-1]
    bearer = {"Authorization": f"Bearer {token}"}
    assert status_of(product.url + "/api/v1/me", **bearer) == 200
    number = next(line.split()[0] for line in product.command("token", "list").stdout.splitlines() if "short" in line)
    product.command("token", "revoke", number)
    began = time.monotonic()
    assert status_of(product.url + "/api/v1/me", **bearer) == 401
    assert time.monotonic() - began < WITHIN_S


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments):
        return None


_opener = urllib.request.build_opener(_Stay)


def ask(url, data=None, **headers):
    request = urllib.request.Request(url, data=data, headers=headers)
    try:
        return _opener.open(request, timeout=10)
    except urllib.error.HTTPError as error:
        return error


def status_of(url, **headers):
    with ask(url, **headers) as answer:
        return answer.status


def log_in(url, name):
    form = urllib.parse.urlencode({"name": name, "password": PASSWORD}).encode()
    with ask(url + "/log-in", form, **{"Sec-Fetch-Site": "same-origin"}) as answer:
        assert answer.status == 303, answer.read()
        cookies = answer.headers.get_all("Set-Cookie")
    return next(each.partition(";")[0] for each in cookies if each.startswith("canh_session="))
