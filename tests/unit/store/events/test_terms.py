import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.events.terms import (
    MAX_TERM_LETTERS,
    canonical,
    escape,
    fold,
    is_plain,
    pattern,
    prefix_term,
    term,
    write_address,
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đăng Nhập", "dang nhap"),
        (unicodedata.normalize("NFD", "Đăng Nhập"), "dang nhap"),
        ("ƯỚC MƠ", "uoc mo"),
        ("Straße", "strasse"),
        ("ÉÈê", "eee"),
        ("ＦＵＬＬ", "full"),
        ("İ", "i"),
        ("Root-01", "root-01"),
        ("日本", "日本"),
        ("", ""),
    ],
)
def test_case_and_accents_do_not_count(text, folded):
    assert fold(text) == folded


@given(st.text())
def test_folding_knows_no_unicode_form(text):
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


@given(st.text(), st.text())
def test_escaping_is_reversible_and_leaves_no_separator(one, other):
    assert (escape(one) == escape(other)) == (one == other)
    assert not set(escape(one)) & set(" \t\n\r\x0b\x0c=\x00")


@given(st.text(max_size=5), st.text(max_size=5), st.text(max_size=5), st.text(max_size=5))
def test_no_name_and_value_look_like_another(name, value, other_name, other_value):
    same = (name, fold(value)) == (other_name, fold(other_value))
    assert (term(name, value) == term(other_name, other_value)) == same


@given(st.text(st.characters(max_codepoint=127)), st.text(st.characters(max_codepoint=127)))
def test_what_is_plain_needs_lower_case_and_spaces_only(name, value):
    if is_plain(name) and "=" not in name and " " not in name and is_plain(value) and len(value) <= MAX_TERM_LETTERS:
        assert term(name, value) == f"{name}={value.lower()}".replace(" ", "\x1e")


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_term_begins_with_the_prefix_of_its_beginning(start, rest):
    assert term("x", fold(start) + rest).startswith(prefix_term("x", fold(start)))


def test_a_long_value_is_cut_and_stays_distinct():
    one, other = "y" * 70_000, "y" * 69_999 + "z"
    assert len(term("x", one)) < 1100
    assert term("x", one) != term("x", other)
    assert term("x", one.upper()) == term("x", one)


@pytest.mark.parametrize(
    ("kind", "same"),
    [
        ("long", [7, "7", "007", "+7", 7.0]),
        ("double", [7, 7.0, "7", "7.0", "7e0"]),
        ("double", [0.0, -0.0, "0"]),
        ("ip", ["2001:db8::1", "2001:DB8:0::0001"]),
        ("ip", ["10.0.0.1", "::ffff:10.0.0.1", "::ffff:a00:1"]),
        ("boolean", [True, "True"]),
        ("keyword", ["07"]),
        (None, [7, "7"]),
    ],
)
def test_ways_of_writing_a_value_are_one(kind, same):
    assert len({canonical(kind, value) for value in same}) == 1


@pytest.mark.parametrize(("kind", "text"), [("long", "many"), ("double", "x"), ("ip", "010.0.0.1"), ("keyword", "7.0")])
def test_what_does_not_fit_a_type_is_itself(kind, text):
    assert canonical(kind, text) == text


@given(st.ip_addresses(v=4))
def test_an_address_is_written_as_usual(address):
    assert write_address(int(address) | 0xFFFF << 32) == str(address)


def test_a_pattern_is_literal_and_bounded():
    assert pattern("a.b") == "a\\x{2e}b"
    assert pattern("a", prefix=True) == "a.*"
    assert pattern("é" * 2000).endswith("\\x{e9}.*")
