"""Account tools of Debian: useradd, usermod, groupadd, gpasswd, userdel, passwd, chage.

    new user: name=khach, UID=1001, GID=1001, home=/home/khach, shell=/bin/bash, from=/dev/pts/1
    add 'khach' to group 'sudo'

Source: shadow, src/useradd.c, src/usermod.c, https://github.com/shadow-maint/shadow
"""

import re

from collectors.normalise import pam
from collectors.normalise.fields import Fields

_NEW_USER = re.compile(r"new user: name=([^,]+), UID=(\d+), GID=\d+, home=([^,]*), shell=([^,]*)")
_NEW_GROUP = re.compile(r"(?:new group: name=([^,]+), GID=(\d+)|group added to \S+: name=([^,]+))")
_ADDED = re.compile(r"(?:add '([^']+)' to (?:shadow )?group '([^']+)'|user (\S+) added by (\S+) to group (\S+))")
_REMOVED = re.compile(r"(?:delete '([^']+)' from (?:shadow )?group '([^']+)'|user (\S+) removed by (\S+) from group (\S+))")
_DELETED = re.compile(r"delete user '([^']+)'")
_CHANGED = re.compile(r"change user '([^']+)' (.*)$")


def parse(message: str, fields: Fields) -> bool:
    """Add what a line of an account tool says. Always True."""
    fields["event.dataset"] = "linux.accounts"
    fields["event.module"] = "linux"
    if found := _NEW_USER.match(message):
        _say(fields, "user_created", ["user", "creation"], found[1])
        fields["user.target.id"] = found[2]
        fields["labels.shell"] = found[4]
    elif found := _NEW_GROUP.match(message):
        _say(fields, "group_created", ["group", "creation"], None, found[1] or found[3])
    elif found := _ADDED.match(message):
        _say(fields, "user_added_to_group", ["user", "change"], found[1] or found[3], found[2] or found[5])
        if found[4]:
            fields["user.name"] = found[4]
    elif found := _REMOVED.match(message):
        _say(fields, "user_removed_from_group", ["user", "change"], found[1] or found[3], found[2] or found[5])
    elif found := _DELETED.match(message):
        _say(fields, "user_deleted", ["user", "deletion"], found[1])
    elif found := _CHANGED.match(message):
        _say(fields, "user_changed", ["user", "change"], found[1])
        fields["event.reason"] = found[2]
    else:
        pam.parse(message, fields)
    return True


def _say(fields: Fields, action: str, kinds: list[str], user: str | None, group: str | None = None) -> None:
    fields["event.category"] = ["iam"]
    fields["event.type"] = kinds
    fields["event.action"] = action
    fields["event.outcome"] = "success"
    if user:
        fields["user.target.name"] = user
        fields["related.user"] = [user]
    if group:
        fields["group.name"] = group
