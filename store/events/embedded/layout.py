"""How an event lies in the index of a day.

| field of the index | holds | answers |
|---|---|---|
| `_terms` | `name=value` of every field but texts (`terms.py`) | equality, prefix |
| `_shape` | the names of the event's fields, as one term: events of one kind share it | existence |
| text fields, `event.original` | the words | words, phrases, prefixes of words |
| fields of type long, double, ip, date; `@timestamp` | a column, where the value fits | ranges, order, counts |
| `_keys` | the values of all other fields but texts, and addresses, as columns (a path per field) | counts |
| `_unit` | the unit, as a column too | the scope, counts |
| `_partition`, `_sequence` | the position, as columns | what is stored already, the event of an id |
| `_source` | the event (`source.py`) | |

Fields are not searched in a JSON field of tantivy: its prefix queries stop at 50 terms. `_keys` is one without an
inverted index (its tokenizer finds no word), for counting alone: as fields of their own the keywords would cost a byte
each for every event that has none of them, and values are counted as they were written, not folded. A value stands
there behind `=`: tantivy would take what looks like a time for one. Text is folded before it comes here, so the
tokenizers only cut.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import tantivy

from core.event import Event, Value
from core.fields import FIELDS, FieldType
from core.query.aggregation import is_countable, key_of
from core.query.bounds import microseconds
from store.events.terms import (
    COLUMNS,
    MAX_TERM_LETTERS,
    ORIGINAL,
    TIME,
    canonical,
    column_value,
    encodable,
    escape,
    fold,
    is_plain,
    term,
)

LAYOUT_FILE = "layout.json"
SHORT_LETTERS = 500
_ENCODE = msgspec.json.Encoder().encode
VERSION = 2
KEYS = "_keys"
KEY_MARK = "="
MAX_UNKNOWN_NAMES = 2000
"""So many names that we do not know are counted in a day: each is a column."""
UNCOUNTED = "\x1c"
"""What the term begins with that says of an event: it has a field of this name, but not in a column."""
MAX_SHAPES = 4096
MAX_SHAPE_LETTERS = 8192
MAX_NAME_LETTERS = 200


class Layout(msgspec.Struct, frozen=True):
    """The fields a day folder was made with: today's for a new one, older ones for a folder made by an older Canh."""

    version: int
    fields: dict[str, FieldType]

    def schema(self) -> tantivy.Schema:
        """The index's schema."""
        builder = tantivy.SchemaBuilder()
        for name in ("_terms", "_shape", "_unit"):
            builder.add_text_field(
                name,
                tokenizer_name="terms" if name == "_terms" else "raw",
                index_option="basic",
                fast=name != "_terms",
            )
        builder.add_json_field(KEYS, fast=True, tokenizer_name="keys", index_option="basic")
        builder.add_text_field("_partition", tokenizer_name="raw", index_option="basic", fast=True)
        builder.add_unsigned_field("_sequence", fast=True)
        builder.add_bytes_field("_source", stored=True)
        for name, kind in self.fields.items():
            match kind:
                case "text":
                    builder.add_text_field(name, tokenizer_name="words", index_option="position")
                case "long" | "date":
                    builder.add_integer_field(name, fast=True)
                case "double":
                    builder.add_float_field(name, fast=True)
                case "ip":
                    builder.add_ip_addr_field(name, fast=True)
        return builder.build()


CURRENT = Layout(VERSION, {name: field.type for name, field in FIELDS.items()})


def read_layout(folder: Path) -> Layout:
    """The folder's layout. Raises OSError or ValueError where there is none that we can read."""
    layout = msgspec.json.decode((folder / LAYOUT_FILE).read_bytes(), type=Layout)
    if layout.version != VERSION:
        raise ValueError(f"layout {layout.version} is not known")
    return layout


def words() -> tantivy.TextAnalyzer:
    """Cuts folded text into words: runs of letters and digits of any length. Not to be shared between threads."""
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).build()


