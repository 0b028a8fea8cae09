"""Rules as they run: what `detection.match` asks and what `detection.correlate` counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from core.errors import RuleError
from core.hit import RuleIdentity
from core.language import Text
from detection.sigma.condition import Condition
from detection.sigma.logsource import Logsource

PLAIN_TIMESPAN_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One condition on one event.

    `alerts` is False for a rule that is only counted by correlations. `entities` None takes what the event has of
    `detection.correlate.USUAL_ENTITIES`. Hits of the same entities within `timespan_s` of each other are one alert.
    """

    identity: RuleIdentity
    logsource: Logsource
    condition: Condition
    alerts: bool = True
    entities: tuple[str, ...] | None = None
    reason: Text | None = None
    timespan_s: int = PLAIN_TIMESPAN_S
    path: str = ""
    line: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """So many events, or so many different values, of some rules within a time, for each group.

    `keys` gives for each rule counted (by id) the event fields that `group_by` names; `values` those whose different
    values are counted (`value_count`). `threshold` is the count at which it holds, `condition` how the rule writes it.
    """

    identity: RuleIdentity
    kind: Literal["event_count", "value_count"]
    group_by: tuple[str, ...]
    keys: Mapping[str, tuple[str, ...]]
    values: Mapping[str, tuple[str, ...]]
    timespan_s: int
    threshold: int
    condition: str
    reason: Text | None = None
    path: str = ""
    line: int = 1


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What was loaded, and what was refused and why."""

    rules: tuple[Rule, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    errors: tuple[RuleError, ...] = field(default=())
