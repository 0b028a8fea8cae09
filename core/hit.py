"""What a rule said about one event, and why."""

from typing import Literal

import msgspec

from core.event import Event
from core.language import Text

Level = Literal["informational", "low", "medium", "high", "critical"]
LEVELS: tuple[Level, ...] = ("informational", "low", "medium", "high", "critical")


class Why(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A node of the tree of conditions that held.

    `kind` is `and`, `or`, `not`, `selection` (named `name`) or `test`; a test has the `field`
    (None for a keyword over the whole line), the `operator` (Sigma's modifiers joined with `|`, `equals`
    without any), the `pattern` of the rule and the event's actual `value`. Only branches that
    made the condition true are kept; under `not` stand the conditions that did not hold.

    A count is a `correlation` (`operator` is its type, `pattern` its condition, `value` the count, `field` what
    different values are counted of) over a `window` (`pattern` is the timespan, `value` the time from the first to the
    last event counted, both in seconds), a `group` for each field it groups by (`field`, `value`), and a `rule` (its
    id in `name`, its `title`) for what it counts, with the conditions that held on one event; under `or` where
    several rules were counted.
    """

    kind: Literal["and", "or", "not", "selection", "test", "correlation", "window", "group", "rule"]
    name: str | None = None
    title: Text | None = None
    field: str | None = None
    operator: str | None = None
    pattern: str | None = None
    value: str | None = None
    children: tuple["Why", ...] = ()


class RuleIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """What an alert must know of its rule for ever, even when the rule is gone.

    `version` is a digest of what decides whether the rule holds and what it counts, not of its words;
    `guide` says what an analyst does next.
    """

    id: str
    version: str
    title: Text
    guide: Text
    level: Level
    tags: tuple[str, ...]


class Hit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One rule held on one event."""

    rule: RuleIdentity
    event: Event
    why: Why
