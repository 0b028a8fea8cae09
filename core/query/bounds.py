"""What a value of a typed field is worth when it is compared: pure, the same for every store."""

import ipaddress
import math
import re
from datetime import UTC, datetime, timedelta, tzinfo

ORDERED = ("long", "double", "date", "ip")
"""The field types that know greater and smaller; on all others a range is refused."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LONG_MIN, LONG_MAX = -(2**63), 2**63 - 1
DAY_MICROSECONDS = 86_400_000_000
MONDAY_MICROSECONDS = 4 * DAY_MICROSECONDS
"""1970 began on a Thursday: weeks begin so much after it."""

_LONG = re.compile(r"[+-]?[0-9]{1,40}\Z")
_TIME = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?P<hour>[0-9]{2})(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?)?)?"
    r"(?P<zone>Z|z|[+-][0-9]{2}(?::?[0-9]{2})?)?\Z"
)


def read_long(text: str) -> int | None:
    """A whole number of any size, None for anything else."""
    return int(text) if _LONG.match(text) else None


def read_double(text: str) -> float | None:
    """A finite decimal number, None for anything else."""
    try:
        number = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def read_ip(text: str) -> int | None:
    """An IPv4 or IPv6 address as a number in one order: IPv4 stands where its mapped form `::ffff:a.b.c.d` does."""
    network = read_network(text)
    return None if network is None or network[0] != network[1] or "/" in text else network[0]


def read_network(text: str) -> tuple[int, int] | None:
    """The first and last address (in the order of `read_ip`) of `10.0.0.0/8`, or of an address alone."""
    address, slash, length = text.partition("/")
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return None
    if "%" in address or (slash and not (length.isascii() and length.isdigit() and len(length) < 4)):
        return None
    bits = ip.max_prefixlen - (int(length) if slash else ip.max_prefixlen)
    if bits < 0:
        return None
    number = int(ip) if ip.version == 6 else int(ip) | 0xFFFF << 32
    return number >> bits << bits, number | (1 << bits) - 1


def write_ip(number: int) -> str:
    """The IPv6 form of an address in the order of `read_ip`."""
    return str(ipaddress.IPv6Address(number))


def read_span(text: str, zone: tzinfo) -> tuple[int, int] | None:
    """The first and last microsecond since 1970 that the text stands for, None where it is no time.

    `2026-11-24` is that whole day, `2026-11-24T09:12` that minute, `2026-11-24T09:12:01.5` that tenth of a second.
    `zone` is for times that name none.
    """
    found = _TIME.match(text)
    if found is None:
        return None
    hour, minute, second, fraction = (found[name] for name in ("hour", "minute", "second", "fraction"))
    offset = (found["zone"] or "").replace(":", "").upper()
    digits = (fraction or "")[:6]
    stamp = f"{found['day']}T{hour or '00'}:{minute or '00'}:{second or '00'}.{digits:0<6}"
    try:
        start = datetime.fromisoformat(stamp + offset)
        start = start.replace(tzinfo=start.tzinfo or zone)
        if fraction is not None:
            length = 10 ** (6 - len(digits)) * MICROSECOND
        elif second is not None:
            length = timedelta(seconds=1)
        elif minute is not None:
            length = timedelta(minutes=1)
        else:
            length = timedelta(hours=1) if hour is not None else timedelta(days=1)
        first = (start - EPOCH) // MICROSECOND
        return first, first + length // MICROSECOND - 1
    except (ValueError, OverflowError):
        return None


def microseconds(time: datetime) -> int:
    """Microseconds since 1970 of an aware time."""
    since = time - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def from_microseconds(number: int) -> datetime:
    """The aware UTC time of `microseconds`."""
    return EPOCH + timedelta(microseconds=number)


def ahead_of_utc(zone: tzinfo, time: datetime) -> int:
    """Microseconds that the zone is ahead of UTC at an aware time."""
    return (time.astimezone(zone).utcoffset() or timedelta()) // MICROSECOND


def fits(type_name: str, text: str) -> bool:
    """Whether the text can bound a range of a field of this type."""
    match type_name:
        case "long":
            return read_long(text) is not None
        case "double":
            return read_double(text) is not None
        case "ip":
            return read_ip(text) is not None
        case "date":
            return read_span(text, UTC) is not None
    return False
