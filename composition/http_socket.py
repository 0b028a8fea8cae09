"""The socket of an HTTP server, bound before the server is made."""

import socket


def listen(host: str, port: int) -> socket.socket:
    """Bind and listen. Raises OSError where the port is taken.

    asyncio sets TCP_NODELAY only where the protocol is named; without it an answer's body waits 40 ms for an ACK.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(512)
    listener.setblocking(False)
    return listener
