"""Whether a request that changes something came from our own page.

SameSite cookies keep other sites from using a session; this refuses what such a browser still might send. Source: OWASP
Cross-Site Request Forgery Prevention Cheat Sheet (fetch metadata, origin, token bound to the session).
"""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

FIELD = "csrf"


def token_of(session_secret: str) -> str:
    """The form token that belongs to a session; says nothing about the session's secret."""
    return hmac.new(session_secret.encode(), b"canh form token", hashlib.sha256).hexdigest()


def is_token_of(session_secret: str, token: str) -> bool:
    """Whether the form token belongs to the session, in constant time."""
    return hmac.compare_digest(token_of(session_secret).encode(), token.encode())


def comes_from_us(headers: Mapping[str, str]) -> bool:
    """Whether the browser says that the request came from a page of this very origin.

    `Sec-Fetch-Site` where the browser sends it (secure origins and loopback), else `Origin` against `Host`; a request
    with neither is no browser's form.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    if origin is None:
        return False
    return urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""
