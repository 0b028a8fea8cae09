"""The syslog envelope: RFC 5424, RFC 3164 and what files and devices make of it.

    <38>Nov 24 09:12:01 web-01 sshd[812]: Failed password for root from 203.0.113.9 port 50112 ssh2
    <165>1 2026-11-24T09:12:01.003Z web-01 evntslog 88 ID47 [exampleSDID@32473 iut="3"] An application event
    2026-11-24T09:12:01.123456+07:00 web-01 sudo:   an : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls
    <189>45: sw-01: Nov 24 09:12:01.123: %SYS-5-CONFIG_I: Configured from console by an on vty0 (10.1.2.3)

Source: RFC 5424 https://www.rfc-editor.org/rfc/rfc5424, RFC 3164 https://www.rfc-editor.org/rfc/rfc3164,
Cisco IOS, System Message Logging (`logging origin-id`, `service sequence-numbers`, `service timestamps`)
"""

import re
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from itertools import islice

import msgspec

from collectors.normalise.fields import LONGEST_STAMP, Fields, iso_time, relate, yearless_time

# fmt: off
FACILITIES = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
    "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
)
# fmt: on
SEVERITIES = ("emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug")

_YEARLESS = r"[A-Z][a-z]{2} [ 0-3]?\d \d\d:\d\d:\d\d"
_ISO = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
_HEAD = re.compile(rf"(?:<(\d{{1,3}})>)?({_YEARLESS}|{_ISO})")
_HOST = r"[^\s:]+|[0-9A-Fa-f:.]+"
_PROGRAM = r"[^\s\[\]:=%]{1,128}"
_ORIGIN = re.compile(rf"({_HOST}) ({_PROGRAM})")
_USUAL = re.compile(
    rf"(?:<(\d{{1,3}})>)?({_YEARLESS}|{_ISO}) ({_HOST}) ({_PROGRAM})(?:\[(\d{{1,10}})\])?: ?(.*)$", re.DOTALL
)
_PRIORITY = re.compile(r"<(\d{1,3})>")
_STAMPED = re.compile(_ISO)
_MODERN = re.compile(r"<(\d{1,3})>(\d{1,2}) (\S+) (\S+) (\S+) (\S+) (\S+) ?")
# IOS counts its lines, may say its name, may count once more, and may tell how long it has been running.
_COUNT = re.compile(
    r"(\d{1,18}): (?:(?!\d+:|\d+[ywdh]\d)([^\s:%=\[\]]{1,128}): )?(?:\d{1,18}: )?"
    r"(?:(?:\d+[ywdh]\d+[wdhm]|\d\d:\d\d:\d\d): )?(?=[*.%]|[A-Z][a-z]{2} [ 0-3]?\d |\d{4}[ -])"
)
# IOS marks an unsure clock (`*Nov 24 ...`), NX-OS begins with a colon, ASA writes the year behind the day, others
# before the month.
_STAMP = re.compile(
    rf"(?:: )?[*.]?(?:(\d{{4}}) )?({_YEARLESS}|{_ISO}|[A-Z][a-z]{{2}} [ 0-3]?\d \d{{4}} \d\d:\d\d:\d\d)"
    r"(?:\.\d{1,9})?(?: ([A-Z]{3,4}))?:? +"
)
_YEAR_WITHIN = re.compile(r"(\w{3} [ 0-3]?\d) (\d{4}) (.*)")
_TAG = re.compile(r"([^\s\[\]:=]{1,128})(?:\[(\d{1,10})\])?: ?")
# `logger -t sshd[77]` puts the old tag where the program goes.
_TAGGED = re.compile(r"([^\s\[\]]{1,128})\[(\d{1,10})\]")
_ELEMENT = re.compile(r'\[([^\s=\]"]{1,64})((?: [^\s=\]"]{1,64}="[^"\\\]]*+(?:\\.[^"\\\]]*+)*+")*+)\]', re.DOTALL)
_PARAMETER = re.compile(r' ([^\s=\]"]{1,64})="([^"\\\]]*+(?:\\.[^"\\\]]*+)*+)"', re.DOTALL)
_ESCAPE = re.compile(r'\\(["\\\]])')
MOST_PARAMETERS = 256
"""Parameters of structured data that become fields."""
LONGEST_HEAD = LONGEST_STAMP + len("<191>")
LONGEST_FRONT = 160
"""Characters of what is remembered, so that what a hostile sender can make the memory hold is bounded."""


