"""Secrets that must be read again are sealed in the database, under a key that lies outside it.

A copy of the database alone opens none of them. What is only compared (passwords, tokens) is hashed instead.
Source: NIST SP 800-38D (AES-GCM), with a random nonce of 96 bits for each of a few thousand secrets
"""

import base64
from pathlib import Path

from core.ids import random_bytes
from org.key_file import make_once

FILE = "sealing-key"
KEY_BYTES = 32
NONCE_BYTES = 12


class BadSeal(Exception):
    """The key file holds no key, or this was not sealed with it, or about something else."""


class SealingKey:
    """Seals and opens. `about` says whose secret it is: moved to another row, it does not open."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise BadSeal(f"the key has {len(key)} bytes, not {KEY_BYTES}")
        self._key = key

    def seal(self, secret: bytes, about: str) -> bytes:
        """The nonce, the encrypted secret and its tag; different each time."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = random_bytes(NONCE_BYTES)
        return nonce + AESGCM(self._key).encrypt(nonce, secret, about.encode())

    def open(self, sealed: bytes, about: str) -> bytes:
        """The secret. Raises `BadSeal`."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            return AESGCM(self._key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
        except (InvalidTag, ValueError) as error:
            raise BadSeal(about) from error


def ensure_sealing_key(data: Path) -> SealingKey:
    """The key of this data folder, made at the first call. Raises `BadSeal`, and `OSError` where it cannot be read."""
    path = data / FILE
    if not path.exists():
        make_once(path, base64.b64encode(random_bytes(KEY_BYTES)) + b"\n")
    try:
        return SealingKey(base64.b64decode(path.read_bytes(), validate=False))
    except ValueError as error:
        raise BadSeal(str(path)) from error
