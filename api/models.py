"""What several resources share in their answers."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from core import event, hit, language

FieldValue = str | int | float | bool | list[str] | list[int]


class Model(BaseModel):
    """An answer or a request; a request with an unknown member is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Model):
    """One text in both languages."""

    vi: str
    en: str

    @classmethod
    def of(cls, text: language.Text) -> "Text":
        """The answer's form of a text."""
        return cls(vi=text.vi, en=text.en)


class Event(Model):
    """One event, whole."""

    id: str = Field(description="Deterministic: the same record keeps its id through any replay.")
    time: AwareDatetime = Field(description="When it happened, as the source says; UTC.")
    received: AwareDatetime = Field(description="When Canh received it; UTC.")
    unit: str = Field(description="The unit it belongs to.")
    fields: Mapping[str, FieldValue] = Field(description="Flat ECS names; a field without a value is absent.")
    original: str = Field(description="The record as it was read; bytes that are not UTF-8 are written as `\\xNN`.")

    @classmethod
    def of(cls, found: event.Event) -> "Event":
        """The answer's form of an event."""
        return cls(
            id=found.id,
            time=found.time,
            received=found.received,
            unit=found.unit,
            fields=found.fields,
            original=found.raw.decode("utf-8", "backslashreplace"),
        )


class Why(Model):
    """A node of the tree of conditions that held; see `core.hit.Why`."""

    kind: str = Field(
        description="`and`, `or`, `not`, `selection`, `test`; of a count `correlation`, `window`, `group`, `rule`."
    )
    name: str | None = Field(description="Name of the selection, id of the rule.")
    title: Text | None = Field(description="What the rule is called.")
    field: str | None = Field(description="The field tested; null for a keyword over the whole line.")
    operator: str | None = Field(description="Sigma's modifiers joined with `|`; `equals` without any.")
    pattern: str | None = Field(description="What the rule asks for; of a window its length in seconds.")
    value: str | None = Field(description="What the event had; of a window the seconds from the first to the last.")
    children: tuple["Why", ...]

    @classmethod
    def of(cls, why: hit.Why) -> "Why":
        """The answer's form of a tree."""
        return cls(
            kind=why.kind,
            name=why.name,
            title=None if why.title is None else Text.of(why.title),
            field=why.field,
            operator=why.operator,
            pattern=why.pattern,
            value=why.value,
            children=tuple(cls.of(child) for child in why.children),
        )


Limit = Annotated[int, Field(ge=1, le=1000, description="How many at most.")]
