"""Every page over a real database and store: what it shows, in both languages, and what it does."""

import html
import re
from datetime import timedelta
from html.parser import HTMLParser

import msgspec
import pytest

from console import texts
from console.pages.alert import shown_why
from console.question import point_at
from console.throttle import FAILURES_OF_A_PEER
from core.errors import QuerySyntaxError
from core.hit import Why
from core.language import Text
from core.query.hints import hint
from core.rejection import REASONS
from org.account import WRONG
from org.first_run import HAS_ADMINISTRATOR
from org.password import MIN_LETTERS_WITH_FACTOR
from tests.unit.api.world import BRUTE_FORCE, NOW, PASSWORD, UNIT_NAME, brute_force, failed_login, rejected
from tests.unit.console.browser import Browser


@pytest.fixture
def browser(world):
    return Browser(world).log_in()


class Ids(HTMLParser):
    def __init__(self):
        super().__init__()
        self.ids, self.wanted, self.open = [], [], []

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if "id" in named:
            self.ids.append(named["id"])
        for name in ("aria-labelledby", "aria-describedby"):
            self.wanted += (named.get(name) or "").split()


def test_every_page_names_its_parts_once_and_labels_what_it_names(world, browser):
    group = world.alert(brute_force(tuple(failed_login(number) for number in range(1, 4))))
    world.store(failed_login(1))
    for path in ("/alerts", f"/alerts/{group.id}", "/events?range=all", "/events?query=(", "/status", "/nope"):
        page = browser.get(path)
        parser = Ids()
        parser.feed(page.text)
        assert len(parser.ids) == len(set(parser.ids)), path
        assert set(parser.wanted) <= set(parser.ids), path
        assert page.text.count("<h1") == 1
        assert '<html lang="vi"' in page.text


