from datetime import timedelta

from console.throttle import FAILURES, MAX_KEYS, WINDOW, Throttle
from tests.unit.api.world import NOW

KEY = ("10.0.0.9", "lan")


def test_failures_make_the_next_try_wait_until_the_window_has_passed():
    throttle = Throttle()
    for number in range(FAILURES):
        assert not throttle.wait(KEY, NOW)
        throttle.failed(KEY, NOW + timedelta(seconds=number))
    assert throttle.wait(KEY, NOW + timedelta(minutes=5)) == WINDOW - timedelta(minutes=5)
    assert not throttle.wait(KEY, NOW + WINDOW)


def test_another_key_does_not_wait():
    throttle = Throttle()
    for _ in range(FAILURES):
        throttle.failed(KEY, NOW)
    assert throttle.wait(KEY, NOW)
    assert not throttle.wait(("10.0.0.8", "lan"), NOW)


def test_success_forgets():
    throttle = Throttle()
    for _ in range(FAILURES):
        throttle.failed(KEY, NOW)
    throttle.succeeded(KEY)
    assert not throttle.wait(KEY, NOW)


def test_memory_is_bounded():
    throttle = Throttle()
    for number in range(MAX_KEYS + 50):
        throttle.failed((str(number),), NOW)
    assert len(throttle._failures) == MAX_KEYS
