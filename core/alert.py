"""What detection tells intake: a rule held for a group of entities within a window."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from core.event import Event
from core.hit import RuleIdentity, Why
from core.ids import digest
from core.language import Text


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as it stands now: told again with the same `id` and a higher `count` as more events join.

    `entities` is the group key (`source.ip` -> `203.0.113.9`); `window_start` the time of the
    first event that opened the window; `first`, `last` the times of the first and last event
    counted; `count` the events counted so far (cumulative, never a difference;
    one that its sender folded as often as it says). `events` explain it: the first,
    a sample and the last, each whole, so that retention never empties an alert.
    """

    rule: RuleIdentity
    unit: str
    entities: Mapping[str, str]
    window_start: datetime
    first: datetime
    last: datetime
    count: int
    why: Why
    reason: Text
    events: tuple[Event, ...]

    @property
    def id(self) -> str:
        """Deterministic from rule, unit, group key and window."""
        return digest("alert", self.rule.id, self.unit, group_key(self.entities), self.window_start.isoformat())


def group_key(entities: Mapping[str, str]) -> str:
    """The entities as one text, equal for equal mappings whatever their order."""
    return "\x1f".join(f"{name}\x1e{entities[name]}" for name in sorted(entities))
