"""The sentence: both languages, filled from the alert, never from nothing."""

from dataclasses import replace

import pytest

from core.language import Text
from detection.reason import Tally, duration, sentence
from tests.unit.detection.rules import event_of

TITLE = Text("Dò mật khẩu", "Guessing")
TALLY = Tally(events=7, reached="3", span_s=60, threshold=2, window_s=300, different=("user.name",))
ONE = Tally(events=1, reached="1", span_s=0, threshold=1, window_s=3600)


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
    places = "{count}/{events} {a} {b} {c} {d} {timespan} {threshold} {window}"
    template = Text(places, places)
    events = [event_of({"a": "no", "b": [1, 2]}), event_of({"c": "middle"}), event_of({"b": 9, "c": True})]
    told = sentence(template, TITLE, {"a": "x"}, TALLY, events)
    assert told == Text("3/7 x 1, 2 true (không rõ) 1 phút 2 5 phút", "3/7 x 1, 2 true (unknown) 1 minute 2 5 minutes")


@pytest.mark.parametrize(
    ("tally", "vi", "en"),
    [
        (
            {"different": ()},
            "Quy tắc “Dò mật khẩu” khớp 3 sự kiện của a x trong 1 phút; ngưỡng là 2 trong 5 phút.",
            "Rule “Guessing” held on 3 events of a x within 1 minute; the threshold is 2 within 5 minutes.",
        ),
        (
            {},
            "Quy tắc “Dò mật khẩu” thấy 3 giá trị khác nhau của user.name của a x trong 1 phút; "
            "ngưỡng là 2 trong 5 phút.",
            "Rule “Guessing” saw 3 different values of user.name of a x within 1 minute; "
            "the threshold is 2 within 5 minutes.",
        ),
        (
            {"different": (), "threshold": 1},
            "Quy tắc “Dò mật khẩu” khớp 3 sự kiện của a x trong 1 phút.",
            "Rule “Guessing” held on 3 events of a x within 1 minute.",
        ),
    ],
)
def test_a_count_without_a_sentence_of_its_own_tells_threshold_and_window(tally, vi, en):
    assert sentence(None, TITLE, {"a": "x"}, replace(TALLY, **tally), []) == Text(vi, en)


def test_what_an_attacker_writes_fills_no_further_place():
    told = sentence(Text("{a}", "{a}"), TITLE, {"a": "{count} {b}"}, TALLY, [event_of({"b": "secret"})])
    assert told.en == "{count} {b}"
    general = sentence(None, Text("{count}", "{of}"), {"a": "{title}"}, ONE, [])
    assert general == Text(
        "Quy tắc “{count}” khớp một sự kiện của a {title}.", "Rule “{of}” held on one event of a {title}."
    )
