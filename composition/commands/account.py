"""`canh account create|reset-password`: the password is typed by whoever runs the server, never an argument."""

import argparse
import getpass
import sys

from composition import texts
from composition.commands.environment import database_of, refuse, settings_of
from core import clock
from core.language import Text
from core.scope import EVERY_UNIT
from org.account_creation import create_account
from org.actor import OPERATOR
from org.password_reset import reset_password
from store import db


def create(options: argparse.Namespace) -> int:
    """Make an account of the province, or with `--unit` the account of a unit's contact."""
    engine = database_of(settings_of(options))
    name = texts.printable(options.name)
    said = _ask(texts.PASSWORD_OF, name)
    with db.session(engine, EVERY_UNIT) as session:
        made = create_account(session, OPERATOR, options.name, options.role, options.unit, said, clock.now())
    if not isinstance(made, int):
        refuse(texts.printable(texts.say(made.reason)))
    print(texts.say(texts.ACCOUNT_MADE, name=name, number=made))
    return 0


def reset(options: argparse.Namespace) -> int:
    """Set the new password of the person with this name."""
    engine = database_of(settings_of(options))
    name = texts.printable(options.name)
    said = _ask(texts.NEW_PASSWORD, name)
    with db.session(engine, EVERY_UNIT) as session:
        refused = reset_password(session, OPERATOR, options.name, said, clock.now())
    if refused is not None:
        refuse(texts.printable(texts.say(refused.reason)))
    print(texts.say(texts.PASSWORD_SET, name=name))
    return 0


def _ask(prompt: Text, name: str) -> str:
    """The password, typed twice on a terminal, else the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    said = getpass.getpass(texts.say(prompt, name=name))
    if getpass.getpass(texts.say(texts.PASSWORD_AGAIN)) != said:
        refuse(texts.say(texts.PASSWORDS_DIFFER))
    return said
