"""Passwords that guessers try first, known offline: those most used in leaks, and whatever file the operator has.

Source: NIST SP 800-63B-4, section 3.1.1.2 (the blocklist); OWASP ASVS 5.0, 6.2.4 and 6.2.12
Source: Have I Been Pwned, Pwned Passwords as one text file: SHA-1 in upper case, colon, count, ordered by hash
"""

import hashlib
from pathlib import Path

MAX_LETTERS_JUDGED = 72
LEAST_GUESSES = 10**7
"""Fewer are made in a day by one who is slowed down to a hundred a second."""
HASH_DIGITS = 40


class BreachedPasswords:
    """The 30,000 most used of zxcvbn with their usual disguises; and a file of hashes, if there is one."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file

    def hold(self, password: str, names: tuple[str, ...] = ()) -> bool:
        """Whether guessers would try this soon. About 1 ms, the first time 50 ms and 14 MiB.

        Raises `OSError` where the file that was named cannot be read.
        """
        from zxcvbn import zxcvbn

        judged = password[:MAX_LETTERS_JUDGED]
        if len(password) <= MAX_LETTERS_JUDGED and zxcvbn(judged, list(names))["guesses"] < LEAST_GUESSES:
            return True
        return self._file is not None and holds_hash(self._file, _sha1(password))


def holds_hash(file: Path, sha1: str) -> bool:
    """Whether a line of the file begins with this hash in upper case: `21BD12DC183F740EE76F27B78EB39C8AD972A757:52579`.

    The file is ordered by hash, so about 35 reads find it in 40 GB.
    """
    wanted = sha1.encode()
    with file.open("rb") as lines:
        low, high = 0, lines.seek(0, 2)
        while low < high:  # the line that is sought begins in [low, high)
            middle = (low + high) // 2
            lines.seek(middle)
            if middle:
                lines.seek(middle - 1)
                lines.readline()  # to the first line that begins at `middle` or later
            begins = lines.tell()
            if begins >= high:
                high = middle
                continue
            found = lines.readline(256)[:HASH_DIGITS]
            if found == wanted:
                return True
            if found < wanted:
                low = begins + 1
            else:
                high = middle
    return False


def _sha1(password: str) -> str:
    return hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest().upper()


BUILT_IN = BreachedPasswords()
