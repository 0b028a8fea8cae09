"""`canh service-account create|list|change-owner|close`: machines, what they are for, who answers for them."""

import argparse

from composition import texts
from composition.commands.environment import database_of, refuse, settings_of
from core import clock
from core.scope import EVERY_UNIT
from org.actor import OPERATOR
from org.refused import Refused
from org.service_account import change_owner, create_service_account, list_service_accounts
from org.service_account_closing import close_service_account
from store import db


def create(options: argparse.Namespace) -> int:
    """Make one; its tokens are made by `canh token create --service-account`."""
    with db.session(database_of(settings_of(options)), EVERY_UNIT) as session:
        made = create_service_account(
            session, OPERATOR, options.name, options.purpose, options.owner, options.unit, clock.now()
        )
    if isinstance(made, Refused):
        refuse(texts.printable(texts.say(made.reason)))
    print(texts.say(texts.SERVICE_ACCOUNT_MADE, name=texts.printable(options.name), number=made))
    return 0


def list_all(options: argparse.Namespace) -> int:
    """Every one: number, made, closed, unit, owner, name, purpose."""
    settings = settings_of(options)
    with db.session(database_of(settings), EVERY_UNIT, reading=True) as session:
        rows = list_service_accounts(session, OPERATOR)
    if isinstance(rows, Refused):
        refuse(texts.say(rows.reason))
    for row in rows:
        if options.json:
            print(texts.printable_json(row))
            continue
        shown = (
            f"{time.astimezone(settings.zone):%Y-%m-%d}" if time else "-" for time in (row.created_at, row.closed_at)
        )
        days = "".join(f"{day:<12}" for day in shown)
        print(texts.printable(f"{row.number:<5}{days}{row.unit or '-':<16}{row.owner:<20}{row.name}  {row.purpose}"))
    return 0


def change(options: argparse.Namespace) -> int:
    """Another person answers for it."""
    with db.session(database_of(settings_of(options)), EVERY_UNIT) as session:
        refused = change_owner(session, OPERATOR, options.name, options.owner, clock.now())
    if refused is not None:
        refuse(texts.printable(texts.say(refused.reason)))
    print(texts.say(texts.OWNER_CHANGED, name=texts.printable(options.name)))
    return 0


def close(options: argparse.Namespace) -> int:
    """Close it and revoke its tokens."""
    with db.session(database_of(settings_of(options)), EVERY_UNIT) as session:
        revoked = close_service_account(session, OPERATOR, options.name, clock.now())
    if isinstance(revoked, Refused):
        refuse(texts.printable(texts.say(revoked.reason)))
    print(texts.say(texts.SERVICE_ACCOUNT_CLOSED, name=texts.printable(options.name), count=revoked))
    return 0
