"""`canh account reset-password`: a new password for one who forgot theirs, typed by whoever runs the server."""

import argparse
import getpass
import sys

from composition import texts
from composition.commands.environment import database_of, refuse, settings_of
from core import clock
from core.scope import EVERY_UNIT
from org.actor import OPERATOR
from org.password_reset import reset_password
from store import db


def reset(options: argparse.Namespace) -> int:
    """Ask for the new password twice on a terminal, else read it from the first line of standard input."""
    engine = database_of(settings_of(options))
    name = texts.printable(options.name)
    if sys.stdin.isatty():
        said = getpass.getpass(texts.say(texts.NEW_PASSWORD, name=name))
        if getpass.getpass(texts.say(texts.PASSWORD_AGAIN)) != said:
            refuse(texts.say(texts.PASSWORDS_DIFFER))
    else:
        said = sys.stdin.readline().rstrip("\r\n")
    with db.session(engine, EVERY_UNIT) as session:
        refused = reset_password(session, OPERATOR, options.name, said, clock.now())
    if refused is not None:
        refuse(texts.printable(texts.say(refused.reason)))
    print(texts.say(texts.PASSWORD_SET, name=name))
    return 0