def test_pages_are_in_the_readers_language(world, browser):
    world.alert(brute_force((failed_login(1),)))
    assert "Dò mật khẩu SSH" in browser.get("/alerts").text
    answer = browser.post("/preferences", {"language": "en", "back": "/alerts?state=all"}, csrf=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts?state=all")
    page = browser.get("/alerts").text
    assert '<html lang="en"' in page and "SSH brute force" in page and "Dò mật khẩu" not in page


def test_a_theme_is_remembered_and_nonsense_is_not(browser):
    browser.post("/preferences", {"theme": "dark", "back": "/status"}, csrf=False)
    assert 'data-theme="dark"' in browser.get("/status").text
    answer = browser.post(
        "/preferences", {"theme": '"><script>', "language": "xx", "back": "//evil.example"}, csrf=False
    )
    assert answer.headers["location"] == "/"
    assert "set-cookie" not in answer.headers


def test_the_first_run_link_works_once(world):
    secret = world.first_run_secret()
    browser = Browser(world)
    assert secret in browser.get(f"/first-run?secret={secret}").text
    form = {"secret": secret, "name": "lan", "password": PASSWORD, "again": PASSWORD}
    assert html.escape(texts.PASSWORDS_DIFFER.vi) in browser.post("/first-run", {**form, "again": "x"}).text
    assert texts.NAME_NEEDED.vi in browser.post("/first-run", {**form, "name": " "}).text
    assert browser.post("/first-run", form).headers["location"] == "/log-in?notice=ready"
    again = browser.post("/first-run", {**form, "name": "mallory"})
    assert again.status_code == 200 and 'role="alert"' in again.text
    looked = browser.get(f"/first-run?secret={secret}").text
    assert "<form" not in looked.partition("<main")[2]
    assert html.escape(HAS_ADMINISTRATOR.vi) in looked
    assert browser.post("/log-in", {"name": "mallory", "password": PASSWORD}).status_code == 200
    assert browser.post("/log-in", {"name": "lan", "password": PASSWORD}).status_code == 303


def test_first_run_without_its_secret_says_where_the_link_is(world):
    assert "canh up" in Browser(world).get("/first-run").text


def test_a_wrong_password_and_an_unknown_name_are_told_alike(world):
    world.administrator()
    browser = Browser(world)
    wrong = browser.post("/log-in", {"name": "lan", "password": "no"}).text
    unknown = browser.post("/log-in", {"name": "who", "password": "no"}).text
    said = re.compile(r'role="alert">(.*?)<')
    assert said.findall(wrong) == said.findall(unknown) != []


@pytest.mark.slow
def test_guessing_is_slowed_down_and_the_right_name_elsewhere_is_not(world):
    world.administrator()
    for _ in range(10):
        Browser(world).post("/log-in", {"name": "lan", "password": "guess"})
    slowed = Browser(world).post("/log-in", {"name": "lan", "password": PASSWORD})
    assert slowed.status_code == 200
    assert texts.TOO_MANY_TRIES.format(minutes=15).vi in slowed.text
    elsewhere = world.send(
        "POST",
        "/log-in",
        peer="10.0.0.2",
        data={"name": "lan", "password": PASSWORD},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert elsewhere.status_code == 303
    world.now = NOW + timedelta(minutes=16)
    assert Browser(world).post("/log-in", {"name": "lan", "password": PASSWORD}).status_code == 303


def test_one_name_is_one_name_however_it_is_written(world):
    """Full-width letters and the like are the same account, so they are the same tries."""
    world.administrator()
    for name in ("lan", "LAN", "ｌan", "𝓵an", " lan ", "lａn", "laｎ", "ｌａｎ", "ＬAN", "𝐥an"):
        Browser(world).post("/log-in", {"name": name, "password": "guess"})
    slowed = Browser(world).post("/log-in", {"name": "lan", "password": PASSWORD})
    assert texts.TOO_MANY_TRIES.format(minutes=15).vi in slowed.text


def test_one_password_on_many_names_is_stopped_and_who_has_logged_in_before_is_not(world):
    world.administrator()
    known = Browser(world)
    known.enter()
    known.post("/log-out", {})
    throttle = world.app.routes[-1].app.state.desk.throttle
    for number in range(FAILURES_OF_A_PEER - 1):
        throttle.failed("127.0.0.1", f"name{number}", None, NOW)
    assert WRONG.vi in Browser(world).post("/log-in", {"name": "minh", "password": "Password2026!!"}).text
    stopped = Browser(world).post("/log-in", {"name": "lan", "password": PASSWORD})
    assert texts.TOO_MANY_TRIES.format(minutes=15).vi in stopped.text
    assert known.post("/log-in", {"name": "lan", "password": PASSWORD}).status_code == 303


@pytest.mark.parametrize(
    ("onward", "location"),
    [("/events?query=a", "/events?query=a"), ("//evil.example", "/alerts"), ("/log-out", "/alerts"), ("", "/alerts")],
)
def test_log_in_goes_on_to_where_one_wanted_to_go(world, onward, location):
    world.administrator()
    assert Browser(world).enter(onward=onward).headers["location"] == location


def test_the_queue_is_filtered(world, browser):
    for number, level in enumerate(("low", "high", "critical"), 1):
        world.alert(brute_force((failed_login(number, source=f"203.0.113.{number}"),), level=level))

    def sources(path):
        return set(re.findall(r"203\.0\.113\.\d", browser.get(path).text))

    assert len(sources("/alerts")) == 3
    assert sources("/alerts?level=critical") == {"203.0.113.3"}
    assert sources("/alerts?level=critical&level=low") == {"203.0.113.3", "203.0.113.1"}
    assert sources("/alerts?state=closed") == set()
    assert len(sources("/alerts?state=nonsense&level=nonsense")) == 3
    assert "203.0.113.9" not in browser.get("/alerts").text


def test_a_part_of_the_queue_for_htmx(world, browser):
    world.alert(brute_force((failed_login(1),)))
    part = browser.get("/alerts?state=new", **{"HX-Request": "true"}).text
    assert part.lstrip().startswith("<section") and "<html" not in part
    assert 'hx-get="/alerts?state=new"' in part


@pytest.mark.slow
def test_the_queue_is_paged(world, browser):
    for number in range(1, 53):
        world.alert(brute_force((failed_login(number, source=f"203.0.{number}.1"),)))
    first = browser.get("/alerts").text
    assert first.count("data-row") == 50
    older = html.unescape(re.search(r'rel="next" href="([^"]+)"', first)[1])
    assert browser.get(older).text.count("data-row") == 2


def test_an_alert_is_explained(world, browser):
    group = world.alert(brute_force(tuple(failed_login(number, ago_s=30 - number) for number in range(1, 4)), count=12))
    page = html.unescape(browser.get(f"/alerts/{group.id}").text)
    reason = "Có 12 lần đăng nhập SSH thất bại từ 203.0.113.9 trong 5 phút."
    assert reason in page
    assert page.index(reason) < page.index(texts.WHAT_HAPPENED.vi) < page.index(texts.WHY_IT_FIRED.vi)
    for part in (
        "Đếm được 12, ngưỡng >= 10",
        "bắt đầu bằng",
        "Không điều nào sau đây đúng",
        "T1110.001",
        "1. Kiểm tra địa chỉ nguồn",
        "<38>Nov 24 09:12:01 web-01 sshd[812]: Failed password for root from 203.0.113.9 port 50112 ssh2",
        "/events?query=source.ip%3A%22203.0.113.9%22&range=all",
        "3 trong tổng số 12 sự kiện",
        "24/11/2026 09:29:31",
        "2026-11-24 02:29:31.000 UTC",
    ):
        assert part in page, part


def test_an_alert_is_acknowledged_and_closed_with_a_reason(world, browser):
    group = world.alert(brute_force((failed_login(1),)))
    path = f"/alerts/{group.id}"
    answer = browser.post(f"{path}/acknowledge", {"version": str(group.version)})
    assert answer.headers["location"] == f"{path}?done=acknowledged&number={group.number}"
    page = browser.get(answer.headers["location"]).text
    assert texts.DONE["acknowledged"].format(number=group.number).vi in page
    assert "lan tiếp nhận lúc" in page
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    unsaid = browser.post(f"{path}/close", {"version": version, "note": "giữ lại"}).text
    assert texts.REASON_NEEDED.vi in unsaid and "giữ lại" in unsaid
    closing = {"version": version, "reason": "false_positive", "note": "máy quét nội bộ", "back": "/alerts?level=high"}
    answer = browser.post(f"{path}/close", closing)
    assert answer.headers["location"] == f"/alerts?level=high&done=closed&number={group.number}"
    page = browser.get(path).text
    assert "máy quét nội bộ" in page and "lan đóng lúc" in page
    assert 'name="reason"' not in page


def test_a_change_made_meanwhile_is_shown_and_not_overwritten(world, browser):
    group = world.alert(brute_force((failed_login(1),)))
    world.call("POST", f"/api/v1/alerts/{group.id}/acknowledge", json={"version": group.version})
    form = {"version": str(group.version), "reason": "false_positive"}
    answer = browser.post(f"/alerts/{group.id}/close", form)
    assert answer.headers["location"] == f"/alerts/{group.id}?notice=changed"
    assert texts.CHANGED_MEANWHILE.vi in browser.get(answer.headers["location"]).text
    part = browser.post(f"/alerts/{group.id}/close", form, **{"HX-Request": "true"})
    assert part.headers["hx-redirect"] == f"/alerts/{group.id}?notice=changed"
    assert world.call("GET", f"/api/v1/alerts/{group.id}").json()["state"] == "acknowledged"


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40, "١"])
def test_a_version_that_is_no_number_is_refused(world, browser, version):
    group = world.alert(brute_force((failed_login(1),)))
    assert browser.post(f"/alerts/{group.id}/acknowledge", {"version": version}).status_code == 400


