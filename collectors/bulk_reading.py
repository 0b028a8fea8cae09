"""Reading at the door where documents are sent in: asked of the web process, which knows who may read what.

The intake never touches the database; it hands the request on as it came, with its credentials, and the answer back.
"""

import asyncio
import http.client
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import quote, urlsplit

WITHIN_S = 60.0
AT_ONCE = 16
WAITING = 64
READING = frozenset({"_search", "_msearch", "_count", "_field_caps", "_pit"})
KEPT = ("authorization", "accept", "content-type")

Forward = Callable[[Mapping[str, Any], Mapping[str, str], bytes], Awaitable[tuple[int, str, bytes]]]
"""(status, content type, body) of a request: its ASGI scope, its headers in lower case, its body unpacked."""


class NotForwarded(Exception):
    """The web process does not answer, and why."""


def is_reading(method: str, path: str, *, is_sender: bool) -> bool:
    """Whether a request reads events, or asks about them with something else than a sender's key.

    What a sender asks before it sends (version, licence, templates) is answered here, also when the web is down.
    """
    parts = [part for part in path.split("/") if part]
    if READING.intersection(parts[:3]) or (method == "GET" and len(parts) == 3 and parts[1] in ("_doc", "_source")):
        return True
    return not is_sender and method in ("GET", "HEAD") and not {"_bulk", "_create"}.intersection(parts)


class WebReading:
    """Asks the web process at an address, `http://127.0.0.1:8480/elasticsearch`. On one event loop."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._path = parts.hostname or "127.0.0.1", parts.port or 80, parts.path
        self._seats = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def __call__(
        self, scope: Mapping[str, Any], headers: Mapping[str, str], body: bytes
    ) -> tuple[int, str, bytes]:
        """See `Forward`. Raises `NotForwarded`."""
        if self._waiting >= WAITING:
            raise NotForwarded("too many searches at once")
        self._waiting += 1
        try:
            async with self._seats:
                return await asyncio.to_thread(self._ask, scope, headers, body)
        except (OSError, http.client.HTTPException) as error:
            raise NotForwarded("the web process does not answer: events are taken in, not read") from error
        finally:
            self._waiting -= 1

    def _ask(self, scope: Mapping[str, Any], headers: Mapping[str, str], body: bytes) -> tuple[int, str, bytes]:
        query = bytes(scope.get("query_string", b"")).decode("latin-1")
        path = f"{self._path}{quote(scope['path'], safe='/*,:@')}" + (f"?{query}" if query else "")
        kept: MutableMapping[str, str] = {name: headers[name] for name in KEPT if name in headers}
        connection = http.client.HTTPConnection(self._host, self._port, timeout=WITHIN_S)
        try:
            connection.request(scope["method"], path, body=body or None, headers=dict(kept))
            answer = connection.getresponse()
            return answer.status, answer.headers.get("content-type", "application/json"), answer.read()
        finally:
            connection.close()
