"""`canh alert list|show`: the queue on the terminal."""

import argparse
import sys

from composition import texts
from composition.commands.environment import database_of, require, settings_of
from incident.queue import get_group, list_groups
from store import db


def list_alerts(options: argparse.Namespace) -> int:
    """Newest first: number, level, state, count, last seen, title, entities."""
    settings = settings_of(options)
    actor = require("alert.read", "alerts")
    with db.session(database_of(settings), actor.scope, reading=True) as session:
        page = list_groups(session, states=(options.state,) if options.state else None, limit=options.limit)
    for group in page.groups:
        if options.json:
            print(texts.printable_json(group))
            continue
        seen = group.last_seen.astimezone(settings.zone).strftime("%Y-%m-%d %H:%M:%S")
        entities = " ".join(f"{name}={value}" for name, value in group.entities.items())
        title = group.rule.title.within(texts.language())
        line = f"{group.number}  {group.level:<13}{group.state:<13}x{group.count:<7}{seen}  {title}  {entities}"
        print(texts.printable(line))
    return 0


def show(options: argparse.Namespace) -> int:
    """One alert whole: why it fired, what to do, the original lines. Accepts the id or the number.

    A page of text on a terminal; JSON with `--json`, and wherever a program reads it.
    """
    settings = settings_of(options)
    actor = require("alert.read", f"alert:{options.id}")
    with db.session(database_of(settings), actor.scope, reading=True) as session:
        group = get_group(session, options.id)
    if group is None:
        print(texts.say(texts.NO_SUCH_ALERT, id=texts.printable(options.id)), file=sys.stderr)
        return 1
    if options.json or not sys.stdout.isatty():
        print(texts.printable_json(group, indent=2))
    else:
        from composition.alert_text import lines

        for line in lines(group, settings.zone):
            print(texts.printable(line))
    return 0
