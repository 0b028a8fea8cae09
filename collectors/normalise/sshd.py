r"""OpenSSH's server.

    Failed password for invalid user admin from 203.0.113.9 port 50112 ssh2
    Accepted publickey for an from 10.1.2.3 port 50114 ssh2: ED25519 SHA256:0JdV...

A user name is whatever the attacker typed, ` from 10.0.0.1 port 1` included, and so is the name in a certificate.
Where the name stands before the address, the last address is the real one; behind the address, the first.
Patterns say `\S*|.*` for a name: one without a blank is read without a search, and has one reading only.
What is not printable ASCII is written as `\341\273\205`, a backslash as `\\` (before the log-in as `\\341`, `\\\\`);
`user.name` holds what was meant.

Source: OpenSSH portable, auth.c, auth2.c, log.c, packet.c, sshd.c, sshd-session.c,
https://github.com/openssh/openssh-portable
"""

import re
from collections.abc import Callable

from collectors.normalise import pam
from collectors.normalise.fields import Fields, put_source, put_user, relate

_LOGIN = re.compile(
    r"(Failed|Accepted|Postponed|Partial) (\S+) for (invalid user )?(\S*|.*) from (\S+) port (\d{1,5})"
    r"(?: ssh\d?)?(?: \[preauth\])?$",
    re.DOTALL,
)
# Behind `ssh2: ` stands the key, with the name that whoever made a certificate gave it. An account that exists has
# no blank in its name; of one that does not, sshd writes a hundred bytes at most, each perhaps as \ooo.
_KEYED = re.compile(
    r"(Failed|Accepted|Postponed|Partial) (\S+) for ()(?!invalid user )(\S+) from (\S+) port (\d{1,5}) ssh2: (.*)$",
    re.DOTALL,
)
_INVALID_KEYED = re.compile(
    r"(Failed|Postponed) (\S+) for (invalid user )?((?:\\[0-7]{3}|(?!\\[0-7]{3}).){0,100})"
    r" from (\S+) port (\d{1,5}) ssh2: (.*)$",
    re.DOTALL,
)
_INVALID = re.compile(r"(?:Invalid|Illegal) user (\S*|.*) from (\S+)(?: port (\d{1,5}))?$", re.DOTALL)
_ENDED = re.compile(
    r"(?:Connection (closed|reset) by|(Disconnected) from) "
    r"(?:(authenticating |invalid )?user (\S*|.*) (\S+) port (\d{1,5})|(\S+)(?: port (\d{1,5}))?)( \[preauth\])?$",
    re.DOTALL,
)
_ENDING = re.compile(
    r"Disconnecting (?:(authenticating |invalid )?user (\S*|.*) )?(\S+) port (\d{1,5}): (.*)$", re.DOTALL
)
# The reason repeats the name, then quotes another one of the attacker's choice.
_RENAMED = re.compile(
    r"Disconnecting (authenticating |invalid )?user (.{0,256}) (\S{1,64}) port (\d{1,5}): "
    r"(Change of username or service not allowed): \(\2,",
    re.DOTALL,
)
_RECEIVED = re.compile(r"Received disconnect from (?:(\S+) port (\d{1,5})|(\S+?)): ?(\d{1,10}): ?(.*)$", re.DOTALL)
_ATTEMPTS = re.compile(
    r"(?:error: )?maximum authentication attempts exceeded for (invalid user )?(.*) from (\S+) port (\d{1,5})"
    r"(?: ssh\d?)?(?: \[preauth\])?$",
    re.DOTALL,
)
_REFUSED = re.compile(r"ROOT LOGIN REFUSED FROM (\S+)(?: port (\d{1,5}))?")
_NOT_ALLOWED = re.compile(r"User (.*) from (\S+) not allowed because (.*)$", re.DOTALL)
_NO_MATCH = re.compile(
    r"(?:fatal: )?Unable to negotiate with (\S+) port (\d{1,5}): (.*?)\.?(?: Their offer: .*)?(?: \[preauth\])?$",
    re.DOTALL,
)
_NO_VERSION = re.compile(
    r"(?:error: )?(?:(?:Did not receive identification string|Bad protocol version identification '.*') from"
    r"|(?:banner exchange|ssh_dispatch_run_fatal): Connection from|Protocol major versions differ for)"
    r" (\S+?)(?: port (\d{1,5}))?(?:: .*)?(?: \[preauth\])?$",
    re.DOTALL,
)
_NO_BANNER = re.compile(r"(?:error: )?kex_exchange_identification: (.*)$", re.DOTALL)
_LATE = re.compile(
    r"(?:fatal: )?Timeout before authentication for (?:connection from )?(\S+?)(?: port (\d{1,5})| to \S+, pid = \d+)?$"
)
_DROPPED = re.compile(
    r"drop connection #\d+ from \[([^\]\s]+)\]:(\d{1,5}) on \[([^\]\s]+)\]:(\d{1,5}) (.*)$", re.DOTALL
)
_MISMAPPED = re.compile(
    r"(?:reverse mapping checking getaddrinfo for (\S+) \[(\S+)\] failed"
    r"|Address (\S+) maps to (\S+), but this does not map back)"
)
_PAM_FAILURE = re.compile(r"(?:error: )?PAM: (.{1,64}?) for (illegal user )?(.*) from (\S+)$", re.DOTALL)
_MORE = re.compile(
    r"PAM ([1-9][0-9]{0,8}) more authentication failures?; (?:(?!rhost=).)*+rhost=(\S*+)\s*+(?:user=(.*))?$", re.DOTALL
)
_LISTENING = re.compile(r"Server listening on (\S+) port (\d{1,5})")
_CONNECTION = re.compile(r"Connection from (\S+) port (\d{1,5}) on (\S+) port (\d{1,5})")

