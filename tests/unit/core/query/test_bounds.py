import ipaddress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.query.bounds import (
    fits,
    from_microseconds,
    microseconds,
    read_double,
    read_ip,
    read_long,
    read_network,
    read_span,
    write_ip,
)

LOCAL = timezone(timedelta(hours=7))


@pytest.mark.parametrize(
    ("text", "start", "length"),
    [
        ("2026-11-24", "2026-11-24T00:00:00+07:00", timedelta(days=1)),
        ("2026-11-24T09", "2026-11-24T09:00:00+07:00", timedelta(hours=1)),
        ("2026-11-24T09:12", "2026-11-24T09:12:00+07:00", timedelta(minutes=1)),
        ("2026-11-24 09:12:01", "2026-11-24T09:12:01+07:00", timedelta(seconds=1)),
        ("2026-11-24T09:12:01.5", "2026-11-24T09:12:01.5+07:00", timedelta(milliseconds=100)),
        ("2026-11-24T09:12:01.123456789Z", "2026-11-24T09:12:01.123456+00:00", timedelta(microseconds=1)),
        ("2026-11-24T09:12:01Z", "2026-11-24T09:12:01+00:00", timedelta(seconds=1)),
        ("2026-11-24T09:12:01-0330", "2026-11-24T09:12:01-03:30", timedelta(seconds=1)),
        ("2026-11-24+07", "2026-11-24T00:00:00+07:00", timedelta(days=1)),
    ],
)
def test_a_time_stands_for_all_it_leaves_open(text, start, length):
    first = microseconds(datetime.fromisoformat(start))
    assert read_span(text, LOCAL) == (first, first + length // timedelta(microseconds=1) - 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026",
        "2026-13-01",
        "2026-02-30",
        "24/11/2026",
        "2026-11-24T25:00",
        "2026-11-24T09:12:01.",
        "2026-11-24X",
        "2026-11-24T09:12:01+99:00",
        "0000-01-01",
        "٢٠٢٦-11-24",
    ],
)
def test_what_is_no_time_is_none(text):
    assert read_span(text, UTC) is None
    assert not fits("date", text)


@given(st.datetimes(timezones=st.just(UTC)))
def test_microseconds_are_exact_both_ways(time):
    assert from_microseconds(microseconds(time)) == time
    assert read_span(time.isoformat(timespec="microseconds"), UTC) == (microseconds(time),) * 2


@given(st.ip_addresses(), st.ip_addresses())
def test_addresses_are_in_one_order(one, other):
    if one.version == other.version:
        assert (read_ip(str(one)) < read_ip(str(other))) == (one < other)
    address = ipaddress.ip_address(write_ip(read_ip(str(one))))
    assert address == one or address.ipv4_mapped == one


@given(st.ip_addresses(), st.integers(0, 128))
def test_a_network_is_its_first_and_last_address(address, length):
    length = min(length, address.max_prefixlen)
    network = ipaddress.ip_network(f"{address}/{length}", strict=False)
    assert read_network(f"{address}/{length}") == (read_ip(str(network[0])), read_ip(str(network[-1])))


@pytest.mark.parametrize(
    "text",
    ["", "x", "10.0.0", "010.0.0.1", "fe80::1%eth0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "::/-1", "10.0.0.0/8/8"],
)
def test_what_is_no_address_is_none(text):
    assert read_ip(text) is None
    assert read_network(text) is None
    assert read_ip("10.0.0.0/8") is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("-7", -7),
        ("+7", 7),
        ("007", 7),
        (str(2**70), 2**70),
        ("", None),
        ("1.0", None),
        ("1_0", None),
        ("x", None),
        ("٧", None),
        ("9" * 41, None),
    ],
)
def test_whole_numbers(text, number):
    assert read_long(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7.0),
        ("-1.5e3", -1500.0),
        (" 7", 7.0),
        ("nan", None),
        ("inf", None),
        ("1e999", None),
        ("1_0", None),
        ("x", None),
        ("٧", None),
    ],
)
def test_decimal_numbers(text, number):
    assert read_double(text) == number


def test_only_ordered_types_have_bounds():
    assert fits("long", "1") and fits("double", "1.5") and fits("ip", "::1") and fits("date", "2026-11-24")
    assert not any(fits(kind, "1") for kind in ("keyword", "text", "boolean", ""))
