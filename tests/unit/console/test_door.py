"""Who is let in, and what is refused before any page runs."""

import sqlite3
from datetime import timedelta

import pytest

from console.app import build_console
from console.door import is_local
from tests.unit.api.world import World, brute_force, failed_login
from tests.unit.console.browser import Browser

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("path", "local"),
    [
        ("/alerts?state=new", True),
        ("/", True),
        ("", False),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("https://evil.example", False),
        ("/a\r\nSet-Cookie: x", False),
        ("alerts", False),
    ],
)
def test_a_path_that_stays_here(path, local):
    assert is_local(path) is local


def test_every_page_but_the_doors_needs_a_session(world):
    for path in ("/alerts", "/alerts/1", "/events", "/status"):
        answer = world.send("GET", path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/log-in?next={path.replace('/', '%2F')}")
    assert world.send("GET", "/").headers["location"] == "/log-in"
    assert world.send("GET", "/log-in").status_code == 200


def test_every_change_without_a_session_is_sent_to_log_in_and_changes_nothing(world):
    group = world.alert(brute_force((failed_login(1),)))
    for path in (f"/alerts/{group.id}/acknowledge", f"/alerts/{group.id}/close", "/log-out"):
        answer = world.send("POST", path, data={"version": "1"}, headers={"Sec-Fetch-Site": "same-origin"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/log-in")
    assert world.call("GET", f"/api/v1/alerts/{group.id}").json()["state"] == "new"


def test_a_part_asked_for_without_a_session_leads_the_browser_to_log_in(world):
    answer = world.send("GET", "/alerts", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"], answer.text) == (200, "/log-in", "")


@pytest.mark.slow
def test_every_route_that_changes_refuses_other_origins(world):
    browser = Browser(world).log_in()
    for route in build_console(world.app.routes[-1].app.state.desk).routes:
        if "POST" not in (getattr(route, "methods", None) or ()):
            continue
        path = route.path.replace("{identity}", "1")
        for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
            answer = world.send(
                "POST", path, data={"csrf": browser.csrf()}, headers={**headers, "Cookie": browser.cookie_header()}
            )
            assert answer.status_code == 403, (path, headers)
            assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("token", ["", "0" * 64, None])
def test_a_change_without_the_sessions_token_is_refused(world, token):
    group = world.alert(brute_force((failed_login(1),)))
    browser = Browser(world).log_in()
    form = {"version": str(group.version), **({} if token is None else {"csrf": token})}
    assert browser.post(f"/alerts/{group.id}/acknowledge", form, csrf=False).status_code == 403
    assert browser.post("/log-out", {"csrf": token or ""}, csrf=False).status_code == 403
    assert world.call("GET", f"/api/v1/alerts/{group.id}").json()["state"] == "new"


def test_a_body_that_is_no_form_is_refused(world):
    for content_type, body in (
        ("application/json", b"{}"),
        ("multipart/form-data", b""),
        (FORM, b"\xff"),
        (FORM, b"a=1&" * 60),
    ):
        answer = world.send(
            "POST", "/log-in", content=body, headers={"Content-Type": content_type, "Sec-Fetch-Site": "same-origin"}
        )
        assert answer.status_code == 400


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(world):
    world.administrator()
    browser = Browser(world)
    browser.enter()
    session, mark, half_log_in = browser.last.headers.get_list("set-cookie")
    assert session.startswith("canh_session=") and mark.startswith("canh_browser=")
    assert {part.strip().lower() for part in session.split(";")[1:]} == {"httponly", "samesite=strict", "path=/"}
    for cookie in (mark, half_log_in):
        assert {"HttpOnly", "SameSite=strict", "Path=/log-in"} <= {part.strip() for part in cookie.split(";")}


def test_the_cookie_is_secure_where_the_settings_say_so_and_of_this_host_alone(tmp_path):
    from api.settings import WebSettings

    world = World(tmp_path, settings=WebSettings(secure_cookie=True))
    world.administrator()
    browser = Browser(world)
    browser.enter()
    assert all("Secure" in cookie for cookie in browser.last.headers.get_list("set-cookie"))
    secret = browser.cookies["__Host-canh_session"]
    assert browser.get("/alerts").status_code == 200
    planted = world.send("GET", "/alerts", headers={"Cookie": f"canh_session={secret}"})
    assert planted.status_code == 303, "a neighbour of the domain could have set that one"
    world.close()


def test_a_session_is_new_at_each_log_in_and_ends_at_log_out(world):
    browser = Browser(world).log_in()
    first = browser.cookies["canh_session"]
    browser.enter()
    assert browser.cookies["canh_session"] != first
    assert world.send("GET", "/alerts", headers={"Cookie": f"canh_session={first}"}).status_code == 303
    second = browser.cookies["canh_session"]
    assert browser.post("/log-out", {}).headers["location"] == "/log-in?notice=out"
    assert "canh_session" not in browser.cookies
    assert world.send("GET", "/alerts", headers={"Cookie": f"canh_session={second}"}).status_code == 303


@pytest.mark.parametrize("secret", ["x", "x" * 5000, "", "%F0%9F", '"quoted"'])
def test_a_made_up_session_is_nobody(world, secret):
    assert world.send("GET", "/alerts", headers={"Cookie": f"canh_session={secret}"}).status_code == 303


def test_an_unknown_address_is_a_page_that_says_so(world):
    for method, path in (
        ("GET", "/nope"),
        ("POST", "/alerts"),
        ("GET", "/static/nope.css"),
        ("GET", "/static/../page.py"),
    ):
        answer = world.send(method, path, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 404, path
        assert "Không tìm thấy" in answer.text


def test_an_error_of_ours_shows_nothing_of_it(tmp_path, caplog):
    world = World(tmp_path, raise_errors=False)
    browser = Browser(world).log_in()

    def broken():
        raise RuntimeError("SELECT secret FROM /srv/canh")

    desk = world.app.routes[-1].app.state.desk
    world.app.routes[-1].app.state.desk = type(desk)(**{**vars(desk), "status": broken})
    answer = browser.get("/status")
    assert answer.status_code == 500
    assert "SELECT" not in answer.text
    assert "RuntimeError" in caplog.text
    world.close()


def test_looking_at_a_page_takes_no_write_lock_and_use_is_noted_now_and_then(world):
    """A page is shown while another process writes; a session lives on by being used."""
    browser = Browser(world).log_in()
    with sqlite3.connect(world.folder / "canh.db", isolation_level=None) as writing:
        writing.execute("begin immediate")
        assert browser.get("/alerts").status_code == 200
        writing.execute("rollback")
    writing.close()
    for _ in range(3):
        world.now += timedelta(minutes=25)
        assert browser.get("/alerts").status_code == 200
    world.now += timedelta(minutes=31)
    assert browser.get("/alerts").status_code == 303