_ESCAPED = re.compile(r"\\\\|(?:\\[2-3][0-7]{2})+")
"""A backslash, or bytes beyond ASCII, as vis(3) writes them."""

_BEFORE = " [preauth]"
"""How a line ends as long as nobody is logged in."""

_CARRIAGE_RETURN = "#015"
"""What rsyslog makes of the end of a line that sshd wrote to a terminal (`sshd -e`)."""

_BASE: Fields = {"event.dataset": "linux.sshd", "event.module": "linux", "event.provider": "sshd"}
_FAILED: Fields = {
    "event.category": ["authentication"],
    "event.type": ["start"],
    "event.action": "ssh_login",
    "event.outcome": "failure",
}
_FAILED_INVALID: Fields = {**_BASE, **_FAILED, "event.reason": "invalid_user"}
_FAILED_VALID: Fields = {**_BASE, **_FAILED, "event.reason": "bad_credentials"}
_ACCEPTED: Fields = {**_BASE, **_FAILED, "event.outcome": "success"}
_UNKNOWN: Fields = {
    **_BASE,
    "event.category": ["authentication"],
    "event.type": ["info"],
    "event.action": "ssh_invalid_user",
    "event.outcome": "failure",
}
_DISCONNECTED: Fields = {
    **_BASE,
    "event.category": ["network", "session"],
    "event.type": ["end"],
    "event.action": "ssh_disconnect",
}
_PROBED: Fields = {
    "event.category": ["network"],
    "event.type": ["connection", "denied"],
    "event.action": "ssh_handshake",
    "event.outcome": "failure",
}


def parse(message: str, fields: Fields) -> bool:
    """Add what a line of sshd says. An unknown one is still sshd's; always True."""
    reader = _READERS.get(message.partition(" ")[0])
    if reader is not None and reader(message, fields):
        return True
    if message.endswith(_CARRIAGE_RETURN):
        message = message.removesuffix(_CARRIAGE_RETURN)
        if reader is not None and reader(message, fields):
            return True
    fields.update(_BASE)
    if message.startswith("pam_"):
        pam.parse(message, fields)
    else:
        _read_rest(message, fields)
    return True


def _read_login(message: str, fields: Fields) -> bool:
    found = (_KEYED.match(message) if " ssh2: " in message else None) or _LOGIN.match(message)
    if found is None:
        found = _INVALID_KEYED.match(message)
        if found is None:
            return False
    verdict, method, invalid, user, address, port = found.group(1, 2, 3, 4, 5, 6)
    if verdict == "Failed":
        fields.update(_FAILED_INVALID if invalid else _FAILED_VALID)
    elif verdict == "Accepted":
        fields.update(_ACCEPTED)
        if found.lastindex == 7:
            fields["labels.ssh_key"] = found[7]
    else:
        fields.update(_BASE)
        fields["event.category"] = ["authentication"]
        fields["event.type"] = ["info"]
        fields["event.action"] = f"ssh_{verdict.lower()}"
    fields["labels.ssh_method"] = method
    if user:
        if "\\" in user:
            user = _unescape(user, message)
        fields["user.name"] = user
        fields["related.user"] = [user]
    put_source(fields, address, port)
    return True


def _read_invalid(message: str, fields: Fields) -> bool:
    found = _INVALID.match(message)
    if found is None:
        return False
    fields.update(_UNKNOWN)
    _put_user(fields, found[1], message)
    put_source(fields, found[2], found[3])
    return True


def _read_ended(message: str, fields: Fields) -> bool:
    found = _ENDED.match(message)
    if found is None:
        return False
    closed, disconnected, phase, user, address, port, bare_address, bare_port, before = found.groups()
    fields.update(_DISCONNECTED)
    fields["event.reason"] = closed or disconnected.lower()
    if phase or before:
        fields["labels.ssh_phase"] = "preauth"
    _put_user(fields, user or "", message)
    put_source(fields, address or bare_address, port or bare_port)
    return True


def _read_ending(message: str, fields: Fields) -> bool:
    found = (_RENAMED if "Change of username" in message else _ENDING).match(message)
    if found is None:
        return False
    phase, user, address, port, reason = found.groups()
    fields.update(_DISCONNECTED)
    if reason := reason.removesuffix(_BEFORE):
        fields["event.reason"] = reason
    if phase or message.endswith(_BEFORE):
        fields["labels.ssh_phase"] = "preauth"
    _put_user(fields, user or "", message)
    put_source(fields, address, port)
    return True


