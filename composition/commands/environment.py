"""What every command needs first: the settings, or a plain word about why there are none."""

import argparse
import os
import sys
from datetime import date
from typing import TYPE_CHECKING, NoReturn

from composition import texts
from composition.settings import Settings, load
from core import clock
from core.errors import SettingsError
from core.system_error import reason_of
from org.access import Action, decide
from org.actor import OPERATOR, Actor

if TYPE_CHECKING:
    from sqlalchemy import Engine


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings of this call; ends the program with exit code 2 where they cannot be accepted."""
    return settings_and_origins(options)[0]


def settings_and_origins(options: argparse.Namespace) -> tuple[Settings, dict[str, str]]:
    """As `settings_of`, and for each key that is not a default where it came from."""
    try:
        return load(config=options.config, data=options.data, environment=os.environ)
    except SettingsError as error:
        refuse(f"{error.origin}: {error.key}: {error.reason.within(texts.language())}".replace(": : ", ": "))


def require(action: Action, resource: str) -> Actor:
    """Whoever runs this command, where `org.access` lets them do it; ends the program where it does not.

    `resource` is `alert:ID` or a collection, as the API names it. Read within the scope of who is answered.
    """
    decision = decide(OPERATOR, action, resource)
    if not decision.allowed:
        refuse(texts.say(decision.reason))
    return decision.actor


def require_data(settings: Settings) -> None:
    """The data folder is there and can be entered; ends the program, saying what it is instead, where it is not."""
    try:
        os.scandir(settings.data / "").close()
    except FileNotFoundError:
        refuse(texts.say(texts.NO_DATA_FOLDER, path=settings.data))
    except OSError as error:
        refuse(texts.say(texts.CANNOT_USE_DATA, path=settings.data, reason=texts.say(reason_of(error))))


def database_of(settings: Settings) -> "Engine":
    """The engine on a database that exists and has today's schema; ends the program where there is none."""
    from store.db import open_engine

    require_data(settings)
    if settings.database is None and not (settings.data / "canh.db").exists():
        refuse(texts.say(texts.NO_DATA, path=settings.data))
    engine = open_engine(settings.database_url)
    upgrade_or_refuse(engine)
    return engine


def upgrade_or_refuse(engine: "Engine") -> None:
    """Bring the schema to today's version; ends the program where the database belongs to a newer one."""
    from composition.migrate import NewerDatabase, upgrade

    try:
        upgrade(engine)
    except NewerDatabase as newer:
        refuse(newer.reason.within(texts.language()))


def date_of(options: argparse.Namespace) -> date:
    """The date of `--on`, else today's in Vietnam; ends the program where it is no date."""
    from org.unit import effective_date

    if options.on is None:
        return effective_date(clock.now())
    try:
        return date.fromisoformat(options.on)
    except ValueError:
        refuse(texts.say(texts.BAD_DATE, text=texts.printable(options.on)))


def unreadable(error: Exception) -> str:
    """Why a log file could not be read, in the terminal's language: the system's reason, or a broken archive."""
    return texts.say(reason_of(error) if isinstance(error, OSError) and error.errno else texts.BROKEN_ARCHIVE)


def refuse(line: str) -> NoReturn:
    """Say why on standard error and end with exit code 2."""
    print(line, file=sys.stderr)
    raise SystemExit(2)
