"""Settings are changed with a reason, and any change can be undone; every version is kept and audited with its diff."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.language import Text
from org import audit
from org.access import decide
from org.actor import Actor
from org.policy import SETTINGS, forget_policy
from org.refused import Refused
from org.setting import Setting, SettingVersion, current

MAX_REASON_LETTERS = 500

NO_SUCH_SETTING = Text("Không có thiết lập “{key}”; có: {known}.", "There is no setting “{key}”; there are: {known}.")
NO_SUCH_VERSION = Text(
    "Thiết lập này không có lần thay đổi số {number}.", "This setting has no change number {number}."
)
REASON_NEEDED = Text("Cần lý do, từ 1 đến 500 ký tự.", "A reason of 1 to 500 characters is needed.")
THE_SAME = Text("Giá trị đang là như vậy rồi.", "That is the value already.")
CHANGED_MEANWHILE = Text(
    "Trong lúc đó “{by}” đã đổi thành “{value}”: hãy xem lại.",
    "Meanwhile “{by}” changed it to “{value}”: look again.",
)


class SettingRow(msgspec.Struct, frozen=True, kw_only=True):
    """A setting with its value; `version` is 0 and `changed_at` None as long as nobody has changed it."""

    key: str
    name: Text
    about: Text
    basis: str
    value: str
    default: str
    version: int
    changed_at: datetime | None
    changed_by: str


class SettingChange(msgspec.Struct, frozen=True, kw_only=True):
    """One change in the history of a setting. `undoes`: the number of the change that it took back."""

    number: int
    before: str
    after: str
    reason: str
    undoes: int | None
    changed_at: datetime
    changed_by: str


def list_settings(session: Session, actor: Actor) -> tuple[SettingRow, ...] | Refused:
    """Every setting. Asked of `access`; only reads."""
    decision = decide(actor, "setting.read", "settings")
    if not decision.allowed:
        return Refused(decision.reason)
    rows = current(session)
    return tuple(_row(setting, rows.get(setting.key)) for setting in SETTINGS)


def setting_history(session: Session, actor: Actor, key: str) -> tuple[SettingChange, ...] | Refused:
    """Every change of one setting, newest first. Asked of `access`; only reads."""
    decision = decide(actor, "setting.read", "settings")
    if not decision.allowed:
        return Refused(decision.reason)
    setting = _declared(key)
    if isinstance(setting, Refused):
        return setting
    rows = session.scalars(select(SettingVersion).where(SettingVersion.key == key).order_by(SettingVersion.id.desc()))
    return tuple(
        SettingChange(
            number=row.id,
            before=row.before,
            after=row.after,
            reason=row.reason,
            undoes=row.undoes,
            changed_at=row.changed_at,
            changed_by=row.changed_by,
        )
        for row in rows
    )


def change_setting(
    session: Session, actor: Actor, key: str, text: str, reason: str, version: int, now: datetime
) -> int | Refused:
    """The setting has this value from now on; the number of the change. Or why not.

    `version` is the one that the actor saw: refused where another came between. Other processes follow within
    `policy.KNOWN_FOR`. Asked of `access`, audited with the value before and after.
    """
    setting = _asked(session, actor, key, now)
    if isinstance(setting, Refused):
        return setting
    value = setting.read(text)
    if isinstance(value, Refused):
        return value
    return _write(session, actor, setting, setting.write(value), reason, version, None, now)


def undo_change(
    session: Session, actor: Actor, key: str, number: int, reason: str, version: int, now: datetime
) -> int | Refused:
    """The setting has the value that it had before this change; the number of the new change. Or why not.

    Asked and audited as `change_setting`.
    """
    setting = _asked(session, actor, key, now)
    if isinstance(setting, Refused):
        return setting
    row = session.get(SettingVersion, number)
    if row is None or row.key != key:
        return Refused(NO_SUCH_VERSION.format(number=number))
    value = setting.read(row.before)
    if isinstance(value, Refused):
        return value
    return _write(session, actor, setting, row.before, reason, version, number, now)


def _asked(session: Session, actor: Actor, key: str, now: datetime) -> Setting[Any] | Refused:
    decision = decide(actor, "setting.change", "settings")
    if not decision.allowed:
        audit.append(session, actor, "setting.change", "settings", "denied", now, detail={"key": key[:100]})
        return Refused(decision.reason)
    return _declared(key)


def _write(
    session: Session,
    actor: Actor,
    setting: Setting[Any],
    after: str,
    reason: str,
    version: int,
    undoes: int | None,
    now: datetime,
) -> int | Refused:
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= MAX_REASON_LETTERS or not reason.isprintable():
        return Refused(REASON_NEEDED)
    newest = current(session).get(setting.key)
    before = setting.write(setting.default) if newest is None else newest.after
    if (newest is not None and newest.id != version) or (newest is None and version != 0):
        by = newest.changed_by if newest is not None else ""
        return Refused(CHANGED_MEANWHILE.format(by=by, value=before))
    if after == before:
        return Refused(THE_SAME)
    row = SettingVersion(
        key=setting.key,
        before=before,
        after=after,
        reason=reason,
        undoes=undoes,
        changed_at=now,
        changed_by=actor.name,
    )
    session.add(row)
    session.flush()
    detail = {"before": before, "after": after, "reason": reason, **({"undoes": str(undoes)} if undoes else {})}
    audit.append(session, actor, "setting.change", f"setting:{setting.key}", "done", now, detail=detail)
    forget_policy(session)
    return row.id


def _declared(key: str) -> Setting[Any] | Refused:
    found = next((setting for setting in SETTINGS if setting.key == key), None)
    if found is None:
        return Refused(NO_SUCH_SETTING.format(key=key[:100], known=", ".join(each.key for each in SETTINGS)))
    return found


def _row(setting: Setting[Any], row: SettingVersion | None) -> SettingRow:
    default = setting.write(setting.default)
    return SettingRow(
        key=setting.key,
        name=setting.name,
        about=setting.about,
        basis=setting.basis,
        value=default if row is None else row.after,
        default=default,
        version=0 if row is None else row.id,
        changed_at=None if row is None else row.changed_at,
        changed_by="" if row is None else row.changed_by,
    )