def test_an_alert_that_is_not_there(browser):
    assert browser.get("/alerts/nope").status_code == 404
    assert browser.post("/alerts/nope/acknowledge", {"version": "1"}).status_code == 404


def test_events_are_searched_and_narrowed(world, browser):
    world.store(failed_login(1), failed_login(2, user="thử", ago_s=5), rejected(9))
    page = html.unescape(browser.get("/events?query=user.name:root").text)
    assert "1 sự kiện" in page and "Failed password for root" in page
    assert "/events?query=user.name%3Aroot+and+source.ip%3A%22203.0.113.9%22&range=24h" in page
    assert "/events?query=user.name%3Aroot+and+not+source.ip%3A%22203.0.113.9%22&range=24h" in page
    page = html.unescape(browser.get("/events").text)
    assert "3 sự kiện" in page
    assert "\\x00\\xff rubbish nobody can read" in page


def test_events_are_bound_by_time(world, browser):
    world.store(failed_login(1), failed_login(2, ago_s=2 * 3600), failed_login(3, ago_s=40 * 86400))

    def total(parameters):
        return int(re.search(r'role="status">(\d+)', browser.get(f"/events?{parameters}").text)[1])

    assert total("range=15m") == 1
    assert total("range=24h") == total("") == 2
    assert total("range=all") == 3
    assert total("range=custom&from=2026-11-24T07:29&to=2026-11-24T07:31") == 1
    assert total("range=custom&from=&to=2026-11-24T07:31") == 2
    assert total("from=2026-11-24T07:29&to=2026-11-24T07:31") == 1
    assert total("range=24h&from=banana") == 2, "what is hidden in the form is not asked for"


