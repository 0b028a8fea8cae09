"""The counters in words, and everything that was lost with its reason: for the page and for `canh status`."""

from collectors.loss import REASONS
from console.texts import COUNTER_NAMES, TRUNCATED
from core.language import Text
from core.status import Counters


def counts(counters: Counters) -> tuple[tuple[Text, int], ...]:
    """Every counter, in the order a reader follows an event."""
    return tuple(
        (text, sum(counters.dropped.values()) if name == "dropped" else getattr(counters, name))
        for name, text in COUNTER_NAMES.items()
    )


def losses(counters: Counters) -> tuple[tuple[Text, int], ...]:
    """Records by reason and connections that were refused; what is 0 is left out."""
    before_the_spool = {**counters.dropped, **counters.refused}
    found = [(REASONS.get(reason, Text(reason, reason)), count) for reason, count in sorted(before_the_spool.items())]
    found += [(COUNTER_NAMES["damaged"], counters.damaged), (COUNTER_NAMES["lost"], counters.lost)]
    found += [(TRUNCATED, counters.truncated)]
    return tuple((text, count) for text, count in found if count)
