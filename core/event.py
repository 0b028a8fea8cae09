"""A record made readable (`Event`), or the reason why it could not be (`Rejected`)."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from core.ids import event_id
from core.record import Position, Record
from core.rejection import REASONS, Reason

Value = str | int | float | bool | list[str] | list[int]


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing that happened, under ECS field names.

    `time` is when it happened as the source says (aware UTC; `received` where the source says
    nothing or names a time more than ten minutes ahead); `received` is our clock. `fields`
    are flat dotted names of `core.fields` or of the source's own namespace; absent is not
    null: a field without a value is not in the mapping. `raw` are the record's bytes.
    """

    time: datetime
    received: datetime
    position: Position
    unit: str
    fields: Mapping[str, Value]
    raw: bytes

    @property
    def id(self) -> str:
        """Deterministic: the same record is the same event after any number of replays."""
        return event_id(self.position.partition, self.position.sequence)


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """A record that no parser could read, kept whole with the stage and the reason.

    It is stored and searchable like an event (`event.kind:pipeline_error`).
    """

    record: Record
    position: Position
    stage: str
    reason: Reason
    fields: Mapping[str, Value] = {}

    @property
    def id(self) -> str:
        """As `Event.id`."""
        return event_id(self.position.partition, self.position.sequence)

    def as_event(self) -> Event:
        """The event under which the rejected record is stored: what could be read (`fields`), and why not more."""
        return Event(
            time=self.record.received_at,
            received=self.record.received_at,
            position=self.position,
            unit=self.record.unit,
            fields={
                **self.fields,
                "event.kind": "pipeline_error",
                "error.type": self.stage,
                "error.code": self.reason,
                "error.message": REASONS[self.reason].en,
                "message": self.record.raw.decode("utf-8", "backslashreplace"),
            },
            raw=self.record.raw,
        )
