"""ID tokens: the right one is believed, and each that is wrong in one thing is not."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from org.identity_token import ALGORITHMS, NOT_BELIEVED, Expected, Identity, UnknownKey, read_keys, read_token
from org.refused import Refused
from tests.unit.org.conftest import NOW

ISSUER, CLIENT, NONCE = "https://sso.tinh.gov.vn", "canh", "n" * 64
MAX_AGE = timedelta(minutes=30)
EXPECTED = Expected(ISSUER, CLIENT, NONCE, MAX_AGE)
RSA = RSAKey.generate_key(2048, parameters={"kid": "rsa"})
EC = ECKey.generate_key("P-256", parameters={"kid": "ec"})
OTHER = RSAKey.generate_key(2048, parameters={"kid": "rsa"})
KEYS = read_keys({"keys": [RSA.as_dict(private=False), EC.as_dict(private=False)]})
AT = int(NOW.timestamp())
CLAIMS = {
    "iss": ISSUER,
    "aud": CLIENT,
    "sub": "8f14e45f",
    "nonce": NONCE,
    "iat": AT,
    "exp": AT + 300,
    "auth_time": AT - 5,
}


def token(key=RSA, alg="RS256", header=None, without=(), **claims):
    said = {name: value for name, value in {**CLAIMS, **claims}.items() if name not in without}
    return jwt.encode({"alg": alg, "kid": key.kid, **(header or {})}, said, key, algorithms=[alg])


def part(document):
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


def why(text, keys=KEYS):
    try:
        refused = read_token(text, keys, EXPECTED, NOW)
    except UnknownKey:
        return "signature"
    assert isinstance(refused, Refused), refused
    (word,) = [each for each in WORDS if NOT_BELIEVED.format(why=each) == refused.reason]
    return word


WORDS = ("format", "alg", "signature", "iss", "aud", "azp", "nonce", "exp", "iat", "auth_time", "sub")


@pytest.mark.parametrize(("key", "alg"), [(RSA, "RS256"), (RSA, "PS256"), (EC, "ES256")])
def test_the_right_token_is_believed_whatever_it_is_signed_with(key, alg):
    said = {"acr": "2", "amr": ["pwd", "otp", 7]}
    believed = read_token(token(key, alg, **said), KEYS, EXPECTED, NOW)
    assert believed == Identity(ISSUER, "8f14e45f", frozenset({"2", "pwd", "otp"}))
    assert set(ALGORITHMS) == {"RS256", "PS256", "ES256"}


@pytest.mark.parametrize(
    ("claims", "without"),
    [
        ({"aud": [CLIENT]}, ()),
        ({"aud": [CLIENT, "other"], "azp": CLIENT}, ()),
        ({"azp": CLIENT}, ()),
        ({"iat": AT + 59}, ()),
        ({"iat": AT - 599}, ()),
        ({"exp": AT - 59}, ()),
        ({"exp": AT + 0.5}, ()),
        ({"sub": "x" * 255}, ()),
        ({"acr": ["2"], "amr": "otp"}, ()),
        ({"auth_time": AT - 1859}, ()),
        ({"auth_time": AT + 59}, ()),
        ({}, ("auth_time",)),
    ],
)
def test_what_else_is_right(claims, without):
    assert isinstance(read_token(token(without=without, **claims), KEYS, EXPECTED, NOW), Identity)


@pytest.mark.parametrize(
    ("word", "claims", "without"),
    [
        ("iss", {"iss": ISSUER + "/"}, ()),
        ("iss", {}, ("iss",)),
        ("iss", {"iss": [ISSUER]}, ()),
        ("aud", {"aud": "other"}, ()),
        ("aud", {"aud": []}, ()),
        ("aud", {}, ("aud",)),
        ("azp", {"aud": [CLIENT, "other"]}, ()),
        ("azp", {"azp": "other"}, ()),
        ("azp", {"aud": [CLIENT, "other"], "azp": "other"}, ()),
        ("nonce", {"nonce": "m" * 64}, ()),
        ("nonce", {}, ("nonce",)),
        ("nonce", {"nonce": None}, ()),
        ("exp", {"exp": AT - 60}, ()),
        ("exp", {}, ("exp",)),
        ("exp", {"exp": str(AT + 300)}, ()),
        ("exp", {"exp": True}, ()),
        ("exp", {"exp": None}, ()),
        ("iat", {"iat": AT + 61}, ()),
        ("iat", {"iat": AT - 600}, ()),
        ("iat", {}, ("iat",)),
        ("auth_time", {"auth_time": AT - 1860}, ()),
        ("auth_time", {"auth_time": AT + 61}, ()),
        ("auth_time", {"auth_time": None}, ()),
        ("auth_time", {"auth_time": str(AT)}, ()),
        ("sub", {"sub": ""}, ()),
        ("sub", {"sub": 7}, ()),
        ("sub", {"sub": "x" * 256}, ()),
        ("sub", {"sub": "Lê"}, ()),
        ("sub", {"sub": "a\nb"}, ()),
        ("sub", {}, ("sub",)),
    ],
)
def test_a_claim_that_is_wrong(word, claims, without):
    assert why(token(without=without, **claims)) == word


def test_a_log_in_of_an_unknown_time_is_no_second_factor():
    believed = read_token(token(without=("auth_time",), acr="2", amr=["otp"]), KEYS, EXPECTED, NOW)
    assert believed == Identity(ISSUER, "8f14e45f", frozenset())


def test_not_a_number_is_never_a_time():
    payload = json.dumps({**CLAIMS, "exp": "@"}).replace('"@"', "NaN").encode()
    from joserfc import jws

    text = jws.serialize_compact({"alg": "RS256", "kid": "rsa"}, payload, RSA, algorithms=["RS256"])
    assert why(text) == "exp"


def test_a_signature_of_another_key_or_over_other_words():
    assert why(token(OTHER)) == "signature"
    head, payload, signature = token().split(".")
    assert why(f"{head}.{part({**CLAIMS, 'sub': 'admin'})}.{signature}") == "signature"
    assert why(f"{head}.{payload}.") in ("signature", "format")
    assert why(f"{part({'alg': 'PS256', 'kid': 'rsa'})}.{payload}.{signature}") == "signature"
    assert why(f"{part({'alg': 'ES256', 'kid': 'rsa'})}.{payload}.{signature}") == "signature"


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None, "HS256", "RS384", 7, ["RS256"]])
def test_an_algorithm_that_is_not_taken(alg):
    _, payload, signature = token().split(".")
    assert why(f"{part({'alg': alg, 'kid': 'rsa'})}.{payload}.{signature}") in ("alg", "format")
    assert why(f"{part({'alg': alg})}.{payload}.") in ("alg", "format")


def test_the_public_key_is_no_shared_secret():
    words = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{part(CLAIMS)}"
    mark = hmac.new(RSA.as_pem(private=False), words.encode(), hashlib.sha256).digest()
    assert why(f"{words}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}") == "alg"


def test_a_key_that_the_token_brings_itself_is_not_looked_at():
    brought = {"jwk": OTHER.as_dict(private=False), "jku": "https://evil.example/keys"}
    head = part({"alg": "RS256", "kid": "rsa", **brought})
    _, payload, signature = token(OTHER).split(".")
    assert why(f"{head}.{payload}.{signature}") in ("signature", "format")


def test_a_key_that_is_not_known_is_asked_for_again():
    for text in (token(header={"kid": "new"}), token(OTHER), token(OTHER, header={"kid": ""})):
        with pytest.raises(UnknownKey):
            read_token(text, KEYS, EXPECTED, NOW)


@pytest.mark.parametrize("kid", ["rsa", "", None])
def test_keys_that_are_called_alike_are_tried_one_after_the_other(kid):
    rows = [{**key.as_dict(private=False), "kid": kid} for key in (OTHER, RSA, EC)]
    rows = rows if kid is not None else [{name: row[name] for name in row if name != "kid"} for row in rows]
    keys = read_keys({"keys": rows})
    for text in (token(header={"kid": kid or ""}), token(EC, "ES256", header={"kid": kid or ""})):
        assert isinstance(read_token(text, keys, EXPECTED, NOW), Identity)


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "a.b.c.d.e", "ê.b.c", "x" * 20_000, part(CLAIMS)])
def test_what_is_no_token(text):
    assert why(text) == "format"


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_refused(text):
    assert isinstance(read_token(text, KEYS, EXPECTED, NOW), Refused)


@pytest.mark.parametrize("payload", ["7", "[]", '"x"', "{", ""])
def test_claims_that_are_none(payload):
    from joserfc import jws

    text = jws.serialize_compact({"alg": "RS256", "kid": "rsa"}, payload.encode(), RSA, algorithms=["RS256"])
    assert why(text) in ("signature", "format")


def test_keys_for_something_else_or_of_another_kind_are_left_out():
    rows = [
        {**RSA.as_dict(private=False), "kid": "enc", "use": "enc"},
        {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"},
        {"kty": "RSA", "kid": "bad", "n": "!", "e": "AQAB"},
        {"kty": "RSA", "kid": "half"},
        "no key",
        {**EC.as_dict(private=True), "kid": "private"},
        RSA.as_dict(private=False),
    ]
    keys = read_keys({"keys": rows})
    assert [kid for kid, _ in keys] == ["private", "rsa"] and not keys[0][1].is_private


@pytest.mark.parametrize("document", [None, [], {}, {"keys": None}, {"keys": {}}, 7])
def test_what_is_no_set_of_keys(document):
    assert read_keys(document) is None
