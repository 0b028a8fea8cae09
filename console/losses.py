"""Everything that was lost, each reason in words."""

from collectors.loss import REASONS
from console.texts import COUNTER_NAMES
from core.language import Text
from core.status import Counters


def losses(counters: Counters) -> tuple[tuple[Text, int], ...]:
    """Records by reason and connections that were refused; what is 0 is left out."""
    before_the_spool = {**counters.dropped, **counters.refused}
    found = [(REASONS.get(reason, Text(reason, reason)), count) for reason, count in sorted(before_the_spool.items())]
    found += [(COUNTER_NAMES["damaged"], counters.damaged), (COUNTER_NAMES["lost"], counters.lost)]
    return tuple((text, count) for text, count in found if count)