def open_index(folder: Path) -> tantivy.Index:
    """The folder's index with its tokenizers, which tantivy does not keep."""
    index = tantivy.Index.open(str(folder))
    index.register_tokenizer("words", words())
    index.register_tokenizer("terms", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    whole = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
    index.register_fast_field_tokenizer("keys", whole.build())
    nothing = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw()).filter(tantivy.Filter.remove_long(1))
    index.register_tokenizer("keys", nothing.build())
    index.config_reader("manual")
    return index


class _Shape(msgspec.Struct, frozen=True):
    """What events with the same field names have in common."""

    plan: tuple[tuple[str, str, FieldType | None], ...]
    """Per field, in order: its name, `name=`, its type."""
    term: str | None
    """The names as the term of `_shape`; None where that would be too odd, too long or one too many."""
    is_plain: bool
    counted: tuple[tuple[str, bool], ...]
    """The fields whose values are counted by `_keys`, and whether they are addresses."""
    uncounted: tuple[str, ...]
    """Terms that name the fields that would have been counted so, but are too many."""


class Indexer:
    """Makes documents of events. Not thread-safe."""

    def __init__(self, layout: Layout) -> None:
        self._types = layout.fields
        self._schema = layout.schema()
        self._shapes: dict[tuple[str, ...], _Shape] = {}
        self._shape_terms: set[str] = set()
        self._unknown_names: set[str] = set()

    def document(self, event: Event, source: bytes) -> tantivy.Document:
        """The document of an event; `source` is its stored form. Does not raise, whatever the fields hold."""
        row = self.row(event, source)
        try:
            return tantivy.Document.from_dict(row, self._schema)
        except ValueError:
            return tantivy.Document.from_dict(self._fitting(row), self._schema)

    def row(self, event: Event, source: bytes) -> dict[str, Any]:
        """The document as a mapping; columns of addresses and numbers may still hold what does not fit."""
        fields = event.fields
        names = tuple(fields)
        shape = self._shapes.get(names) or self._new_shape(names)
        position = event.position
        row: dict[str, Any] = {
            "_unit": event.unit,
            "_partition": position.partition,
            "_sequence": position.sequence,
            "_source": source,
        }
        terms: list[str] = []
        for (name, start, kind), value in zip(shape.plan, fields.values(), strict=True):
            if kind is None or kind == "keyword":
                if type(value) is str:
                    terms.append(start + value.lower())
                elif type(value) is list:
                    terms += [start + str(each).lower() for each in value]
                else:
                    terms.append(start + str(value).lower())
            elif kind == "text":
                row[name] = [fold(str(each)) for each in value] if type(value) is list else fold(str(value))
            elif kind == "long" and type(value) is int:
                terms.append(f"{start}{value}")
                row[name] = value
            else:
                column: list[int | float | str | None] = []
                for each in value if type(value) is list else [value]:
                    if kind == "ip" and type(each) is str and ":" not in each:
                        terms.append(start + each.lower())
                        column.append(each)
                    else:
                        terms.append(start + canonical(kind, each).lower())
                        column.append(column_value(kind, each))
                if kind in COLUMNS:
                    row[name] = [number for number in dict.fromkeys(column) if number is not None]
        if shape.is_plain and is_plain("".join(terms)) and (not terms or len(max(terms, key=len)) <= MAX_TERM_LETTERS):
            # Nothing here needs more than spaces put out of the way.
            row["_terms"] = "\x1f".join(terms).replace(" ", "\x1e").replace("\x1f", " ")
        else:
            row["_terms"] = " ".join(self._terms(fields))
        if shape.uncounted:
            row["_terms"] += "".join(f" {each}" for each in shape.uncounted)
        row[KEYS] = _keys(fields, shape.counted)
        if shape.term is None:
            row["_terms"] += "".join(f" {escape(name)}" for name in fields)
        else:
            row["_shape"] = shape.term
        row[TIME] = microseconds(event.time)
        row[ORIGINAL] = fold(event.raw.decode("utf-8", "backslashreplace"))
        return row

    def _terms(self, fields: Mapping[str, Value]) -> Iterator[str]:
        """The terms, the long way."""
        for name, value in fields.items():
            kind = self._types.get(name)
            if kind != "text":
                for each in value if isinstance(value, list) else [value]:
                    yield term(name, canonical(kind, each))

    def _new_shape(self, names: tuple[str, ...]) -> _Shape:
        plain = all(map(may_be_in_shape, names))
        text: str | None = f"={'='.join(sorted(names))}="
        if text not in self._shape_terms:
            if plain and len(text or "") <= MAX_SHAPE_LETTERS and len(self._shape_terms) < MAX_SHAPES:
                self._shape_terms.add(text or "")
            else:
                text = None
        counted: list[tuple[str, bool]] = []
        uncounted: list[str] = []
        for name in names:
            kind = self._types.get(name)
            if kind in ("keyword", "boolean", "ip") or (kind is None and self._may_count(name)):
                counted.append((name, kind == "ip"))
            elif kind is None and is_countable(name):
                uncounted.append(UNCOUNTED + name)
        plan = tuple((name, f"{name}=", self._types.get(name)) for name in names)
        shape = _Shape(plan, text, plain, tuple(counted), tuple(uncounted))
        if len(self._shapes) >= MAX_SHAPES:
            self._shapes.clear()
        self._shapes[names] = shape
        return shape

    def _may_count(self, name: str) -> bool:
        """Whether the values of a field we do not know get a column."""
        if name in self._unknown_names:
            return True
        if not is_countable(name) or len(self._unknown_names) >= MAX_UNKNOWN_NAMES:
            return False
        self._unknown_names.add(name)
        return True

    def _fitting(self, row: dict[str, Any]) -> dict[str, Any]:
        """The row without half surrogate pairs and without the numbers and addresses that a column cannot hold."""
        fitting: dict[str, Any] = {}
        for name, value in row.items():
            kind = self._types.get(name)
            if kind == "date":
                fitting[name] = value
            elif kind in COLUMNS:
                every = value if isinstance(value, list) else [value]
                fitting[name] = [number for each in every if (number := column_value(kind, each)) is not None]
            elif isinstance(value, str):
                fitting[name] = encodable(value)
            else:
                fitting[name] = [encodable(each) for each in value] if isinstance(value, list) else value
        return fitting


