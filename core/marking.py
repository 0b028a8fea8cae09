"""How far information may travel: TLP 2.0.

Source: FIRST, Traffic Light Protocol version 2.0, https://www.first.org/tlp/
"""

from collections.abc import Iterable
from enum import IntEnum


class Marking(IntEnum):
    """TLP 2.0 labels in rising order of restriction."""

    CLEAR = 0
    GREEN = 1
    AMBER = 2
    AMBER_STRICT = 3
    RED = 4

    @property
    def label(self) -> str:
        """The label as it is written: `TLP:AMBER+STRICT`."""
        return "TLP:" + self.name.replace("_", "+")


def read_marking(label: str | None) -> Marking:
    """The marking of a label (`TLP:AMBER`, `amber+strict`, TLP 1.0's `WHITE`); unknown or absent is RED."""
    if label is None:
        return Marking.RED
    name = label.strip().upper().removeprefix("TLP:").replace("+", "_").replace("WHITE", "CLEAR")
    return Marking.__members__.get(name, Marking.RED)


def strictest(markings: Iterable[Marking]) -> Marking:
    """The marking of a whole made of marked parts; of no parts at all it is RED."""
    return max(markings, default=Marking.RED)
