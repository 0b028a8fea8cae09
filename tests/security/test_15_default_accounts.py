"""A fresh installation has no account, no password and no key that opens anything."""

import pytest

from tests.security.surface import OPEN_ROUTES, filled, routes
from tests.unit.console.browser import Browser

NAMES = ("admin", "administrator", "root", "canh", "operator", "soc", "test", "quantri", "demo")
PASSWORDS = ("", "admin", "password", "canh", "changeme", "123456", "root", "admin123", "Canh@2026")


@pytest.mark.slow
def test_no_usual_name_and_password_opens_a_fresh_console(world):
    for name in NAMES:
        for number, password in enumerate(PASSWORDS):
            world.now += world.now.resolution
            peer = f"10.{NAMES.index(name)}.{number}.1"
            headers = {"Sec-Fetch-Site": "same-origin"}
            form = {"name": name, "password": password}
            answer = world.send("POST", "/log-in", data=form, headers=headers, peer=peer)
            assert answer.status_code == 200 and "canh_session" not in str(answer.headers), (name, password)


def test_no_usual_key_opens_a_fresh_api(world):
    for method, path in routes(world):
        if path in OPEN_ROUTES:
            continue
        for secret in ("admin", "canh_", "canh_admin", "null", "undefined", "0" * 64):
            headers = {"Authorization": f"Bearer {secret}"}
            assert world.send(method, filled(path), headers=headers).status_code == 401, path


def test_the_first_run_link_works_once_and_no_longer_than_a_day(world):
    secret = world.first_run_secret()
    form = {"secret": secret, "name": "lan", "password": "một câu đủ dài để nhớ", "again": "một câu đủ dài để nhớ"}
    first = Browser(world).post("/first-run", form)
    again = Browser(world).post("/first-run", {**form, "name": "mallory"})
    assert first.status_code == 303
    assert again.status_code != 303 or "ready" not in again.headers["location"]