def field(page, name):
    """(type, value, what is said beside it) of a field of the search form."""
    parser = Elements()
    parser.feed(page)
    (found,) = (
        attributes
        for _, attributes in parser.elements
        if attributes.get("name") == name and attributes.get("type") != "hidden"
    )
    said = found.get("aria-describedby")
    assert (said is not None) == ("aria-invalid" in found)
    beside = re.search(rf'id="{said}"[^>]*>([^<]*)<', page)[1] if said else None
    return found.get("type"), found.get("value"), beside and html.unescape(beside)


@pytest.mark.parametrize(
    ("asked", "name", "typed", "said"),
    [
        ("from=banana", "from", ("text", "banana"), texts.BAD_TIME.format(text="banana")),
        ("range=custom&to=2026-13-01", "to", ("text", "2026-13-01"), texts.BAD_TIME.format(text="2026-13-01")),
        ("from=0001-01-01T00:00%2B14:00", "from", ("text", "0001-01-01T00:00+14:00"), None),
        (
            "from=2026-11-24T08:00&to=2026-11-24T07:00",
            "to",
            ("datetime-local", "2026-11-24T07:00:00"),
            texts.END_BEFORE_START,
        ),
        ("limit=0", "limit", (None, "0"), texts.BAD_ROWS.format(most=500)),
        ("limit=many", "limit", (None, "many"), texts.BAD_ROWS.format(most=500)),
        ("limit=9999999999999", "limit", (None, "9999999999999"), texts.BAD_ROWS.format(most=500)),
    ],
)
def test_what_cannot_be_asked_is_told_beside_its_field_and_stays_as_typed(world, browser, asked, name, typed, said):
    world.store(failed_login(1))
    page = browser.get(f"/events?{asked}").text
    *shown, beside = field(page, name)
    assert tuple(shown) == typed
    assert beside if said is None else beside == said.vi
    assert 'role="status"' not in page, "nothing was searched"


def test_a_range_that_is_none_is_told_too(world, browser):
    page = html.unescape(browser.get("/events?range=nonsense").text)
    assert texts.BAD_RANGE.format(text="nonsense").vi in page
    assert '<option value="nonsense" selected>' in page and 'role="status"' not in page


