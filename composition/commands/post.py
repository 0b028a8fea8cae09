"""`canh post import|list|show|who-may-sign`: posts, who holds them, and who may sign."""

import argparse
import sys

import msgspec

from composition import texts
from composition.commands.environment import database_of, date_of, require, settings_of
from composition.commands.file_of_facts import content_of, import_facts
from console.post_words import fact_sentence
from console.texts import ACTING, CONTACT_DUE, CONTACT_NEXT, VACANT
from core import clock
from org.post import load_posts
from org.post_history import PostEstablished, PostFact, PostHistory, key_of, who_may_sign
from org.post_import import SEED, import_posts, preview_posts, read_posts
from store import db


def import_file(options: argparse.Namespace) -> int:
    """Say what the file would change; with `--apply` change it, unless a row is refused. Exit 1 where one is."""
    settings = settings_of(options)
    actor = require("post.change", "posts")
    file = read_posts(content_of(options, SEED))
    return import_facts(
        options,
        database_of(settings),
        lambda session: preview_posts(session, actor, file, correct=options.correct),
        lambda session: import_posts(session, actor, file, clock.now(), correct=options.correct),
        _sentence,
    )


def list_all(options: argparse.Namespace) -> int:
    """The posts of the date with their holders, then each staffing quota; JSON has one line for each."""
    history = _history(options)
    on = date_of(options)
    for post in history.living_posts(on):
        holders = history.holders(post.post, on)
        if options.json:
            row = {"post": post.post, "unit": post.unit, "title": post.title, "kind": post.post_kind}
            people = [{"person": each.fact.person, "acting": each.acting, "since": each.fact.on} for each in holders]
            print(texts.printable_json({**row, "holders": people}))
        else:
            print(texts.printable(_line(history, post, options)))
    for staffing in history.staffing(on):
        quota = staffing.quota
        counted = {"unit": quota.unit, "group": quota.group, "number": quota.number, "in_post": staffing.in_post}
        if options.json:
            print(texts.printable_json({"quota": counted, "decision": quota.decision}))
        else:
            print(texts.printable(texts.say(texts.STAFFING, **counted)))
    return 0


def show(options: argparse.Namespace) -> int:
    """One post with what became of it; exit 1 where there is none."""
    history = _history(options)
    code = options.code
    if code not in history.posts:
        print(texts.say(texts.NO_SUCH_POST, code=texts.printable(code)), file=sys.stderr)
        return 1
    facts = [fact for fact in history.facts if getattr(fact, "post", None) == code]
    if options.json:
        print(texts.printable_json({"post": code, "facts": facts}, indent=2))
        return 0
    print(texts.printable(_line(history, history.posts[code], options)))
    for fact in facts:
        print(texts.printable(f"  {_sentence(fact)}"))
    return 0


def show_signers(options: argparse.Namespace) -> int:
    """Who may sign the subject on the date, for each director's post; exit 1 where nobody may."""
    history = _history(options)
    on = date_of(options)
    authorities = [post for post in history.living_posts(on) if post.post_kind == "director"]
    found = False
    for post in authorities:
        signers = who_may_sign(history, post.post, options.subject, on)
        found = found or bool(signers)
        if options.json:
            row = {"authority": post.post, "unit": post.unit, "subject": options.subject, "on": on}
            people = [{**msgspec.to_builtins(each), "name": _name(history, each.person, options)} for each in signers]
            print(texts.printable_json({**row, "signers": people}))
            continue
        print(texts.printable(f"{texts.say(post.title)}  [{post.post}]  {history.units.name(post.unit, on)}"))
        for signer in signers:
            grounds = "; ".join(texts.say(ground) for ground in signer.grounds)
            print(texts.printable(f"  {_name(history, signer.person, options)}  [{signer.person}]  {grounds}"))
        if not signers:
            said = {"on": on, "subject": options.subject, "authority": post.post}
            print(texts.printable(texts.say(texts.NO_SIGNER, **said)), file=sys.stderr)
    if not authorities:
        print(texts.say(texts.NO_AUTHORITY, on=on), file=sys.stderr)
    return 0 if found else 1


def show_contacts(options: argparse.Namespace) -> int:
    """The 24/7 contacts of the date, the first due for verification first; exit 1 where one is due."""
    settings = settings_of(options)
    actor = require("person.read", "persons")
    with db.session(database_of(settings), actor.scope, reading=True) as session:
        history = load_posts(session)
    on = date_of(options)
    contacts = history.contacts(on)
    for contact in contacts:
        person = history.person(contact.person, on)
        due = contact.is_due(on)
        if options.json:
            reached = {
                "name": person and person.name,
                "phone": person and person.phone,
                "email": person and person.email,
            }
            print(texts.printable_json({**msgspec.to_builtins(contact), **reached, "due": due}))
            continue
        reached_at = [each for each in (person.phone, person.email) if each] if person else []
        said = texts.say(CONTACT_DUE if due else CONTACT_NEXT, day=contact.due_on) if contact.due_on else ""
        unit = history.units.name(contact.unit, on)
        name = _name(history, contact.person, options)
        print(texts.printable("  ".join(each for each in (unit, name, *reached_at, said) if each)))
    return 1 if any(contact.is_due(on) for contact in contacts) else 0


def _history(options: argparse.Namespace) -> PostHistory:
    settings = settings_of(options)
    actor = require("post.read", "posts")
    with db.session(database_of(settings), actor.scope, reading=True) as session:
        return load_posts(session)


def _line(history: PostHistory, post: PostEstablished, options: argparse.Namespace) -> str:
    on = date_of(options)
    names = [
        f"{_name(history, each.fact.person, options)}{f' ({texts.say(ACTING)})' if each.acting else ''}"
        for each in history.holders(post.post, on)
    ]
    return f"{texts.say(post.title)}  [{post.post}]  {history.units.name(post.unit, on)}: " + (
        ", ".join(names) or texts.say(VACANT)
    )


def _name(history: PostHistory, code: str, options: argparse.Namespace) -> str:
    person = history.person(code, date_of(options))
    return person.name if person else code


def _sentence(fact: PostFact) -> str:
    _, code, *_ = key_of(fact)
    decision = f"  ({fact.decision})" if fact.decision else ""
    return f"{code}  {fact.on}  {texts.say(fact_sentence(fact, str, str))}{decision}"
