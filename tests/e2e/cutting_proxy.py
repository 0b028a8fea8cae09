"""A proxy before the bulk door that cuts senders off: once after the door took what was sent, once with a refusal."""

import http.client
import json
import socket
import struct
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CUT, REFUSED = 3, 6
FULL = {"type": "es_rejected_execution_exception", "reason": "the spool is full"}


class CuttingProxy:
    """`cut_before`: the connection is reset before the door has seen the request, not after it has answered.

    `status` is that of the refusal. `silent`: what is refused is cut off too, as the door does where it knows a sender
    that loses what is refused.
    """

    def __init__(self, door: int, *, cut_before: bool, silent: bool, status: int) -> None:
        self.door = door
        self.cut_before = cut_before
        self.silent = silent
        self.status = status
        self.port = 0
        self.bulks = 0
        self.cuts: list[str] = []
        self._lock = threading.Lock()

    def number(self) -> int:
        """Which bulk request this is."""
        with self._lock:
            self.bulks += 1
            return self.bulks


@contextmanager
def cutting(door: int, *, cut_before: bool = False, silent: bool = False, status: int = 429):
    """The proxy, on a port of its own."""
    proxy = CuttingProxy(door, cut_before=cut_before, silent=silent, status=status)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.forward()

        do_POST = do_PUT = do_HEAD = do_GET

        def forward(self):
            length = int(self.headers.get("Content-Length") or 0)
            body = self.chunks() if self.headers.get("Transfer-Encoding") == "chunked" else self.rfile.read(length)
            number = proxy.number() if "_bulk" in self.path else 0
            if number == REFUSED and proxy.silent:
                self.cut()
                return
            if number == REFUSED:
                proxy.cuts.append("refused")
                headers = {"Content-Type": "application/json", "X-Elastic-Product": "Elasticsearch", "Retry-After": "1"}
                self.answer(proxy.status, headers, json.dumps({"error": FULL, "status": proxy.status}).encode())
                return
            if number == CUT and proxy.cut_before:
                self.cut()
                return
            skipped = ("transfer-encoding", "content-length", "connection", "expect")
            named = {name: value for name, value in self.headers.items() if name.lower() not in skipped}
            connection = http.client.HTTPConnection("127.0.0.1", proxy.door, timeout=30)
            connection.request(self.command, self.path, body or None, named)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            if number == CUT:
                self.cut()
                return
            self.answer(answer.status, dict(answer.getheaders()), content)

        def answer(self, status, headers, content):
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in ("content-length", "transfer-encoding", "connection", "server", "date"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def cut(self):
            proxy.cuts.append("reset")
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True

        def chunks(self):
            pieces = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(pieces)

        def log_message(self, *_arguments):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_arguments):
            pass  # the connection that was reset

    server = Server(("127.0.0.1", 0), Handler)
    proxy.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
