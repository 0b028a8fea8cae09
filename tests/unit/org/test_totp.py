"""Codes of authenticator apps, against the vectors of RFC 6238 and a second implementation written out plainly."""

import base64
import hashlib
import hmac
import struct
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from org import totp

SECRET = b"12345678901234567890"
NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "eight"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_vectors_of_rfc_6238(seconds, eight):
    """Appendix B, SHA-1, eight digits there: the last six are ours."""
    now = datetime.fromtimestamp(seconds, UTC)
    assert totp.code(SECRET, totp.step_of(now)) == eight[-6:]


@given(st.binary(min_size=20, max_size=20), st.integers(0, 2**40))
def test_as_a_plain_reading_of_rfc_4226_computes_it(secret, step):
    mac = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = mac[19] % 16
    number = struct.unpack(">I", mac[offset : offset + 4])[0] % 2**31
    assert totp.code(secret, step) == str(number % 1_000_000).rjust(6, "0")


def test_a_clock_may_be_half_a_minute_off_and_no_more():
    present = totp.step_of(NOW)
    for off in range(-3, 4):
        found = totp.matching_step(SECRET, totp.code(SECRET, present + off), NOW, after=0)
        assert found == (present + off if abs(off) <= 1 else None)


def test_a_code_is_good_once_and_so_are_those_before_it():
    present = totp.step_of(NOW)
    said = totp.code(SECRET, present)
    assert totp.matching_step(SECRET, said, NOW, after=present) is None
    assert totp.matching_step(SECRET, totp.code(SECRET, present - 1), NOW, after=present) is None
    assert totp.matching_step(SECRET, totp.code(SECRET, present + 1), NOW, after=present) == present + 1
    later = NOW + timedelta(seconds=30)
    assert totp.matching_step(SECRET, said, later, after=present) is None


@pytest.mark.parametrize("said", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12 34", "-12345", "1e5000"])
def test_what_is_no_code_matches_nothing(said):
    assert totp.matching_step(SECRET, said, NOW, after=0) is None


def test_spaces_do_not_count():
    digits = totp.code(SECRET, totp.step_of(NOW))
    assert totp.matching_step(SECRET, f" {digits[:3]} {digits[3:]}\n", NOW, after=0) is not None


@given(st.binary(min_size=20, max_size=20), st.text(min_size=1, max_size=40))
def test_the_picture_says_secret_issuer_and_name(secret, name):
    try:
        name.encode()
    except UnicodeEncodeError:
        return
    parts = urlsplit(totp.uri(secret, "Canh", name))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == f"/Canh:{name}"
    asked = parse_qs(parts.query)
    assert base64.b32decode(asked["secret"][0]) == secret and asked["issuer"] == ["Canh"]
    assert totp.spoken(secret).replace(" ", "") == asked["secret"][0]
