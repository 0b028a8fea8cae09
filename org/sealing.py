"""Secrets that must be read again are sealed in the database, under a key that lies outside it.

A copy of the database alone opens none of them. What is only compared (passwords, tokens) is hashed instead.
Source: NIST SP 800-38D (AES-GCM), with a random nonce of 96 bits for each of a few thousand secrets
"""

import base64
import contextlib
from pathlib import Path

from core.ids import random_bytes
from org.key_file import make_once

FILE = "sealing-key"
KEY_BYTES = 32
NONCE_BYTES = 12


class BadSeal(Exception):
    """The key file holds no key, or this was not sealed with it, or about something else."""


class SealingKey:
    """Seals with the first of its keys and opens with any. `about` says whose secret it is: moved to another row, it
    does not open.
    """

    def __init__(self, *keys: bytes) -> None:
        for key in keys:
            if len(key) != KEY_BYTES:
                raise BadSeal(f"the key has {len(key)} bytes, not {KEY_BYTES}")
        self._keys = keys

    def keys(self) -> tuple[bytes, ...]:
        """The keys, the one that seals first."""
        return self._keys

    def seal(self, secret: bytes, about: str) -> bytes:
        """The nonce, the encrypted secret and its tag; different each time."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = random_bytes(NONCE_BYTES)
        return nonce + AESGCM(self.keys()[0]).encrypt(nonce, secret, about.encode())

    def open(self, sealed: bytes, about: str) -> bytes:
        """The secret. Raises `BadSeal`."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        for key in self.keys():
            with contextlib.suppress(InvalidTag, ValueError):
                return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
        raise BadSeal(about)


class SealingKeyFile(SealingKey):
    """The keys of a file, a line each; read again when the file is another. Thread-safe.

    Raises `BadSeal` and `OSError` when it is made. A file that can be read no more later on leaves the keys there were.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = _version_of(path), read_keys(path)

    def keys(self) -> tuple[bytes, ...]:
        """As they stand in the file."""
        kept = self._read
        with contextlib.suppress(OSError, BadSeal):
            version = _version_of(self._path)
            if version == kept[0]:
                return kept[1]
            kept = self._read = version, read_keys(self._path)
        return kept[1]


def _version_of(path: Path) -> tuple[int, int]:
    known = path.stat()
    return known.st_ino, known.st_mtime_ns


def ensure_sealing_key(data: Path) -> SealingKey:
    """The key of this data folder, made at the first call. Raises `BadSeal`, and `OSError` where it cannot be read."""
    path = data / FILE
    if not path.exists():
        make_once(path, line_of(new_key()))
    return SealingKeyFile(path)


def new_key() -> bytes:
    """A key of its own."""
    return random_bytes(KEY_BYTES)


def line_of(key: bytes) -> bytes:
    """The key as its file holds it."""
    return base64.b64encode(key) + b"\n"


def read_keys(path: Path) -> tuple[bytes, ...]:
    """The keys of a file, one at least. Raises `BadSeal`, `OSError`."""
    try:
        keys = tuple(base64.b64decode(line, validate=True) for line in path.read_bytes().split())
    except ValueError as error:
        raise BadSeal(str(path)) from error
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise BadSeal(str(path))
    return keys
