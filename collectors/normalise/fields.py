"""What the parsers share: field mappings under construction, addresses, times. Pure."""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from socket import AF_INET, AF_INET6, inet_pton

from core.event import Value

Fields = dict[str, Value]

MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
AHEAD = timedelta(minutes=10)
LONGEST_STAMP = 48
"""Characters of the longest time stamp anyone writes; also what keeps the caches of times small."""

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""No log is older; a device that has lost its clock says so."""
_MONTH = timedelta(days=31)


def is_ip(text: str) -> bool:
    """Whether the text is an IPv4 or IPv6 address (without a zone)."""
    try:
        inet_pton(AF_INET6 if ":" in text else AF_INET, text)
    except (OSError, ValueError):
        return False
    return True


def put_source(fields: Fields, address: str, port: str | None = None) -> None:
    """`source.*` of an address as written: an address, or a name. An IPv4 address inside IPv6 (`::ffff:`) is one."""
    fields["source.address"] = address
    if is_ip(address):
        if ":" in address and address.startswith("::ffff:") and "." in address:
            address = address[7:]
        fields["source.ip"] = address
        fields["related.ip"] = [address]
    else:
        fields["source.domain"] = address
        relate(fields, "related.hosts", address)
    if port:
        fields["source.port"] = int(port)


def put_user(fields: Fields, name: str) -> None:
    """`user.name` where there is one."""
    if name:
        fields["user.name"] = name
        if "related.user" in fields:
            relate(fields, "related.user", name)
        else:
            fields["related.user"] = [name]


def relate(fields: Fields, related: str, value: str) -> None:
    """Add to a list, such as `related.user`, `related.hosts` or `log.flags`, what is not in it yet."""
    present = fields.get(related)
    if not isinstance(present, list):
        fields[related] = [value]
    elif value not in present:
        fields[related] = [*present, value]


@lru_cache(maxsize=16384)
def yearless_time(stamp: str, day: int, zone: tzinfo) -> datetime | None:
    """`Nov 24 09:12:01` in the latest year that puts it at most a month after the day (of receipt, as an ordinal).

    So both sides of New Year come out right, a clock in the wrong zone keeps its year, and a file replayed
    months later keeps its past. Aware UTC; None for an impossible date. 29 February falls in a leap year.
    """
    name, date, clock = stamp.split()
    hour, minute, second = clock.split(":")
    latest = datetime.fromordinal(day).replace(tzinfo=UTC) + _MONTH
    year = latest.year
    for candidate in range(year, year - 9, -1):
        try:
            time = datetime(
                candidate, MONTHS[name], int(date), int(hour), int(minute), min(int(second), 59), tzinfo=zone
            ).astimezone(UTC)
        except (ValueError, KeyError, OverflowError):
            continue
        if time <= latest:
            return time
    return None


def iso_time(stamp: str, zone: tzinfo) -> datetime | None:
    """An ISO 8601 time, in `zone` where it names none; aware UTC, None where it is none."""
    if len(stamp) > LONGEST_STAMP:
        return None
    return (_read_iso if "." in stamp else _known_iso)(stamp, zone)  # fractions come once


def _read_iso(stamp: str, zone: tzinfo) -> datetime | None:
    try:
        time = datetime.fromisoformat(stamp)
        return (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


_known_iso = lru_cache(maxsize=16384)(_read_iso)


@lru_cache(maxsize=16384)
def common_log_time(stamp: str) -> datetime | None:
    """`24/Nov/2026:09:12:01 +0700` of the web servers; aware UTC, None where it is none."""
    try:
        return datetime.fromisoformat(
            f"{stamp[7:11]}-{MONTHS[stamp[3:6]]:02d}-{stamp[:2]}T{stamp[12:20]}{stamp[21:]}"
        ).astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        return None


def settle_time(fields: Fields, time: datetime | None, stamp: str, received: datetime) -> datetime:
    """The event's time: the source's; ours where it has none, an impossible one or one over ten minutes ahead."""
    if time is None or time < LONG_AGO:
        if stamp:
            relate(fields, "log.flags", "bad_time")
            fields["labels.source_time"] = stamp[:LONGEST_STAMP]
        return received
    if time - received > AHEAD:
        fields["labels.source_time"] = stamp[:LONGEST_STAMP]
        return received
    return time
