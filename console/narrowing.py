"""Queries made by clicking on a value."""

import re
from urllib.parse import urlencode

from core.errors import QuerySyntaxError
from core.query.bounds import EPOCH
from core.query.grammar import parse
from core.query.syntax import Or

_PLAIN_NAME = re.compile(r"@?[A-Za-z][\w.]*")


def quote(value: str) -> str:
    """The value as a quoted string of the query language."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def only(query: str, field: str, value: str) -> str:
    """The query narrowed to events whose field has this value."""
    return _joined(query, f"{_name(field)}:{quote(value)}")


def without(query: str, field: str, value: str) -> str:
    """The query narrowed to events whose field does not have this value."""
    return _joined(query, f"not {_name(field)}:{quote(value)}")


def search_link(query: str, **parameters: str) -> str:
    """The address of the search page with this query."""
    return "/events?" + urlencode({"query": query, **parameters})


def _name(field: str) -> str:
    """The field as the query language takes it: a sender may have put anything into its name."""
    return field if _PLAIN_NAME.fullmatch(field) else quote(field)


def _joined(query: str, condition: str) -> str:
    query = query.strip()
    if query in ("", "*") or query == condition:
        return condition
    try:
        simple = not isinstance(parse(query, EPOCH), Or)
    except QuerySyntaxError:
        simple = False
    return f"{query} and {condition}" if simple else f"({query}) and {condition}"
