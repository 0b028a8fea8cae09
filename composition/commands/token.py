"""`canh token create|list|revoke`: tokens for scripts and senders; a secret is printed once, as the last word."""

import argparse

from composition.commands.environment import database_of, refuse, settings_of
from composition.texts import language, printable, printable_json
from core import clock
from core.scope import EVERY_UNIT
from org.actor import OPERATOR
from org.token import create_token, list_tokens, revoke_token
from store import db


def create(options: argparse.Namespace) -> int:
    """Print the new token. Whoever may read the data folder is its operator."""
    engine = database_of(settings_of(options))
    with db.session(engine, EVERY_UNIT) as session:
        secret = create_token(
            session,
            OPERATOR,
            options.role,
            options.name,
            clock.now(),
            unit=options.unit,
            days=options.days,
            service_account=options.service_account,
        )
    if not isinstance(secret, str):
        refuse(printable(secret.reason.within(language())))
    print(secret)
    return 0


def list_all(options: argparse.Namespace) -> int:
    """Every token: number, role, made, last used (to the hour), ends or was revoked, unit, service account, name."""
    settings = settings_of(options)
    with db.session(database_of(settings), EVERY_UNIT, reading=True) as session:
        rows = list_tokens(session, OPERATOR)
    if not isinstance(rows, tuple):
        refuse(rows.reason.within(language()))
    for row in rows:
        if options.json:
            print(printable_json(row))
            continue
        times = (row.created_at, row.used_at, row.revoked_at or row.expires_at)
        whose = f"{row.unit or '-':<16}{row.service_account or '-':<20}"
        shown = (f"{time.astimezone(settings.zone):%Y-%m-%d %H:%M}" if time else "-" for time in times)
        print(printable(f"{row.number:<5}{row.role:<15}{''.join(f'{time:<18}' for time in shown)}{whose}{row.name}"))
    return 0


def revoke(options: argparse.Namespace) -> int:
    """Revoke the token with this number; it is refused from the next request on."""
    with db.session(database_of(settings_of(options)), EVERY_UNIT) as session:
        refused = revoke_token(session, OPERATOR, options.number, clock.now())
    if refused is not None:
        refuse(refused.reason.within(language()))
    return 0
