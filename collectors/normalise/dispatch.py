"""Which parser reads a record: by its declared format, else by its envelope, program and content. Pure.

    <38>Nov 24 09:12:01 web-01 sshd[812]: Failed password for root from 203.0.113.9 port 50112 ssh2

A line with an envelope is an event even where nobody knows its program; a line without one that no parser knows
is `Rejected`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo

import msgspec

from collectors.normalise import accounts, document, fortigate, journald, pam, sshd, sudo, web_access
from collectors.normalise.fields import LONG_AGO, Fields, settle_time
from collectors.normalise.syslog import put_priority, read_envelope, read_priority
from core.event import Event, Rejected
from core.record import Batch, Position, Record
from core.rejection import Reason

Read = tuple[datetime | None, str]
"""The source's time (aware UTC) and the stamp as written."""
Parser = Callable[[str, Record, Fields, tzinfo], "Read | Reason"]
"""Adds to the fields and tells the time, or says why the record cannot be read."""

MessageParser = Callable[[str, Fields], bool]
PROGRAMS: Mapping[str, MessageParser] = {
    "sshd": sshd.parse,
    "sshd-session": sshd.parse,
    "sshd-auth": sshd.parse,
    "sudo": sudo.parse,
    "su": sudo.parse_su,
    "useradd": accounts.parse,
    "usermod": accounts.parse,
    "userdel": accounts.parse,
    "groupadd": accounts.parse,
    "groupmod": accounts.parse,
    "groupdel": accounts.parse,
    "gpasswd": accounts.parse,
    "passwd": accounts.parse,
    "chpasswd": accounts.parse,
    "chage": accounts.parse,
}
_REPEATED = re.compile(r"message repeated ([1-9][0-9]{0,8}) times: \[ ?(.*)\]$", re.DOTALL)
WEB_PROGRAMS = {"nginx": "nginx", "apache2": "apache", "apache": "apache", "httpd": "apache"}


def normalise(batch: Batch, zone: tzinfo) -> list[Event | Rejected]:
    """One outcome for each record, in order. `zone` is for times that name none."""
    partition = batch.partition
    return [
        normalise_record(Position(partition, sequence), record, zone)
        for sequence, record in zip(batch.sequences, batch.records, strict=True)
    ]


def normalise_record(position: Position, record: Record, zone: tzinfo) -> Event | Rejected:
    """The event of a record, or the reason why there is none. Never raises, whatever the bytes."""
    fields: Fields = {}
    try:
        text = record.raw.decode()
    except UnicodeDecodeError:
        text = record.raw.decode("utf-8", "backslashreplace")
    read = FORMATS.get(record.format, _read_auto)(text, record, fields, zone)
    if record.flags:
        fields["log.flags"] = list(record.flags)
    if record.peer is not None:
        fields["log.source.address"] = record.peer
    if isinstance(read, str):
        return Rejected(record=record, position=position, stage="normalise", reason=read, fields=fields)
    fields.setdefault("event.kind", "event")
    received = record.received_at
    time, stamp = read
    if time is None or time > received or time < LONG_AGO:
        time = settle_time(fields, time, stamp, received)
    return Event(time=time, received=received, position=position, unit=record.unit, fields=fields, raw=record.raw)


def _read_auto(text: str, record: Record, fields: Fields, zone: tzinfo) -> Read | Reason:
    if "=" in text[: fortigate.BARE_WITHIN] and (bare := fortigate.BARE.match(text)) is not None:
        if (read := fortigate.parse(text[bare.end() :], fields, zone)) is not None:
            put_priority(bare[1], fields)
            return read
    elif text[:1] == "{":
        return _read_journald(text, record, fields, zone)
    envelope = read_envelope(text, record.received_at, zone, fields)
    if envelope is None:
        if (
            web_access.looks_like_access(text)
            and (found := web_access.parse(text, fields, _server(record))) is not None
        ):
            return found
        return "no_known_format"
    inner = read_message(envelope.program, envelope.message, fields, zone, record)
    if inner is not None and inner[0] is not None:
        return inner
    return envelope.time, envelope.stamp


def read_message(program: str, message: str, fields: Fields, zone: tzinfo, record: Record) -> Read | None:
    """Add what the message within an envelope says; a time of its own where it has one."""
    if message:
        fields["message"] = message
    if message[:17] == "message repeated ":
        message = _unfold(message, fields)
    parser = PROGRAMS.get(program)
    if parser is not None:
        parser(message.lstrip(), fields)
        return None
    if message.startswith("pam_") and pam.parse(message, fields):
        return None
    if web_access.looks_like_access(message):
        found = web_access.parse(message.lstrip(), fields, WEB_PROGRAMS.get(program) or _server(record))
        if found is not None:
            return found
    if "type=" in message and (read := fortigate.parse(message, fields, zone)) is not None:
        return read
    if "event.dataset" not in fields:
        fields["event.dataset"] = "linux.syslog" if program else "syslog"
    return None


