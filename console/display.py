"""How times, numbers and hostile text are written on a page."""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from core.language import ENGLISH, Text

# Letters that reorder or hide their neighbours: https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
_INVISIBLE = {"Cc", "Cf", "Zl", "Zp", "Cs", "Co"}


@dataclass(frozen=True)
class Display:
    """One reader's language and zone, and the moment of the page."""

    language: str
    zone: tzinfo
    now: datetime

    def say(self, text: Text, **values: object) -> str:
        """The text in the reader's language with its values filled in."""
        return text.within(self.language).format(**values) if values else text.within(self.language)

    def counted(self, count: int, one: Text, many: Text) -> str:
        """`one` or `many` with `{count}` filled in."""
        return self.say(one if count == 1 else many, count=self.number(count))

    def number(self, number: int) -> str:
        """`12.345` in Vietnamese, `12,345` in English."""
        text = f"{number:,}"
        return text if self.language == ENGLISH else text.replace(",", ".")

    def mebibytes(self, size: int) -> str:
        """Bytes as whole MB (of 2^20 bytes)."""
        return f"{self.number(round(size / 2**20))} MB"

    def moment(self, time: datetime) -> str:
        """Local date and time to the second: `24/11/2026 09:12:01`, in English `2026-11-24 09:12:01`."""
        return self._local(time, "%Y-%m-%d %H:%M:%S" if self.language == ENGLISH else "%d/%m/%Y %H:%M:%S")

    def precise(self, time: datetime) -> str:
        """As `moment`, to the millisecond: `24/11/2026 09:12:01.250`."""
        return f"{self.moment(time)}.{time.microsecond // 1000:03d}"

    def day(self, day: date) -> str:
        """`24/11/2026`, in English `2026-11-24`."""
        return f"{day:%Y-%m-%d}" if self.language == ENGLISH else f"{day:%d/%m/%Y}"

    def short(self, time: datetime) -> str:
        """Local time, with the day where it is not today and the year where it is not this year."""
        local, today = time.astimezone(self.zone), self.now.astimezone(self.zone)
        if local.date() == today.date():
            return f"{local:%H:%M:%S}"
        if local.year == today.year:
            return self._local(time, "%m-%d %H:%M" if self.language == ENGLISH else "%d/%m %H:%M")
        return self._local(time, "%Y-%m-%d" if self.language == ENGLISH else "%d/%m/%Y")

    def utc(self, time: datetime) -> str:
        """For the title of a time: `2026-11-24 02:12:01.250 UTC`."""
        return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S}.{time.microsecond // 1000:03d} UTC"

    def machine(self, time: datetime) -> str:
        """For the `datetime` attribute: RFC 3339 in UTC."""
        return time.astimezone(UTC).isoformat().replace("+00:00", "Z")

    def _local(self, time: datetime, form: str) -> str:
        return time.astimezone(self.zone).strftime(form)


def visible(text: str) -> str:
    """The text with its control, format and direction characters written out (`\\x1b`); tab and line feed stay."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter in "\n\t" or unicodedata.category(letter) not in _INVISIBLE else _written_out(letter)
        for letter in text
    )


def original(raw: bytes) -> str:
    """A record's bytes as text to look at; bytes that are not UTF-8 are written out."""
    return visible(raw.decode("utf-8", "backslashreplace"))


def _written_out(letter: str) -> str:
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
