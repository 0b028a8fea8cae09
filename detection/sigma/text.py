"""How Sigma compares: every value has one text, and texts are compared folded.

Source: Sigma rules specification 2.1, "Value types", https://sigmahq.io/sigma-specification/
"""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from core.event import Event, Value

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_MAX_DIGITS = 400


def text_of(value: str | int | float | bool | None) -> str:
    """The text of one value: `13`, 13 and 13.0 have the same, true is not 1."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def texts_of(value: Value) -> list[str]:
    """The text of each element of a list, or of the one value."""
    if isinstance(value, list):
        return [text_of(element) for element in value]
    return [text_of(value)]


def fold(text: str) -> str:
    """The text without letter case, in all of Unicode (`Đ` = `đ`, `ß` = `ss`), character by character."""
    return text.casefold()


def number_of(text: str) -> int | float | None:
    """The number that a text writes as JSON would (`13`, `-0.5`), None for any other (`013`, `0x0d`, `true`)."""
    found = _NUMBER.fullmatch(text)
    if found is None or len(text) > _MAX_DIGITS:
        return None
    if found[1] is None and found[2] is None:
        return int(text)
    number = float(text)
    return number if abs(number) != float("inf") else None


@lru_cache(maxsize=16384)
def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """The address that a text writes, None for any other; an IPv4 address inside IPv6 (`::ffff:10.1.2.3`) is IPv4."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def line_of(event: Event) -> str:
    """What a keyword is searched in: the bytes as text, and the message where the bytes only hold it escaped."""
    line = event.raw.decode("utf-8", "backslashreplace")
    message = event.fields.get("message")
    if isinstance(message, str) and message not in line:
        return f"{line}\n{message}"
    return line
