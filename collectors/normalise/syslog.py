"""The syslog envelope: RFC 5424, RFC 3164 and what files and devices make of it.

    <38>Nov 24 09:12:01 web-01 sshd[812]: Failed password for root from 203.0.113.9 port 50112 ssh2
    <165>1 2026-11-24T09:12:01.003Z web-01 evntslog 88 ID47 [exampleSDID@32473 iut="3"] An application event
    2026-11-24T09:12:01.123456+07:00 web-01 sudo:   an : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls

Source: RFC 5424 https://www.rfc-editor.org/rfc/rfc5424, RFC 3164 https://www.rfc-editor.org/rfc/rfc3164
"""

import re
from datetime import datetime, tzinfo

import msgspec

from collectors.normalise.fields import Fields, iso_time, yearless_time

FACILITIES = (
    "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock "
    "local0 local1 local2 local3 local4 local5 local6 local7"
).split()
SEVERITIES = "emergency alert critical error warning notice informational debug".split()

_YEARLESS = r"[A-Z][a-z]{2} [ 0-3]?\d \d\d:\d\d:\d\d"
_ISO = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
_USUAL = re.compile(
    rf"(?:<(\d{{1,3}})>)?({_YEARLESS}|{_ISO}) ([^\s:]+|[0-9A-Fa-f:.]+) ([^\s\[\]:]{{1,128}})(?:\[(\d{{1,10}})\])?: ?"
)
_PRIORITY = re.compile(r"<(\d{1,3})>")
_MODERN = re.compile(r"<(\d{1,3})>(\d{1,2}) (\S+) (\S+) (\S+) (\S+) (\S+) ?")
_STAMP = re.compile(rf"\*?(?:(\d{{4}}) )?({_YEARLESS}|{_ISO})(\.\d{{1,9}})?(?: ([A-Z]{{3,4}}))?:? +")
_TAG = re.compile(r"([^\s\[\]:]{1,128})(?:\[(\d{1,10})\])?: ?")
_ELEMENT = re.compile(r'\[([^\s=\]"]{1,64})((?: [^\s=\]"]{1,64}="(?:[^"\\\]]|\\.)*")*)\]')
_PARAMETER = re.compile(r' ([^\s=\]"]{1,64})="((?:[^"\\\]]|\\.)*)"')
_ESCAPE = re.compile(r'\\(["\\\]])')


class Envelope(msgspec.Struct):
    """What the envelope says: fields under construction, program, message, time (aware UTC) and the stamp as written."""

    fields: Fields
    program: str
    message: str
    time: datetime | None
    stamp: str


def _priority_fields() -> list[Fields]:
    return [
        {
            "log.syslog.priority": priority,
            "log.syslog.facility.name": FACILITIES[priority >> 3],
            "log.syslog.severity.name": SEVERITIES[priority & 7],
        }
        for priority in range(192)
    ]


_PRIORITIES = _priority_fields()


def read_envelope(text: str, received: datetime, zone: tzinfo) -> Envelope | None:
    """The envelope of a line, None where it has none. Linear in the line."""
    usual = _USUAL.match(text)
    if usual is None:
        return _read_modern(text, zone) or _read_odd(text, received, zone)
    priority, stamp, host, program, process = usual.groups()
    fields: Fields = {}
    if priority is not None:
        number = int(priority)
        if number < 192:
            fields.update(_PRIORITIES[number])
    fields["host.name"] = host
    fields["process.name"] = program
    if process is not None:
        fields["process.pid"] = int(process)
    return Envelope(fields, program, text[usual.end() :], _time(stamp, received, zone), stamp)


def _time(stamp: str, received: datetime, zone: tzinfo) -> datetime | None:
    if stamp[0] > "9":
        return yearless_time(stamp, received.year, received.month, received.day, zone)
    return iso_time(stamp.replace(",", "."), zone)


def _read_modern(text: str, zone: tzinfo) -> Envelope | None:
    found = _MODERN.match(text)
    if found is None:
        return None
    priority, version, stamp, host, program, process, message_id = found.groups()
    time = None if stamp == "-" else iso_time(stamp, zone)
    if time is None and stamp != "-":
        return None
    fields: Fields = {"log.syslog.version": version}
    if int(priority) < 192:
        fields.update(_PRIORITIES[int(priority)])
    if host != "-":
        fields["host.name"] = host
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
        while element := _ELEMENT.match(text, at):
            for name, value in _PARAMETER.findall(element[2]):
                fields[f"log.syslog.structured_data.{element[1]}.{name}"] = _ESCAPE.sub(r"\1", value)
            at = element.end()
    message = text[at:].removeprefix(" ").removeprefix("\ufeff")
    return Envelope(fields, "" if program == "-" else program, message, time, "" if stamp == "-" else stamp)


def _read_odd(text: str, received: datetime, zone: tzinfo) -> Envelope | None:
    """No host, no program, a year, a fraction, a zone name, no time at all: what devices really send."""
    fields: Fields = {}
    at = 0
    priority = _PRIORITY.match(text)
    if priority is not None:
        if int(priority[1]) >= 192:
            return None
        fields.update(_PRIORITIES[int(priority[1])])
        at = priority.end()
    found = _STAMP.match(text, at)
    time = None
    stamp = ""
    if found is not None:
        year, stamp, _, _ = found.groups()
        if year and stamp[0] > "9":
            time = yearless_time(stamp, int(year), 7, 1, zone)
            if time is not None and abs(time.year - int(year)) > 1:
                time = None
        else:
            time = _time(stamp, received, zone)
        at = found.end()
    elif priority is None:
        return None
    rest = text[at:]
    program = ""
    tag = _TAG.match(rest)
    if tag is None and found is not None:
        host, space, after = rest.partition(" ")
        if space and host and (tag := _TAG.match(after)) is not None:
            fields["host.name"] = host
            rest = after
        elif space and host and "=" not in host:
            fields["host.name"] = host
            rest = after
    if tag is not None:
        program = tag[1]
        fields["process.name"] = program
        if tag[2]:
            fields["process.pid"] = int(tag[2])
        rest = rest[tag.end() :]
    return Envelope(fields, program, rest, time, stamp)
