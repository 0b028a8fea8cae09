"""The identity provider of the settings, over HTTPS: where it is asked, and what it answers.

Only addresses that the settings and the provider itself name are called: HTTPS with a certificate that is good for the
name (HTTP only between programs on this very machine), no redirect is followed, an answer has 10 seconds and 256 KB.
Nothing that a browser sends chooses an address.

Source: OpenID Connect Discovery 1.0, section 4; RFC 6749, section 4.1 (authorisation code); RFC 7636 (PKCE)
Source: OWASP ASVS 5.0, 1.3.6 and 13.2.4 (requests that the server makes), 10.5 (OpenID clients)
"""

import base64
import contextlib
import hashlib
import http.client
import logging
import socket
import ssl
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from core.language import Text
from org.identity_token import NOT_BELIEVED, Expected, Identity, Keys, UnknownKey, read_keys, read_token
from org.refused import Refused
from org.settings import LOOPBACK, IdentityProviderSettings

log = logging.getLogger("identity")

WITHIN_S = 10.0
MAX_ANSWER_BYTES = 256 * 1024
KNOWN_FOR = timedelta(hours=1)
KEYS_AGAIN_AFTER = timedelta(minutes=1)
MAX_CODE_LETTERS = 4096

NOT_REACHED = Text(
    "Chưa hỏi được nhà cung cấp định danh. Hãy thử lại sau, hoặc đăng nhập bằng mật khẩu.",
    "The identity provider cannot be asked now. Try again later, or log in with your password.",
)
REFUSED_THERE = Text(
    "Nhà cung cấp định danh không nhận lần đăng nhập này. Hãy thử lại.",
    "The identity provider does not accept this log-in. Try again.",
)


class _Document(msgspec.Struct):
    """What the provider says of itself, as far as it is needed. Source: Discovery 1.0, section 3"""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: list[str] = msgspec.field(default_factory=lambda: ["client_secret_basic"])


class _Tokens(msgspec.Struct):
    id_token: str


class Unreachable(Exception):
    """The provider did not answer, or not as a provider does; the text is for the log."""


