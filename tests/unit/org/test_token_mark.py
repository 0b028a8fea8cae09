"""A made-up token is told from a real one without the database; a real one never is taken for made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from org.actor import OPERATOR
from org.secret import digest
from org.token import authenticate_token, create_token, known_tokens, revoke_token
from org.token_mark import MARK_LETTERS, PREFIX, KnownTokens, mark_key
from tests.unit.org.conftest import NOW

KNOWN = KnownTokens(b"k" * 32, frozenset())


def test_every_token_that_is_made_may_be_one_in_every_process(write, read):
    known = write(known_tokens)
    for number in range(50):
        secret = write(create_token, OPERATOR, "reader", f"t{number}", NOW)
        assert known.may_be(secret) and write(known_tokens).may_be(secret)
    assert write(revoke_token, OPERATOR, 1, NOW) is None
    assert known.may_be(secret)


def test_the_key_is_made_once(write):
    assert write(mark_key) == write(mark_key)


def test_a_token_from_before_there_were_marks_goes_on(write, read):
    from org.token import Token

    old = f"{PREFIX}{'o' * 43}"
    made = write(create_token, OPERATOR, "reader", "old", NOW)
    write(lambda session: setattr(session.get(Token, 1), "digest", digest(old)))
    known = write(known_tokens)
    assert known.may_be(old) and read(authenticate_token, old, NOW) is not None
    assert not known.may_be(f"{PREFIX}{'p' * 43}")
    assert read(authenticate_token, made, NOW) is None


@given(st.text(max_size=200))
def test_whatever_is_made_up_is_none(text):
    assert not KNOWN.may_be(text) and not KNOWN.may_be(PREFIX + text)


@pytest.mark.parametrize("place", range(-MARK_LETTERS - 3, 0))
def test_one_letter_that_is_wrong_is_enough(write, place):
    secret = write(create_token, OPERATOR, "reader", "t", NOW)
    letter = "A" if secret[place] != "A" else "B"
    bent = secret[: len(secret) + place] + letter + secret[len(secret) + place + 1 :]
    assert not write(known_tokens).may_be(bent)
