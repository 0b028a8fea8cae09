"""Which passwords are good enough, and how they are kept."""

import argon2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from org import password
from org.password import MIN_LETTERS, TOO_OBVIOUS, TOO_SHORT, hashed, is_outdated, is_right, refusal


@pytest.mark.parametrize(
    "said",
    [
        "một câu đủ dài để nhớ",
        "trời mưa bong bóng phập phồng",
        "correct horse battery staple",
        "kX9#vQ2$mN7!pL4z",
        "ba con trâu trắng 7",
        "§~%;&?¤!=+*#<'^",
        "Tôi thích ăn phở lúc sáng sớm",
    ],
)
def test_good_enough(said):
    assert refusal(said, ("lan",)) is None


@pytest.mark.parametrize("said", ["", "ngắn quá", "x" * (MIN_LETTERS - 1), "kX9#vQ2$mN7!p"])
def test_too_short(said):
    assert refusal(said, ("lan",)) == TOO_SHORT.format(letters=MIN_LETTERS)


@pytest.mark.parametrize(
    "said",
    [
        "a" * 40,
        "abababababababababab",
        "12345678901234",
        "98765432109876543210",
        "qwertyuiopasdfgh",
        "Password1234567890",
        "Mật khẩu 123456789",
        "matkhaumatkhau123",
        "quantri@canh2345",
        "Administrator!!!!!!",
        "nguyenthilan nguyenthilan",
        "Nguyễn Thị Lan 2026",
        "abcdefghijklmnop",
    ],
)
def test_easy_to_guess(said):
    assert refusal(said, ("nguyenthilan",)) == TOO_OBVIOUS


@given(st.text(max_size=300), st.text(max_size=40))
def test_any_text_gets_an_answer(said, name):
    wrong = refusal(said, (name,))
    assert wrong in (None, TOO_OBVIOUS, TOO_SHORT.format(letters=MIN_LETTERS))
    if wrong is None:
        assert len(password.normal(said)) >= MIN_LETTERS


def test_a_hash_is_salted_and_argon2id_with_our_parameters():
    kept = hashed("một câu đủ dài để nhớ")
    assert kept.startswith("$argon2id$v=19$")
    parameters = argon2.extract_parameters(kept)
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (
        password.MEMORY_KIBIBYTES,
        password.PASSES,
        password.LANES,
    )
    assert parameters.memory_cost >= 19 * 1024  # OWASP, Password Storage Cheat Sheet: the least for two passes
    assert kept != hashed("một câu đủ dài để nhớ")
    assert not is_outdated(kept)


def test_the_same_letters_from_another_keyboard_are_the_same_password():
    composed, decomposed = (
        "một câu đủ dài để nhớ",
        "mo\u0323\u0302t ca\u0302u đu\u0309 da\u0300i đe\u0302\u0309 nho\u031b\u0301",
    )
    assert composed != decomposed
    kept = hashed(composed)
    assert is_right(kept, decomposed)
    assert not is_right(kept, "một câu đủ dài để quên")


def test_an_unknown_name_costs_the_same_hash():
    """The time is the parameters: what nobody has was hashed under those of today."""
    assert not is_outdated(password.NOBODYS_HASH)
    assert argon2.extract_parameters(password.NOBODYS_HASH) == argon2.extract_parameters(hashed("x"))
    assert not is_right(None, "x")


def test_a_hash_of_other_parameters_is_outdated_and_still_right():
    old = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("x")
    assert is_outdated(old)
    assert is_right(old, "x")
