"""`canh account ...`: create, list, close and whatever else becomes of the accounts of people.

A password is typed by whoever runs the server, never an argument.
"""

import argparse
import getpass
import sys
from datetime import datetime

from composition import texts
from composition.commands.environment import database_of, refuse, settings_of
from composition.settings import Settings
from core import clock
from core.language import Text
from core.scope import EVERY_UNIT
from org.access import ACTIONS
from org.access_review import Holder, record_review, review_access
from org.account_closing import change_role, close_account, end_sessions, remove_second_factor, reopen_account
from org.account_creation import create_account
from org.account_list import AccountRow, list_accounts, rights_of_account
from org.actor import OPERATOR
from org.breached_passwords import BreachedPasswords
from org.invitation import invite
from org.password_reset import reset_password
from org.provider_identity import link_identity, unlink_identity
from org.refused import Refused
from store import db


def create(options: argparse.Namespace) -> int:
    """Make an account of the province, or with `--unit` the account of a unit's contact."""
    settings = settings_of(options)
    engine, breached = database_of(settings), BreachedPasswords(settings.org.breached_passwords)
    name, now = texts.printable(options.name), clock.now()
    said = None if options.invite else _ask(texts.PASSWORD_OF, name)
    with db.session(engine, EVERY_UNIT) as session:
        made = create_account(session, OPERATOR, options.name, options.role, options.unit, said, now, breached)
        secret = invite(session, OPERATOR, options.name, now) if options.invite and isinstance(made, int) else None
    if not isinstance(made, int):
        refuse(texts.printable(texts.say(made.reason)))
    print(texts.say(texts.ACCOUNT_MADE, name=name, number=made))
    if isinstance(secret, str):
        _print_link(settings, secret)
    return 0


def hand_out_link(options: argparse.Namespace) -> int:
    """A link with which the person sets their password, once."""
    settings = settings_of(options)
    with db.session(database_of(settings), EVERY_UNIT) as session:
        secret = invite(session, OPERATOR, options.name, clock.now())
    if isinstance(secret, Refused):
        refuse(texts.printable(texts.say(secret.reason)))
    _print_link(settings, secret)
    return 0


def reset(options: argparse.Namespace) -> int:
    """Set the new password of the person with this name."""
    settings = settings_of(options)
    engine, breached = database_of(settings), BreachedPasswords(settings.org.breached_passwords)
    name = texts.printable(options.name)
    said = _ask(texts.NEW_PASSWORD, name)
    with db.session(engine, EVERY_UNIT) as session:
        refused = reset_password(session, OPERATOR, options.name, said, clock.now(), breached)
    if refused is not None:
        refuse(texts.printable(texts.say(refused.reason)))
    print(texts.say(texts.PASSWORD_SET, name=name))
    return 0


def close(options: argparse.Namespace) -> int:
    """The person logs in no more."""
    with db.session(database_of(settings_of(options)), EVERY_UNIT) as session:
        refused = close_account(session, OPERATOR, options.name, clock.now())
    return _said(refused, texts.ACCOUNT_CLOSED, options.name)


def reopen(options: argparse.Namespace) -> int:
    """The person may log in again."""
    with db.session(database_of(settings_of(options)), EVERY_UNIT) as session:
        refused = reopen_account(session, OPERATOR, options.name, clock.now())
    return _said(refused, texts.ACCOUNT_REOPENED, options.name)


def change(options: argparse.Namespace) -> int:
    """The person has another role from their next log-in on."""
    with db.session(database_of(settings_of(options)), EVERY_UNIT) as session:
        refused = change_role(session, OPERATOR, options.name, options.role, options.unit, clock.now())
    return _said(refused, texts.ROLE_CHANGED, options.name)


def tie(options: argparse.Namespace) -> int:
    """The person logs in at the identity provider too."""
    settings = settings_of(options)
    issuer = settings.identity_provider.issuer
    with db.session(database_of(settings), EVERY_UNIT) as session:
        refused = link_identity(session, OPERATOR, options.name, issuer, options.subject, clock.now())
    return _said(refused, texts.ACCOUNT_LINKED, options.name)


def untie(options: argparse.Namespace) -> int:
    """The person logs in there no more."""
    with db.session(database_of(settings_of(options)), EVERY_UNIT) as session:
        refused = unlink_identity(session, OPERATOR, options.name, clock.now())
    return _said(refused, texts.ACCOUNT_UNLINKED, options.name)


def list_all(options: argparse.Namespace) -> int:
    """Every account: number, role, last log-in, unit, name, what is the matter with it."""
    settings = settings_of(options)
    with db.session(database_of(settings), EVERY_UNIT, reading=True) as session:
        rows = list_accounts(session, OPERATOR, clock.now())
    if isinstance(rows, Refused):
        refuse(texts.say(rows.reason))
    for row in rows:
        if options.json:
            print(texts.printable_json(row))
            continue
        state = ", ".join(map(texts.say, _states(row)))
        unit, last = row.unit or "-", _day(row.active_at, settings)
        print(texts.printable(f"{row.number:<5}{row.role:<16}{last:<12}{unit:<16}{row.name}  {state}".rstrip()))
    return 0


