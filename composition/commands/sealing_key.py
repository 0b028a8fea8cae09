"""`canh sealing-key rotate`: another key for the secrets in the database."""

import argparse

from composition import texts
from composition.commands.environment import database_of, refuse, settings_of
from core import clock
from core.system_error import reason_of
from org.actor import OPERATOR
from org.refused import Refused
from org.sealing import BadSeal
from org.sealing_rotation import rotate_sealing_key


def rotate(options: argparse.Namespace) -> int:
    """Seal everything anew; the product may run meanwhile."""
    settings = settings_of(options)
    try:
        count = rotate_sealing_key(database_of(settings), settings.data, OPERATOR, clock.now())
    except BadSeal as error:
        refuse(texts.say(texts.NO_SEALING_KEY, file=texts.printable(str(error))))
    except OSError as error:
        refuse(texts.printable(texts.say(reason_of(error))))
    if isinstance(count, Refused):
        refuse(texts.say(count.reason))
    print(texts.say(texts.SEALED_ANEW, count=count))
    return 0
