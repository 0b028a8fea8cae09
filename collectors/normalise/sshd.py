"""OpenSSH's server.

    Failed password for invalid user admin from 203.0.113.9 port 50112 ssh2
    Accepted publickey for an from 10.1.2.3 port 50114 ssh2: ED25519 SHA256:0JdV...

A user name is whatever the attacker typed, ` from 10.0.0.1 port 1` included: the last address of the line is the real one.

Source: OpenSSH portable, auth.c, sshd-session.c, packet.c, https://github.com/openssh/openssh-portable
"""

import re
from collections.abc import Callable

from collectors.normalise import pam
from collectors.normalise.fields import Fields, put_source, put_user

_LOGIN = re.compile(
    r"(Failed|Accepted|Postponed|Partial) (\S+) for (invalid user )?(.*) from (\S+) port (\d+)(?: ssh\d?)?(?:: (.*))?$"
)
_INVALID = re.compile(r"(?:Invalid|Illegal) user (.*) from (\S+?)(?: port (\d+))?$")
_ENDED = re.compile(
    r"(?:Connection (closed|reset) by|(Disconnected) from|(Disconnecting)) (?:(authenticating|invalid) )?(?:user (.*) )?"
    r"(\S+) port (\d+)(?:: (.*?))?( \[preauth\])?$"
)
_RECEIVED = re.compile(r"Received disconnect from (\S+?)(?: port (\d+))?: ?(\d+): ?(.*?)( \[preauth\])?$")
_ATTEMPTS = re.compile(r"(?:error: )?maximum authentication attempts exceeded for (invalid user )?(.*) from (\S+) port (\d+)")
_REFUSED = re.compile(r"ROOT LOGIN REFUSED FROM (\S+)(?: port (\d+))?")
_NOT_ALLOWED = re.compile(r"User (.*) from (\S+) not allowed because (.*)$")
_NO_MATCH = re.compile(r"Unable to negotiate with (\S+) port (\d+): (.*?)\.?(?: Their offer: (.*?))?(?: \[preauth\])?$")
_IDENTIFICATION = re.compile(
    r"(?:error: )?(?:Did not receive identification string|Bad protocol version identification '.*'|"
    r"banner exchange: Connection|kex_exchange_identification: .*|Protocol major versions differ for .*) from (\S+?)(?: port (\d+))?(?::? .*)?$"
)
_PAM_FAILURE = re.compile(r"(?:error: )?PAM: (.*) for (illegal user )?(.*) from (\S+)$")
_MORE = re.compile(r"PAM (\d+) more authentication failures?; .*rhost=(\S*)\s*(?:user=(.*))?$")
_LISTENING = re.compile(r"Server listening on (\S+) port (\d+)")
_CONNECTION = re.compile(r"Connection from (\S+) port (\d+) on (\S+) port (\d+)")
_REPEATED = re.compile(r"message repeated (\d+) times: \[ ?(.*)\]$")

_BASE: Fields = {"event.dataset": "linux.sshd", "event.module": "linux", "event.provider": "sshd"}
_FAILED: Fields = {
    "event.category": ["authentication"],
    "event.type": ["start"],
    "event.action": "ssh_login",
    "event.outcome": "failure",
}
_ACCEPTED: Fields = {**_FAILED, "event.outcome": "success"}
_DISCONNECTED: Fields = {"event.category": ["network", "session"], "event.type": ["end"], "event.action": "ssh_disconnect"}
_PROBED: Fields = {
    "event.category": ["network"],
    "event.type": ["connection", "denied"],
    "event.action": "ssh_handshake",
    "event.outcome": "failure",
}


def parse(message: str, fields: Fields) -> bool:
    """Add what a line of sshd says. An unknown one is still sshd's; always True."""
    fields.update(_BASE)
    word = message.partition(" ")[0]
    reader = _READERS.get(word)
    if reader is None or not reader(message, fields):
        if message.startswith("pam_"):
            pam.parse(message, fields)
        else:
            _read_rest(message, fields)
    return True