class IdentityProvider:
    """Asks one provider. Thread-safe; what it says of itself and its keys are kept for an hour.

    `answer_at` is the address of ours to which the provider sends the browser back, as it was registered there.
    """

    def __init__(self, settings: IdentityProviderSettings, answer_at: str, now: Callable[[], datetime]) -> None:
        assert settings.issuer is not None and settings.client_id is not None  # noqa: S101 (the caller has looked)
        self.settings = settings
        self._issuer, self._client = settings.issuer, settings.client_id
        self._answer_at = answer_at
        self._now = now
        self._lock = threading.Lock()
        self._document: tuple[datetime, _Document] | None = None
        self._keys: tuple[datetime, Keys] | None = None

    def question(self, state: str, nonce: str, verifier: str, max_age: timedelta) -> str | Refused:
        """The address to which the browser goes to log in there: again, where that was longer than `max_age` ago."""
        try:
            document = self._described()
        except Unreachable as error:
            return self._not_reached(error)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "scope": "openid",
            "client_id": self._client,
            "redirect_uri": self._answer_at,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "max_age": str(int(max_age.total_seconds())),
        }
        mark = "&" if urlsplit(document.authorization_endpoint).query else "?"
        return document.authorization_endpoint + mark + urlencode(asked)

    def identity(self, code: str, verifier: str, nonce: str, max_age: timedelta) -> Identity | Refused:
        """Whom the code that the browser brought back stands for; it is good once."""
        try:
            document = self._described()
            text = self._exchanged(document, code, verifier)
            if isinstance(text, Refused):
                return text
            expected = Expected(self._issuer, self._client, nonce, max_age)
            try:
                return read_token(text, self._known_keys(document), expected, self._now())
            except UnknownKey:
                keys = self._known_keys(document, older_than=KEYS_AGAIN_AFTER)
                return read_token(text, keys, expected, self._now())
        except UnknownKey:
            log.warning("identity provider %s: the token is signed with none of its keys", self._issuer)
            return Refused(NOT_BELIEVED.format(why="signature"))
        except Unreachable as error:
            return self._not_reached(error)

    def _not_reached(self, error: Unreachable) -> Refused:
        log.warning("identity provider %s: %s", self._issuer, error)
        return Refused(NOT_REACHED)

    def _described(self) -> _Document:
        now = self._now()
        with self._lock:
            kept = self._document
        if kept is not None and timedelta(0) <= now - kept[0] < KNOWN_FOR:
            return kept[1]
        answer = self._fetch(self._issuer.rstrip("/") + "/.well-known/openid-configuration")
        document: _Document = _decoded(answer, _Document)
        if document.issuer != self._issuer:
            raise Unreachable("it calls itself by another name than the settings do")
        for address in (document.authorization_endpoint, document.token_endpoint, document.jwks_uri):
            if not self._may_be_called(address):
                raise Unreachable("it names an address that is not HTTPS")
        with self._lock:
            self._document = now, document
        return document

    def _known_keys(self, document: _Document, older_than: timedelta = KNOWN_FOR) -> Keys:
        now = self._now()
        with self._lock:
            kept = self._keys
        if kept is not None and timedelta(0) <= now - kept[0] < older_than:
            return kept[1]
        keys = read_keys(_decoded(self._fetch(document.jwks_uri), dict))
        if keys is None:
            raise Unreachable("its keys cannot be read")
        with self._lock:
            self._keys = now, keys
        return keys

    def _exchanged(self, document: _Document, code: str, verifier: str) -> str | Refused:
        """The ID token for the code."""
        secret = self._secret()
        form = {
            "grant_type": "authorization_code",
            "code": code[:MAX_CODE_LETTERS],
            "redirect_uri": self._answer_at,
            "code_verifier": verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        if "client_secret_basic" in document.token_endpoint_auth_methods_supported:
            # Source: RFC 6749, section 2.3.1: name and secret are form-encoded before base64
            pair = f"{quote(self._client, safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form |= {"client_id": self._client, "client_secret": secret}
        status, answer = self._call("POST", document.token_endpoint, urlencode(form).encode(), headers)
        if 400 <= status < 500:
            log.warning("identity provider %s: it refuses the code, status %d", self._issuer, status)
            return Refused(REFUSED_THERE)
        if status != 200:
            raise Unreachable(f"status {status}")
        tokens: _Tokens = _decoded(answer, _Tokens)
        return tokens.id_token

    def _secret(self) -> str:
        """Read each time, so that it can be changed without a restart."""
        assert self.settings.client_secret_file is not None  # noqa: S101 (the settings see to it)
        try:
            return self.settings.client_secret_file.read_text("utf-8").strip()
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"the file with the client's secret cannot be read: {type(error).__name__}") from error

    def _may_be_called(self, address: str) -> bool:
        try:
            parts = urlsplit(address)
        except ValueError:
            return False
        here = urlsplit(self._issuer).scheme == "http" and parts.hostname in LOOPBACK
        return parts.scheme == "https" or (parts.scheme == "http" and here)

    def _fetch(self, address: str) -> bytes:
        status, answer = self._call("GET", address, None, {"Accept": "application/json"})
        if status != 200:
            raise Unreachable(f"status {status}")
        return answer

    def _call(self, method: str, address: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        """(status, body) of one request. Raises `Unreachable`."""
        try:
            parts = urlsplit(address)
            connection = self._connection(parts.scheme, parts.hostname or "", parts.port)
        except (OSError, ValueError) as error:  # a port or a file of certificates that can be none
            raise Unreachable(type(error).__name__) from error
        late = threading.Event()
        cut: threading.Timer | None = None
        try:
            connection.connect()
            cut = threading.Timer(WITHIN_S, _cut_off, [connection.sock, late])
            cut.start()
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = bytearray()
            while piece := response.read1(16384):
                answer += piece
                if len(answer) > MAX_ANSWER_BYTES:
                    raise Unreachable("its answer is too long")
            if late.is_set():
                raise Unreachable("its answer takes too long")
            return response.status, bytes(answer)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(type(error).__name__) from error
        finally:
            if cut is not None:
                cut.cancel()
            connection.close()

    def _connection(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        if scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=WITHIN_S / 2)
        context = ssl.create_default_context(cafile=self.settings.ca_file)
        return http.client.HTTPSConnection(host, port, timeout=WITHIN_S / 2, context=context)


def _cut_off(connected: socket.socket, late: threading.Event) -> None:
    """An answer that comes in drops is never late for the socket: this ends whoever waits for it."""
    late.set()
    with contextlib.suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def _decoded(answer: bytes, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(answer, type=kind)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise Unreachable("its answer cannot be read") from error
