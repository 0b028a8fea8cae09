"""A mark proves that this name logged in with it before, and nothing else."""

import pytest

from org import password
from org.account import Account
from org.browser import browser_mark, is_known_browser


@pytest.fixture
def mark(write, person):
    return write(browser_mark, person)


def test_a_mark_is_known_for_its_own_name_alone(read, write, person, mark):
    assert read(is_known_browser, "lan", mark)
    assert read(is_known_browser, " LAN ", mark)
    assert not read(is_known_browser, "minh", mark)
    assert read(browser_mark, person) != mark


@pytest.mark.parametrize("spoilt", ["", ".", "x", "x.y", "đ.đ"])
def test_a_made_up_mark_is_not(read, person, mark, spoilt):
    nonce, _, proof = mark.partition(".")
    for other in (spoilt, f"{spoilt}.{proof}", f"{nonce}.{spoilt}", f"{nonce}{proof}"):
        assert not read(is_known_browser, "lan", other)


def test_nobody_can_make_a_mark_for_a_name_that_nobody_has(read, person):
    import hmac

    for kept in ("", password.NOBODYS_HASH):
        proof = hmac.digest(kept.encode(), b"canh browser x", "sha256").hex()
        assert not read(is_known_browser, "who", f"x.{proof}")


def test_a_mark_ends_with_the_password(read, write, person, mark):
    def change(session):
        session.get_one(Account, person.number).password_hash = password.hashed("một câu khác hẳn, cũng dài")

    write(change)
    assert not read(is_known_browser, "lan", mark)
