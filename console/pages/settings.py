"""The settings that administrators change: value, reason, every change there was, and taking one back."""

from dataclasses import dataclass

from starlette.responses import Response

from console import texts
from console.door import Refused, redirect, require
from console.page import Page, Visit
from core.language import Text
from org import refused
from org.access import decide
from org.setting_change import SettingChange, SettingRow, change_setting, list_settings, setting_history, undo_change
from store import db

MAX_LETTERS = 1000
MAX_NUMBER_LETTERS = 9


@dataclass(frozen=True)
class SettingView:
    """One setting with its changes, newest first."""

    row: SettingRow
    changes: tuple[SettingChange, ...]


@dataclass(frozen=True, kw_only=True)
class SettingsPage(Page):
    """After a refusal `wrong` says why, of the setting `key`; `typed` and `reason` are what stood in its form."""

    template = "settings.html"

    settings: tuple[SettingView, ...]
    may_change: bool
    key: str
    typed: str
    reason: str
    wrong: Text | None
    notice: Text | None


def show(visit: Visit, *, wrong: Text | None = None) -> Page:
    """The page; after a refusal with what was typed."""
    require(visit, "setting.read", "settings")
    with db.session(visit.desk.engine, visit.actor.scope, reading=True) as session:
        rows = list_settings(session, visit.actor)
        if isinstance(rows, refused.Refused):
            raise Refused(403, texts.FORBIDDEN_TITLE, rows.reason)
        views = []
        for row in rows:
            changes = setting_history(session, visit.actor, row.key)
            views.append(SettingView(row, () if isinstance(changes, refused.Refused) else changes))
    return SettingsPage(
        title=texts.SETTINGS_TITLE,
        here="/settings",
        settings=tuple(views),
        may_change=decide(visit.actor, "setting.change", "settings").allowed,
        key=visit.form.get("key", ""),
        typed=visit.form.get("value", ""),
        reason=visit.form.get("reason", ""),
        wrong=wrong,
        notice=texts.SETTING_CHANGED if "changed" in visit.request.query_params else None,
    )


def change(visit: Visit) -> Page | Response:
    """Give a setting another value."""
    require(visit, "setting.change", "settings")
    form = visit.form
    with db.session(visit.desk.engine, visit.actor.scope) as session:
        done = change_setting(
            session,
            visit.actor,
            form.get("key", ""),
            form.get("value", "")[:MAX_LETTERS],
            form.get("reason", ""),
            _number(form.get("version", "")),
            visit.desk.now(),
        )
    return show(visit, wrong=done.reason) if isinstance(done, refused.Refused) else redirect("/settings?changed=1")


def undo(visit: Visit) -> Page | Response:
    """Take a change back."""
    require(visit, "setting.change", "settings")
    form = visit.form
    with db.session(visit.desk.engine, visit.actor.scope) as session:
        done = undo_change(
            session,
            visit.actor,
            form.get("key", ""),
            _number(form.get("number", "")),
            form.get("reason", ""),
            _number(form.get("version", "")),
            visit.desk.now(),
        )
    return show(visit, wrong=done.reason) if isinstance(done, refused.Refused) else redirect("/settings?changed=1")


def _number(text: str) -> int:
    """The number that was typed; -1, which no version has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_NUMBER_LETTERS else -1