class Envelope(msgspec.Struct, gc=False):
    """What the envelope says beside its fields: program, message, time (aware UTC) and the stamp as written."""

    program: str
    message: str
    time: datetime | None
    stamp: str


def _priority_fields() -> dict[str, Fields]:
    return {
        str(priority): {
            "log.syslog.priority": priority,
            "log.syslog.facility.name": FACILITIES[priority >> 3],
            "log.syslog.severity.name": SEVERITIES[priority & 7],
        }
        for priority in range(192)
    }


_PRIORITIES = _priority_fields()


def put_priority(priority: str | None, fields: Fields) -> None:
    """Add what the number of a `<PRI>` says, if it is one."""
    if priority is not None and (known := _PRIORITIES.get(priority)) is not None:
        fields.update(known)


def read_priority(text: str, fields: Fields) -> int:
    """Add what `<PRI>` at the start says; where it ends, 0 where there is none."""
    found = _PRIORITY.match(text)
    if found is None or found[1] not in _PRIORITIES:
        return 0
    put_priority(found[1], fields)
    return found.end()


def read_envelope(text: str, received: datetime, zone: tzinfo, fields: Fields) -> Envelope | None:
    """Add what the envelope of a line says; None, and nothing added, where it has none. Linear in the line."""
    if ">1 " in text[:7]:  # RFC 5424, which is none of the older forms
        return _read_modern(text, zone, fields) or _read_odd(text, received, zone, fields)
    return (
        _read_usual(text, received, zone, fields)
        or _read_spelled(text, received, zone, fields)
        or _read_modern(text, zone, fields)
        or _read_odd(text, received, zone, fields)
    )


def _read_usual(text: str, received: datetime, zone: tzinfo, fields: Fields) -> Envelope | None:
    """As `_read_spelled`, for nearly all lines of that form: cut at blanks. What many lines share, a second and a
    program of a host, is read once and remembered."""
    front, colon, message = text.partition(": ")
    if not colon:
        return None
    process = ""
    if front[-1:] == "]":
        front, _, process = front[:-1].rpartition("[")
        if not process.isdecimal() or len(process) > 10:
            return None
    if len(front) > LONGEST_FRONT:
        return None
    before, _, program = front.rpartition(" ")
    stamped, _, host = before.rpartition(" ")
    if len(stamped) > LONGEST_HEAD:
        return None
    # A fraction of a second comes once: remembering it would cost more than reading it.
    head = (_read_head if "." in stamped else _known_head)(stamped, received.toordinal(), zone)
    if head is None:
        return None
    priority, time, stamp = head
    origin = _known_origin(priority, host, program)
    if origin is None or (not process and program.isdecimal()):
        return None
    fields.update(origin)
    if process:
        fields["process.pid"] = int(process)
    return Envelope(program, message, time, stamp)


def _read_head(head: str, day: int, zone: tzinfo) -> tuple[str | None, datetime | None, str] | None:
    """Priority, time and stamp."""
    found = _HEAD.fullmatch(head)
    return None if found is None else (found[1], _time(found[2], day, zone), found[2])


_known_head = lru_cache(maxsize=16384)(_read_head)


@lru_cache(maxsize=4096)
def _known_origin(priority: str | None, host: str, program: str) -> Fields | None:
    """What the priority, the host and the program say."""
    if _ORIGIN.fullmatch(f"{host} {program}") is None:
        return None
    return _origin(priority, host, program)


def _origin(priority: str | None, host: str, program: str) -> Fields:
    fields: Fields = {}
    put_priority(priority, fields)
    fields["host.name"] = host
    fields["related.hosts"] = [host]
    fields["process.name"] = program
    return fields


def _read_spelled(text: str, received: datetime, zone: tzinfo, fields: Fields) -> Envelope | None:
    """As `read_envelope`, for the usual form: (priority,) time, host, program, (process)."""
    usual = _USUAL.match(text)
    if usual is None:
        return None
    priority, stamp, host, program, process, message = usual.groups()
    if process is None and program.isdecimal():
        return None  # a device that counts its lines
    fields.update(_origin(priority, host, program))
    if process is not None:
        fields["process.pid"] = int(process)
    return Envelope(program, message, _time(stamp, received.toordinal(), zone), stamp)


