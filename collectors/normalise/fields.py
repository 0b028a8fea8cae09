"""What the parsers share: field mappings under construction, addresses, times. Pure."""

import ipaddress
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from core.event import Value

Fields = dict[str, Value]

MONTHS = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
AHEAD = timedelta(minutes=10)


@lru_cache(maxsize=65536)
def is_ip(text: str) -> bool:
    """Whether the text is an IPv4 or IPv6 address (without a zone)."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def put_source(fields: Fields, address: str, port: str | None = None) -> None:
    """`source.*` of an address as written: an address, or a name."""
    fields["source.address"] = address
    if is_ip(address):
        fields["source.ip"] = address
        fields["related.ip"] = [address]
    else:
        fields["source.domain"] = address
    if port:
        fields["source.port"] = int(port)


def put_user(fields: Fields, name: str) -> None:
    """`user.name` where there is one."""
    if name:
        fields["user.name"] = name
        fields["related.user"] = [name]


@lru_cache(maxsize=16384)
def yearless_time(stamp: str, year: int, month: int, day: int, zone: tzinfo) -> datetime | None:
    """`Nov 24 09:12:01` in the year that brings it closest to the day (of receipt); aware UTC, None for an impossible date."""
    words = stamp.split()
    hour, minute, second = words[2].split(":")
    reference = datetime(year, month, day, 12, tzinfo=UTC)
    best: datetime | None = None
    for candidate in (year, year - 1, year + 1):
        try:
            time = datetime(
                candidate, MONTHS[words[0]], int(words[1]), int(hour), int(minute), min(int(second), 59), tzinfo=zone
            ).astimezone(UTC)
        except (ValueError, KeyError, OverflowError):
            continue
        if best is None or abs(time - reference) < abs(best - reference):
            best = time
    return best


@lru_cache(maxsize=16384)
def iso_time(stamp: str, zone: tzinfo) -> datetime | None:
    """An ISO 8601 time, in `zone` where it names none; aware UTC, None where it is none."""
    try:
        time = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    try:
        return (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


@lru_cache(maxsize=16384)
def common_log_time(stamp: str) -> datetime | None:
    """`24/Nov/2026:09:12:01 +0700` of the web servers; aware UTC, None where it is none."""
    try:
        return datetime.strptime(stamp, "%d/%b/%Y:%H:%M:%S %z").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def settle_time(fields: Fields, time: datetime | None, stamp: str, received: datetime) -> datetime:
    """The event's time: the source's, or ours where it has none, an impossible one, or one more than ten minutes ahead."""
    if time is None:
        if stamp:
            fields["log.flags"] = ["bad_time"]
            fields["labels.source_time"] = stamp
        return received
    if time - received > AHEAD:
        fields["labels.source_time"] = stamp
        return received
    return time
