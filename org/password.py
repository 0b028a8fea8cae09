"""Passwords: which are good enough, how they are kept, whether one is right.

Source: NIST SP 800-63B-4, section 3.1.1 (length instead of composition, NFKC, refusal of the obvious)
Source: RFC 9106 (argon2id); its parameters: OWASP Password Storage Cheat Sheet
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from core.language import Text
from org.breached_passwords import BUILT_IN, BreachedPasswords

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MIN_LETTERS = 14
MIN_UNGUESSED_LETTERS = 8
MIN_LETTERS_WITH_FACTOR = 8
MIN_UNGUESSED_LETTERS_WITH_FACTOR = 6

# argon2id. The memory is modest on purpose: the whole product idles in 400 MB and two hashes run at once.
MEMORY_KIBIBYTES = 19 * 1024
PASSES = 2
LANES = 1

# A hash of a secret that was thrown away, under the parameters above: for names that nobody has.
NOBODYS_HASH = "$argon2id$v=19$m=19456,t=2,p=1$R3n/heDN8qg2qAUi0bbzIQ$qv2JLK6ipWLGthv75eYjqqYNVlX0dRLdP62v2kqk21M"

TOO_SHORT = Text("Mật khẩu cần ít nhất {letters} ký tự.", "The password needs {letters} characters at least.")
TOO_OBVIOUS = Text(
    "Mật khẩu này dễ đoán: chỉ gồm tên, từ thông dụng, phím liền nhau hoặc phần lặp lại. Hãy dùng một câu dài hơn.",
    "This password is easy to guess: names, common words, neighbouring keys or repetitions. Use a longer sentence.",
)

KNOWN = Text(
    "Mật khẩu này hoặc gần giống nó nằm trong các danh sách mật khẩu đã lộ mà kẻ dò thử trước tiên. Hãy dùng một câu.",
    "This password, or one much like it, is in the lists of leaked ones that guessers try first. Use a sentence.",
)
UNREADABLE = Text(
    "Không đọc được tệp mật khẩu đã lộ (org.breached_passwords): {reason}.",
    "The file of leaked passwords (org.breached_passwords) cannot be read: {reason}.",
)

_WORDS = (
    *("administrator", "admin", "root", "canh", "password", "passw0rd", "welcome", "changeme", "letmein", "secret"),
    *("iloveyou", "matkhau", "quantri", "anhyeuem", "xinchao", "vietnam", "anninhmang", "giamsat"),
)
_KEYS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "12345678901234567890")
_NEIGHBOURS = 4
_REPEATED = re.compile(r"(.{1,16}?)\1+", re.DOTALL)


def refusal(
    password: str, names: Sequence[str], *, with_second_factor: bool = False, breached: BreachedPasswords = BUILT_IN
) -> Text | None:
    """Why the password is not good enough for the bearer of `names`; None where it is.

    `with_second_factor`: it never lets in alone, so it may be shorter. What guessing begins with is taken out; enough
    must be left.
    """
    password = normal(password)
    least = least_letters(with_second_factor=with_second_factor)
    unguessed = MIN_UNGUESSED_LETTERS_WITH_FACTOR if with_second_factor else MIN_UNGUESSED_LETTERS
    if len(password) < least:
        return TOO_SHORT.format(letters=least)
    rest = _simple(password)
    for part in sorted({*_WORDS, *_key_runs(), *map(_simple, names)}, key=len, reverse=True):
        if len(part) >= 3:
            rest = rest.replace(part, "")
    if len(_REPEATED.sub(r"\1", rest)) < unguessed:
        return TOO_OBVIOUS
    try:
        return KNOWN if breached.hold(password, tuple(names)) else None
    except OSError as error:
        return UNREADABLE.format(reason=error.strerror or "")


def least_letters(*, with_second_factor: bool) -> int:
    """How many letters a password needs."""
    return MIN_LETTERS_WITH_FACTOR if with_second_factor else MIN_LETTERS


def hashed(password: str) -> str:
    """The argon2id hash with its parameters, as it is kept. Takes about 50 ms and 19 MiB."""
    return _hasher().hash(normal(password))


def is_right(kept: str | None, password: str) -> bool:
    """Whether the password has the hash `kept`; None (nobody has that name) takes as long and is never right."""
    from argon2.exceptions import VerifyMismatchError

    try:
        _hasher().verify(kept or NOBODYS_HASH, normal(password))
    except VerifyMismatchError:
        return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(kept)


def normal(password: str) -> str:
    """NFKC, so that the same letters from another keyboard are the same password."""
    return unicodedata.normalize("NFKC", password)


def _simple(text: str) -> str:
    """Lower case without accents and spaces: `Mật khẩu!` is `matkhau!`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in decomposed if not letter.isspace() and not unicodedata.combining(letter))


@lru_cache(maxsize=1)
def _key_runs() -> set[str]:
    runs: set[str] = set()
    for line in (*_KEYS, *(keys[::-1] for keys in _KEYS)):
        for start in range(len(line)):
            runs.update(line[start:end] for end in range(start + _NEIGHBOURS, len(line) + 1))
    return runs


@lru_cache(maxsize=1)
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIBIBYTES, parallelism=LANES)
