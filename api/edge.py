"""What every request meets first and every answer last: the Host check, the size cap, the security headers."""

import ipaddress
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.elasticsearch import app as elasticsearch
from api.errors import Problem, answer, language_of
from org.token_mark import KnownTokens
from org.token_text import secret_of

MAX_BODY_BYTES = 1 << 20
ASK_FOR_TOKENS = ("/api/v1/", "/metrics")

DEFAULT_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


class Edge:
    """ASGI middleware; a header that the application set itself is left as it is.

    A request whose Host is neither loopback nor one of `hosts` is refused (421): it keeps a page that rebinds
    its DNS name to this server from reading anything. Bodies are read here, before the application, so that none
    above `MAX_BODY_BYTES` is ever held, with or without a Content-Length. A token that was made up is answered here, as
    the API would: guessing must cost neither a thread nor a look into the database.
    """

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str], tokens: KnownTokens) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse or pass on; only HTTP is served here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in DEFAULT_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        headers = Headers(scope=scope)
        language = language_of(headers.get("accept-language"))
        if not self._is_ours(headers.get("host", "")):
            await answer(Problem("unknown_host"), language)(scope, receive, send_with_headers)
            return
        if scope["path"].startswith(elasticsearch.PATH) and not self._tokens.may_be(
            secret_of(headers.get("authorization") or "")
        ):
            await elasticsearch.refuse_stranger(scope, receive, send_with_headers)
            return
        if scope["path"].startswith(ASK_FOR_TOKENS) and self._is_made_up(headers.get("authorization")):
            await answer(Problem("unauthenticated"), language)(scope, receive, send_with_headers)
            return
        body = await _read_body(headers, receive)
        if body is None:
            refusal = answer(Problem("body_too_large", headers={"Connection": "close"}), language)
            await refusal(scope, receive, send_with_headers)
            return
        await self._app(scope, _Replay(body, receive), send_with_headers)

    def _is_made_up(self, authorization: str | None) -> bool:
        scheme, _, secret = (authorization or "").partition(" ")
        return scheme.lower() == "bearer" and not self._tokens.may_be(secret.strip())

    def _is_ours(self, host: str) -> bool:
        name = host_name(host)
        return name in self._hosts or is_loopback(name)


class _Replay:
    """The body once, then whatever comes after it (a disconnect)."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


async def _read_body(headers: Headers, receive: Receive) -> bytes | None:
    """The whole body, None where it is above the cap."""
    declared = headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > MAX_BODY_BYTES:
        return None
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > MAX_BODY_BYTES:
            return None
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def host_name(host: str) -> str:
    """The name of a Host header in lower case, without port and brackets: `[::1]:8480` is `::1`."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower().rstrip(".")


def is_loopback(name: str) -> bool:
    """Whether the name or address is this machine itself."""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
