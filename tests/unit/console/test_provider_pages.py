"""The way to the identity provider and back, through the pages."""

import html
import re
from urllib.parse import urlencode

import pytest

from api.settings import WebSettings
from console import texts
from core.scope import EVERY_UNIT
from org.account_creation import create_account
from org.actor import OPERATOR
from org.identity_provider import NOT_REACHED, REFUSED_THERE, IdentityProvider
from org.identity_token import NOT_BELIEVED
from org.provider_identity import link_identity
from org.provider_log_in import ENDED, UNKNOWN
from org.settings import IdentityProviderSettings
from store import db
from tests.unit.api.world import NOW, PASSWORD, World
from tests.unit.console.browser import Browser
from tests.unit.org.provider import CLIENT, SECRET, Provider, running

pytestmark = pytest.mark.slow


@pytest.fixture
def there():
    with running(Provider(NOW.timestamp())) as provider:
        yield provider


@pytest.fixture
def world(tmp_path, there):
    (tmp_path / "secret").write_text(SECRET, "utf-8")
    settings = IdentityProviderSettings(
        issuer=there.origin,
        client_id=CLIENT,
        client_secret_file=tmp_path / "secret",
        second_factor=["otp"],
        name="Tài khoản <tỉnh>",
    )
    answer_at = "http://127.0.0.1:8480/log-in/provider/answer"
    made = World(tmp_path, identity_provider=IdentityProvider(settings, answer_at, lambda: NOW))
    made.administrator()
    with db.session(made.engine, EVERY_UNIT) as session:
        create_account(session, OPERATOR, "minh", "analyst", None, None, NOW)
        link_identity(session, OPERATOR, "minh", there.origin, "8f14e45f", NOW)
        link_identity(session, OPERATOR, "lan", there.origin, "of lan", NOW)
    yield made
    made.close()


def ask(browser, onward=""):
    answer = browser.get("/log-in/provider?" + urlencode({"next": onward}))
    assert answer.status_code == 303
    return answer.headers["location"]


def come_back(browser, brought):
    return browser.get("/log-in/provider/answer?" + urlencode(brought))


def said(page):
    return [html.unescape(each).strip() for each in re.findall(r'<p class="notice bad"[^>]*>([^<]+)</p>', page.text)]


def test_there_and_back_to_the_page_that_was_asked_for(world, there):
    browser = Browser(world)
    page = browser.get("/log-in?next=/events").text
    assert "Tài khoản &lt;tỉnh&gt;" in page and "/log-in/provider?next=/events" in page
    answer = come_back(browser, there.log_in(ask(browser, "/events")))
    assert 'http-equiv="refresh" content="0; url=/events"' in answer.text
    assert "canh_question" not in browser.cookies
    assert browser.get("/events").status_code == 200
    assert browser.get("/my-account").status_code == 200


def test_the_cookies_of_the_way(world, there):
    browser = Browser(world)
    browser.get("/log-in/provider")
    (cookie,) = browser.last.headers.get_list("set-cookie")
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/log-in/provider" in cookie
    answer = come_back(browser, there.log_in(browser.last.headers["location"]))
    session = next(each for each in answer.headers.get_list("set-cookie") if each.startswith("canh_session="))
    assert "HttpOnly" in session and "SameSite=strict" in session


def test_over_https_no_neighbour_of_the_domain_can_plant_a_question(world, tmp_path):
    (tmp_path / "https").mkdir()
    settings = WebSettings(allowed_hosts=["127.0.0.1"], secure_cookie=True)
    safe = World(tmp_path / "https", settings=settings, identity_provider=world.identity_provider)
    try:
        answer = Browser(safe).get("/log-in/provider")
        (cookie,) = answer.headers.get_list("set-cookie")
        assert cookie.startswith("__Host-canh_question=") and "; Path=/;" in f"{cookie};" and "Secure" in cookie
    finally:
        safe.close()


@pytest.mark.parametrize(
    "onward", ["//evil.example", "https://evil.example/", "/log-out", "/\\evil.example", "/" + "ố" * 900]
)
def test_one_is_led_on_to_our_own_pages_alone(world, there, onward):
    browser = Browser(world)
    answer = come_back(browser, there.log_in(ask(browser, onward)))
    assert 'content="0; url=/alerts"' in answer.text


def test_the_second_factor_of_canh_follows_where_the_provider_had_none(world, there):
    browser = Browser(world)
    answer = come_back(browser, there.log_in(ask(browser, "/audit"), "of lan"))
    assert "url=/log-in/code?next=%2Faudit" in answer.text and "canh_session" not in browser.cookies
    assert browser.get("/log-in/code").status_code == 200
    done = browser.post("/log-in/code", {"code": world.code(), "next": "/audit"})
    assert done.headers["location"] == "/audit"
    there.claims = {"amr": ["pwd", "otp"]}
    strong = Browser(world)
    answer = come_back(strong, there.log_in(ask(strong, "/audit"), "of lan"))
    assert "url=/audit" in answer.text and strong.get("/audit").status_code == 200


def test_a_stranger_is_told_the_subject_to_give_to_an_administrator(world, there):
    browser = Browser(world)
    answer = come_back(browser, there.log_in(ask(browser), "<b>new</b>"))
    assert said(answer) == [UNKNOWN.vi.format(subject="<b>new</b>")] and "<b>new" not in answer.text
    assert "canh_session" not in browser.cookies


