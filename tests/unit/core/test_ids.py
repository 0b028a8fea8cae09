from hypothesis import given
from hypothesis import strategies as st

from core.ids import digest, event_id, event_position, new_incarnation, new_secret


def test_an_event_id_is_its_position_written_shortly():
    assert event_id("intake.5f0c9a11d2e3", 31) == "5f0c9a11d2e3-1f"
    assert event_position("5f0c9a11d2e3-1f") == ("5f0c9a11d2e3", 31)


@given(st.text(st.characters(exclude_characters="."), min_size=1), st.integers(1, 2**63))
def test_an_event_id_is_read_back(incarnation, sequence):
    assert event_position(event_id(f"intake.{incarnation}", sequence)) == (incarnation, sequence)


def test_what_is_no_event_id_is_none():
    assert [event_position(text) for text in ("", "x", "-1", "a-", "a-xyz", "1f")] == [None] * 6


@given(st.lists(st.text()), st.lists(st.text()))
def test_digests_are_equal_for_equal_parts_only(one, other):
    assert (digest(*one) == digest(*other)) == (one == other)
    assert len(digest(*one)) == 32


def test_a_digest_is_the_same_for_ever():
    assert digest("rule", "10.0.0.1") == "610d6290069fc950810377885c88ab36"
    assert digest("\ud800") != digest("?")


def test_chance_differs():
    assert new_incarnation() != new_incarnation() and len(new_incarnation()) == 12
    assert new_secret() != new_secret() and len(new_secret()) == 43
