"""How names of accounts are compared. Pure."""

import unicodedata


def name_key(name: str) -> str:
    """The name as it is compared: `Lan ` and `lan` are one person."""
    return unicodedata.normalize("NFKC", name).strip().casefold()
