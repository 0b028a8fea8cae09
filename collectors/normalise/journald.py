"""One entry of the systemd journal as JSON.

    {"__REALTIME_TIMESTAMP":"1764000000123456","_HOSTNAME":"may-chu","SYSLOG_IDENTIFIER":"sshd","_PID":"812",
     "PRIORITY":"6","SYSLOG_FACILITY":"10","_SYSTEMD_UNIT":"ssh.service",
     "MESSAGE":"Failed password for root from 203.0.113.9 port 50112 ssh2"}

(one line). MESSAGE is text, or a list of byte values where it is not UTF-8.

Source: systemd, Journal Export Formats / JSON, https://systemd.io/JOURNAL_EXPORT_FORMATS/
"""

from datetime import UTC, datetime, timedelta

import msgspec

from collectors.normalise.fields import Fields, relate
from collectors.normalise.syslog import FACILITIES, SEVERITIES

_decoder = msgspec.json.Decoder(dict[str, object])
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse(raw: bytes, fields: Fields) -> tuple[str, str, datetime | None, str] | None:
    """Add what the envelope of an entry says; (program, message, time, stamp), None where it is no entry."""
    try:
        entry = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    message = _text(entry.get("MESSAGE"))
    if message is None:
        return None
    fields["event.dataset"] = "linux.journald"
    fields["event.module"] = "linux"
    for key, name in (("_HOSTNAME", "host.name"), ("_SYSTEMD_UNIT", "service.name"), ("_EXE", "process.executable")):
        if value := _text(entry.get(key)):
            fields[name] = value
    if "host.name" in fields:
        relate(fields, "related.hosts", str(fields["host.name"]))
    program = _text(entry.get("SYSLOG_IDENTIFIER")) or _text(entry.get("_COMM")) or ""
    if program:
        fields["process.name"] = program
    process = _text(entry.get("_PID")) or _text(entry.get("SYSLOG_PID")) or ""
    if process.isdecimal() and len(process) <= 10:
        fields["process.pid"] = int(process)
    if command := _text(entry.get("_CMDLINE")):
        fields["process.command_line"] = command
    priority = _text(entry.get("PRIORITY")) or ""
    if len(priority) == 1 and priority in "01234567":
        fields["log.syslog.severity.name"] = SEVERITIES[int(priority)]
    facility = _text(entry.get("SYSLOG_FACILITY")) or ""
    if facility.isdecimal() and len(facility) <= 2 and int(facility) < len(FACILITIES):
        fields["log.syslog.facility.name"] = FACILITIES[int(facility)]
    if transport := _text(entry.get("_TRANSPORT")):
        fields["journald.transport"] = transport
    stamp = _text(entry.get("_SOURCE_REALTIME_TIMESTAMP")) or _text(entry.get("__REALTIME_TIMESTAMP")) or ""
    time = None
    if stamp.isdecimal() and len(stamp) <= 17:
        time = _EPOCH + timedelta(microseconds=int(stamp))
    return program, message, time, stamp


def _text(value: object) -> str | None:
    """A journal field: text, the first of several, or bytes given as numbers."""
    if isinstance(value, list) and value and not isinstance(value[0], int):
        value = value[0]
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, int) and 0 <= item <= 255 for item in value):
        return bytes(value).decode("utf-8", "backslashreplace")
    return None
