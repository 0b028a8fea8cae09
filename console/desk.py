"""What the pages stand on, handed over once when the console is built."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import Engine

from console.throttle import LogInThrottle
from core.ports import EventReader
from core.status import Status
from org.breached_passwords import BreachedPasswords
from org.identity_provider import IdentityProvider
from org.passkey import RelyingParty
from org.sealing import SealingKey


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The stores, the clock and the zone in which times are shown. `secure_cookie`: cookies over HTTPS only.

    `key` seals the secrets that must be read again; `breached`: what no new password may be; `party`: where passkeys
    are good, None where browsers allow none; `provider`: where else one may log in, None where nowhere.
    """

    engine: Engine
    events: EventReader
    status: Callable[[], Status]
    now: Callable[[], datetime]
    zone: tzinfo
    secure_cookie: bool
    throttle: LogInThrottle
    key: SealingKey
    breached: BreachedPasswords
    party: RelyingParty | None
    provider: IdentityProvider | None
