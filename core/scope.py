"""Whose events and rows a reader may see."""

import msgspec


class Scope(msgspec.Struct, frozen=True):
    """The units one may see and the fields one may not.

    Required by every read of events and by `store.db.session`; there is no default.
    `units` None means every unit (the province); an empty set sees nothing.
    """

    units: frozenset[str] | None
    masked: frozenset[str] = frozenset()

    def covers(self, unit: str) -> bool:
        """Whether rows and events of `unit` may be seen."""
        return self.units is None or unit in self.units


EVERY_UNIT = Scope(units=None)
