"""Documents as shippers send them: nested or dotted, in ECS or not; whatever they hold is kept."""

import json
import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.normalise import normalise
from collectors.normalise.document import MAX_DEPTH, MAX_FIELDS
from core.event import Event, Rejected
from core.record import Batch, Record

RECEIVED = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
ZONE = timezone(timedelta(hours=7))


def read(document):
    raw = document if isinstance(document, bytes) else json.dumps(document, ensure_ascii=False).encode()
    record = Record(raw=raw, source="bulk/key:1", received_at=RECEIVED, unit="u", format="document", peer="192.0.2.7")
    batch = Batch(partition="p.1", sequences=[1], records=[record], through=1)
    (outcome,) = normalise(batch, ZONE)
    return outcome


def test_what_filebeat_ships_is_read_as_the_line_it_carries():
    event = read(
        {
            "@timestamp": "2026-11-24T02:29:58.123Z",
            "@metadata": {"beat": "filebeat", "version": "8.19.0"},
            "message": "Nov 24 09:29:57 web-01 sshd[812]: Failed password for root from 203.0.113.9 port 50112 ssh2",
            "host": {"name": "web-01.tinh.gov.vn", "ip": ["10.0.0.5", "fe80::1"]},
            "agent": {"type": "filebeat", "version": "8.19.0"},
            "log": {"file": {"path": "/var/log/auth.log"}, "offset": 4711},
            "event": {"dataset": "system.auth", "module": "system"},
        }
    )
    fields = event.fields
    assert event.time == datetime(2026, 11, 24, 2, 29, 58, 123000, UTC), "the document's time counts before the line's"
    assert (fields["event.action"], fields["event.outcome"], fields["source.ip"]) == (
        "ssh_login",
        "failure",
        "203.0.113.9",
    )
    assert fields["host.name"] == "web-01.tinh.gov.vn" and fields["event.dataset"] == "system.auth", "its own words"
    assert fields["host.ip"] == ["10.0.0.5", "fe80::1"] and fields["log.offset"] == 4711
    assert fields["log.source.address"] == "192.0.2.7" and fields["process.name"] == "sshd"


def test_a_document_with_the_program_beside_the_line():
    """As rsyslog's omelasticsearch and fluent-bit's systemd input write it."""
    event = read(
        {
            "process.name": "sshd",
            "message": "Failed password for root from 203.0.113.9 port 50112 ssh2",
            "host.name": "x",
        }
    )
    assert event.fields["event.action"] == "ssh_login" and event.fields["user.name"] == "root"
    assert event.time == RECEIVED


def test_dots_and_nesting_are_the_same_and_what_is_related_comes_together():
    nested = read({"user": {"name": "lan", "roles": ["a", "b"]}, "related": {"user": ["lan"]}})
    dotted = read({"user.name": "lan", "user": {"roles": ["a", "b"]}, "related.user": "lan"})
    assert nested.fields["user.name"] == dotted.fields["user.name"] == "lan"
    assert nested.fields["user.roles"] == dotted.fields["user.roles"] == ["a", "b"]
    both = read(
        {"process.name": "sshd", "related.user": ["lan"], "message": "Accepted password for minh from ::1 port 1 ssh2"}
    )
    assert both.fields["related.user"] == ["lan", "minh"]


def test_a_host_that_is_a_name_alone_is_the_hosts_name():
    assert read({"host": "web-01", "a": 1}).fields["host.name"] == "web-01"
    both = read({"host": "web-01", "host.name": "web-01.tinh.gov.vn"}).fields
    assert both["host.name"] == "web-01.tinh.gov.vn" and "host" not in both


def test_arrays_of_objects_lie_beside_each_other():
    event = read({"threat": [{"name": "a", "n": 1}, {"name": "b"}, {"n": 2}], "empty": [], "none": None, "blank": ""})
    assert event.fields["threat.name"] == ["a", "b"] and event.fields["threat.n"] == [1, 2]
    assert not {"empty", "none", "blank"} & set(event.fields)


