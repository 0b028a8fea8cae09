"""A token as programs write it into a request's `Authorization`. Pure."""

import base64
import binascii


def secret_of(authorization: str) -> str:
    """The token: as a bearer, as a password, or as an API key, alone or encoded with its id as Elasticsearch has it.

    Empty where there is none that can be read.
    """
    scheme, _, said = authorization.partition(" ")
    said = said.strip()
    if scheme.lower() == "bearer" or said.startswith("canh_"):
        return said
    if scheme.lower() in ("apikey", "basic"):
        try:
            return base64.b64decode(said, validate=True).decode("ascii").partition(":")[2]
        except (ValueError, binascii.Error):
            return ""
    return ""
