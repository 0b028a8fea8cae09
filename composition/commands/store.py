"""`canh store verify|forecast`: whether the sealed days are as they were sealed, and when the disk will be full."""

import argparse
import shutil
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

from composition import texts
from composition.commands.environment import refuse, require, require_data, settings_of
from composition.texts import printable, printable_json, say
from core import clock

if TYPE_CHECKING:
    from store.events.forecast import StoredDay

MEBI = 1 << 20


def verify(options: argparse.Namespace) -> int:
    """0 where every sealed day is as it was sealed, 1 with what is not. Reads every file; changes nothing."""
    from store.events.embedded.seals import verify_seals

    settings = settings_of(options)
    require("status.read", "store")
    require_data(settings)
    if settings.store.url is not None:
        refuse(say(texts.STORE_ELSEWHERE))
    verdict = verify_seals(settings.data / "events")
    if options.json:
        print(printable_json(verdict))
        return 1 if verdict.findings else 0
    print(printable(say(texts.STORE_INTACT, intact=verdict.intact, open=verdict.open)))
    for finding in verdict.findings:
        print(printable(f"{finding.place}: {say(finding.what)}"))
    print(printable(say(texts.STORE_NEWEST_SEAL, seal=verdict.newest)))
    return 1 if verdict.findings else 0


def forecast(options: argparse.Namespace) -> int:
    """The size of the store, what a day brings, and when the disk will be full; 1 where 85 % are used already."""
    from store.events.forecast import forecast as of

    settings = settings_of(options)
    require("status.read", "store")
    require_data(settings)
    if settings.store.url is not None:
        refuse(say(texts.STORE_ELSEWHERE))
    disk = shutil.disk_usage(settings.data)
    found = of(_days(settings.data / "events"), clock.now().astimezone(UTC).date(), disk.total, disk.free)
    is_pressing = found.until[85] == 0
    if options.json:
        print(printable_json(found))
        return 1 if is_pressing else 0
    used = 100 - 100 * found.free_bytes // found.disk_bytes
    print(say(texts.STORE_SIZE, events=_megabytes(found.events_bytes), free=_megabytes(found.free_bytes), used=used))
    if found.a_day is None:
        print(say(texts.STORE_NO_WHOLE_DAY))
        return 1 if is_pressing else 0
    print(say(texts.STORE_A_DAY, size=_megabytes(found.a_day)))
    for mark, days in found.until.items():
        said = texts.STORE_PASSED if days == 0 else texts.STORE_NEVER if days is None else texts.STORE_UNTIL
        print(say(said, mark=mark, days=days))
    return 1 if is_pressing else 0


def _days(folder: Path) -> "list[StoredDay]":
    from store.events.embedded.folder import day_folders, day_of
    from store.events.forecast import StoredDay

    return [
        StoredDay(day_of(day.name), sum(file.stat().st_size for file in day.iterdir() if file.is_file()))
        for day in day_folders(folder)
    ]


def _megabytes(size: int) -> str:
    return f"{size / MEBI:,.0f} MB"
