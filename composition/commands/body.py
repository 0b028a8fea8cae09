"""`canh body import|list`: the bodies that the province answers to, by role and date."""

import argparse

from composition import texts
from composition.commands.environment import database_of, date_of, require, settings_of
from composition.commands.file_of_facts import content_of, import_facts
from console.registers import body_sentence
from core import clock
from org.body import SEED, import_bodies, load_bodies, preview_bodies, read_bodies
from store import db


def import_file(options: argparse.Namespace) -> int:
    """Say what the file would change; with `--apply` change it, unless a row is refused. Exit 1 where one is."""
    settings = settings_of(options)
    actor = require("body.change", "bodies")
    file = read_bodies(content_of(options, SEED))
    return import_facts(
        options,
        database_of(settings),
        lambda session: preview_bodies(session, actor, file, correct=options.correct),
        lambda session: import_bodies(session, actor, file, clock.now(), correct=options.correct),
        lambda fact: texts.say(body_sentence(fact)),
    )


def list_all(options: argparse.Namespace) -> int:
    """Each role with whoever holds it on the date, and what is only proposed; JSON has one line for each role."""
    settings = settings_of(options)
    actor = require("body.read", "bodies")
    on = date_of(options)
    with db.session(database_of(settings), actor.scope, reading=True) as session:
        history = load_bodies(session)
    for role in history.rows:
        holder, proposals = history.holder(role, on), history.proposals(role, on)
        if options.json:
            print(texts.printable_json({"role": role, "holder": holder, "proposals": proposals}))
            continue
        name = texts.say(holder.name) if holder else "-"
        basis = f"  ({holder.basis}, {holder.mark})" if holder else ""
        print(texts.printable(f"{role:<30}{name}{basis}"))
        for row in proposals:
            print(texts.printable(f"  ? {row.on}  {texts.say(row.name)}  ({row.basis}, {row.mark})"))
    return 0
