"""Lines of a file, with their offsets, bounded in memory. Pure."""

from collections.abc import Iterator
from typing import BinaryIO

CHUNK_BYTES = 1 << 20
LONGEST_LINE_BYTES = 65536

Line = tuple[int, bytes, tuple[str, ...]]


class LineCutter:
    """Cuts consecutive chunks of one file into lines.

    A line is (offset of its first byte, bytes without line end, flags). Empty lines are passed over. A line longer than
    `longest` is given once, cut and flagged `truncated`; the rest of it is skipped. `offset` is where the next
    chunk must begin: the start of the first incomplete line, or inside a line that is being skipped (`skipping`).
    """

    def __init__(self, offset: int = 0, *, skipping: bool = False, longest: int = LONGEST_LINE_BYTES) -> None:
        self.offset = offset
        self.skipping = skipping
        self._longest = longest

    def cut(self, chunk: bytes) -> list[Line]:
        """The complete lines of a chunk that begins at `offset`."""
        lines: list[Line] = []
        at = self.offset
        if self.skipping:
            end = chunk.find(b"\n")
            if end < 0:
                self.offset += len(chunk)
                return lines
            chunk = chunk[end + 1 :]
            at += end + 1
            self.skipping = False
        last = chunk.rfind(b"\n")
        longest = self._longest
        if last >= 0:
            for line in chunk[:last].split(b"\n"):
                size = len(line)
                if size > longest:
                    lines.append((at, line[:longest], ("truncated",)))
                elif size:
                    if line[-1] == 13:
                        line = line[:-1]
                    if line:
                        lines.append((at, line, ()))
                at += size + 1
        rest = len(chunk) - last - 1
        if rest > longest:
            lines.append((at, chunk[last + 1 : last + 1 + longest], ("truncated",)))
            self.skipping = True
            at += rest
        self.offset = at
        return lines


def read_lines(file: BinaryIO, cutter: LineCutter) -> Iterator[list[Line]]:
    """All lines of a stream from `cutter.offset` on, a list per chunk; the last one may lack its line end."""
    rest = b""
    while chunk := file.read(CHUNK_BYTES):
        data = rest + chunk
        begin = cutter.offset
        lines = cutter.cut(data)
        rest = data[cutter.offset - begin :]
        if lines:
            yield lines
    if rest and not cutter.skipping:
        line = rest.rstrip(b"\r")
        at = cutter.offset
        cutter.offset += len(rest)
        if line:
            yield [(at, line, ())]
