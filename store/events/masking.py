"""Fields that a scope does not show."""

import msgspec

from core.event import Event
from core.scope import Scope
from store.events.terms import ORIGINAL


def within(event: Event, scope: Scope) -> Event:
    """The event without the fields that the scope masks."""
    if not scope.masked:
        return event
    return msgspec.structs.replace(
        event,
        fields={name: value for name, value in event.fields.items() if name not in scope.masked},
        raw=b"" if ORIGINAL in scope.masked else event.raw,
    )