def test_values_of_several_types_are_kept_as_text():
    event = read(
        {"a": [1, "x", True, 2.5], "b": [True, False], "c": [1, 2], "d": True, "e": 1.5, "source": {"port": "http"}}
    )
    assert event.fields["a"] == ["1", "x", "true", "2.5"]
    assert event.fields["b"] == ["true", "false"] and event.fields["c"] == [1, 2]
    assert (event.fields["d"], event.fields["e"], event.fields["source.port"]) == (True, 1.5, "http")


@pytest.mark.parametrize(
    ("stamp", "time"),
    [
        ("2026-11-24T09:29:58+07:00", datetime(2026, 11, 24, 2, 29, 58, tzinfo=UTC)),
        ("2026-11-24T02:29:58", datetime(2026, 11, 24, 2, 29, 58, tzinfo=UTC)),
        ("2026-11-24", datetime(2026, 11, 24, tzinfo=UTC)),
        (1795487398000, datetime.fromtimestamp(1795487398, UTC)),
        ("1795487398000", datetime.fromtimestamp(1795487398, UTC)),
    ],
)
def test_times_as_elasticsearch_reads_them(stamp, time):
    assert read({"@timestamp": stamp}).time == time


@pytest.mark.parametrize(
    "stamp",
    ["yesterday", "", 10**30, -(10**30), True, {}, [], "9" * 400, "2099-01-01T00:00:00Z", "0001-01-01", None, 1e308],
)
def test_a_time_that_is_none_keeps_the_event_at_its_receipt(stamp):
    event = read({"@timestamp": stamp, "a": 1})
    assert event.time == RECEIVED and event.fields["a"] == 1


def test_what_is_no_document_goes_to_the_shelf_whole():
    for raw in (
        b"",
        b"text",
        b"[]",
        b"7",
        b'{"a": ',
        b"\xff\xfe",
        b'{"a":1}{"b":2}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
    ):
        outcome = read(raw)
        assert isinstance(outcome, Rejected) and outcome.reason == "not_a_document" and outcome.record.raw == raw


def test_two_thousand_fields_and_any_depth_are_kept_as_far_as_it_goes_and_said():
    wide = read({f"f{number}": number for number in range(2 * MAX_FIELDS)})
    assert sum(name.startswith("f") for name in wide.fields) == MAX_FIELDS
    assert wide.fields["labels.fields_left_out"] == "true" and wide.fields["f999"] == 999
    deep: object = "x"
    for _ in range(MAX_DEPTH + 5):
        deep = {"a": deep}
    event = read({"deep": deep, "b": 1, "ten": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}}}}}})
    assert event.fields["b"] == 1 and event.fields["ten.a.a.a.a.a.a.a.a.a"] == 1
    assert event.fields["labels.fields_left_out"] == "true"


def test_a_sender_does_not_say_what_is_ours_to_say():
    event = read(
        {"event.kind": "pipeline_error", "error": {"code": "x"}, "log.source.address": "10.0.0.1", "log.flags": ["x"]}
    )
    assert event.fields["event.kind"] == "event" and "error.code" not in event.fields
    assert event.fields["log.source.address"] == "192.0.2.7" and "log.flags" not in event.fields
    assert event.unit == "u"
    assert read({"event": {"kind": "alert"}}).fields["event.kind"] == "alert"


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.slow
@given(st.dictionaries(st.text(max_size=6) | st.sampled_from(["@timestamp", "message", "event.kind"]), ANY, max_size=5))
def test_any_document_is_an_event_with_fields_of_the_types_there_are(document):
    outcome = read(document)
    if isinstance(outcome, Rejected):  # NaN and infinities are no JSON
        assert any(word in json.dumps(document) for word in ("NaN", "Infinity"))
        return
    assert isinstance(outcome, Event)
    for value in outcome.fields.values():
        kinds = {type(each) for each in value} if isinstance(value, list) else {type(value)}
        assert kinds <= {str, int, float, bool} and (not isinstance(value, list) or kinds in ({str}, {int}))
        assert not isinstance(value, float) or math.isfinite(value)