def test_the_number_of_rows_is_asked_for_and_kept_while_one_pages(world, browser):
    world.store(*[failed_login(number, ago_s=number) for number in range(1, 8)])
    page = browser.get("/events?limit=3").text
    assert page.count('<details class="result') == 3
    older = html.unescape(re.search(r'rel="next" href="([^"]+)"', page)[1])
    assert "limit=3" in older and browser.get(older).text.count('<details class="result') == 3


def test_results_that_are_not_whole_say_what_is_missing(world, browser):
    world.store(failed_login(1, ago_s=2 * 86400), failed_login(2))
    aside = world.damage("2026-11-22")
    page = html.unescape(browser.get("/events?range=all").text)
    assert "1 sự kiện" in page
    said = texts.MISSING_DAY.format(day="22/11/2026", place=aside).vi
    assert page.index(texts.NOT_WHOLE.vi) < page.index(said) < page.index("1 sự kiện")
    assert texts.NOT_WHOLE.vi not in html.unescape(browser.get("/events?range=24h").text)
    browser.post("/preferences", {"language": "en", "back": "/events"}, csrf=False)
    assert texts.MISSING_DAY.format(day="2026-11-22", place=aside).en in browser.get("/events?range=all").text


def test_a_field_that_nobody_knows_is_hinted_at_and_searched_all_the_same(world, browser):
    world.store(failed_login(1, **{"fortinet.firewall.policyid": "7"}))
    page = html.unescape(browser.get("/events?query=not user.nmae:root").text)
    assert "1 sự kiện" in page
    assert hint("user.nmae", ("user.name",)).vi.rstrip("?") in page
    assert "suggestion" not in browser.get("/events?query=user.name:root").text
    assert "suggestion" not in browser.get("/events?query=fortinet.firewall.policyid:8").text, "an event has it"
    assert "suggestion" in browser.get("/events?query=fortinet.firewall.policyd:8").text


def test_a_record_that_was_not_parsed_says_why(world, browser):
    world.store(rejected(1))
    page = html.unescape(browser.get("/events").text)
    assert texts.NOT_PARSED.format(reason=REASONS["no_known_format"].vi).vi in page
    assert REASONS["no_known_format"].en in page, "the raw field stays"
    browser.post("/preferences", {"language": "en", "back": "/events"}, csrf=False)
    page = html.unescape(browser.get("/events").text)
    assert texts.NOT_PARSED.format(reason=REASONS["no_known_format"].en).en in page


def test_a_code_of_a_source_of_its_own_is_no_reason_of_ours(world, browser):
    world.store(failed_login(1, **{"error.code": "no_known_format"}))
    assert "rejection" not in browser.get("/events").text


def test_times_of_events_are_to_the_millisecond(world, browser):
    world.store(failed_login(1, ago_s=0.75))
    group = world.alert(brute_force((failed_login(1, ago_s=0.75),)))
    assert ">24/11/2026 09:29:59.250</time>" in browser.get("/events").text
    assert ">24/11/2026 09:29:59.250</time>" in browser.get(f"/alerts/{group.id}").text


def test_a_unit_is_called_by_its_name(world, browser):
    group = world.alert(brute_force((failed_login(1),)))
    for path in ("/alerts", f"/alerts/{group.id}"):
        assert UNIT_NAME in browser.get(path).text


def test_a_guides_query_leads_to_the_search_page_with_the_alerts_values(world, browser):
    guide = Text("Tìm: event.outcome:success source.ip:ĐỊA_CHỈ.", "Look for: event.outcome:success source.ip:ADDRESS.")
    rule = msgspec.structs.replace(BRUTE_FORCE, guide=guide)
    group = world.alert(brute_force((failed_login(1),), rule=rule))
    page = browser.get(f"/alerts/{group.id}").text
    parser = Elements()
    parser.feed(page)
    link = "/events?query=event.outcome%3Asuccess+source.ip%3A%22203.0.113.9%22&range=all"
    assert link in [attributes.get("href") for _, attributes in parser.elements]
    assert "ĐỊA_CHỈ" not in page
    assert browser.get(link).status_code == 200


