"""Logging in at an identity provider in a real browser; the provider is a program that knows nothing of Canh."""

import os
import re
import subprocess
import sys
import time
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from core import clock
from core.scope import EVERY_UNIT
from org.account_creation import create_account
from org.actor import OPERATOR
from org.identity_provider import IdentityProvider
from org.provider_identity import link_identity
from org.settings import IdentityProviderSettings
from store import db
from tests.e2e.product import free_port
from tests.unit.api.world import World


@pytest.fixture
def issuer():
    """The provider's address."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true"]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    address = f"http://localhost:{port}"
    try:
        ends = time.monotonic() + 20
        while True:
            try:
                urlopen(f"{address}/.well-known/openid-configuration").close()
                break
            except OSError:
                assert time.monotonic() < ends and running.poll() is None
                time.sleep(0.1)
        yield address
    finally:
        running.terminate()
        running.wait(10)


@pytest.fixture
def world(tmp_path, issuer):
    (tmp_path / "secret").write_text("anything will do there", "utf-8")
    settings = IdentityProviderSettings(
        issuer=issuer, client_id="canh", client_secret_file=tmp_path / "secret", name="Định danh của tỉnh"
    )
    made = World(tmp_path, now=clock.now())
    with db.session(made.engine, EVERY_UNIT) as session:
        create_account(session, OPERATOR, "minh", "analyst", None, None, made.now)
        link_identity(session, OPERATOR, "minh", issuer, "8f14e45f", made.now)
    made.provider_settings = settings
    yield made
    made.close()


@pytest.fixture
def browser_page(chromium, world, site):
    """A page that may go to the provider and back. The address of the answer is known once the site is served."""
    desk = world.app.routes[-1].app.state.desk
    provider = IdentityProvider(world.provider_settings, f"{site}/log-in/provider/answer", clock.now)
    object.__setattr__(desk, "provider", provider)
    context = chromium.new_context(base_url=site, locale="vi-VN", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    if folder := os.environ.get("CANH_TEST_SHOTS"):
        page.screenshot(path=f"{folder}/provider.png", full_page=True)
    context.close()


def go_there(page, subject):
    page.get_by_role("link", name="Định danh của tỉnh").click()
    page.get_by_placeholder("sub").fill(subject)
    page.get_by_role("button", name="Authorize", exact=True).click()


def test_one_logs_in_there_and_lands_on_the_page_that_was_asked_for(browser_page):
    browser_page.goto("/units")
    expect(browser_page).to_have_url(re.compile("/log-in"))
    if folder := os.environ.get("CANH_TEST_SHOTS"):
        browser_page.screenshot(path=f"{folder}/provider_log_in.png", full_page=True)
    go_there(browser_page, "8f14e45f")
    expect(browser_page).to_have_url(re.compile("/units$"))
    expect(browser_page.locator(".who")).to_have_text("minh")
    browser_page.get_by_role("button", name="Đăng xuất").click()
    browser_page.goto("/units")
    expect(browser_page).to_have_url(re.compile("/log-in"))


def test_a_stranger_and_one_who_changes_their_mind_stay_outside(browser_page):
    browser_page.goto("/log-in")
    go_there(browser_page, "c9f0f895")
    expect(browser_page.locator(".notice.bad")).to_contain_text("đưa mã này cho quản trị viên: c9f0f895")
    browser_page.get_by_role("link", name="Định danh của tỉnh").click()
    browser_page.get_by_role("button", name="Deny").click()
    expect(browser_page.locator(".notice.bad")).to_contain_text("Chưa đăng nhập ở nhà cung cấp định danh")
    browser_page.goto("/units")
    expect(browser_page).to_have_url(re.compile("/log-in"))
