"""Leaked passwords are refused offline: the built-in ones, and those of a file of hashes found by binary search."""

import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from org.breached_passwords import BUILT_IN, BreachedPasswords, holds_hash
from org.password import KNOWN, UNREADABLE, refusal


def sha1(text):
    return hashlib.sha1(text.encode()).hexdigest().upper()


@pytest.mark.parametrize(
    "said", ["Password123!", "sunshine1", "trustno1!", "iloveyou123", "P@ssw0rd2026", "Abc@12345", "dragon.2024"]
)
def test_what_guessers_try_first_is_refused_with_a_second_factor_too(said):
    assert refusal(said, ("lan",), with_second_factor=True) is not None


@pytest.mark.parametrize(
    "said",
    [
        "bờ kè 20",
        "một câu đủ dài để nhớ",
        "sáng nay trời mưa ở Mỹ Xuyên",
        "k7#vQ2!x",
        "x" * 5 + "ỷ" * 900 + "lần này rất dài",
    ],
)
def test_what_they_do_not_is_taken(said):
    assert refusal(said, ("lan",), with_second_factor=True) is None
    assert not BUILT_IN.hold(said, ("lan",))


@given(st.lists(st.text("abcdef", min_size=1, max_size=8), max_size=60), st.text("abcdef", min_size=1, max_size=8))
def test_the_file_holds_what_its_lines_hold(tmp_path_factory, words, other):
    rng = random.Random(len(words))
    lines = sorted({f"{sha1(word)}:{rng.choice((1, 52579, 10**7))}\r\n" for word in words})
    file = tmp_path_factory.mktemp("pwned") / "hashes.txt"
    file.write_bytes("".join(lines).encode())
    held = {line[:40] for line in lines}
    for word in (*words, other, "", "z"):
        assert holds_hash(file, sha1(word)) is (sha1(word) in held)


@pytest.mark.parametrize("content", [b"", b"\n", b"\n\n\n", b"no hash at all", b"\x00" * 1000, b"A" * 5000])
def test_a_file_that_is_none_holds_nothing(tmp_path, content):
    file = tmp_path / "hashes.txt"
    file.write_bytes(content)
    assert holds_hash(file, sha1("x")) is False


def test_a_long_sentence_that_was_leaked_is_refused_by_the_file_alone(tmp_path):
    said = "sáng nay trời mưa ở Mỹ Xuyên"
    file = tmp_path / "hashes.txt"
    file.write_text("\n".join(sorted(f"{sha1(each)}:3" for each in (said, "a", "b", "c"))))
    assert refusal(said, ("lan",), breached=BreachedPasswords(file)) == KNOWN
    assert refusal(said + "!", ("lan",), breached=BreachedPasswords(file)) is None


def test_a_file_that_cannot_be_read_is_said_and_nothing_is_taken(tmp_path):
    wrong = refusal("sáng nay trời mưa ở Mỹ Xuyên", ("lan",), breached=BreachedPasswords(tmp_path / "nope"))
    assert wrong is not None and wrong.en.startswith(UNREADABLE.en.partition("{")[0])
