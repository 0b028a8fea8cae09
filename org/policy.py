"""How strictly people are let in: the settings of identity, which administrators may change within the law."""

from datetime import datetime, timedelta
from typing import Any, get_args
from weakref import WeakKeyDictionary

import msgspec
from sqlalchemy.orm import Session

from core.language import Text
from org.actor import Role
from org.refused import Refused
from org.setting import Setting, current, whole_number

KNOWN_FOR = timedelta(seconds=2)
"""So long another process may go on with the values before a change."""

_ROLES = frozenset(get_args(Role)) - {"operator", "nobody", "reader", "integration", "sender"}
MUST_HAVE = "administrator"

UNKNOWN_ROLES = Text("Không có vai trò {unknown}; có: {known}.", "There are no roles {unknown}; there are: {known}.")
ADMINISTRATORS_TOO = Text(
    "Quản trị viên lúc nào cũng phải có yếu tố thứ hai.", "Administrators must always have a second factor."
)


def _read_roles(text: str) -> frozenset[Role] | Refused:
    said = {part.strip() for part in text.replace(";", ",").split(",")} - {""}
    unknown = sorted(said - _ROLES)
    if unknown:
        named = ", ".join(unknown)[:200]
        return Refused(UNKNOWN_ROLES.format(unknown=named, known=", ".join(sorted(_ROLES))))
    if MUST_HAVE not in said:
        return Refused(ADMINISTRATORS_TOO)
    return frozenset(role for role in get_args(Role) if role in said)


SECOND_FACTOR_ROLES = Setting[frozenset[Role]](
    key="org.second_factor_roles",
    name=Text("Vai trò bắt buộc có yếu tố thứ hai", "Roles that must have a second factor"),
    about=Text(
        "Người có vai trò này không đăng nhập được nếu thiếu yếu tố thứ hai. Ghi mã vai trò, cách nhau bằng dấu phẩy.",
        "Whoever has such a role cannot log in without one. Codes of roles, separated by commas.",
    ),
    # who administers, who approves, who takes data out (the audit's export)
    default=frozenset[Role]({"administrator", "shift_leader", "auditor"}),
    read=_read_roles,
    write=lambda roles: ", ".join(sorted(roles)),
    basis="TCVN 14423:2026 (B)",
)
INACTIVE_DAYS = Setting[int](
    key="org.inactive_days",
    name=Text("Tạm khóa sau số ngày không dùng", "Suspended after days without use"),
    about=Text(
        "Tài khoản không đăng nhập quá số ngày này bị tạm khóa cho tới khi được mở lại (1 đến 45).",
        "An account without a log-in for so long is suspended until it is opened again (1 to 45).",
    ),
    default=45,
    read=whole_number(1, 45),
    write=str,
    basis="TCVN 14423:2026 (B)",
)
IDLE_MINUTES = Setting[int](
    key="org.session_idle_minutes",
    name=Text("Phiên kết thúc sau số phút không dùng", "A session ends after idle minutes"),
    about=Text("Từ 5 đến 30 phút.", "5 to 30 minutes."),
    default=30,
    read=whole_number(5, 30),
    write=str,
    basis="OWASP ASVS 5.0, 7.3.1",
)
ABSOLUTE_HOURS = Setting[int](
    key="org.session_absolute_hours",
    name=Text("Phiên kết thúc sau số giờ", "A session ends after hours"),
    about=Text("Dù vẫn đang dùng: từ 1 đến 12 giờ.", "However much it is used: 1 to 12 hours."),
    default=12,
    read=whole_number(1, 12),
    write=str,
    basis="OWASP ASVS 5.0, 7.3.2",
)

SETTINGS: tuple[Setting[Any], ...] = (
    SECOND_FACTOR_ROLES,
    INACTIVE_DAYS,
    IDLE_MINUTES,
    ABSOLUTE_HOURS,
)


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The values that hold: who must have a second factor, when accounts are suspended and sessions end."""

    second_factor_roles: frozenset[Role]
    inactive: timedelta
    idle: timedelta
    absolute: timedelta


class _Known(msgspec.Struct, frozen=True):
    policy: Policy
    read_at: datetime


_known: WeakKeyDictionary[object, _Known] = WeakKeyDictionary()


def policy_of(session: Session, now: datetime) -> Policy:
    """What holds, as it was at most `KNOWN_FOR` ago. Asked at each request: 1 µs when it is known."""
    database = session.get_bind().engine.pool  # what every session of a database shares
    known = _known.get(database)
    if known is None or not timedelta(0) <= now - known.read_at < KNOWN_FOR:
        known = _known[database] = _Known(read_policy(session), now)
    return known.policy


def read_policy(session: Session) -> Policy:
    """What holds now. A value that today's bounds no longer allow gives way to the default."""
    rows = current(session)

    def value(setting: Setting[int]) -> int:
        row = rows.get(setting.key)
        read = setting.default if row is None else setting.read(row.after)
        return setting.default if isinstance(read, Refused) else read

    row = rows.get(SECOND_FACTOR_ROLES.key)
    roles = SECOND_FACTOR_ROLES.default if row is None else SECOND_FACTOR_ROLES.read(row.after)
    return Policy(
        second_factor_roles=SECOND_FACTOR_ROLES.default if isinstance(roles, Refused) else roles,
        inactive=timedelta(days=value(INACTIVE_DAYS)),
        idle=timedelta(minutes=value(IDLE_MINUTES)),
        absolute=timedelta(hours=value(ABSOLUTE_HOURS)),
    )


def forget_policy(session: Session) -> None:
    """This process reads the settings again at the next question."""
    _known.pop(session.get_bind().engine.pool, None)
