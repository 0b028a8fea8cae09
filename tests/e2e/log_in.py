"""Logging in as a person does, in a real browser: name, password, and the code where one is asked for."""

import re

from playwright.sync_api import expect

from tests.unit.api.world import PASSWORD, World


def log_in(page, world: World, name: str = "lan", onward: str = "/alerts") -> None:
    page.goto(f"/log-in?next={onward}")
    page.get_by_label("Tên đăng nhập").fill(name)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    if name in world.apps:
        page.get_by_label("Mã", exact=True).fill(world.code(name))
        page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(re.escape(onward) + "$"))