def test_the_answer_of_another_opens_nothing_in_ones_own_browser(world, there):
    """Login CSRF: the victim's browser is led to an answer that the attacker had asked for."""
    attacker, victim = Browser(world), Browser(world)
    brought = there.log_in(ask(attacker))
    assert said(come_back(victim, brought)) == [ENDED.vi], "it had asked nothing"
    ask(victim)
    assert said(come_back(victim, brought)) == [ENDED.vi], "it had asked something else"
    assert "canh_session" not in victim.cookies and "/token" not in there.asked


def test_a_code_of_another_question_is_refused_by_the_proof_that_goes_with_it(world, there):
    attacker, victim = Browser(world), Browser(world)
    code = there.log_in(ask(attacker))["code"]
    state = there.log_in(ask(victim))["state"]
    assert said(come_back(victim, {"code": code, "state": state})) == [REFUSED_THERE.vi]


def test_an_answer_is_taken_once(world, there):
    browser = Browser(world)
    location = ask(browser)
    kept = browser.cookies["canh_question"]
    brought = there.log_in(location)
    come_back(browser, brought)
    again = Browser(world)
    again.cookies["canh_question"] = kept  # a stolen one, with the address it came back to
    assert said(come_back(again, brought)) == [REFUSED_THERE.vi]


def test_a_word_of_no_question_drops_no_log_in_that_is_under_way(world, there):
    browser = Browser(world)
    brought = there.log_in(ask(browser))
    for planted in ({"error": "access_denied"}, {"error": "x", "state": "y"}, {"code": "x", "state": "y"}):
        said(come_back(browser, planted))
    assert "url=/alerts" in come_back(browser, brought).text


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_log_in_begins_on_our_own_page(world, there, site):
    browser = Browser(world)
    answer = browser.get("/log-in/provider?next=/units", **{"Sec-Fetch-Site": site})
    assert answer.headers["location"] == "/log-in?next=%2Funits" and browser.cookies == {}
    for own in ("same-origin", "none"):
        answer = browser.get("/log-in/provider", **{"Sec-Fetch-Site": own})
        assert answer.headers["location"].startswith(there.origin)


def test_whoever_is_logged_in_goes_on_and_keeps_their_session(world, there):
    browser = Browser(world)
    browser.enter()
    assert browser.get("/log-in/provider?next=/units").headers["location"] == "/units"
    assert browser.get("/log-in/provider").headers["location"] == "/alerts"
    assert there.asked == []


def test_a_log_in_there_that_is_older_than_one_may_be_idle_here_opens_nothing(world, there):
    there.claims = {"auth_time": NOW.timestamp() - 1900}
    browser = Browser(world)
    assert said(come_back(browser, there.log_in(ask(browser)))) == [NOT_BELIEVED.vi.format(why="auth_time")]
    assert "canh_session" not in browser.cookies


def test_a_second_factor_of_an_unknown_time_is_none(world, there):
    there.claims = {"auth_time": None, "amr": ["pwd", "otp"]}
    browser = Browser(world)
    assert "url=/log-in/code" in come_back(browser, there.log_in(ask(browser), "of lan")).text


@pytest.mark.parametrize("brought", [{"error": "access_denied"}, {}, {"code": "x", "error": "server_error"}])
def test_one_who_changed_their_mind(world, there, brought):
    browser = Browser(world)
    state = there.log_in(ask(browser))["state"]
    answer = come_back(browser, {**brought, "state": state})
    assert said(answer) == [texts.PROVIDER_CANCELLED.vi]
    assert 'action="/log-in"' in answer.text and "access_denied" not in answer.text


def test_a_provider_that_is_away_leaves_the_password(world, there):
    there.broken = "error"
    answer = Browser(world).get("/log-in/provider")
    assert said(answer) == [NOT_REACHED.vi] and 'action="/log-in"' in answer.text


def test_without_a_provider_the_way_leads_to_the_password(tmp_path):
    plain = World(tmp_path / "plain") if (tmp_path / "plain").mkdir() is None else None
    try:
        assert texts.OR_PROVIDER.vi not in Browser(plain).get("/log-in").text
        for path in ("/log-in/provider", "/log-in/provider/answer?code=x&state=y"):
            assert Browser(plain).get(path).headers["location"] == "/log-in"
        admin = Browser(plain).log_in()
        assert texts.ACT_LINK.vi not in admin.get("/accounts").text
    finally:
        plain.close()


def test_an_administrator_links_and_unlinks_on_the_accounts_page(world, there):
    browser = Browser(world)
    browser.enter()
    assert f"gắn với 8f14e45f ở {there.origin}" in browser.get("/accounts").text
    assert browser.post("/accounts/unlink", {"name": "minh"}).headers["location"] == "/accounts?notice=unlink"
    assert "8f14e45f" not in browser.get("/accounts?notice=unlink").text
    form = {"name": "minh", "subject": "c9f0f895"}
    assert browser.post("/accounts/link", form).headers["location"] == "/accounts?notice=link"
    assert "gắn với c9f0f895" in browser.get("/accounts?notice=link").text
    assert said(browser.post("/accounts/link", {"name": "lan", "subject": "x"})) != []


def test_the_password_still_works(world):
    browser = Browser(world)
    answer = browser.post("/log-in", {"name": "lan", "password": PASSWORD})
    assert answer.headers["location"].startswith("/log-in/code")


def test_wrong_passwords_of_others_keep_nobody_from_the_provider_nor_its_outage_from_the_password(world, there):
    for number in range(101):
        world.app.routes[-1].app.state.desk.throttle.failed("127.0.0.1", f"n{number}", None, NOW)
    browser = Browser(world)
    assert "url=/alerts" in come_back(browser, there.log_in(ask(browser))).text
