"""Another site reaches nothing: no form of its is taken, no answer is shared with it, no other Host is answered."""

import pytest

from tests.security.surface import OPEN_PAGES, form_of, pages, routes
from tests.unit.api.world import brute_force, failed_login
from tests.unit.console.browser import Browser

pytestmark = pytest.mark.slow

FOREIGN = (
    {},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8480"},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
)


def everything(world):
    for method, path in [*routes(world), *pages(world)]:
        yield method, path.replace("{identity}", "1").replace("{rest:path}", "nope")


def test_no_form_of_another_site_is_taken_by_any_page(world):
    group = world.alert(brute_force((failed_login(1),)))
    browser = Browser(world).log_in()
    csrf = browser.csrf()
    taken = 0
    for method, path in pages(world):
        if method == "GET":
            continue
        for headers in FOREIGN:
            answer = world.send(
                method,
                path.replace("{identity}", group.id),
                data={"csrf": csrf, **form_of(path)},
                headers={**headers, "Cookie": browser.cookie_header()},
            )
            assert answer.status_code == 403, (path, headers)
            assert "set-cookie" not in answer.headers
        taken += 1
    assert taken >= 6
    assert world.call("GET", f"/api/v1/alerts/{group.id}").json()["state"] == "new"
    assert browser.get("/alerts").status_code == 200, "nobody was logged out"


def test_our_own_form_without_the_sessions_token_is_not_taken_by_any_page_behind_the_door(world):
    group = world.alert(brute_force((failed_login(1),)))
    browser = Browser(world).log_in()
    for method, path in pages(world):
        if method == "GET" or ((method, path) in OPEN_PAGES and path != "/log-out"):
            continue
        for token in ({}, {"csrf": ""}, {"csrf": "0" * 64}):
            form = {"any": "", **form_of(path), **token}
            answer = browser.post(path.replace("{identity}", group.id), form, csrf=False)
            assert answer.status_code == 403, (path, token)
    assert world.call("GET", f"/api/v1/alerts/{group.id}").json()["state"] == "new"


def test_a_session_cookie_opens_no_route_of_the_api(world):
    browser = Browser(world).log_in()
    for method, path in routes(world):
        if path.startswith("/api/v1/"):
            headers = {"Cookie": browser.cookie_header(), "Sec-Fetch-Site": "same-origin"}
            assert world.send(method, path.replace("{identity}", "1"), headers=headers).status_code == 401, path


@pytest.mark.slow
def test_nothing_is_shared_with_another_origin(world):
    token, browser = world.token(), Browser(world).log_in()
    for method, path in everything(world):
        for asked in (method, "OPTIONS"):
            headers = {
                "Origin": "http://evil.example",
                "Access-Control-Request-Method": method,
                "Authorization": f"Bearer {token}",
                "Cookie": browser.cookie_header(),
            }
            answer = world.send(asked, path, headers=headers)
            assert not [name for name in answer.headers if name.startswith("access-control-")], (asked, path)
            assert answer.headers["x-frame-options"] == "DENY"
            assert answer.headers["x-content-type-options"] == "nosniff"
            policy = answer.headers["content-security-policy"]
            assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy and "unsafe" not in policy, path


def test_no_route_and_no_page_answers_under_another_name(world):
    """DNS rebinding and poisoned links: the Host is checked before anything else."""
    token = world.token()
    for method, path in everything(world):
        for host in ("evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example"):
            headers = {"Host": host, "Authorization": f"Bearer {token}", "X-Forwarded-Host": "127.0.0.1"}
            assert world.send(method, path, headers=headers).status_code == 421, (path, host)