def _time(stamp: str, day: int, zone: tzinfo) -> datetime | None:
    if "A" <= stamp[0] <= "Z":  # other digits than ours are digits too
        return yearless_time(stamp, day, zone)
    return iso_time(stamp.replace(",", "."), zone)


def _read_modern(text: str, zone: tzinfo, fields: Fields) -> Envelope | None:
    found = _MODERN.match(text)
    if found is None:
        return None
    version, stamp, host, program, process, message_id = found.group(2, 3, 4, 5, 6, 7)
    time = None if stamp == "-" else iso_time(stamp, zone)
    if time is None and stamp != "-" and _STAMPED.fullmatch(stamp) is None:
        return None
    fields["log.syslog.version"] = version
    read_priority(text, fields)
    if host != "-":
        fields["host.name"] = host
        fields["related.hosts"] = [host]
    if process == "-" and (tagged := _TAGGED.fullmatch(program)) is not None:
        program, process = tagged[1], tagged[2]
    if program != "-":
        fields["process.name"] = program
    if process != "-":
        if process.isdecimal() and len(process) <= 10:
            fields["process.pid"] = int(process)
        else:
            fields["log.syslog.procid"] = process
    if message_id != "-":
        fields["log.syslog.msgid"] = message_id
    at = found.end()
    if text.startswith("-", at):
        at += 1
    else:
        room = MOST_PARAMETERS
        while element := _ELEMENT.match(text, at):
            for parameter in islice(_PARAMETER.finditer(element[2]), max(0, room)):
                room -= 1
                if parameter[2]:
                    fields[f"log.syslog.structured_data.{element[1]}.{parameter[1]}"] = _ESCAPE.sub(r"\1", parameter[2])
            at = element.end()
    # rsyslog counts the blank behind a tag's colon to the message: two blanks, then.
    message = text[at:].lstrip(" ").removeprefix("\ufeff")
    return Envelope("" if program == "-" else program, message, time, "" if stamp == "-" else stamp)


def _read_odd(text: str, received: datetime, zone: tzinfo, fields: Fields) -> Envelope | None:
    """No host, no program, a year, a fraction, a zone name, no time at all: what devices really send."""
    at = _read_count(text, read_priority(text, fields), fields)
    found = _STAMP.match(text, at)
    if found is None and at == 0:
        return None
    time = None
    stamp = ""
    rest = text[at:]
    if found is not None:
        year, stamp, zone_name = found.groups()
        if zone_name in ("UTC", "GMT"):
            zone = UTC
        rest = text[found.end() :]
        if within := _YEAR_WITHIN.fullmatch(stamp):
            year, stamp = within[2], f"{within[1]} {within[3]}"
        time = _time(stamp, received.toordinal(), zone)
        if year is not None and time is not None:
            stamp = f"{year} {stamp}"
            time = _in_year(time, int(year), zone)
    tag = _TAG.match(rest)
    if tag is None and found is not None:
        host, blank, after = rest.partition(" ")
        if blank and host and "=" not in host and not host.startswith("%"):
            fields["host.name"] = host
            fields["related.hosts"] = [host]
            # Ubiquiti writes its name twice, ASA a colon of its own.
            rest = after.removeprefix(f"{host} ").removeprefix(": ")
            if end := _read_count(rest, 0, fields):
                # A relay has told the time already.
                own = _STAMP.match(rest, end)
                rest = rest[end if own is None else own.end() :]
            tag = _TAG.match(rest)
    program = ""
    if tag is not None:
        if tag[1].startswith("%"):
            fields["event.code"] = tag[1][1:]
        elif tag[2] is None and tag[1].isdecimal() and len(tag[1]) <= 18:
            fields["event.sequence"] = int(tag[1])
        else:
            program = tag[1]
            fields["process.name"] = program
            if tag[2]:
                fields["process.pid"] = int(tag[2])
        rest = rest[tag.end() :]
    return Envelope(program, rest, time, stamp)


def _read_count(text: str, at: int, fields: Fields) -> int:
    """Add what IOS writes before its time; where that ends, `at` where there is none."""
    found = _COUNT.match(text, at)
    if found is None:
        return at
    fields["event.sequence"] = int(found[1])
    if found[2]:
        fields["host.name"] = found[2]
        relate(fields, "related.hosts", found[2])
    return found.end()


def _in_year(time: datetime, year: int, zone: tzinfo) -> datetime | None:
    """The same moment of another year, as its sender counts years."""
    try:
        return time.astimezone(zone).replace(year=year).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
