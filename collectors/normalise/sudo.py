"""sudo and su.

    an : TTY=pts/0 ; PWD=/home/an ; USER=root ; COMMAND=/usr/bin/apt update
    khach : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id
    an : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id
    an : (command continued) -exec /bin/sh ;

Source: sudo, lib/eventlog, https://www.sudo.ws/docs/man/sudoers.man/#LOG_FORMAT; util-linux and shadow su
"""

import re

from collectors.normalise import pam
from collectors.normalise.fields import Fields, put_user, relate

_COMMAND = re.compile(
    r"\s*(\S{1,256}) : (?:(?!TTY=|HOST=|CHROOT=|PWD=)(.{1,200}?) ; )?(?:HOST=\S+ ; )?"
    r"(?:TTY=(\S+) ; )?(?:CHROOT=\S+ ; )?PWD=(.{0,4096}?) ; USER=(\S+) ; "
    r"(?:GROUP=\S+ ; )?(?:TSID=\S+ ; )?(?:ENV=.{0,4096}? ; )?COMMAND=(.+)$",
    re.DOTALL,
)
_CONTINUED = re.compile(r"\s*(\S{1,256}) : \(command continued\) (.*)$", re.DOTALL)
_SU = re.compile(r"(FAILED SU )?\(to (\S+)\) (\S+) on (\S+)$")
_SHADOW_SU = re.compile(r"(?:(Successful|FAILED) su for (\S+) by (\S+)|([+-]) (\S+) (\S+):(\S+))$")

_RAN: Fields = {
    "event.category": ["process"],
    "event.type": ["start"],
    "event.action": "sudo_command",
    "event.outcome": "success",
}
_DENIED: Fields = {
    "event.category": ["authentication"],
    "event.type": ["start"],
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
        if continued := _CONTINUED.match(message):
            fields["event.category"] = ["process"]
            fields["event.type"] = ["info"]
            fields["event.action"] = "sudo_command_continued"
            put_user(fields, continued[1])
            fields["process.command_line"] = continued[2]
        else:
            pam.parse(message, fields)
        return True
    user, trouble, terminal, folder, target, command = found.groups()
    fields.update(_DENIED if trouble else _RAN)
    if trouble:
        fields["event.reason"] = trouble
    put_user(fields, user)
    fields["user.effective.name"] = target
    relate(fields, "related.user", target)
    if terminal:
        fields["process.tty.name"] = terminal
    if folder:
        fields["process.working_directory"] = folder
    fields["process.command_line"] = command
    fields["process.executable"] = command.split(maxsplit=1)[0] if command.strip() else command
    return True


def parse_su(message: str, fields: Fields) -> bool:
    """Add what a line of su says. Always True.

    `FAILED SU (to root) an on pts/0` of util-linux, `Successful su for root by an` and `+ pts/0 an:root` of shadow.
    """
    fields["event.dataset"] = "linux.sudo"
    fields["event.module"] = "linux"
    fields["event.provider"] = "su"
    terminal = None
    if found := _SU.match(message):
        failed, target, user, terminal = found.groups()
        is_failure = failed is not None
    elif found := _SHADOW_SU.match(message):
        is_failure = found[1] == "FAILED" or found[4] == "-"
        target, user, terminal = found[2] or found[7], found[3] or found[6], found[5]
    else:
        pam.parse(message, fields)
        return True
    fields["event.category"] = ["authentication"]
    fields["event.type"] = ["start"]
    fields["event.action"] = "su"
    fields["event.outcome"] = "failure" if is_failure else "success"
    put_user(fields, user)
    fields["user.effective.name"] = target
    relate(fields, "related.user", target)
    if terminal:
        fields["process.tty.name"] = terminal
    return True
