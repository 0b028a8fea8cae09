"""Which time an event gets."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from core.event import Event
from tests.unit.collectors.normalise.samples import read

LINE = "{} web-01 sshd[1]: Failed password for root from 203.0.113.9 port 50112 ssh2"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stamp", "received", "time"),
    [
        ("Nov 24 09:12:01", utc(2026, 11, 24, 2, 12, 5), utc(2026, 11, 24, 2, 12, 1)),
        # New Year, both ways, in a zone that is ahead of ours.
        ("Dec 31 23:59:58", utc(2026, 12, 31, 17, 0, 1), utc(2026, 12, 31, 16, 59, 58)),
        ("Jan  1 00:00:01", utc(2026, 12, 31, 17, 0, 2), utc(2026, 12, 31, 17, 0, 1)),
        ("Jan  1 00:00:01", utc(2026, 12, 31, 16, 59, 59), utc(2026, 12, 31, 17, 0, 1)),
        ("Dec 31 23:59:58", utc(2027, 1, 1, 0, 0, 1), utc(2026, 12, 31, 16, 59, 58)),
        # A file replayed months later is not of next year.
        ("Mar 24 09:12:01", utc(2026, 11, 24, 2, 12, 5), utc(2026, 3, 24, 2, 12, 1)),
        ("Dec 28 09:12:01", utc(2026, 11, 24, 2, 12, 5), utc(2025, 12, 28, 2, 12, 1)),
        # 29 February is a day of leap years.
        ("Feb 29 09:12:01", utc(2028, 2, 29, 2, 12, 5), utc(2028, 2, 29, 2, 12, 1)),
        ("Feb 29 09:12:01", utc(2026, 11, 24, 2, 12, 5), utc(2024, 2, 29, 2, 12, 1)),
        # A leap second.
        ("Dec 31 06:59:60", utc(2026, 12, 31, 0, 0, 1), utc(2026, 12, 30, 23, 59, 59)),
        # A clock that is five minutes ahead is believed.
        ("Nov 24 09:17:01", utc(2026, 11, 24, 2, 12, 5), utc(2026, 11, 24, 2, 17, 1)),
        (
            "2026-11-24T09:12:01.5+07:00",
            utc(2026, 11, 24, 2, 12, 5),
            utc(2026, 11, 24, 2, 12, 1).replace(microsecond=500000),
        ),
        ("2026-11-24T09:12:01", utc(2026, 11, 24, 2, 12, 5), utc(2026, 11, 24, 2, 12, 1)),
        (
            "2026-11-24 02:12:01,250Z",
            utc(2026, 11, 24, 2, 12, 5),
            utc(2026, 11, 24, 2, 12, 1).replace(microsecond=250000),
        ),
    ],
)
def test_the_source_says_when(stamp: str, received: datetime, time: datetime):
    event = read(LINE.format(stamp), received=received)
    assert isinstance(event, Event)
    assert event.time == time
    assert event.received == received
    assert "labels.source_time" not in event.fields
    assert event.fields["source.ip"] == "203.0.113.9"


@pytest.mark.parametrize(
    ("stamp", "flags"),
    [
        ("Nov 24 09:22:06", None),  # ten minutes and a second ahead
        ("Nov 24 10:12:01", None),
        ("2027-11-24T09:12:01Z", None),
        ("9999-12-31T23:59:59-12:00", ["bad_time"]),
        ("Nov 31 09:12:01", ["bad_time"]),
        ("Foo 24 09:12:01", ["bad_time"]),
        ("Nov 24 25:12:01", ["bad_time"]),
        ("2026-13-45T09:12:01Z", ["bad_time"]),
        ("0001-01-01T00:00:00+07:00", ["bad_time"]),
        ("1969-12-31T23:59:59Z", ["bad_time"]),
    ],
)
def test_our_clock_where_the_source_cannot_be_right(stamp: str, flags: list[str] | None):
    received = utc(2026, 11, 24, 2, 12, 5)
    event = read(LINE.format(stamp), received=received)
    assert isinstance(event, Event)
    assert event.time == received
    assert event.fields["labels.source_time"] == stamp
    assert event.fields.get("log.flags") == flags
    assert event.fields["source.ip"] == "203.0.113.9"


def test_what_framing_did_stays_beside_what_the_clock_did():
    event = read(LINE.format("Nov 31 09:12:01"), flags=("truncated",))
    assert event.fields["log.flags"] == ["truncated", "bad_time"]


@pytest.mark.parametrize(
    ("line", "time"),
    [
        (
            "<13>1 2026-11-24T09:12:01.123456789+07:00 h p - - - x",
            utc(2026, 11, 24, 2, 12, 1).replace(microsecond=123456),
        ),
        ("<189>45: *Nov 24 09:12:01.123 ICT: %SYS-5-CONFIG_I: x", utc(2026, 11, 24, 2, 12, 1)),
        ("<189>45: Nov 24 02:12:01.123 UTC: %SYS-5-CONFIG_I: x", utc(2026, 11, 24, 2, 12, 1)),
        ("<189>45: sw-01: 000046: Nov 24 09:12:01: %SYS-5-CONFIG_I: x", utc(2026, 11, 24, 2, 12, 1)),
        ("<189>Nov 24 09:12:02 sw-01 45: *Mar  1 00:00:46: %SYS-5-CONFIG_I: x", utc(2026, 11, 24, 2, 12, 2)),
        ("<189>: 2026 Nov 24 09:12:01 ICT: %ETHPORT-5-IF_UP: x", utc(2026, 11, 24, 2, 12, 1)),
        ("<166>Nov 24 2025 09:12:01 fw : %ASA-6-302013: x", utc(2025, 11, 24, 2, 12, 1)),
        ("<13>2024 Feb 29 09:12:01 fw app: x", utc(2024, 2, 29, 2, 12, 1)),
        ("<13>app: no time at all", utc(2026, 11, 24, 2, 12, 5)),
        ('h - - [24/Nov/2026:09:12:01 +0700] "GET / HTTP/1.1" 200 5', utc(2026, 11, 24, 2, 12, 1)),
        ('h - - [31/Nov/2026:09:12:01 +0700] "GET / HTTP/1.1" 200 5', utc(2026, 11, 24, 2, 12, 5)),
        ('date=2026-11-24 time=09:12:01 devid="FG1" type="event" tz="+0500"', utc(2026, 11, 24, 2, 12, 5)),  # ahead
        ('date=2026-11-24 time=09:12:01 devid="FG1" type="event" tz="+0900"', utc(2026, 11, 24, 0, 12, 1)),
        ('date=2026-11-24 time=09:12:01 devid="FG1" type="event"', utc(2026, 11, 24, 2, 12, 1)),
        ('eventtime=1795486321 devid="FG1" type="event"', utc(2026, 11, 24, 2, 12, 1)),
        ('eventtime=1795486321123 devid="FG1" type="event"', utc(2026, 11, 24, 2, 12, 1).replace(microsecond=123000)),
        (
            'eventtime=1795486321123456 devid="FG1" type="event"',
            utc(2026, 11, 24, 2, 12, 1).replace(microsecond=123456),
        ),
        (
            'eventtime=1795486321123456789 devid="FG1" type="event"',
            utc(2026, 11, 24, 2, 12, 1).replace(microsecond=123456),
        ),
        (
            '{"MESSAGE":"x","__REALTIME_TIMESTAMP":"1795486321123456"}',
            utc(2026, 11, 24, 2, 12, 1).replace(microsecond=123456),
        ),
        (
            '{"MESSAGE":"x","__REALTIME_TIMESTAMP":"1","_SOURCE_REALTIME_TIMESTAMP":"1795486321000000"}',
            utc(2026, 11, 24, 2, 12, 1),
        ),
        ('{"MESSAGE":"x","__REALTIME_TIMESTAMP":"99999999999999999999"}', utc(2026, 11, 24, 2, 12, 5)),
    ],
)
def test_every_form_of_time(line: str, time: datetime):
    event = read(line)
    assert isinstance(event, Event)
    assert event.time == time


def test_the_zone_is_a_zone_of_the_caller():
    from collectors.normalise import normalise_record
    from core.record import Position, Record

    record = Record(
        raw=LINE.format("Nov 24 09:12:01").encode(), source="t", received_at=utc(2026, 11, 24, 12), unit="u"
    )
    event = normalise_record(Position("t.0", 1), record, timezone(timedelta(hours=2)))
    assert event.time == utc(2026, 11, 24, 7, 12, 1)
