"""A time counted from now: `now-7d`, `now-1h+30m`, `now/d`. Pure."""

import re
from datetime import datetime, timedelta

_MOMENT = re.compile(r"now((?:[+-][0-9]{1,6}[smhdw])*)(?:/([mhdw]))?\Z")
_STEP = re.compile(r"([+-][0-9]+)([smhdw])")
_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


def read_moment(text: str, now: datetime) -> datetime | None:
    """The time, in the zone of `now`, whose minutes, hours, days and weeks (from Monday) `/` rounds down to.

    None for a text that is none, or beyond the years we know.
    """
    found = _MOMENT.match(text)
    if found is None:
        return None
    moment = now
    try:
        for count, unit in _STEP.findall(found[1]):
            moment += int(count) * _UNITS[unit]
    except OverflowError:
        return None
    if found[2] is not None:
        moment = moment.replace(second=0, microsecond=0)
    if found[2] in ("h", "d", "w"):
        moment = moment.replace(minute=0)
    if found[2] in ("d", "w"):
        moment = moment.replace(hour=0)
    if found[2] == "w":
        moment -= moment.weekday() * _UNITS["d"]
    return moment
