"""When the disk of the events will be full, going by what the last days brought. Pure."""

import statistics
from collections.abc import Sequence
from datetime import date

import msgspec

DAYS = 7
MARKS = (85, 95, 100)
"""Percent of the disk: at the first events press on the rest of the machine, at the second writing may end any time."""


class StoredDay(msgspec.Struct, frozen=True):
    """The bytes of what was received on a day (UTC), all its files together."""

    day: date
    bytes: int


class Forecast(msgspec.Struct, frozen=True):
    """`a_day`: the middle of the last whole days' bytes, None where there is no whole day yet.

    `until`: per mark of `MARKS` the days from now until that part of the disk is used; 0 where it is already, None
    where nothing comes in.
    """

    events_bytes: int
    disk_bytes: int
    free_bytes: int
    a_day: int | None
    until: dict[int, int | None]


def forecast(days: Sequence[StoredDay], today: date, disk_bytes: int, free_bytes: int) -> Forecast:
    """Of a store with these days, on a disk of so many bytes of which so many are free.

    Of the whole days before today the last `DAYS` count, by their middle: one day of replays changes nothing.
    """
    whole = sorted((day for day in days if day.day < today), key=lambda day: day.day)[-DAYS:]
    a_day = round(statistics.median(day.bytes for day in whole)) if whole else None
    used = disk_bytes - free_bytes
    until: dict[int, int | None] = {}
    for mark in MARKS:
        left = disk_bytes * mark // 100 - used
        until[mark] = 0 if left <= 0 else left // a_day if a_day else None
    return Forecast(sum(day.bytes for day in days), disk_bytes, free_bytes, a_day, until)
