"""An event as a document of Elasticsearch, and back. Pure. What the document looks like: `template`."""

import base64
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgspec

from core.event import Event, Value
from core.fields import FIELDS, FieldType
from core.query.aggregation import is_countable, key_of
from core.query.bounds import LONG_MAX, LONG_MIN, from_microseconds, microseconds
from core.record import Position
from store.events.packed import pack, unpack
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
    term,
)

LONGEST_KEY_LETTERS = 4000
"""Lucene holds 32,766 bytes in a key: a longer one is so many letters and a digest."""

SHORT_LETTERS = 100
"""What is longer is not remembered: names and addresses are shorter."""

_WORD = re.compile(r"[^\W_]+")
_TYPES = {name: field.type for name, field in FIELDS.items()}


def document_of(event: Event, refused: str | None = None) -> bytes:
    """The document, JSON on one line. Does not raise, whatever the fields hold.

    `refused` is why the server did not take it in full: then it has no fields of ECS, and is found and given back all
    the same.
    """
    terms: list[str] = []
    words: dict[str, list[str]] = {}
    columns: dict[str, list[int | float | str]] = {}
    keys: dict[str, list[str]] = {}
    natural: dict[str, Value] = {}
    other: list[dict[str, Value]] = []
    survives = True
    for name, value in event.fields.items():
        kind, start = _TYPES.get(name), _start(name)
        if kind is None or name in (TIME, ORIGINAL):
            other.append({"name": name, "value": value})
        else:
            natural[name] = value
        values = value if type(value) is list else (value,)
        if kind is None and is_countable(name):
            keys[name] = [found for each in values if (found := key_of(each)) is not None]
        if kind == "text":
            words[name] = [words_of(str(each)) for each in values]
            survives = survives and all(map(_is_kept, values))
            continue
        for each in values:
            if type(each) is str and each.isascii() and each.isprintable() and len(each) <= MAX_TERM_LETTERS:
                if start is not None and (kind is None or kind == "keyword"):
                    # Most values: nothing but spaces is put out of the way.
                    terms.append(start + each.lower().replace(" ", "\x1e"))
                    continue
            elif survives:
                survives = _is_kept(each)
            if type(each) is str and len(each) <= SHORT_LETTERS:
                written, number = _typed(kind, each)
            else:
                written, number = canonical(kind, each), column_value(kind, each)
            terms.append(key(term(name, written)))
            if kind in COLUMNS and number is not None:
                column = columns.setdefault(name, [])
                if number not in column:
                    column.append(number)
    line = event.raw.decode("utf-8", "backslashreplace")
    words[ORIGINAL] = [words_of(line)]
    meta: dict[str, Any] = {
        "time": microseconds(event.time),
        "received": microseconds(event.received),
        "partition": event.position.partition,
        "sequence": event.position.sequence,
        "unit": event.unit,
        "terms": terms,
        "names": [key(name) for name in event.fields],
        "words": words,
        "columns": columns,
        "keys": keys,
    }
    if refused is not None or not survives or not all(map(_is_text, event.fields)):
        meta["packed"] = base64.b64encode(pack(event)).decode()
        natural = natural if refused is None else {}
    elif other:
        meta["other"] = other
    if line.encode("utf-8", "replace") != event.raw:
        meta["raw"] = base64.b64encode(event.raw).decode()
    if refused is not None:
        meta["refused"] = refused
    document = {TIME: event.time.isoformat(), ORIGINAL: line, **natural, "canh": meta}
    try:
        return msgspec.json.encode(document)
    except (UnicodeEncodeError, OverflowError, ValueError):
        return msgspec.json.encode(_encodable(document))


def event_of(source: Mapping[str, Any]) -> Event:
    """The event of a document's `_source`. Raises ValueError, TypeError, KeyError or DecodeError where it is none."""
    meta = source["canh"]
    if "packed" in meta:
        return unpack(base64.b64decode(meta["packed"]))
    fields = {name: value for name, value in source.items() if name not in (TIME, ORIGINAL, "canh")}
    fields.update((each["name"], each["value"]) for each in meta.get("other", ()))
    return Event(
        time=from_microseconds(meta["time"]),
        received=from_microseconds(meta["received"]),
        position=Position(meta["partition"], meta["sequence"]),
        unit=meta["unit"],
        fields=fields,
        raw=base64.b64decode(meta["raw"]) if "raw" in meta else source[ORIGINAL].encode(),
    )


def cut(text: str) -> list[str]:
    """The words of a text: runs of letters and digits, folded."""
    folded = fold(text)
    words: list[str] = _WORD.findall(folded)
    return words if folded.isascii() and len(folded) <= LONGEST_KEY_LETTERS else [key(word) for word in words]


def words_of(text: str) -> str:
    """The words of a text with a space between them."""
    return " ".join(cut(text))


def key(text: str) -> str:
    """A key of the index, as long as the index can hold; equality stays exact, a prefix sees the letters only."""
    if text.isascii() and len(text) <= LONGEST_KEY_LETTERS:
        return text
    text = encodable(text)
    if len(text) <= LONGEST_KEY_LETTERS:
        return text
    return f"{text[:LONGEST_KEY_LETTERS]}\x1f{blake2b(text.encode(), digest_size=16).hexdigest()}"


def prefix(text: str) -> str:
    """What every key that begins with the text begins with."""
    return encodable(text)[:LONGEST_KEY_LETTERS]


@lru_cache(maxsize=8192)
def _start(name: str) -> str | None:
    """What every term of the field begins with; None for a name that is too odd or long to be written so."""
    return f"{escape(name)}=" if name.isascii() and len(name) <= SHORT_LETTERS else None


@lru_cache(maxsize=65_536)
def _typed(kind: FieldType | None, text: str) -> tuple[str, int | float | str | None]:
    """(the text as a term has it, what a column holds for it). Addresses come again and again."""
    return canonical(kind, text), column_value(kind, text)


def _is_kept(value: object) -> bool:
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        return LONG_MIN <= value <= LONG_MAX
    return math.isfinite(value) if isinstance(value, float) else isinstance(value, str) and _is_text(value)


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _encodable(value: Any) -> Any:
    """The same without half surrogate pairs and with numbers as texts where JSON has no form for them."""
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return {_encodable(name): _encodable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_encodable(each) for each in value]
    return value if _is_kept(value) else str(value)
