r"""Syslog frames in a byte stream. Pure: bytes in, messages out, no socket.

Octet counting (RFC 6587 3.4.1) and newline framing (3.4.2) are told apart for each frame, since real senders mix them:

    54 <13>1 2026-11-23T22:38:31+00:00 vm myapp - - -  msg 1
    <13>Nov 23 22:39:11 vm myapp: msg 1\n

A frame is octet-counted when digits, one space and a full priority (`<13>`) follow each other; anything else ends at
LF, CRLF or, where another `<` follows, NUL.

Source: RFC 6587, https://www.rfc-editor.org/rfc/rfc6587
"""

import re

Message = tuple[bytes, tuple[str, ...]]
TRUNCATED = ("truncated",)
PARTIAL = ("partial",)
_OCTETS = re.compile(rb"(\d{1,10}) <\d{1,3}>")
_ENDINGS = b"\r\n\x00"
LONGEST_OCTET_FRAME = 16


class BadOctetCount(Exception):
    """A frame length that cannot be meant: nothing after it can be told apart any more, the connection must go."""


class StreamFraming:
    """The frames of one connection. Keeps at most `longest` bytes and the last chunk.

    Messages come without their frame; one longer than `longest` is cut and flagged `truncated`, and the rest of it
    skipped. The same bytes give the same messages however they are cut into chunks.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._rest = b""
        self._skip_octets = 0
        self._skip_line = False

    def feed(self, data: bytes) -> list[Message]:
        """The messages completed by these bytes.

        Raises `BadOctetCount`; the messages completed before it are the exception's first argument.
        """
        if self._rest:
            data = self._rest + data
            self._rest = b""
        out: list[Message] = []
        append, match, longest = out.append, _OCTETS.match, self._longest
        at, size = 0, len(data)
        while at < size:
            if self._skip_octets:
                step = min(self._skip_octets, size - at)
                self._skip_octets -= step
                at += step
            elif self._skip_line:
                found = [end for end in (data.find(b"\n", at), data.find(b"\x00<", at)) if end >= 0]
                if not found:
                    self._rest = b"\x00" if data.endswith(b"\x00") else b""
                    return out
                self._skip_line = False
                at = min(found) + 1
            elif 48 <= data[at] <= 57 and (counted := match(data, at)):
                length = int(counted[1])
                start = counted.end(1) + 1
                if length <= longest and start + length <= size:
                    at = start + length
                    message = data[start:at]
                    if message and message[-1] <= 13:
                        message = message.rstrip(_ENDINGS)
                    if message:
                        append((message, ()))
                    continue
                at = self._counted(data, at, counted, out)
                if at < 0:
                    return out
            else:
                at = self._lines(data, at, out)
                if at < 0:
                    return out
        return out

    def finish(self) -> list[Message]:
        """What the connection left unfinished, flagged `partial` unless a NUL ended it."""
        rest, self._rest = self._rest, b""
        if self._skip_line or self._skip_octets or not rest.strip(_ENDINGS):
            return []
        if counted := _OCTETS.match(rest):
            rest = rest[counted.end(1) + 1 :]
        ended = rest.endswith(b"\x00")
        return [(rest.rstrip(_ENDINGS), () if ended else PARTIAL)]

    def _counted(self, data: bytes, at: int, counted: re.Match[bytes], out: list[Message]) -> int:
        """Take what can be taken of a frame too long or not whole yet; the offset after it, -1 for more bytes."""
        length = int(counted[1])
        if length > self._longest * LONGEST_OCTET_FRAME:
            raise BadOctetCount(out, length)
        start = counted.end(1) + 1
        if length > self._longest:
            if len(data) - start < self._longest:
                self._rest = data[at:]
                return -1
            out.append((data[start : start + self._longest], TRUNCATED))
            self._skip_octets = length - self._longest
            return start + self._longest
        self._rest = data[at:]
        return -1

    def _lines(self, data: bytes, at: int, out: list[Message]) -> int:
        """Take whole lines until one that begins with a digit and may be counted; the offset there, -1 at the end."""
        last = max(data.rfind(b"\n", at), data.rfind(b"\x00<", at))
        if last < 0:
            return self._keep(data, at, out)
        longest = self._longest
        append = out.append
        first = True
        region = data[at:last]
        if b"\x00<" in region:
            region = region.replace(b"\x00<", b"\n<")
        for line in region.split(b"\n"):
            if line:
                if not first and 48 <= line[0] <= 57 and _OCTETS.match(line):
                    return at
                if len(line) > longest:
                    append((line[:longest], TRUNCATED))
                elif line[-1] <= 13:
                    if stripped := line.rstrip(_ENDINGS):
                        append((stripped, ()))
                else:
                    append((line, ()))
            first = False
            at += len(line) + 1
        return at

    def _keep(self, data: bytes, at: int, out: list[Message]) -> int:
        """No line end in sight: keep the start of the line, or cut it and skip the rest."""
        if len(data) - at - data.endswith(b"\x00") > self._longest:
            out.append((data[at : at + self._longest], TRUNCATED))
            self._skip_line = True
            self._rest = b"\x00" if data.endswith(b"\x00") else b""
        else:
            self._rest = data[at:]
        return -1
