from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from core.query.syntax import And, Everything, Not, Or, Range, Term
from core.query.window import split_window

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = datetime(2026, 11, 24, tzinfo=UTC)
A = Term("user.name", "a")


def on(low, high, **included):
    return Range("@timestamp", low, high, **included)


def test_ranges_of_time_are_taken_out():
    query = And((A, on("2026-11-24T00:00:00Z", None), on(None, "2026-11-25T00:00:00Z", high_included=False)))
    assert split_window(query, UTC) == (A, DAY, DAY + timedelta(days=1))
    assert split_window(on("2026-11-24", None), HANOI) == (Everything(), DAY - timedelta(hours=7), None)
    assert split_window(on(None, "2026-11-24", high_included=True), UTC)[2] == DAY + timedelta(days=1)


def test_the_narrowest_window_counts_wherever_it_stands():
    inner = And((on("2026-11-24T03:00:00Z", "2026-11-24T04:00:00Z", high_included=False), A))
    rest, start, end = split_window(And((inner, on("2026-11-24T01:00:00Z", None))), UTC)
    assert (rest, start, end) == (A, DAY + timedelta(hours=3), DAY + timedelta(hours=4))


def test_what_only_a_part_is_bound_to_stays():
    for query in (A, Or((A, on("2026-11-24", None))), Not(on("2026-11-24", None)), Range("event.start", "2026", None)):
        assert split_window(query, UTC) == (query, None, None)
