"""Times as people type them on the command line."""

import re
from datetime import datetime, timedelta, tzinfo

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def read_time(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    """`2026-11-24`, `2026-11-24T08:30[:00][+07:00]` (in `zone` where none is named), `-24h` before `now`; else None."""
    relative = re.fullmatch(r"-?(\d{1,6})([smhdw])", text)
    if relative:
        try:
            return now - timedelta(**{UNITS[relative[2]]: int(relative[1])})
        except OverflowError:
            return None
    if text == "now":
        return now
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=zone)
