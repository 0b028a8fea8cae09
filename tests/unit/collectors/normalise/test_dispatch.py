"""Which parser reads what, and what is refused."""

import pytest

from core.event import Event, Rejected
from tests.unit.collectors.normalise.samples import FORTIGATE_TRAFFIC, read

SSHD = "Failed password for root from 203.0.113.9 port 50112 ssh2"
ACCESS = '203.0.113.9 - - [24/Nov/2026:09:12:01 +0700] "GET / HTTP/1.1" 200 5 "-" "-"'


@pytest.mark.parametrize(
    ("format", "line", "reason"),
    [
        ("auto", "a line of nobody", "no_known_format"),
        ("auto", "", "no_known_format"),
        ("auto", "{}", "not_journald"),
        ("auto", '{"a": 1', "not_journald"),
        ("journald", "[1]", "not_journald"),
        ("journald", '{"MESSAGE":null}', "not_journald"),
        ("syslog", SSHD, "not_syslog"),
        ("pam", SSHD, "not_pam"),
        ("nginx_access", "Nov 24 09:12:01 h nginx: started", "not_nginx_access"),
        ("apache_access", ACCESS[:40], "not_apache_access"),
        ("fortigate", "date=2026-11-24 time=09:12:01 srcip=10.1.1.5", "not_fortigate"),
        ("fortigate", 'type="" devid="FG1"', "not_fortigate"),
    ],
)
def test_refused_with_a_reason(format: str, line: str, reason: str):
    rejected = read(line, format, peer="198.51.100.1", flags=("truncated",))
    assert isinstance(rejected, Rejected)
    assert rejected.reason == reason
    assert rejected.stage == "normalise"
    assert rejected.record.raw == line.encode()
    assert rejected.fields["log.source.address"] == "198.51.100.1"
    assert rejected.fields["log.flags"] == ["truncated"]
    assert rejected.as_event().fields["event.kind"] == "pipeline_error"


@pytest.mark.parametrize(
    ("format", "line", "dataset"),
    [
        ("sshd", SSHD, "linux.sshd"),
        ("sshd", f"Nov 24 09:12:01 h sshd[1]: {SSHD}", "linux.sshd"),
        ("sudo", "an : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls", "linux.sudo"),
        ("pam", "pam_unix(x:session): session closed for user an", "linux.pam"),
        ("pam", "Nov 24 09:12:01 h x: pam_unix(x:session): session closed for user an", "linux.pam"),
        ("nginx_access", ACCESS, "nginx.access"),
        ("apache_access", f"Nov 24 09:12:01 h httpd: {ACCESS}", "apache.access"),
        ("fortigate", f"<189>{FORTIGATE_TRAFFIC}", "fortinet.fortigate"),
        ("fortigate", f"<189>Nov 24 09:12:01 fw {FORTIGATE_TRAFFIC}", "fortinet.fortigate"),
        ("journald", '{"MESSAGE":"x"}', "linux.journald"),
        ("syslog", "Nov 24 09:12:01 h ai: gì", "linux.syslog"),
        ("unheard-of", f"Nov 24 09:12:01 h sshd[1]: {SSHD}", "linux.sshd"),
    ],
)
def test_declared_formats(format: str, line: str, dataset: str):
    event = read(line, format)
    assert isinstance(event, Event)
    assert event.fields["event.dataset"] == dataset


def test_a_web_server_is_told_by_its_file():
    assert read(ACCESS).fields["event.dataset"] == "nginx.access"
    for source, dataset in (
        ("tail:/var/log/apache2/access.log", "apache.access"),
        ("tail:/var/log/nginx/a.log", "nginx.access"),
    ):
        from collectors.normalise import normalise_record
        from core.record import Position, Record
        from tests.unit.collectors.normalise.samples import RECEIVED, ZONE

        record = Record(raw=ACCESS.encode(), source=source, received_at=RECEIVED, unit="u")
        assert normalise_record(Position("t.0", 1), record, ZONE).fields["event.dataset"] == dataset


def test_the_sender_is_named():
    assert (
        read(f"Nov 24 09:12:01 h sshd[1]: {SSHD}", peer="198.51.100.1").fields["log.source.address"] == "198.51.100.1"
    )


def test_a_line_folded_within_a_line_folded_is_unfolded_once():
    line = f"Nov 24 09:12:01 h sshd[1]: message repeated 2 times: [ message repeated 9 times: [ {SSHD}]]"
    fields = read(line).fields
    assert fields["labels.repeated"] == "2"
    assert "event.outcome" not in fields
