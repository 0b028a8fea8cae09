"""Secrets are handed out once; the database keeps only their digests."""

import hashlib


def digest(secret: str) -> str:
    """SHA-256 in hex. Enough for a secret of 256 random bits, which cannot be guessed; never for a password.

    Rows are found by it: how long that takes says nothing about a secret that hashes to something else.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