def _keys(fields: Mapping[str, Value], counted: Iterable[tuple[str, bool]]) -> str:
    """The object of `_keys`: per field the keys of its values, each behind `KEY_MARK`."""
    keys: dict[str, str | list[str]] = {}
    for name, is_address in counted:
        value = fields[name]
        if type(value) is str and not is_address and len(value) <= SHORT_LETTERS:
            keys[name] = KEY_MARK + value
        else:
            every = map(_address if is_address else key_of, value if isinstance(value, list) else [value])
            keys[name] = list(dict.fromkeys(KEY_MARK + key for key in every if key is not None))
    try:
        return _ENCODE(keys).decode()
    except UnicodeEncodeError:
        return _ENCODE({name: _encodable(key) for name, key in keys.items()}).decode()


@lru_cache(maxsize=65_536)
def _address(value: object) -> str | None:
    """The usual form of an address, None for what is none. They come again and again."""
    found = None if isinstance(value, float) else column_value("ip", value)
    return None if found is None else str(found)


def _encodable(key: str | list[str]) -> str | list[str]:
    return encodable(key) if isinstance(key, str) else [encodable(each) for each in key]


def may_be_in_shape(name: str) -> bool:
    """Whether the name is ordinary enough for the `_shape` term: the others are terms of their own."""
    return is_plain(name) and " " not in name and "=" not in name and len(name) <= MAX_NAME_LETTERS
