"""Hashes of the passwords of tests, each computed once: argon2 is slow on purpose."""

from functools import lru_cache

from org import password


@lru_cache(maxsize=8)
def hash_of(said: str) -> str:
    return password.hashed(said)
