from datetime import date, timedelta

from store.events.forecast import StoredDay, forecast

TODAY = date(2026, 11, 25)
GB = 10**9


def days(*sizes):
    """The days before today, and today itself last."""
    return [StoredDay(TODAY - timedelta(days=len(sizes) - 1 - number), size) for number, size in enumerate(sizes)]


def test_the_days_until_each_mark():
    found = forecast(days(GB, GB, GB, 5), TODAY, 100 * GB, 40 * GB)
    assert found.a_day == GB and found.events_bytes == 3 * GB + 5
    assert found.until == {85: 25, 95: 35, 100: 40}


def test_one_day_of_replays_changes_nothing_and_old_days_do_not_count():
    sizes = (90 * GB, *([GB] * 3), 50 * GB, *([GB] * 3), 0)
    assert forecast(days(*sizes), TODAY, 1000 * GB, 500 * GB).a_day == GB


def test_what_is_passed_and_what_never_comes():
    assert forecast(days(GB, 5), TODAY, 100 * GB, 4 * GB).until == {85: 0, 95: 0, 100: 4}
    assert forecast(days(0, 5), TODAY, 100 * GB, 40 * GB).until == {85: None, 95: None, 100: None}
    nothing = forecast([], TODAY, 100 * GB, 40 * GB)
    assert nothing.a_day is None and nothing.until == {85: None, 95: None, 100: None}
    assert forecast(days(5), TODAY, 100 * GB, 40 * GB).a_day is None, "today is not over"
