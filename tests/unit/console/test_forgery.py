import pytest

from console.forgery import comes_from_us, is_token_of, token_of

HOST = {"host": "canh.example.vn:8480"}


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://canh.example.vn:8480"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"origin": "http://canh.example.vn:8480"}, True),
        ({"origin": "https://CANH.example.vn:8480"}, True),
        ({"origin": "http://canh.example.vn"}, False),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "null"}, False),
        ({}, False),
    ],
)
def test_where_a_form_came_from(headers, ours):
    assert comes_from_us({**HOST, **headers}) is ours


def test_no_host_is_nobody():
    assert not comes_from_us({"origin": "null"})
    assert not comes_from_us({"origin": "http://"})


def test_a_token_belongs_to_one_session():
    assert is_token_of("session-a", token_of("session-a"))
    assert not is_token_of("session-a", token_of("session-b"))
    assert not is_token_of("session-a", "")
    assert not is_token_of("session-a", "đ")
    assert "session" not in token_of("session-a")
