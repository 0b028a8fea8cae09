"""Who acts: a person with a session, a token, whoever runs commands on the data folder, or nobody known."""

from typing import Literal

import msgspec

from core.scope import EVERY_UNIT, Scope

Role = Literal[
    "administrator",
    "shift_leader",
    "analyst",
    "responder",
    "permit_officer",
    "clerk",
    "unit_contact",
    "leader",
    "auditor",
    "reader",
    "integration",
    "sender",
    "operator",
    "nobody",
]


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """One who acts, as known at this request.

    `number` is the row of the account or token (0 for the others); `name` is what people read, not unique over time.
    """

    kind: Literal["account", "token", "operator", "nobody"]
    number: int = 0
    name: str
    role: Role
    scope: Scope

    @property
    def id(self) -> str:
        """`account:7`, `token:3`, `operator`: what the audit can tell apart for ever."""
        return f"{self.kind}:{self.number}" if self.number else self.kind


# Whoever may read and write the data folder could change the database by hand; so the command line asks for no more.
OPERATOR = Actor(kind="operator", name="operator", role="operator", scope=EVERY_UNIT)

NO_UNIT = Scope(units=frozenset())

NOBODY = Actor(kind="nobody", name="", role="nobody", scope=NO_UNIT)