def _read_received(message: str, fields: Fields) -> bool:
    found = _RECEIVED.match(message)
    if found is None:
        return False
    fields.update(_DISCONNECTED)
    address, port, bare_address, code, reason = found.groups()
    fields["event.code"] = code
    if reason.endswith(_BEFORE):
        reason = reason.removesuffix(_BEFORE)
        fields["labels.ssh_phase"] = "preauth"
    if reason:
        fields["event.reason"] = reason
    put_source(fields, address or bare_address, port)
    return True


def _read_rest(message: str, fields: Fields) -> None:
    if found := _ATTEMPTS.match(message):
        fields.update(_FAILED)
        fields["event.action"] = "ssh_max_attempts"
        fields["event.reason"] = "invalid_user" if found[1] else "too_many_attempts"
        _put_user(fields, found[2], message)
        put_source(fields, found[3], found[4])
    elif found := _PAM_FAILURE.match(message):
        fields.update(_FAILED)
        fields["event.action"] = "ssh_pam"
        fields["event.reason"] = found[1]
        _put_user(fields, found[3], message)
        put_source(fields, found[4])
    elif found := _MORE.match(message):
        fields.update(_FAILED)
        fields["event.action"] = "ssh_more_failures"
        # Folded by rsyslog on top of it, each of those lines says so.
        fields["labels.repeated"] = str(int(found[1]) * int(str(fields.get("labels.repeated", 1))))
        put_user(fields, (found[3] or "").strip())
        if found[2]:
            put_source(fields, found[2])
    elif found := _REFUSED.match(message):
        fields.update(_FAILED)
        fields["event.action"] = "ssh_root_refused"
        put_user(fields, "root")
        put_source(fields, found[1], found[2])
    elif found := _NOT_ALLOWED.match(message):
        fields.update(_FAILED)
        fields["event.action"] = "ssh_not_allowed"
        if found[3]:
            fields["event.reason"] = found[3]
        _put_user(fields, found[1], message)
        put_source(fields, found[2])
    elif found := _NO_MATCH.match(message):
        fields.update(_PROBED)
        if found[3]:
            fields["event.reason"] = found[3]
        put_source(fields, found[1], found[2])
    elif found := _NO_VERSION.match(message):
        fields.update(_PROBED)
        put_source(fields, found[1], found[2])
    elif found := _NO_BANNER.match(message):
        # What the other side sent is quoted here; its address is in the line that follows.
        fields.update(_PROBED)
        if found[1]:
            fields["event.reason"] = found[1]
    elif found := _LATE.match(message):
        fields.update(_PROBED)
        fields["event.reason"] = "timeout"
        put_source(fields, found[1], found[2])
    elif found := _DROPPED.match(message):
        fields.update(_PROBED)
        fields["event.action"] = "ssh_dropped"
        if found[5]:
            fields["event.reason"] = found[5]
        put_source(fields, found[1], found[2])
        fields["destination.address"] = found[3]
        fields["destination.port"] = int(found[4])
    elif found := _MISMAPPED.match(message):
        fields["event.category"] = ["network"]
        fields["event.type"] = ["info"]
        fields["event.action"] = "ssh_reverse_mapping"
        put_source(fields, found[2] or found[3])
        fields["source.domain"] = found[1] or found[4]
        relate(fields, "related.hosts", found[1] or found[4])
    elif found := _LISTENING.match(message):
        fields["event.category"] = ["process"]
        fields["event.type"] = ["start"]
        fields["event.action"] = "ssh_listening"
        fields["server.address"] = found[1]
        fields["server.port"] = int(found[2])
    elif found := _CONNECTION.match(message):
        fields["event.category"] = ["network"]
        fields["event.type"] = ["connection", "start"]
        fields["event.action"] = "ssh_connection"
        put_source(fields, found[1], found[2])
        fields["destination.address"] = found[3]
        fields["destination.port"] = int(found[4])


def _put_user(fields: Fields, name: str, message: str) -> None:
    put_user(fields, _unescape(name, message) if "\\" in name else name)


def _unescape(name: str, message: str) -> str:
    """A name as it was sent, as far as it can be shown: no control characters, nothing that is not UTF-8."""
    if message.endswith(_BEFORE):
        # Said by the child, escaped, to the monitor, who escapes once more.
        name = _ESCAPED.sub(_read_escape, name)
    return _ESCAPED.sub(_read_escape, name)


def _read_escape(found: re.Match[str]) -> str:
    written = found[0]
    if written == "\\\\":
        return "\\"
    try:
        text = bytes(int(octal, 8) for octal in written[1:].split("\\")).decode()
    except UnicodeDecodeError:
        return written
    return text if text.isprintable() else written


_READERS: dict[str, Callable[[str, Fields], bool]] = {
    "Failed": _read_login,
    "Accepted": _read_login,
    "Postponed": _read_login,
    "Partial": _read_login,
    "Invalid": _read_invalid,
    "Illegal": _read_invalid,
    "Connection": _read_ended,
    "Disconnected": _read_ended,
    "Disconnecting": _read_ending,
    "Received": _read_received,
}
