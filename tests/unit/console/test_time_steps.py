import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.time_steps import HEIGHT, MOST_BARS, bars, histogram
from core.query.aggregation import Bucket
from core.query.bounds import from_microseconds, microseconds

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
FIRST = datetime(2026, 11, 23, 9, 30, tzinfo=HANOI)
TIMES = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("length", "step"),
    [
        (timedelta(seconds=1), timedelta(seconds=1)),
        (timedelta(minutes=15), timedelta(seconds=30)),
        (timedelta(hours=24), timedelta(minutes=30)),
        (timedelta(days=30), timedelta(hours=12)),
        (timedelta(days=400), timedelta(days=7)),
    ],
)
def test_a_step_is_a_round_time(length, step):
    assert histogram(FIRST, FIRST + length, HANOI).interval == step // timedelta(microseconds=1)


def test_days_begin_at_midnight_and_weeks_on_monday_of_the_zone():
    days = histogram(FIRST, FIRST + timedelta(days=60), HANOI)
    drawn = bars(days, [], FIRST, FIRST + timedelta(days=60))
    assert {bar.start.astimezone(HANOI).hour for bar in drawn} == {0}
    weeks = bars(histogram(FIRST, FIRST + timedelta(days=300), HANOI), [], FIRST, FIRST + timedelta(days=300))
    assert {bar.start.astimezone(HANOI).strftime("%A %H:%M") for bar in weeks} == {"Monday 00:00"}


@given(TIMES, TIMES)
def test_bars_cover_the_time_asked_for_and_are_not_too_many(one, other):
    first, last = sorted((one, other))
    last += timedelta(seconds=1)
    asked = histogram(first, last, HANOI)
    drawn = bars(asked, [], first, last)
    assert 0 < len(drawn) <= MOST_BARS
    assert drawn[0].start <= first and drawn[-1].end >= last
    assert all(a.end == b.start for a, b in itertools.pairwise(drawn))


def test_the_tallest_bar_is_full_and_one_event_is_seen():
    asked = histogram(FIRST, FIRST + timedelta(minutes=1), HANOI)
    at = microseconds(FIRST)
    rows = [Bucket(at, 1000), Bucket(at + 1_000_000, 1), Bucket(at + 3_000_000, 500)]
    drawn = bars(asked, rows, FIRST, FIRST + timedelta(minutes=1))
    assert [bar.height for bar in drawn[:4]] == [HEIGHT, 2, 0, HEIGHT // 2]
    assert drawn[0].start == from_microseconds(at) and drawn[0].top == 0
