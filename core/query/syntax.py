"""The tree of a query. Every store compiles this and nothing else."""

import msgspec


class Everything(msgspec.Struct, frozen=True, tag=True):
    """`*`: every event."""


class Term(msgspec.Struct, frozen=True, tag=True):
    """`user.name:root`: the field has this value; on a text field: this word. Letter case and accents do not count."""

    field: str
    value: str


class Phrase(msgspec.Struct, frozen=True, tag=True):
    """`"failed password"` or `message:"failed password"`: the words in this order.

    On a field that is no text it is the whole value; `field` None is the whole event's text.
    """

    field: str | None
    value: str


class Prefix(msgspec.Struct, frozen=True, tag=True):
    """`process.name:ssh*`: the value (on a text field: a word) begins so."""

    field: str | None
    value: str


class Wildcard(msgspec.Struct, frozen=True, tag=True):
    """`process.name:*power*shell*`: the value (on a text field: a word) is the pieces in this order, anything between.

    `a*b` is the pieces `a` and `b`, `*b` an empty one and `b`. `field` None is the whole event's text.
    """

    field: str | None
    pieces: tuple[str, ...]


class Range(msgspec.Struct, frozen=True, tag=True):
    """`source.port:>1024`, `source.ip:[10.0.0.0 TO 10.0.0.255]`: bounds as written; None is open."""

    field: str
    low: str | None
    high: str | None
    low_included: bool = True
    high_included: bool = True


class Exists(msgspec.Struct, frozen=True, tag=True):
    """`user.name:*`: the field has a value."""

    field: str


class Word(msgspec.Struct, frozen=True, tag=True):
    """`failed`: a word anywhere in the event's text."""

    value: str


class And(msgspec.Struct, frozen=True, tag=True):
    """All of them."""

    parts: tuple["Query", ...]


class Or(msgspec.Struct, frozen=True, tag=True):
    """At least one of them."""

    parts: tuple["Query", ...]


class Not(msgspec.Struct, frozen=True, tag=True):
    """All events but these."""

    part: "Query"


Query = Everything | Term | Phrase | Prefix | Wildcard | Range | Exists | Word | And | Or | Not
