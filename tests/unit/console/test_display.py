from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.display import Display, original, visible
from core.language import Text
from tests.unit.api.world import NOW, ZONE

VI, EN = Display("vi", ZONE, NOW), Display("en", ZONE, NOW)


def test_times_are_local_with_utc_beside_them():
    time = datetime(2026, 11, 24, 2, 12, 1, 250_000, tzinfo=UTC)
    assert VI.moment(time) == "24/11/2026 09:12:01"
    assert EN.moment(time) == "2026-11-24 09:12:01"
    assert VI.utc(time) == "2026-11-24 02:12:01.250 UTC"
    assert VI.machine(time) == "2026-11-24T02:12:01.250000Z"


@pytest.mark.parametrize(
    ("time", "vi", "en"),
    [
        (datetime(2026, 11, 23, 17, 0, tzinfo=UTC), "00:00:00", "00:00:00"),
        (datetime(2026, 11, 23, 16, 59, tzinfo=UTC), "23/11 23:59", "11-23 23:59"),
        (datetime(2025, 12, 31, 16, 59, tzinfo=UTC), "31/12/2025", "2025-12-31"),
    ],
)
def test_a_short_time_says_the_day_only_where_it_is_another(time, vi, en):
    assert (VI.short(time), EN.short(time)) == (vi, en)


def test_numbers_and_plurals():
    assert (VI.number(1234567), EN.number(1234567)) == ("1.234.567", "1,234,567")
    one, many = Text("{count} cảnh báo", "{count} alert"), Text("{count} cảnh báo", "{count} alerts")
    assert EN.counted(1, one, many) == "1 alert"
    assert EN.counted(1200, one, many) == "1,200 alerts"
    assert VI.counted(1200, one, many) == "1.200 cảnh báo"


def test_what_hides_or_reorders_is_written_out():
    assert visible("a\u202eb\x1b[31m\u200b\r\ufeff") == "a\\u202eb\\x1b[31m\\u200b\\x0d\\ufeff"
    assert visible("Đăng nhập\tthử\nlại") == "Đăng nhập\tthử\nlại"
    assert visible("\U000e0041") == "\\U000e0041"
    assert original(b"\xff\x00 \xc4\x91") == "\\xff\\x00 đ"


@given(st.binary())
def test_any_bytes_can_be_looked_at(raw):
    shown = original(raw)
    assert all(letter in "\n\t" or ord(letter) >= 0x20 for letter in shown)
    assert not any(letter in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200f" for letter in shown)
