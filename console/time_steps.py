"""A histogram over time as it is drawn: how long a step is, where the bars stand. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from core.query.aggregation import Bucket, Histogram
from core.query.bounds import (
    DAY_MICROSECONDS,
    MONDAY_MICROSECONDS,
    ahead_of_utc,
    from_microseconds,
    microseconds,
)

MOST_BARS = 80
HEIGHT = 100
SECOND = 1_000_000
STEP_SECONDS = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
STEP_DAYS = (2, 7, 30, 90, 365)
STEPS = (*(seconds * SECOND for seconds in STEP_SECONDS), *(days * DAY_MICROSECONDS for days in STEP_DAYS))


@dataclass(frozen=True)
class Bar:
    """One step: from `start` to before `end`, `count` events; `height` of `HEIGHT`, drawn down from `top`."""

    start: datetime
    end: datetime
    count: int
    left: int
    top: int
    height: int


def histogram(first: datetime, last: datetime, zone: tzinfo) -> Histogram:
    """What to ask about the events from `first` on and before `last`: at most `MOST_BARS` steps.

    Days begin at midnight of the zone as it is at `first`.
    """
    length = max(1, microseconds(last) - microseconds(first))
    years = -(-length // (STEPS[-1] * (MOST_BARS - 1)))
    step = next((step for step in STEPS if length <= step * (MOST_BARS - 1)), years * STEPS[-1])
    week = MONDAY_MICROSECONDS if step % (7 * DAY_MICROSECONDS) == 0 else 0
    return Histogram("@timestamp", step, (week - ahead_of_utc(zone, first)) % step)


def bars(asked: Histogram, rows: Sequence[Bucket], first: datetime, last: datetime) -> tuple[Bar, ...]:
    """A bar for every step between the two times, also where there is nothing."""
    step, offset = int(asked.interval), int(asked.offset)
    counts = {int(row.key): row.count for row in rows}  # type: ignore[arg-type]  # of a histogram a number
    begin = (microseconds(first) - offset) // step * step + offset
    end = max(microseconds(last), *(key + 1 for key in counts)) if counts else microseconds(last)
    most = max(counts.values(), default=0)
    drawn: list[Bar] = []
    for number, at in enumerate(range(begin, end, step)):
        count = counts.get(at, 0)
        height = max(2, round(count * HEIGHT / most)) if count else 0
        drawn.append(
            Bar(from_microseconds(at), from_microseconds(at + step), count, number * 10, HEIGHT - height, height)
        )
        if len(drawn) > 2 * MOST_BARS:
            break
    return tuple(drawn)