def test_the_rule_is_called_by_its_title_with_its_id_beside(world, browser):
    group = world.alert(brute_force((failed_login(1),)))
    page = browser.get(f"/alerts/{group.id}").text
    fact = page.partition(f"<dt>{texts.FACT_RULE.vi}</dt>")[2].partition("</dd>")[0]
    assert BRUTE_FORCE.title.vi in fact and BRUTE_FORCE.id in fact


def test_what_is_counted_after_closing_is_shown(world, browser):
    events = tuple(failed_login(number, ago_s=60 - number) for number in range(1, 4))
    group = world.alert(brute_force(events))
    form = {"version": str(group.version), "reason": "false_positive"}
    browser.post(f"/alerts/{group.id}/close", form)
    path = f"/alerts/{group.id}"
    assert "counted-since" not in browser.get(path).text
    later = (*events, failed_login(9))
    told = brute_force(later)
    world.alert(msgspec.structs.replace(told, window_start=events[0].time))
    page = browser.get(path).text
    said = re.search(r'class="counted-since">(.*?)</p>', page)[1]
    assert said.startswith("Thêm 1 sự kiện từ khi đóng") and "24/11/2026 09:30:00" in said


def test_the_password_rule_is_said_before_anyone_fails(world):
    page = Browser(world).get(f"/first-run?secret={world.first_run_secret()}").text
    described = re.search(r'<p class="hint" id="password-hint">([^<]*)', page)[1]
    assert described.startswith(f"Ít nhất {MIN_LETTERS_WITH_FACTOR} ký tự.")


def test_a_query_error_is_shown_at_its_character(browser):
    page = html.unescape(browser.get("/events?query=user.name:").text)
    assert "user.name:<mark> </mark>" in page
    assert "Ký tự 11:" in page
    assert 'aria-invalid="true"' in page


def test_a_fault_is_cut_at_the_character():
    fault = point_at("ab)c", QuerySyntaxError(2, Text("x", "x")))
    assert (fault.before, fault.character, fault.after) == ("ab", ")", "c")
    fault = point_at("ab", QuerySyntaxError(99, Text("x", "x")))
    assert (fault.before, fault.character, fault.after) == ("ab", " ", "")


def test_a_query_too_long_is_told(browser):
    assert "4000" in browser.get("/events?query=" + "x" * 4001).text


def test_events_are_paged(world, browser):
    world.store(*[failed_login(number, ago_s=number) for number in range(1, 61)])
    first = browser.get("/events").text
    assert first.count('<details class="result') == 50
    older = html.unescape(re.search(r'rel="next" href="([^"]+)"', first)[1])
    second = browser.get(older).text
    assert second.count('<details class="result') == 10
    assert texts.NEWEST.vi in second


def test_the_status_page_shows_every_loss(world, browser):
    page = browser.get("/status").text
    assert "oversized" in page and "1.231" in page and "syslog/udp" in page
    assert texts.FOOTER_WORKING.vi in page


def test_a_count_is_told_with_its_window_its_group_and_its_rule():
    rule = Why(kind="rule", name="r1", title=Text("Sai mật khẩu {0}", "Wrong password {0}"))
    window, group = Why(kind="window", pattern="300", value="61.5"), Why(kind="group", field="source.ip", value="::1")
    count = Why(kind="correlation", operator="event_count", pattern=">= 10", value="12", children=(window, group, rule))
    node = shown_why(count)
    assert node.sentence == texts.WHY_COUNTED.format(value="12", pattern=">= 10")
    shown_window, shown_group, shown_rule = node.children
    assert "1 phút 2 giây" in shown_window.sentence.vi and "5 minutes" in shown_window.sentence.en
    assert (shown_group.field, shown_group.operator, shown_group.pattern) == ("source.ip", texts.WHY_SAME, "::1")
    assert shown_rule.sentence == Text("Quy tắc “Sai mật khẩu {0}”", "Rule “Wrong password {0}”")
    different = shown_why(Why(kind="correlation", field="user.name", pattern=">= 5", value="7"))
    assert "7 giá trị khác nhau của user.name" in different.sentence.vi


