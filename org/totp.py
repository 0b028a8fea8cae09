"""Time-based one-time passwords, as every authenticator app computes them: six digits, SHA-1, a new one every 30 s.

Source: RFC 6238 (TOTP), RFC 4226 section 5.3 (truncation), RFC 4648 section 6 (base32)
Source: Key Uri Format, https://github.com/google/google-authenticator/wiki/Key-Uri-Format
"""

import base64
import hmac
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

DIGITS = 6
STEP = timedelta(seconds=30)
SECRET_BYTES = 20
TOLERATED_STEPS = 1
"""So many steps a telephone's clock may be off to either side."""


def step_of(now: datetime) -> int:
    """The number of the step that `now` lies in, counted from 1970."""
    return int(now.timestamp()) // int(STEP.total_seconds())


def code(secret: bytes, step: int) -> str:
    """The six digits of this step."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def matching_step(secret: bytes, said: str, now: datetime, after: int) -> int | None:
    """The step whose code was said, None where none was.

    Steps up to `after` are used up, so that no code is good twice; spaces in what was said do not count.
    """
    digits = "".join(said.split())
    if not (len(digits) == DIGITS and digits.isascii() and digits.isdigit()):
        return None
    present = step_of(now)
    for step in range(present - TOLERATED_STEPS, present + TOLERATED_STEPS + 1):
        if step > after and hmac.compare_digest(code(secret, step), digits):
            return step
    return None


def spoken(secret: bytes) -> str:
    """The secret in base32, in groups of four, for whoever types it: `JBSW Y3DP EHPK 3PXP ...`."""
    letters = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def uri(secret: bytes, issuer: str, name: str) -> str:
    """What the picture says: `otpauth://totp/Canh:lan?secret=JBSWY3DPEHPK3PXP&issuer=Canh`."""
    asked = urlencode({"secret": spoken(secret).replace(" ", ""), "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer, safe='')}:{quote(name, safe='')}?{asked}"
