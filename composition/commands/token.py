"""`canh token create`: a token for a script or a sender; its secret is printed once, as the last word."""

import argparse

from composition.commands.environment import database_of, refuse, settings_of
from composition.texts import language
from core import clock
from core.scope import EVERY_UNIT
from org.actor import OPERATOR
from org.token import create_token
from store import db


def create(options: argparse.Namespace) -> int:
    """Print the new token. Whoever may read the data folder is its operator."""
    engine = database_of(settings_of(options))
    with db.session(engine, EVERY_UNIT) as session:
        secret = create_token(session, OPERATOR, options.role, options.name, clock.now())
        if not isinstance(secret, str):
            refuse(secret.reason.within(language()))
    print(secret)
    return 0
