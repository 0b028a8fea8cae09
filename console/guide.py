"""A rule's guide as it is shown: its queries lead to the search page, filled with what the alert is about.

    Tìm lần đăng nhập thành công từ cùng địa chỉ: event.action:ssh_login source.ip:ĐỊA_CHỈ. Nếu có: ...

A value all in capitals is a place to fill (`ĐỊA_CHỈ`, `ADDRESS`, `MÁY`, `HOST`). Where the alert does not say with
what, the query stays plain text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from console.narrowing import only, search_link
from core.errors import QuerySyntaxError
from core.fields import FIELDS
from core.query.bounds import EPOCH
from core.query.grammar import parse

_CONDITION = r'(@?[a-z][\w.]*):("[^"\n]*"|[^\s"(),;]*[^\s"(),;.:])'
_QUERY = re.compile(rf"(?<![\w.@]){_CONDITION}(?: {_CONDITION})*")
_PARTS = re.compile(_CONDITION)


@dataclass(frozen=True)
class GuidePart:
    """A stretch of the guide; a query has a `link`, and stands as it is asked."""

    text: str
    link: str | None = None


def guide_parts(guide: str, entities: Mapping[str, str]) -> tuple[GuidePart, ...]:
    """The guide in parts that make it up again, but for the places that were filled."""
    return tuple(_parts(guide, entities))


def _parts(guide: str, entities: Mapping[str, str]) -> Iterator[GuidePart]:
    at = 0
    for found in _QUERY.finditer(guide):
        query = _filled(found[0], entities)
        if query is not None:
            yield GuidePart(guide[at : found.start()])
            yield GuidePart(query, search_link(query, range="all"))
            at = found.end()
    yield GuidePart(guide[at:])


def _filled(query: str, entities: Mapping[str, str]) -> str | None:
    """The query with its places filled; None where it is none, or a place cannot be filled."""
    conditions = []
    for name, value in _PARTS.findall(query):
        if name not in FIELDS:
            return None
        if not _is_place(value.strip('"')):
            conditions.append(f"{name}:{value}")
            continue
        entity = _entity(name, entities)
        if entity is None:
            return None
        conditions.append(only("", name, entity))
    query = " ".join(conditions)
    try:
        parse(query, EPOCH)
    except QuerySyntaxError:
        return None
    return query


def _is_place(value: str) -> bool:
    return len(value) > 1 and value.isupper() and value.replace("_", "").isalpha()


def _entity(name: str, entities: Mapping[str, str]) -> str | None:
    """The alert's value for the field; where `user.name` is asked for and it is about a `user.target.name`, that."""
    if name in entities:
        return entities[name]
    first, last = name.split(".")[0], name.split(".")[-1]
    alike = [
        value for field, value in entities.items() if field.split(".")[0] == first and field.split(".")[-1] == last
    ]
    return alike[0] if len(alike) == 1 else None
