"""Deterministic ids, and the one place where chance enters."""

import hashlib
import secrets


def event_id(partition: str, sequence: int) -> str:
    """The id of the record at a position: the partition's incarnation and the sequence in hex.

    `event_id("intake.5f0c9a11d2e3", 31)` is `5f0c9a11d2e3-1f`. The other way is `event_position`.
    """
    return f"{partition.rpartition('.')[2]}-{sequence:x}"


def event_position(identity: str) -> tuple[str, int] | None:
    """(incarnation, sequence) of an event id, or None where the text is no event id."""
    incarnation, dash, sequence = identity.rpartition("-")
    if not dash or not incarnation:
        return None
    try:
        return incarnation, int(sequence, 16)
    except ValueError:
        return None


def digest(*parts: str) -> str:
    """A 32-character hex id of the parts, equal for equal parts (BLAKE2b, 128 bits, parts length-framed)."""
    hasher = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        hasher.update(len(data).to_bytes(4, "big"))
        hasher.update(data)
    return hasher.hexdigest()


def new_incarnation() -> str:
    """A random name part for a new spool directory (48 bits as 12 hex digits)."""
    return secrets.token_hex(6)


def new_secret() -> str:
    """A secret for a token, a session or a first-run link: 256 bits, URL-safe."""
    return secrets.token_urlsafe(32)


def random_bytes(count: int) -> bytes:
    """For keys and nonces."""
    return secrets.token_bytes(count)
