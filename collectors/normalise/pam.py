"""PAM modules, inside whatever program called them.

    pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.9  user=root
    pam_unix(su:auth): authentication failure; logname= uid=1002 euid=0 tty= ruser=khach rhost=  user=root
    pam_unix(sudo:session): session opened for user root(uid=0) by an(uid=1000)

The account at the end of a failure is whatever the attacker typed: the first `rhost=` is the real one.

Source: Linux-PAM, modules/pam_unix, https://github.com/linux-pam/linux-pam
"""

import re

from collectors.normalise.fields import Fields, put_source, put_user, relate

_MODULE = re.compile(r"(pam_\w{1,64})\(([^:)\s]{1,128}):(\w{1,32})\): ")
_SESSION = re.compile(
    r"session (opened|closed) for user (.{1,256}?)(?:\(uid=(\d{1,10})\))?(?: by ([^(]{0,256})\(uid=\d{1,10}\))?$",
    re.DOTALL,
)
_FAILURE = re.compile(
    r"authentication failure; (?:logname=\S* uid=\d* euid=\d* tty=\S* )?.*?ruser=(\S*) rhost=(\S*)\s*(?:user=(.*))?$",
    re.DOTALL,
)
_LOCKED = re.compile(r"Consecutive login failures for user (\S+) account temporarily locked")
_CHANGED = re.compile(r"password changed for (.+)$", re.DOTALL)

_FAILED: Fields = {
    "event.category": ["authentication"],
    "event.type": ["start"],
    "event.action": "authentication_failure",
    "event.outcome": "failure",
}


def parse(message: str, fields: Fields) -> bool:
    """Add what a PAM line says; False where it is none."""
    module = _MODULE.match(message)
    if module is None:
        return False
    fields["event.dataset"] = "linux.pam"
    fields["event.module"] = "linux"
    fields["event.provider"] = module[1]
    fields["service.name"] = module[2]
    rest = message[module.end() :]
    if failure := _FAILURE.match(rest):
        fields.update(_FAILED)
        put_user(fields, (failure[3] or "").strip())
        if failure[1]:
            fields["source.user.name"] = failure[1]
            relate(fields, "related.user", failure[1])
        if failure[2]:
            put_source(fields, failure[2])
    elif session := _SESSION.match(rest):
        state, user, number, by = session.groups()
        fields["event.category"] = ["session"]
        fields["event.type"] = ["start" if state == "opened" else "end"]
        fields["event.action"] = f"session_{state}"
        fields["event.outcome"] = "success"
        if by and by != user:
            put_user(fields, by)
            fields["user.effective.name"] = user
            relate(fields, "related.user", user)
            if number:
                fields["user.effective.id"] = number
        else:
            put_user(fields, user)
            if number:
                fields["user.id"] = number
    elif rest.startswith("check pass; user unknown"):
        # The failure itself is the line that follows.
        fields["event.category"] = ["authentication"]
        fields["event.type"] = ["info"]
        fields["event.action"] = "user_unknown"
        fields["event.reason"] = "user_unknown"
    elif locked := _LOCKED.search(rest):
        fields["event.category"] = ["authentication", "iam"]
        fields["event.type"] = ["info"]
        fields["event.action"] = "account_locked"
        put_user(fields, locked[1])
    elif changed := _CHANGED.match(rest):
        fields["event.category"] = ["iam"]
        fields["event.type"] = ["user", "change"]
        fields["event.action"] = "password_changed"
        fields["event.outcome"] = "success"
        put_user(fields, changed[1])
    return True
