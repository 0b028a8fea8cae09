"""A small OpenID provider over real HTTP: it keeps the rules (PKCE, each code once) or breaks the one a test names."""

import base64
import contextlib
import hashlib
import json
import threading
import time
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "canh", "bí mật: của Canh"


@cache
def key_called(name: str) -> RSAKey:
    """A key pair, made once: that takes a while."""
    return RSAKey.generate_key(2048, parameters={"kid": name, "use": "sig"})


class Provider:
    """`claims` are added to each token (None: left out), `broken` is what it does wrong, `naming` its keys or not."""

    def __init__(self, now: float) -> None:
        self.now = now
        self.key = key_called("one")
        self.claims: dict[str, object] = {}
        self.document: dict[str, object] = {}
        self.broken = ""
        self.naming = True
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.origin = ""

    def log_in(self, address: str, subject: str = "8f14e45f") -> dict[str, str]:
        """What the browser brings back to Canh after this person has logged in at `address`."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert (asked["response_type"], asked["client_id"], asked["scope"]) == ("code", CLIENT, "openid")
        assert asked["max_age"] == "1800"
        assert asked["code_challenge_method"] == "S256" and len(asked["state"]) >= 32 and len(asked["nonce"]) >= 32
        code = f"code-{len(self.codes)}"
        self.codes[code] = {**asked, "sub": subject}
        return {"code": code, "state": asked["state"]}

    def token(self, asked: dict[str, str]) -> str:
        times = {"iat": int(self.now), "exp": int(self.now) + 300, "auth_time": int(self.now)}
        claims = {"iss": self.origin, "aud": CLIENT, "sub": asked["sub"], "nonce": asked["nonce"], **times}
        header = {"alg": "RS256", **({"kid": self.key.kid} if self.naming else {})}
        said = {name: value for name, value in {**claims, **self.claims}.items() if value is not None}
        return jwt.encode(header, said, self.key, algorithms=["RS256"])

    def answer(self, method: str, path: str, headers, body: str) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return self._json({
                "issuer": self.origin,
                "authorization_endpoint": f"{self.origin}/authorize",
                "token_endpoint": f"{self.origin}/token",
                "jwks_uri": f"{self.origin}/keys",
                **self.document,
            })  # fmt: skip
        if path == "/keys":
            known = self.key.as_dict(private=False)
            return self._json({"keys": [known if self.naming else {**known, "kid": None}]})
        assert (method, path) == ("POST", "/token")
        form = {name: values[0] for name, values in parse_qs(body).items()}
        asked = self.codes.pop(form["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode()
        pair = base64.b64encode(b"canh:b%C3%AD%20m%E1%BA%ADt%3A%20c%E1%BB%A7a%20Canh").decode()
        ours = headers.get("Authorization") == f"Basic {pair}" or form.get("client_secret") == SECRET
        right = asked is not None and asked["redirect_uri"] == form["redirect_uri"] and ours
        if not right or challenge.rstrip("=") != asked["code_challenge"]:
            return self._json({"error": "invalid_grant"}, 400)
        return self._json({"id_token": self.token(asked), "access_token": "x", "token_type": "Bearer"})

    def _json(self, document: object, status: int = 200) -> tuple[int, dict[str, str], bytes]:
        return status, {"Content-Type": "application/json"}, json.dumps(document).encode()


@contextmanager
def running(provider: Provider, tls=None):
    """The provider on a loopback port, over TLS where there is a context for it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.reply("GET")

        def do_POST(self):
            self.reply("POST")

        def reply(self, method):
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            status, headers, content = provider.answer(method, self.path, self.headers, body)
            if provider.broken == "redirect":
                status, headers = 302, {"Location": f"{provider.origin}/elsewhere"}
            if provider.broken == "error":
                status = 500
            if provider.broken == "text":
                content = b"\xff\xfe<html>"
            if provider.broken == "long":
                content = b'{"x": "' + b"x" * 10_000_000 + b'"}'
            if provider.broken == "slow head":
                with contextlib.suppress(OSError):
                    for letter in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 200:
                        self.wfile.write(bytes([letter]))
                        time.sleep(0.1)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                if provider.broken == "drip":
                    for _ in range(200):
                        self.wfile.write(b" ")
                        time.sleep(0.1)
                self.wfile.write(content)
            except OSError:
                pass  # the other side has had enough

        def log_message(self, *_arguments):
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_arguments):
            pass  # a client that does not like the certificate

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    provider.origin = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
