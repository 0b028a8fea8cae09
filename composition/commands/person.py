"""`canh person list|show`: who is known, how they are reached, what they hold. They come in by `canh post import`."""

import argparse
import sys
from datetime import date

from composition import texts
from composition.commands.environment import database_of, date_of, require, settings_of
from org.post import load_posts
from org.post_history import PersonRegistered, PostHistory
from store import db


def list_all(options: argparse.Namespace) -> int:
    """Everybody who is known by the date, as of the date; JSON has one line for each."""
    history, on = _history(options), date_of(options)
    for code, rows in history.persons.items():
        person = history.person(code, on)
        if person is not None and rows[0].on <= on:
            _print(history, person, on, json=options.json)
    return 0


def show(options: argparse.Namespace) -> int:
    """One person as of the date; exit 1 where there is none."""
    history, on = _history(options), date_of(options)
    person = history.person(options.code, on)
    if person is None:
        print(texts.say(texts.NO_SUCH_PERSON, code=texts.printable(options.code)), file=sys.stderr)
        return 1
    _print(history, person, on, json=options.json)
    return 0


def _history(options: argparse.Namespace) -> PostHistory:
    settings = settings_of(options)
    actor = require("person.read", "persons")
    with db.session(database_of(settings), actor.scope, reading=True) as session:
        return load_posts(session)


def _print(history: PostHistory, person: PersonRegistered, on: date, *, json: bool) -> None:
    held = [tenure.fact.post for tenure in history.held(person.person, on)]
    if json:
        reached = {"email": person.email, "phone": person.phone, "account": person.account}
        row = {"person": person.person, "name": person.name, "unit": person.unit, **reached, "posts": held}
        print(texts.printable_json(row))
        return
    reached_at = " · ".join(each for each in (person.phone, person.email, person.account) if each)
    posts = ", ".join(texts.say(history.posts[post].title) for post in held)
    said = (f"{person.name}  [{person.person}]", history.units.name(person.unit, on), posts, reached_at)
    print(texts.printable("  ".join(each for each in said if each)))
