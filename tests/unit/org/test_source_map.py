"""Whose a record is: the closest assignment that held when it was received, as a plain search over all of them says."""

from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from org.source_map import MOST_REMEMBERED, Assignment, Place, SourceMap

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


def held(unit, *, since=NOW, ended=None, **place):
    return Assignment(unit=unit, place=Place(**place), since=since, ended=ended)


def unit_of(assignments, peer=None, input="syslog/tcp", host="", at=NOW):
    found = SourceMap(assignments).find(peer, input, host, at)
    return None if found is None else found.unit


def test_the_closest_counts():
    assignments = [
        held("province", network="10.0.0.0/8"),
        held("my-xuyen", network="10.1.0.0/16"),
        held("relay", network="10.9.0.5/32"),
        held("ke-sach", network="10.9.0.5/32", host="xks-*"),
        held("ke-sach-2", network="10.9.0.5/32", host="xks-web"),
        held("web", input="tail:/var/log/nginx/*"),
    ]
    assert unit_of(assignments, "10.1.2.3") == "my-xuyen"
    assert unit_of(assignments, "10.2.2.3") == "province"
    assert unit_of(assignments, "10.9.0.5", host="other") == "relay"
    assert unit_of(assignments, "10.9.0.5", host="XKS-01") == "ke-sach"
    assert unit_of(assignments, "10.9.0.5", host="xks-web") == "ke-sach-2"
    assert unit_of(assignments, "::ffff:10.1.2.3") == "my-xuyen"
    assert unit_of(assignments, None, "tail:/var/log/nginx/access.log") == "web"
    assert unit_of(assignments, "192.0.2.1") is None
    assert unit_of(assignments, None) is None
    assert unit_of(assignments, "not an address") is None


def test_a_name_alone_proves_nothing():
    """Who writes another unit's host name from its own network stays in its own unit."""
    assignments = [held("a", network="10.1.0.0/16", host="a-*"), held("b", network="10.2.0.0/16")]
    assert unit_of(assignments, "10.2.0.1", host="a-web") == "b"


def test_what_was_received_before_or_after_is_not_meant():
    hour = timedelta(hours=1)
    assignments = [
        held("old", network="10.1.0.0/16", since=NOW - hour, ended=NOW),
        held("new", network="10.1.0.0/16", since=NOW),
        held("wide", network="10.0.0.0/8", since=NOW - 2 * hour),
    ]
    sources = SourceMap(assignments)
    at = {-90: "wide", -60: "old", -1: "old", 0: "new", 60: "new"}
    for minutes, unit in at.items():
        found = sources.find("10.1.0.9", "syslog/udp", "", NOW + timedelta(minutes=minutes))
        assert found is not None and found.unit == unit
    assert sources.find("10.1.0.9", "syslog/udp", "", NOW - 3 * hour) is None


def test_many_senders_and_names_do_not_pile_up():
    sources = SourceMap([held("a", network="0.0.0.0/0", host="*")])
    for number in range(MOST_REMEMBERED + 10):
        peer = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        assert sources.find(peer, "syslog/udp", f"host-{number}", NOW) is not None
    sources.find("10.0.0.1", "syslog/udp", "h" * 60_000, NOW)
    assert len(sources._met) <= MOST_REMEMBERED
    assert len(sources._shared) == 1 and len({id(fits) for fits, _ in sources._met.values()}) == 1, "one list for all"
    assert len(sources._found) <= MOST_REMEMBERED
    assert all(len(host) < 60_000 for _, _, host in sources._found)


PEERS = ("10.1.0.1", "10.1.0.2", "10.2.0.1", "2001:db8::1", "::ffff:10.1.0.1", None, "x")
INPUTS = ("syslog/udp", "syslog/tcp", "journald", "tail:/a.log")
HOSTS = ("", "web", "WEB", "web-01", "db")
PLACES = st.one_of(
    st.builds(
        Place,
        network=st.sampled_from(
            ("0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.0.0/31", "10.1.0.1/32", "2001:db8::/32")
        ),
        host=st.sampled_from((None, "web", "web*", "w*", "?b")),
    ),
    st.builds(
        Place,
        input=st.sampled_from(("syslog/*", "syslog/udp", "tail:*", "*")),
        host=st.sampled_from((None, "web", "web*")),
    ),
)
TIMES = st.integers(-3, 3).map(lambda hours: NOW + timedelta(hours=hours))
ASSIGNMENTS = st.lists(
    st.builds(Assignment, unit=st.sampled_from("abcdef"), place=PLACES, since=TIMES, ended=st.none() | TIMES),
    max_size=8,
    unique_by=lambda assignment: assignment.place,
)


def plain(assignments, peer, input, host, at):
    """Every assignment tried by itself, the closest of those that fit."""
    fitting = []
    for assignment in assignments:
        place = assignment.place
        if not (assignment.since <= at and (assignment.ended is None or at < assignment.ended)):
            continue
        if place.network is not None:
            try:
                address = ip_address(peer or "")
            except ValueError:
                continue
            address = getattr(address, "ipv4_mapped", None) or address
            network = ip_network(place.network)
            if address.version != network.version or address not in network:
                continue
        if place.input is not None and not fnmatchcase(input, place.input):
            continue
        if place.host is not None and not fnmatchcase(host.lower(), place.host):
            continue
        fitting.append(assignment)

    def pattern(text):
        return (text is not None, text is not None and "*" not in text and "?" not in text, len(text or ""))

    def closeness(assignment):
        place = assignment.place
        prefix = -1 if place.network is None else ip_network(place.network).prefixlen
        return (pattern(place.host), prefix, pattern(place.input), place.host or "", place.input or "")

    return max(fitting, key=closeness, default=None)


@pytest.mark.slow
@given(
    assignments=ASSIGNMENTS,
    asked=st.lists(
        st.tuples(st.sampled_from(PEERS), st.sampled_from(INPUTS), st.sampled_from(HOSTS), TIMES), min_size=1
    ),
)
@settings(max_examples=200, deadline=None)
def test_as_the_plain_search(assignments, asked):
    sources = SourceMap(assignments)
    for peer, input, host, at in asked:
        assert sources.find(peer, input, host, at) == plain(assignments, peer, input, host, at)
