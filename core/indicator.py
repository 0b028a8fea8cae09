"""A sign of an attacker: the same type on the way in and on the way out."""

from datetime import datetime
from typing import Literal

import msgspec

from core.marking import Marking

IndicatorKind = Literal["ip", "cidr", "domain", "url", "hash", "email", "file_name"]


class Indicator(msgspec.Struct, frozen=True, kw_only=True):
    """One address, domain, URL, hash, mailbox or file name believed hostile.

    Valid from `valid_from` until before `valid_until` (None: until withdrawn), aware UTC.
    """

    kind: IndicatorKind
    value: str
    valid_from: datetime
    valid_until: datetime | None
    marking: Marking
    origin: str
