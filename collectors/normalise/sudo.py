"""sudo and su.

    an : TTY=pts/0 ; PWD=/home/an ; USER=root ; COMMAND=/usr/bin/apt update
    khach : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id
    an : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id

Source: sudo, lib/eventlog, https://www.sudo.ws/docs/man/sudoers.man/#LOG_FORMAT; shadow and util-linux su
"""

import re

from collectors.normalise import pam
from collectors.normalise.fields import Fields, put_user

_COMMAND = re.compile(
    r"\s*(\S+) : (?:(.*?) ; )?(?:HOST=\S+ ; )?TTY=(\S+) ; (?:CHROOT=\S+ ; )?PWD=(.*?) ; USER=(\S+) ; (?:GROUP=\S+ ; )?(?:TSID=\S+ ; )?(?:ENV=.*? ; )?COMMAND=(.*)$"
)
_SU = re.compile(r"(FAILED SU )?\(to (\S+)\) (\S+) on (\S+)$")

_RAN: Fields = {"event.category": ["process"], "event.type": ["start"], "event.action": "sudo_command", "event.outcome": "success"}
_DENIED: Fields = {
    "event.category": ["authentication", "process"],
    "event.type": ["denied"],
    "event.action": "sudo_denied",
    "event.outcome": "failure",
}


def parse(message: str, fields: Fields) -> bool:
    """Add what a line of sudo says. Always True."""
    fields["event.dataset"] = "linux.sudo"
    fields["event.module"] = "linux"
    fields["event.provider"] = "sudo"
    found = _COMMAND.match(message)
    if found is None:
        pam.parse(message, fields)
        return True
    user, trouble, terminal, folder, target, command = found.groups()
    fields.update(_DENIED if trouble else _RAN)
    if trouble:
        fields["event.reason"] = trouble
    put_user(fields, user)
    fields["user.effective.name"] = target
    fields["related.user"] = [user, target]
    fields["process.tty.name"] = terminal
    fields["process.working_directory"] = folder
    fields["process.command_line"] = command
    fields["process.executable"] = command.partition(" ")[0]
    return True


def parse_su(message: str, fields: Fields) -> bool:
    """Add what a line of su says: `FAILED SU (to root) an on pts/0`. Always True."""
    fields["event.dataset"] = "linux.sudo"
    fields["event.module"] = "linux"
    fields["event.provider"] = "su"
    found = _SU.match(message)
    if found is None:
        pam.parse(message, fields)
        return True
    failed, target, user, terminal = found.groups()
    fields["event.category"] = ["authentication"]
    fields["event.type"] = ["start"]
    fields["event.action"] = "su"
    fields["event.outcome"] = "failure" if failed else "success"
    put_user(fields, user)
    fields["user.effective.name"] = target
    fields["related.user"] = [user, target]
    fields["process.tty.name"] = terminal
    return True