def _unfold(message: str, fields: Fields) -> str:
    """The line within `message repeated N times: [ ... ]`.

    So rsyslog folds equal lines: this event stands for so many more of the one before it.
    """
    repeated = _REPEATED.match(message)
    if repeated is None:
        return message
    fields["labels.repeated"] = repeated[1]
    return repeated[2]


def _server(record: Record) -> str | None:
    """Which web server writes the file that is read, by its path."""
    source = record.source
    if "nginx" in source:
        return "nginx"
    if "apache" in source or "httpd" in source:
        return "apache"
    return None


def _read_syslog(text: str, record: Record, fields: Fields, zone: tzinfo) -> Read | Reason:
    if read_envelope(text, record.received_at, zone, {}) is None:
        return "not_syslog"
    return _read_auto(text, record, fields, zone)


def _read_program(program: str) -> Parser:
    """A parser for lines of one program, with or without an envelope."""

    def read(text: str, record: Record, fields: Fields, zone: tzinfo) -> Read | Reason:
        envelope = read_envelope(text, record.received_at, zone, fields)
        if envelope is None:
            fields["process.name"] = program
            read_message(program, text, fields, zone, record)
            return None, ""
        own = envelope.program if envelope.program in PROGRAMS else program
        read_message(own, envelope.message, fields, zone, record)
        return envelope.time, envelope.stamp

    return read


def _read_pam(text: str, record: Record, fields: Fields, zone: tzinfo) -> Read | Reason:
    envelope = read_envelope(text, record.received_at, zone, fields)
    message = text if envelope is None else envelope.message
    if message:
        fields["message"] = message
    if not pam.parse(_unfold(message, fields), fields):
        return "not_pam"
    return (None, "") if envelope is None else (envelope.time, envelope.stamp)


def _read_access(server: str, otherwise: Reason) -> Parser:
    def read(text: str, record: Record, fields: Fields, zone: tzinfo) -> Read | Reason:
        envelope = read_envelope(text, record.received_at, zone, fields)
        line = text if envelope is None else _unfold(envelope.message, fields).lstrip()
        return web_access.parse(line, fields, server) or otherwise

    return read


def _read_fortigate(text: str, record: Record, fields: Fields, zone: tzinfo) -> Read | Reason:
    read = fortigate.parse(text[read_priority(text, fields) :], fields, zone)
    if read is None and (envelope := read_envelope(text, record.received_at, zone, fields)) is not None:
        read = fortigate.parse(envelope.message, fields, zone)
    return read or "not_fortigate"


def _read_journald(text: str, record: Record, fields: Fields, zone: tzinfo) -> Read | Reason:
    entry = journald.parse(record.raw, fields)
    if entry is None:
        return "not_journald"
    program, message, time, stamp = entry
    read_message(program, message, fields, zone, record)
    return time, stamp


def _read_document(text: str, record: Record, fields: Fields, zone: tzinfo) -> Read | Reason:
    read = document.parse(record.raw, fields)
    if read is None:
        return "not_a_document"
    message = fields.get("message")
    if isinstance(message, str):
        inner: Fields = {}
        line = msgspec.structs.replace(record, raw=message.encode("utf-8", "replace"), format="auto")
        within = _read_auto(message, line, inner, zone)
        if not isinstance(within, str):
            document.merge(fields, inner)
            if read == (None, ""):
                read = within
        else:
            program = fields.get("process.name")
            inner = {}
            if isinstance(program, str) and program in PROGRAMS:
                PROGRAMS[program](message.lstrip(), inner)
                document.merge(fields, inner)
    if "event.dataset" not in fields:
        fields["event.dataset"] = "document"
    return read


FORMATS: Mapping[str, Parser] = {
    "document": _read_document,
    "auto": _read_auto,
    "syslog": _read_syslog,
    "sshd": _read_program("sshd"),
    "sudo": _read_program("sudo"),
    "pam": _read_pam,
    "nginx_access": _read_access("nginx", "not_nginx_access"),
    "apache_access": _read_access("apache", "not_apache_access"),
    "fortigate": _read_fortigate,
    "journald": _read_journald,
}