def may(options: argparse.Namespace) -> int:
    """What the person may do, each with its reason; 1 where the one act that was asked about is denied."""
    settings = settings_of(options)
    if options.action is not None and options.action not in ACTIONS:
        refuse(texts.say(texts.NO_SUCH_ACTION, action=texts.printable(options.action), known=", ".join(ACTIONS)))
    with db.session(database_of(settings), EVERY_UNIT, reading=True) as session:
        rights = rights_of_account(session, OPERATOR, options.name, clock.now())
    if isinstance(rights, Refused):
        refuse(texts.printable(texts.say(rights.reason)))
    asked = [each for each in rights.decisions if options.action in (None, each.action)]
    for decision in asked:
        mark = texts.say(texts.MAY if decision.allowed and not rights.closed else texts.MAY_NOT)
        print(f"{decision.action:<24}{mark:<8}{texts.say(decision.reason)}")
    if rights.closed:
        print(texts.say(texts.MAY_NOTHING))
    return 0 if options.action is None or (asked[0].allowed and not rights.closed) else 1


def _states(row: AccountRow) -> list[Text]:
    if row.closed_at is not None:
        return [texts.STATE_CLOSED]
    states = [texts.STATE_DORMANT] if row.dormant else []
    if not row.has_password:
        states.append(texts.STATE_NO_PASSWORD)
    return [*states, texts.STATE_FACTOR] if row.has_factor else states


def remove_factor(options: argparse.Namespace) -> int:
    """The person enrols another second factor at their next log-in, where they must have one."""
    with db.session(database_of(settings_of(options)), EVERY_UNIT) as session:
        refused = remove_second_factor(session, OPERATOR, options.name, clock.now())
    return _said(refused, texts.FACTOR_REMOVED, options.name)


def log_out(options: argparse.Namespace) -> int:
    """End what the person has open."""
    with db.session(database_of(settings_of(options)), EVERY_UNIT) as session:
        ended = end_sessions(session, OPERATOR, options.name, clock.now())
    if isinstance(ended, Refused):
        return _said(ended, texts.SESSIONS_ENDED, options.name)
    print(texts.say(texts.SESSIONS_ENDED, name=texts.printable(options.name), count=ended))
    return 0


def review(options: argparse.Namespace) -> int:
    """Everyone who can get in, and every token; with `--done` also record that they were reviewed."""
    settings = settings_of(options)
    engine = database_of(settings)
    with db.session(engine, EVERY_UNIT, reading=True) as session:
        told = review_access(session, OPERATOR, clock.now())
    if isinstance(told, Refused):
        refuse(texts.say(told.reason))
    if options.json:
        print(texts.printable_json(told, indent=2))
    else:
        for holder in told.holders:
            print(texts.printable(_line(holder, settings)))
        reviewed = _day(told.reviewed_at, settings)
        print(texts.say(texts.REVIEW_DUE, reviewed=reviewed, due=_day(told.due, settings)))
    if options.done:
        with db.session(engine, EVERY_UNIT) as session:
            refused = record_review(session, OPERATOR, told.version, clock.now())
        return _said(refused, texts.REVIEW_RECORDED, "")
    return 0


def _print_link(settings: Settings, secret: str) -> None:
    print(texts.say(texts.INVITATION_LINK, link=f"{settings.web.public_url}/invitation?secret={secret}"))


def _line(holder: Holder, settings: Settings) -> str:
    ends = holder.ended_at or holder.expires_at
    days = "".join(f"{_day(time, settings):<12}" for time in (holder.created_at, holder.used_at, ends))
    remarks = "; ".join(map(texts.say, holder.remarks)) or (texts.say(texts.HOLDER_ENDED) if holder.ended_at else "")
    kind = texts.say(texts.HOLDER_KINDS[holder.kind])
    role = f"{holder.role or '-':<15}"
    return f"{kind:<11}{holder.number:<5}{role}{days}{holder.unit or '-':<16}{holder.name}  {remarks}".rstrip()


def _day(time: datetime | None, settings: Settings) -> str:
    return f"{time.astimezone(settings.zone):%Y-%m-%d}" if time else "-"


def _said(refused: Refused | None, done: Text, name: str) -> int:
    if refused is not None:
        refuse(texts.printable(texts.say(refused.reason)))
    print(texts.say(done, name=texts.printable(name)))
    return 0


def _ask(prompt: Text, name: str) -> str:
    """The password, typed twice on a terminal, else the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    said = getpass.getpass(texts.say(prompt, name=name))
    if getpass.getpass(texts.say(texts.PASSWORD_AGAIN)) != said:
        refuse(texts.say(texts.PASSWORDS_DIFFER))
    return said
