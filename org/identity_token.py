"""What an identity provider says of a person: an ID token, believed only when every part of it is right. Pure.

    {"iss": "https://sso.tinh.gov.vn", "aud": "canh", "sub": "8f14e45f", "nonce": "…", "iat": 1795480000,
     "exp": 1795480300, "auth_time": 1795479700, "acr": "2", "amr": ["pwd", "otp"]}

Source: OpenID Connect Core 1.0, sections 2 and 3.1.3.7; RFC 8725 (JSON Web Token best current practices)
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from core.language import Text
from org.refused import Refused

if TYPE_CHECKING:
    from joserfc.jwk import Key

ALGORITHMS = ("RS256", "PS256", "ES256")
"""Signatures with a key pair. Never `none`, and never a secret that both sides know."""
KINDS_OF_KEYS = ("RSA", "EC")
PUBLIC_PARTS = frozenset({"kty", "kid", "use", "alg", "n", "e", "crv", "x", "y"})
MAX_KEYS = 50
MAX_TOKEN_LETTERS = 16_384
MAX_SUBJECT_LETTERS = 255
CLOCKS_APART = timedelta(seconds=60)
ISSUED_WITHIN = timedelta(minutes=10)

NOT_BELIEVED = Text(
    "Câu trả lời của nhà cung cấp định danh không đúng ({why}). Hãy thử lại; nếu vẫn thế, báo quản trị viên.",
    "What the identity provider answered is not right ({why}). Try again; if it stays so, tell an administrator.",
)


Keys: TypeAlias = "Sequence[tuple[str, Key]]"
"""Each key with its `kid`, empty where it has none: providers name two alike, or none, while they change them."""


class Expected(msgspec.Struct, frozen=True):
    """What a token must say: who issued it, for whom, and what was asked for with the question.

    `nonce` is the number that was given with it, `max_age` how long ago the person may have logged in there.
    """

    issuer: str
    client: str
    nonce: str
    max_age: timedelta


class Identity(msgspec.Struct, frozen=True):
    """A person as the provider knows them. `strength`: every `acr` and `amr` that it says about this log-in.

    It is empty where the provider does not say when the log-in was: it may have been weeks ago.
    """

    issuer: str
    subject: str
    strength: frozenset[str]


class UnknownKey(Exception):
    """The token is signed by none of the keys that are known: the provider may have a new one, of an old name too."""


def read_keys(document: object) -> "Keys | None":
    """The provider's public keys for signatures; None where the document is no set of keys.

    Keys of another use or kind, and those that cannot be read, are left out. Source: RFC 7517, section 5
    """
    from joserfc.errors import JoseError
    from joserfc.jwk import JWKRegistry

    rows = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        return None
    keys: list[tuple[str, Key]] = []
    for row in rows[:MAX_KEYS]:
        if not isinstance(row, dict) or row.get("kty") not in KINDS_OF_KEYS or row.get("use", "sig") != "sig":
            continue
        try:
            key = JWKRegistry.import_key({name: row[name] for name in PUBLIC_PARTS if row.get(name) is not None})
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        keys.append((str(row.get("kid") or ""), key))
    return keys


def read_token(text: str, keys: Keys, expected: Expected, now: datetime) -> Identity | Refused:
    """Whom the token speaks of; or why it is not believed. Raises `UnknownKey`."""
    claims = _verified(text, keys)
    why = claims if isinstance(claims, str) else _wrong(claims, expected, now)
    if why is not None or isinstance(claims, str):
        return Refused(NOT_BELIEVED.format(why=why))
    amr = claims.get("amr")
    strength = [claims.get("acr"), *(amr if isinstance(amr, list) else ())] if "auth_time" in claims else []
    return Identity(expected.issuer, claims["sub"], frozenset(each for each in strength if isinstance(each, str)))


def _verified(text: str, keys: Keys) -> dict[str, Any] | str:
    """The claims, once the signature is right; or the word for what is wrong. Raises `UnknownKey`."""
    from joserfc import jws, jwt
    from joserfc.errors import JoseError

    if len(text) > MAX_TOKEN_LETTERS or not text.isascii():
        return "format"
    try:
        headers = jws.extract_compact(text.encode()).headers()
    except (JoseError, ValueError, TypeError):
        return "format"
    if headers.get("alg") not in ALGORITHMS:
        return "alg"
    named = str(headers.get("kid") or "")
    for kid, key in keys:
        if kid == named or not named:
            try:
                return jwt.decode(text, key, algorithms=ALGORITHMS).claims
            except (JoseError, ValueError, TypeError):
                continue
    raise UnknownKey


def _wrong(claims: dict[str, Any], expected: Expected, now: datetime) -> str | None:
    """The name of the first claim that is wrong."""
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    issued, ends, subject = _time(claims.get("iat")), _time(claims.get("exp")), claims.get("sub")
    if claims.get("iss") != expected.issuer:
        return "iss"
    if expected.client not in audiences:
        return "aud"
    if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != expected.client:
        return "azp"
    if claims.get("nonce") != expected.nonce:
        return "nonce"
    if not ends > (now - CLOCKS_APART).timestamp():  # so put, NaN is too late as well
        return "exp"
    if not (now - ISSUED_WITHIN).timestamp() < issued <= (now + CLOCKS_APART).timestamp():
        return "iat"
    if "auth_time" in claims and not _is_recent(_time(claims["auth_time"]), expected.max_age, now):
        return "auth_time"
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT_LETTERS or not _is_plain(subject):
        return "sub"
    return None


def _is_recent(logged_in: float, max_age: timedelta, now: datetime) -> bool:
    return (now - max_age - CLOCKS_APART).timestamp() < logged_in <= (now + CLOCKS_APART).timestamp()


def _time(value: object) -> float:
    """Seconds since 1970; for anything else a time that is never right."""
    try:
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else -1.0
    except OverflowError:
        return -1.0


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()
