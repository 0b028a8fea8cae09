import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.narrowing import only, quote, search_link, without
from core.query.syntax import Phrase, Term
from tests.queries import parse


@pytest.mark.parametrize(
    ("query", "narrowed"),
    [
        ("", 'user.name:"root"'),
        ("*", 'user.name:"root"'),
        ("sshd", 'sshd and user.name:"root"'),
        ("a or b", '(a or b) and user.name:"root"'),
        ("a or(b)", '(a or(b)) and user.name:"root"'),
        ("a\tor\tb", '(a\tor\tb) and user.name:"root"'),
        ('"this or that"', '"this or that" and user.name:"root"'),
        ('user.name:"root"', 'user.name:"root"'),
    ],
)
def test_a_query_is_narrowed_to_a_value(query, narrowed):
    assert only(query, "user.name", "root") == narrowed
    parse(narrowed)


def test_a_query_is_narrowed_to_others():
    assert without("sshd", "user.name", "root") == 'sshd and not user.name:"root"'
    parse(without("", "user.name", "root"))


@given(st.text(min_size=1).filter(lambda text: text.strip() and "\x00" not in text))
def test_any_value_survives_quoting(value):
    parsed = parse(only("", "user.name", value))
    assert isinstance(parsed, (Term, Phrase))
    assert (parsed.field, parsed.value) == ("user.name", value)


@given(st.text(min_size=1).filter(lambda text: text.strip() and "\x00" not in text))
def test_any_field_name_survives_too(name):
    parsed = parse(only("", name, "x"))
    assert isinstance(parsed, (Term, Phrase))
    assert parsed.field == name


def test_a_link_to_the_search_page_is_encoded():
    assert (
        search_link(only("", "user.name", 'a"&b'), range="all")
        == "/events?query=user.name%3A%22a%5C%22%26b%22&range=all"
    )
    assert quote("\\") == '"\\\\"'
