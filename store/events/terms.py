"""How a value is written in the index so that letter case, accents and ways of writing a number do not count. Pure.

Every value of every field is a term `name=value` of one inverted field, whatever its type: equality, prefix and
existence are answered alike for fields we know and those we do not, and a value that does not fit its field's type is
still found.
"""

import re
import unicodedata
from datetime import UTC
from hashlib import blake2b

from core.fields import FieldType
from core.query.bounds import LONG_MAX, LONG_MIN, read_double, read_ip, read_long, read_span, write_ip

TIME, ORIGINAL = "@timestamp", "event.original"
"""What every event has, whatever its fields."""

COLUMNS: tuple[FieldType, ...] = ("long", "double", "ip", "date")
"""The types that have an order: their values stand in a column too."""

MAX_TERM_LETTERS = 1024
"""A longer value is indexed by so many letters and a digest: equality stays exact, a prefix sees these letters only."""

MAX_PATTERN_BYTES = 700

_SPECIAL = re.compile(r"[\x00-\x20=\x7f]")
_MAPPED = 0xFFFF << 32


def fold(text: str) -> str:
    """Lower case without accents: `Đăng nhập`, in either Unicode form, is `dang nhap`."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold().replace("đ", "d")


def is_plain(text: str) -> bool:
    """Whether `escape` leaves all but spaces of the text as they are, and `fold` all but the letter case."""
    return text.isascii() and text.isprintable()


def escape(text: str) -> str:
    """The text without white space, control characters and `=`, reversibly: it may stand in a list of terms."""
    return _SPECIAL.sub(lambda found: "\x1e" if found[0] == " " else f"\x1d{ord(found[0]):02x}", text)


def encodable(text: str) -> str:
    """The text with half surrogate pairs written out: an index holds UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()


def term(name: str, value: str) -> str:
    """The term of a value that is already written canonically (`canonical`)."""
    value = fold(value)
    if len(value) > MAX_TERM_LETTERS:
        digest = blake2b(value.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        value = f"{value[:MAX_TERM_LETTERS]}\x1f{digest}"
    return f"{escape(name)}={escape_value(value)}"


def prefix_term(name: str, value: str) -> str:
    """What the terms of all values that begin so begin with."""
    return f"{escape(name)}={escape_value(fold(value)[:MAX_TERM_LETTERS])}"


def canonical(kind: FieldType | None, value: object) -> str:
    """One text for all ways of writing the same value of a type; a text that does not fit the type is itself."""
    text = str(value)
    if kind == "long":
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        number = read_long(text)
        return text if number is None else str(number)
    if kind == "double" and not isinstance(value, bool):
        decimal = read_double(text)
        return text if decimal is None else repr(decimal + 0.0)
    if kind == "ip":
        address = read_ip(text)
        if address is not None:
            return write_address(address)
    return text


def column_value(kind: FieldType | None, value: object) -> int | float | str | None:
    """What a typed column holds for a value; None where the value does not fit the type."""
    if isinstance(value, bool):
        return None
    text = str(value)
    match kind:
        case "long":
            number = int(value) if isinstance(value, float) and value.is_integer() else read_long(text)
            return number if number is not None and LONG_MIN <= number <= LONG_MAX else None
        case "double":
            return read_double(text)
        case "ip":
            address = read_ip(text)
            return None if address is None else write_address(address)
        case "date":
            span = read_span(text, UTC)
            return None if span is None else span[0]
    return None


def write_address(number: int) -> str:
    """The usual form of an address in the order of `read_ip`: dotted for IPv4 and IPv4 mapped."""
    if number >> 32 == 0xFFFF:
        return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))
    return write_ip(number)


def pattern(text: str, *, prefix: bool = False) -> str:
    """A regular expression for the text, or for all that begins with it.

    tantivy takes no expression of more than a thousand states: of a longer text only the beginning is looked at.
    """
    cut = text.encode()[:MAX_PATTERN_BYTES].decode(errors="ignore")
    letters = "".join(letter if letter.isascii() and letter.isalnum() else f"\\x{{{ord(letter):x}}}" for letter in cut)
    return letters + ".*" if prefix or cut != text else letters


def escape_value(value: str) -> str:
    """As `escape`, with `=` left as it is: what follows the name's own `=`."""
    return _SPECIAL.sub(lambda found: _IN_VALUE.get(found[0]) or f"\x1d{ord(found[0]):02x}", value)


_IN_VALUE = {" ": "\x1e", "=": "="}