def test_an_operator_without_words_is_shown_as_the_rule_writes_it():
    node = shown_why(Why(kind="test", field="a", operator="contains|all|windash", pattern="p", value="v"))
    assert node.operator == Text("chứa tất cả windash", "contains all of windash")


class Elements(HTMLParser):
    """The page as a browser parses it."""

    def __init__(self):
        super().__init__()
        self.elements, self.texts = [], []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data):
        self.texts.append(data)


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}{%raw%}",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "<svg/onload=alert(1)>",
    '<p hx-get="/x" hx-trigger="load">',
    "</pre></figure><h1>x",
)


@pytest.mark.slow
@pytest.mark.parametrize("payload", HOSTILE)
def test_log_text_never_becomes_markup(world, browser, payload):
    event = failed_login(1, user=payload, **{"host.name": payload, "event.dataset": payload, payload: payload})
    event = type(event)(**{**{name: getattr(event, name) for name in event.__struct_fields__}, "raw": payload.encode()})
    world.store(event)
    group = world.alert(brute_force((event,)))
    for path in (
        "/alerts",
        f"/alerts/{group.id}",
        "/events",
        "/events?query=" + payload.replace("#", "%23").replace("%", "%25"),
    ):
        parser = Elements()
        parser.feed(browser.get(path).text)
        tags = [tag for tag, _ in parser.elements]
        scripts = [attributes.get("src", "") for tag, attributes in parser.elements if tag == "script"]
        assert (tags.count("h1"), tags.count("img")) == (1, 0), path
        assert len(scripts) in (2, 3) and all(source.startswith("/static/") for source in scripts), path
        for tag, attributes in parser.elements:
            assert not any(name.startswith("on") or name == "style" for name in attributes), (path, tag, attributes)
            assert attributes.get("hx-trigger", "load") in ("every 10s", "load", "toggle once")
            for name in ("href", "action", "src", "hx-get", "hx-post"):
                assert attributes.get(name, "/").startswith(("/", "#")), (path, tag, attributes)
        assert "49" not in "".join(parser.texts).split()


def test_a_store_that_cannot_answer_is_told_on_the_page(world, browser):
    from core.errors import Unavailable

    class Busy:
        def refresh(self):
            raise Unavailable("events", Text("busy", "busy"))

    console = world.app.routes[-1].app
    console.state.desk = type(console.state.desk)(**{**vars(console.state.desk), "events": Busy()})
    page = browser.get("/events")
    assert page.status_code == 200 and texts.STORE_BUSY.vi in page.text


def test_vendored_assets_are_what_the_readme_says():
    import hashlib

    from console.page import STATIC

    named = re.findall(r"\| (\S+) \| .* \| ([0-9a-f]{64}) \|", (STATIC / "vendor" / "README.md").read_text())
    assert {path for path, _ in named} == {
        file.relative_to(STATIC).as_posix()
        for file in STATIC.rglob("*")
        if file.suffix in (".woff2", ".js") and file.name not in ("canh.js", "passkey.js", "search.js")
    }
    for path, digest in named:
        assert hashlib.sha256((STATIC / path).read_bytes()).hexdigest() == digest


def test_assets_are_served_to_be_kept(world):
    answer = world.send("GET", "/static/canh.css")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    style = answer.text
    assert "http:" not in style and "https:" not in style
    for font in re.findall(r'url\("([^"]+)"\)', style):
        assert world.send("GET", f"/static/{font}").status_code == 200


def test_pages_carry_a_strict_policy(world, browser):
    for path in ("/alerts", "/log-in", "/nope"):
        headers = browser.get(path).headers
        policy = dict(
            part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";") if part.strip()
        )
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        assert headers["cache-control"] == "no-store"