def _read_login(message: str, fields: Fields) -> bool:
    found = _LOGIN.match(message)
    if found is None:
        return False
    verdict, method, invalid, user, address, port, key = found.groups()
    if verdict == "Accepted":
        fields.update(_ACCEPTED)
    elif verdict == "Failed":
        fields.update(_FAILED)
        fields["event.reason"] = "invalid_user" if invalid else "bad_credentials"
    else:
        fields["event.category"] = ["authentication"]
        fields["event.type"] = ["info"]
        fields["event.action"] = f"ssh_{verdict.lower()}"
    fields["labels.ssh_method"] = method
    if key and verdict == "Accepted":
        fields["labels.ssh_key"] = key
    if user:
        fields["user.name"] = user
        fields["related.user"] = [user]
    put_source(fields, address, port)
    return True


def _read_invalid(message: str, fields: Fields) -> bool:
    found = _INVALID.match(message)
    if found is None:
        return False
    fields["event.category"] = ["authentication"]
    fields["event.type"] = ["info"]
    fields["event.action"] = "ssh_invalid_user"
    fields["event.outcome"] = "failure"
    put_user(fields, found[1])
    put_source(fields, found[2], found[3])
    return True


def _read_ended(message: str, fields: Fields) -> bool:
    found = _ENDED.match(message)
    if found is None:
        return False
    closed, disconnected, _, phase, user, address, port, reason, before = found.groups()
    fields.update(_DISCONNECTED)
    fields["event.reason"] = reason or closed or ("disconnected" if disconnected else "disconnecting")
    if phase or before:
        fields["labels.ssh_phase"] = "preauth"
    put_user(fields, user or "")
    put_source(fields, address, port)
    return True


def _read_received(message: str, fields: Fields) -> bool:
    found = _RECEIVED.match(message)
    if found is None:
        return False
    fields.update(_DISCONNECTED)
    fields["event.code"] = found[3]
    if found[4]:
        fields["event.reason"] = found[4]
    put_source(fields, found[1], found[2])
    return True


def _read_repeated(message: str, fields: Fields) -> bool:
    found = _REPEATED.match(message)
    if found is None:
        return False
    parse(found[2], fields)
    fields["labels.repeated"] = found[1]
    return True


def _read_rest(message: str, fields: Fields) -> None:
    if found := _ATTEMPTS.match(message):
        fields.update(_FAILED)
        fields["event.action"] = "ssh_max_attempts"
        fields["event.reason"] = "invalid_user" if found[1] else "too_many_attempts"
        put_user(fields, found[2])
        put_source(fields, found[3], found[4])
    elif found := _PAM_FAILURE.match(message):
        fields.update(_FAILED)
        fields["event.action"] = "ssh_pam"
        fields["event.reason"] = found[1]
        put_user(fields, found[3])
        put_source(fields, found[4])
    elif found := _MORE.match(message):
        fields.update(_FAILED)
        fields["event.action"] = "ssh_more_failures"
        fields["labels.repeated"] = found[1]
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
        fields["event.reason"] = found[3]
        put_user(fields, found[1])
        put_source(fields, found[2])
    elif found := _NO_MATCH.match(message):
        fields.update(_PROBED)
        fields["event.reason"] = found[3]
        put_source(fields, found[1], found[2])
    elif found := _IDENTIFICATION.match(message):
        fields.update(_PROBED)
        put_source(fields, found[1].rstrip(":"), found[2])
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


_READERS: dict[str, Callable[[str, Fields], bool]] = {
    "Failed": _read_login,
    "Accepted": _read_login,
    "Postponed": _read_login,
    "Partial": _read_login,
    "Invalid": _read_invalid,
    "Illegal": _read_invalid,
    "Connection": _read_ended,
    "Disconnected": _read_ended,
    "Disconnecting": _read_ended,
    "Received": _read_received,
    "message": _read_repeated,
}
