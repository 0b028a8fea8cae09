"""`canh setting list|show|change|undo`: what administrators set, each change with its reason."""

import argparse

from composition import texts
from composition.commands.environment import database_of, refuse, settings_of
from core import clock
from core.scope import EVERY_UNIT
from org.actor import OPERATOR
from org.refused import Refused
from org.setting_change import SettingRow, change_setting, list_settings, setting_history, undo_change
from store import db


def list_all(options: argparse.Namespace) -> int:
    """Every setting with its value; JSON has one line for each."""
    for row in _rows(options):
        if options.json:
            print(texts.printable_json(row))
        else:
            print(texts.printable(f"{row.key:<30}{row.value}"))
    return 0


def show(options: argparse.Namespace) -> int:
    """One setting: what it is about, its value, and every change, newest first."""
    settings = settings_of(options)
    row = next((each for each in _rows(options) if each.key == options.key), None)
    with db.session(database_of(settings), EVERY_UNIT, reading=True) as session:
        changes = setting_history(session, OPERATOR, options.key)
    if isinstance(changes, Refused) or row is None:
        refuse(texts.printable(texts.say(changes.reason)) if isinstance(changes, Refused) else options.key)
    print(texts.say(row.name))
    print(texts.say(row.about))
    print(texts.printable(f"{row.key} = {row.value}"))
    for change in changes:
        at = change.changed_at.astimezone(settings.zone)
        line = f"{change.number:<5}{at:%Y-%m-%d %H:%M}  {change.changed_by}: {change.before} -> {change.after}"
        print(texts.printable(f"{line}  ({change.reason})"))
    return 0


def change(options: argparse.Namespace) -> int:
    """Give a setting another value; prints the number of the change."""
    engine, version = database_of(settings_of(options)), _version(options)
    with db.session(engine, EVERY_UNIT) as session:
        done = change_setting(session, OPERATOR, options.key, options.value, options.reason, version, clock.now())
    return _said(done)


def undo(options: argparse.Namespace) -> int:
    """Give a setting the value it had before the change with this number; prints the number of the new change."""
    engine, version = database_of(settings_of(options)), _version(options)
    with db.session(engine, EVERY_UNIT) as session:
        done = undo_change(session, OPERATOR, options.key, options.number, options.reason, version, clock.now())
    return _said(done)


def _rows(options: argparse.Namespace) -> tuple[SettingRow, ...]:
    with db.session(database_of(settings_of(options)), EVERY_UNIT, reading=True) as session:
        rows = list_settings(session, OPERATOR)
    if isinstance(rows, Refused):
        refuse(texts.say(rows.reason))
    return rows


def _version(options: argparse.Namespace) -> int:
    """The version that is changed: whoever runs the command means the newest."""
    return next((row.version for row in _rows(options) if row.key == options.key), 0)


def _said(done: int | Refused) -> int:
    if isinstance(done, Refused):
        refuse(texts.printable(texts.say(done.reason)))
    print(done)
    return 0
