"""What every command needs first: the settings, or a plain word about why there are none."""

import argparse
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from composition import texts
from composition.settings import Settings, load
from core.errors import SettingsError

if TYPE_CHECKING:
    from sqlalchemy import Engine


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings of this call; ends the program with exit code 2 where they cannot be accepted."""
    try:
        settings, _ = load(config=options.config, data=options.data, environment=os.environ)
    except SettingsError as error:
        refuse(f"{error.origin}: {error.key}: {error.reason.within(texts.language())}".replace(": : ", ": "))
    return settings


def database_of(settings: Settings) -> "Engine":
    """The engine on a database that exists and has today's schema; ends the program where there is none."""
    from store.db import open_engine

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


def refuse(line: str) -> NoReturn:
    """Say why on standard error and end with exit code 2."""
    print(line, file=sys.stderr)
    raise SystemExit(2)
