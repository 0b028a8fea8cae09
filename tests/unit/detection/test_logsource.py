"""Rules meet the events of their own log source only, and understand foreign field names there."""

import pytest

from detection.match import Matcher
from detection.sigma.logsource import Logsource, origin_key, origin_of
from tests.unit.detection.rules import event_of, loaded

SSHD = {"event.dataset": "linux.sshd", "process.name": "sshd"}
PAM_OF_SSHD = {"event.dataset": "linux.pam", "process.name": "sshd"}
SUDO = {"event.dataset": "linux.sudo", "process.name": "sudo"}
CRON = {"event.dataset": "linux.syslog", "process.name": "CRON"}
NGINX = {"event.dataset": "nginx.access"}
APACHE = {"event.dataset": "apache.access"}
TRAFFIC = {
    "event.dataset": "fortinet.fortigate",
    "fortinet.firewall.type": "traffic",
    "fortinet.firewall.subtype": "forward",
}
SYSTEM = {
    "event.dataset": "fortinet.fortigate",
    "fortinet.firewall.type": "event",
    "fortinet.firewall.subtype": "system",
}
UNKNOWN = {"process.name": "sshd"}
EVERY = [SSHD, PAM_OF_SSHD, SUDO, CRON, NGINX, APACHE, TRAFFIC, SYSTEM, UNKNOWN]


@pytest.mark.parametrize(
    ("logsource", "met"),
    [
        (Logsource(product="linux"), [SSHD, PAM_OF_SSHD, SUDO, CRON]),
        (Logsource(product="linux", service="sshd"), [SSHD, PAM_OF_SSHD]),
        (Logsource(product="linux", service="auth"), [SSHD, PAM_OF_SSHD, SUDO]),
        (Logsource(product="linux", service="sudo"), [SUDO]),
        (Logsource(product="linux", service="cron"), [CRON]),
        (Logsource(category="webserver"), [NGINX, APACHE]),
        (Logsource(category="webserver", product="apache"), [APACHE]),
        (Logsource(service="nginx"), [NGINX]),
        (Logsource(category="firewall"), [TRAFFIC, SYSTEM]),
        (Logsource(product="fortigate", service="event"), [SYSTEM]),
        (Logsource(product="fortinet", category="firewall"), [TRAFFIC, SYSTEM]),
        (Logsource(product="windows"), []),
        (Logsource(category="process_creation"), []),
        (Logsource(category="webserver", product="linux"), []),
    ],
    ids=str,
)
def test_which_events_a_rule_meets(logsource, met):
    assert [fields for fields in EVERY if origin_of(origin_key(fields)).fits(logsource)] == met


def test_an_event_of_unknown_origin_meets_no_rule(tmp_path):
    rules = loaded(tmp_path, "title: t\nlogsource: {product: linux}\ndetection: {s: ['*'], condition: s}\n")
    assert Matcher(rules).match([event_of(UNKNOWN), event_of({})]) == []
    assert len(Matcher(rules).match([event_of(SSHD)])) == 1


@pytest.mark.parametrize(
    ("logsource", "field", "fields"),
    [
        ("category: webserver", "cs-uri-query|contains: '/owa/auth'", {**NGINX, "url.original": "/owa/auth?x=1"}),
        ("category: webserver", "c-ip: 203.0.113.9", {**APACHE, "source.ip": "203.0.113.9"}),
        ("category: webserver", "sc-status: 404", {**NGINX, "http.response.status_code": 404}),
        ("category: webserver", "cs-method: POST", {**NGINX, "http.request.method": "POST"}),
        ("category: webserver", "cs-user-agent|contains: sqlmap", {**NGINX, "user_agent.original": "sqlmap/1.8"}),
        ("category: webserver", "url.path: /x", {**NGINX, "url.path": "/x"}),
        ("category: firewall", "dst_port: 443", {**TRAFFIC, "destination.port": 443}),
        ("product: fortigate, service: event", "action: login", {**SYSTEM, "event.action": "login"}),
        ("product: linux, service: sudo", "USER: root", {**SUDO, "user.effective.name": "root"}),
    ],
)
def test_foreign_field_names(tmp_path, logsource, field, fields):
    rules = loaded(tmp_path, f"title: t\nlogsource: {{{logsource}}}\ndetection:\n  s:\n    {field}\n  condition: s\n")
    assert len(Matcher(rules).match([event_of(fields)])) == 1


def test_foreign_names_work_in_group_by_too(tmp_path):
    rules = loaded(
        tmp_path,
        "title: t\nname: n\nlogsource: {category: webserver}\ndetection: {s: {sc-status: 404}, condition: s}\n---\n",
        "title: c\ncorrelation:\n  type: value_count\n  rules: [n]\n  group-by: [c-ip]\n  timespan: 1m\n",
        "  condition: {gte: 5, field: cs-uri-stem}\n",
    )
    (correlation,) = rules.correlations
    assert correlation.group_by == ("source.ip",)
    assert list(correlation.values.values()) == [("url.path",)]


def test_hostile_names_do_not_grow_the_index(tmp_path):
    rules = loaded(tmp_path, "title: t\nlogsource: {product: linux}\ndetection: {s: {a: b}, condition: s}\n")
    matcher = Matcher(rules)
    matcher.match([event_of({"event.dataset": "linux.syslog", "process.name": f"p{n}"}) for n in range(10_000)])
    assert len(matcher._indexes) <= 4096


def test_many_words_are_indexed_and_each_finds_its_rule(tmp_path):
    words = [f"tu-khoa-{number * 7919:07d}" for number in range(200)]
    rules = loaded(
        tmp_path,
        "---\n".join(
            f"title: t{number}\nlogsource: {{product: linux}}\n"
            f"detection: {{s: {{a|contains: {word.upper()}}}, condition: s}}\n"
            for number, word in enumerate(words)
        ),
    )
    matcher = Matcher(rules)
    for number, word in enumerate(words):
        (hit,) = matcher.match([event_of({**SSHD, "a": f"x {word} y"})])
        assert hit.rule.title.en == f"t{number}"
    assert matcher.match([event_of({**SSHD, "a": "x tu-khoa y"})]) == []
