"""The sentence: both languages, filled from the alert, never from nothing."""

import pytest

from core.language import Text
from detection.reason import duration, sentence
from tests.unit.detection.rules import event_of

TITLE = Text("Dò mật khẩu", "Guessing")


@pytest.mark.parametrize(
    ("seconds", "vi", "en"),
    [
        (0, "1 giây", "1 second"),
        (0.2, "1 giây", "1 second"),
        (59.5, "1 phút", "1 minute"),
        (238, "3 phút 58 giây", "3 minutes 58 seconds"),
        (3600, "1 giờ", "1 hour"),
        (7325, "2 giờ 2 phút", "2 hours 2 minutes"),
        (86400 + 7325, "1 ngày 2 giờ", "1 day 2 hours"),
    ],
)
def test_duration(seconds, vi, en):
    assert duration(seconds) == Text(vi, en)


def test_places_are_filled_from_entities_then_from_the_first_and_last_event():
    template = Text("{count}/{events} {a} {b} {c} {d} {timespan}", "{count}/{events} {a} {b} {c} {d} {timespan}")
    events = [event_of({"a": "no", "b": [1, 2]}), event_of({"c": "middle"}), event_of({"b": 9, "c": True})]
    told = sentence(template, TITLE, {"a": "x"}, 7, "3", 60, events)
    assert told == Text("3/7 x 1, 2 true (không rõ) 1 phút", "3/7 x 1, 2 true (unknown) 1 minute")


def test_what_an_attacker_writes_fills_no_further_place():
    told = sentence(Text("{a}", "{a}"), TITLE, {"a": "{count} {b}"}, 7, "7", 60, [event_of({"b": "secret"})])
    assert told.en == "{count} {b}"
    general = sentence(None, Text("{count}", "{of}"), {"a": "{title}"}, 1, "1", 0, [])
    assert general == Text(
        "Quy tắc “{count}” khớp một sự kiện của a {title}.", "Rule “{of}” held on one event of a {title}."
    )
