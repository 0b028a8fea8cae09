"""The Ed25519 key pair that signs the audit's checkpoints: made once, kept in the data folder, for its owner's eyes.

Source: RFC 8032 (Ed25519); RFC 8410 (its keys as PEM)
"""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from org.key_file import make_once

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FILE = "audit-key.pem"
_BEGIN, _END = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"


class BadKey(Exception):
    """The file holds no Ed25519 key of the kind that was asked for."""


class PublicKey(msgspec.Struct, frozen=True):
    """What checks signatures. `id` is the first 16 hex digits of the SHA-256 of its 32 bytes."""

    id: str
    pem: str
    _key: "Ed25519PublicKey"

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Whether the holder of the private key signed exactly this message."""
        from cryptography.exceptions import InvalidSignature

        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """The private key, and the public one that belongs to it."""

    def __init__(self, key: "Ed25519PrivateKey") -> None:
        self._key = key
        self.public = _public(key.public_key())

    def sign(self, message: bytes) -> bytes:
        """64 bytes; the same for the same message."""
        return self._key.sign(message)


def ensure_key(data: Path) -> tuple[SigningKey, bool]:
    """The key of this data folder, and whether it was made just now.

    Made as `org.key_file` says. Raises `BadKey` for a file that is none.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if (data / FILE).exists():
        return load_key(data), False
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    made = make_once(data / FILE, pem)
    return load_key(data), made


def load_key(data: Path) -> SigningKey:
    """The key of this data folder. Raises `BadKey`, and `OSError` where it cannot be read."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    try:
        key = serialization.load_pem_private_key((data / FILE).read_bytes(), None)
    except (ValueError, TypeError) as error:
        raise BadKey(str(data / FILE)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey(str(data / FILE))
    return SigningKey(key)


def public_keys(text: str) -> tuple[PublicKey, ...]:
    """Every public key in the text, a PEM block each: the present one and those before it. Raises `BadKey`."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    found = []
    for block in text.split(_BEGIN)[1:]:
        body, end, _ = block.partition(_END)
        try:
            key = serialization.load_pem_public_key(f"{_BEGIN}{body}{end}\n".encode())
        except (ValueError, TypeError) as error:
            raise BadKey("not a public key") from error
        if not isinstance(key, Ed25519PublicKey):
            raise BadKey("not an Ed25519 key")
        found.append(_public(key))
    if not found:
        raise BadKey("no public key")
    return tuple(found)


def _public(key: "Ed25519PublicKey") -> PublicKey:
    from cryptography.hazmat.primitives import serialization

    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    return PublicKey(hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16], pem, key)
