"""Account tools of Debian: useradd, usermod, groupadd, gpasswd, userdel, passwd, chage.

    new user: name=khach, UID=1001, GID=1001, home=/home/khach, shell=/bin/bash, from=/dev/pts/1
    add 'khach' to group 'sudo'

Source: shadow, src/useradd.c, src/usermod.c, src/groupdel.c, src/gpasswd.c, https://github.com/shadow-maint/shadow
"""

import re

from collectors.normalise import pam
from collectors.normalise.fields import Fields, relate

_NEW_USER = re.compile(r"new user: name=([^,]+), UID=(\d{1,10}), GID=\d+, home=[^,]*, shell=([^,]*)")
_NEW_GROUP = re.compile(r"(?:new group: name=([^,]+), GID=(\d{1,10})|group added to \S+: name=([^,]+), GID=(\d{1,10}))")
_ADDED = re.compile(r"(?:add '([^']+)' to (?:shadow )?group '([^']+)'|user (\S+) added by (\S+) to group (\S+))")
_REMOVED = re.compile(
    r"(?:delete '([^']+)' from (?:shadow )?group '([^']+)'|user (\S+) removed by (\S+) from group (\S+))"
)
_RENAMED = re.compile(r"change user name '([^']+)' to '([^']+)'")
_LOCKED = re.compile(r"(un)?lock user '([^']+)' password")
_DELETED = re.compile(r"delete user '([^']+)'")
_GROUP_DELETED = re.compile(r"(?:group '([^']+)' removed(?: from \S+)?|removed (?:shadow )?group '([^']+)')")
_CHANGED = re.compile(r"(?:change user '([^']+)' (.+)|(changed password expiry) for (\S+))$", re.DOTALL)
_PASSWORD = re.compile(r"password for '([^']+)' changed by '([^']+)'")
_FAILED = re.compile(r"failed (adding|deleting|removing|changing) (user|group) '([^']+)'(?:, (.+))?")


def parse(message: str, fields: Fields) -> bool:
    """Add what a line of an account tool says. Always True."""
    fields["event.dataset"] = "linux.accounts"
    fields["event.module"] = "linux"
    if found := _NEW_USER.match(message):
        _say(fields, "user_created", ["user", "creation"], found[1])
        fields["user.target.id"] = found[2]
        if found[3]:
            fields["labels.shell"] = found[3]
    elif found := _NEW_GROUP.match(message):
        _say(fields, "group_created", ["group", "creation"], None, found[1] or found[3])
        fields["group.id"] = found[2] or found[4]
    elif found := _ADDED.match(message):
        _say(fields, "user_added_to_group", ["user", "change"], found[1] or found[3], found[2] or found[5], found[4])
    elif found := _REMOVED.match(message):
        _say(
            fields, "user_removed_from_group", ["user", "change"], found[1] or found[3], found[2] or found[5], found[4]
        )
    elif found := _DELETED.match(message):
        _say(fields, "user_deleted", ["user", "deletion"], found[1])
    elif found := _GROUP_DELETED.match(message):
        _say(fields, "group_deleted", ["group", "deletion"], None, found[1] or found[2])
    elif found := _CHANGED.match(message):
        _say(fields, "user_changed", ["user", "change"], found[1] or found[4])
        fields["event.reason"] = found[2] or found[3]
    elif found := _RENAMED.match(message):
        _say(fields, "user_renamed", ["user", "change"], found[1])
        fields["user.changes.name"] = found[2]
        relate(fields, "related.user", found[2])
    elif found := _LOCKED.match(message):
        _say(fields, "user_unlocked" if found[1] else "user_locked", ["user", "change"], found[2])
    elif found := _PASSWORD.match(message):
        _say(fields, "password_changed", ["user", "change"], found[1], actor=found[2])
    elif found := _FAILED.match(message):
        verb, kind = found[1], found[2]
        change = {"adding": "creation", "changing": "change"}.get(verb, "deletion")
        is_user = kind == "user"
        _say(fields, f"{kind}_{change}", [kind, change], found[3] if is_user else None, None if is_user else found[3])
        fields["event.outcome"] = "failure"
        if found[4]:
            fields["event.reason"] = found[4]
    else:
        pam.parse(message, fields)
    return True


def _say(
    fields: Fields, action: str, types: list[str], user: str | None, group: str | None = None, actor: str | None = None
) -> None:
    fields["event.category"] = ["iam"]
    fields["event.type"] = types
    fields["event.action"] = action
    fields["event.outcome"] = "success"
    if user:
        fields["user.target.name"] = user
        relate(fields, "related.user", user)
    if actor:
        fields["user.name"] = actor
        relate(fields, "related.user", actor)
    if group:
        fields["group.name"] = group
