from datetime import timedelta

import pytest

from console.throttle import FAILURES_OF_A_NAME, FAILURES_OF_A_PEER, WINDOW, LogInThrottle, Throttle, network
from tests.unit.api.world import NOW

KEY = ("10.0.0.9", "lan")
OFFICE = "10.0.0.9"


def test_failures_make_the_next_try_wait_until_the_window_has_passed():
    throttle = Throttle(10, 100)
    for number in range(10):
        assert not throttle.wait(KEY, NOW)
        throttle.failed(KEY, NOW + timedelta(seconds=number))
    assert throttle.wait(KEY, NOW + timedelta(minutes=5)) == WINDOW - timedelta(minutes=5)
    assert not throttle.wait(KEY, NOW + WINDOW)


def test_another_key_does_not_wait():
    throttle = Throttle(10, 100)
    for _ in range(10):
        throttle.failed(KEY, NOW)
    assert throttle.wait(KEY, NOW)
    assert not throttle.wait(("10.0.0.8", "lan"), NOW)


def test_success_forgets():
    throttle = Throttle(10, 100)
    for _ in range(10):
        throttle.failed(KEY, NOW)
    throttle.succeeded(KEY)
    assert not throttle.wait(KEY, NOW)


def test_memory_is_bounded():
    throttle = Throttle(10, 100)
    for number in range(150):
        for _ in range(30):
            throttle.failed((str(number),), NOW)
    assert len(throttle._failures) == 100
    assert max(map(len, throttle._failures.values())) <= 11


def spray(throttle, peer=OFFICE, tries=FAILURES_OF_A_PEER):
    """One password on many names."""
    for number in range(tries):
        assert not throttle.wait(peer, f"name{number}", None, NOW)
        throttle.failed(peer, f"name{number}", None, NOW)


def test_whoever_tries_many_names_from_one_address_waits_with_every_name():
    throttle = LogInThrottle()
    spray(throttle)
    assert throttle.wait(OFFICE, "never tried", None, NOW) == WINDOW
    assert not throttle.wait("10.0.0.8", "never tried", None, NOW)
    assert not throttle.wait(OFFICE, "never tried", None, NOW + WINDOW)


def test_a_guesser_with_an_account_does_not_reset_the_address_by_logging_in():
    throttle = LogInThrottle()
    spray(throttle, tries=FAILURES_OF_A_PEER - 1)
    throttle.succeeded(OFFICE, "own", None)
    throttle.failed(OFFICE, "one more", None, NOW)
    assert throttle.wait(OFFICE, "lan", None, NOW)


def test_a_browser_that_has_logged_in_before_is_held_up_by_nobody_behind_the_same_address():
    throttle = LogInThrottle()
    spray(throttle)
    for _ in range(FAILURES_OF_A_NAME):
        throttle.failed(OFFICE, "lan", None, NOW)
    assert throttle.wait(OFFICE, "lan", None, NOW)
    assert not throttle.wait(OFFICE, "lan", "mark", NOW)
    for _ in range(FAILURES_OF_A_NAME):
        throttle.failed(OFFICE, "lan", "mark", NOW)
    assert throttle.wait(OFFICE, "lan", "mark", NOW)
    assert not throttle.wait(OFFICE, "lan", "another", NOW)


def test_people_who_mistype_in_their_own_browsers_do_not_use_up_the_address():
    throttle = LogInThrottle()
    for number in range(2 * FAILURES_OF_A_PEER):
        throttle.failed(OFFICE, f"name{number}", f"mark{number}", NOW)
    assert not throttle.wait(OFFICE, "new", None, NOW)


@pytest.mark.parametrize(
    ("peer", "of"),
    [
        ("10.0.0.9", "10.0.0.9"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.9", "10.0.0.9"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix socket", "unix socket"),
    ],
)
def test_what_one_caller_has_for_itself(peer, of):
    assert network(peer) == of
