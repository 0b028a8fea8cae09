"""Elasticsearch's query DSL to the tree of `core.query.syntax`. Pure.

    {"bool": {"filter": [
        {"range": {"@timestamp": {"gte": 1764000000000, "lte": 1764086400000, "format": "epoch_millis"}}},
        {"query_string": {"analyze_wildcard": true, "query": "event.outcome:failure"}}]}}

Source: Elasticsearch reference, query DSL, https://www.elastic.co/docs/reference/query-languages/querydsl
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.elasticsearch.refusal import not_taken
from core.errors import QuerySyntaxError
from core.fields import field_type
from core.query.grammar import MAX_DEPTH, SHALLOWER, wildcard
from core.query.lucene import Joining, bound_of, parse_lucene
from core.query.syntax import And, Everything, Exists, Not, Or, Phrase, Prefix, Query, Range, Term

MAX_CLAUSES = 2000
SCORING = frozenset({"boost", "_name", "analyzer", "format", "time_zone", "relation", "case_insensitive", "rewrite"})
"""What changes a score or how a text is read, but not (here) what is found."""


def read_query(said: Any, now: datetime) -> Query:
    """The tree. Raises `Refusal` for what has no form in it, `QuerySyntaxError` for what cannot be read."""
    return _Reading(now).clause(said, 0)


def asked_ids(said: Any) -> list[str] | None:
    """The ids, where these are all that is asked for."""
    if isinstance(said, Mapping) and set(said) == {"ids"} and isinstance(said["ids"], Mapping):
        return _texts(said["ids"].get("values"))
    return None


def require_few(query: Query) -> None:
    """Raises `Refusal` for a tree of more than `MAX_CLAUSES` conditions."""
    if _count(query) > MAX_CLAUSES:
        raise not_taken(f"a query of more than {MAX_CLAUSES} clauses")


def _count(query: Query) -> int:
    match query:
        case And(parts) | Or(parts):
            return 1 + sum(map(_count, parts))
        case Not(part):
            return 1 + _count(part)
    return 1


class _Reading:
    def __init__(self, now: datetime) -> None:
        self._now = now

    def clause(self, said: Any, depth: int) -> Query:
        if depth > MAX_DEPTH:
            raise QuerySyntaxError(0, SHALLOWER)
        if not isinstance(said, Mapping) or len(said) != 1:
            raise not_taken("a query that is not an object with one name")
        ((kind, body),) = said.items()
        if not isinstance(body, Mapping):
            raise not_taken(f"[{kind}] that is not an object")
        match kind:
            case "match_all":
                return Everything()
            case "match_none":
                return Not(Everything())
            case "bool":
                return self._bool(body, depth)
            case "constant_score":
                return self.clause(body.get("filter"), depth + 1)
            case "query_string" | "simple_query_string":
                return self._string(body)
            case "exists":
                return _exists(_text(body.get("field")))
            case "terms":
                named = {name: value for name, value in body.items() if name not in SCORING}
                if len(named) != 1:
                    raise not_taken("[terms] of other than one field")
                ((field, values),) = named.items()
                return _any([_equal(field, value) for value in _texts(values)])
        if len(body) != 1:
            raise not_taken(f"[{kind}] of other than one field")
        ((field, value),) = body.items()
        match kind:
            case "range":
                return self._range(field, value)
            case "term":
                return _equal(field, _text(_inner(value, "value")))
            case "match" | "match_phrase":
                return _match(kind, field, value)
            case "match_phrase_prefix" | "match_bool_prefix" | "prefix":
                return Prefix(field, _text(_inner(value, "query" if kind != "prefix" else "value")))
            case "wildcard":
                return _wildcard(field, _text(_inner(value, "value", "wildcard")))
        raise not_taken(f"the query [{kind}]")

    def _bool(self, body: Mapping[str, Any], depth: int) -> Query:
        known = {"must", "filter", "should", "must_not", "minimum_should_match", "boost", "adjust_pure_negative"}
        if unknown := set(body) - known:
            raise not_taken(f"[bool] with [{sorted(unknown)[0]}]")

        def clauses(name: str) -> list[Query]:
            said = body.get(name, [])
            return [self.clause(each, depth + 1) for each in (said if isinstance(said, list) else [said])]

        wanted = [*clauses("must"), *clauses("filter")]
        should = clauses("should")
        least = body.get("minimum_should_match", 1 if should and not wanted else 0)
        if least not in (0, 1, "0", "1"):
            raise not_taken("[minimum_should_match] above 1")
        if should and int(least) == 1:
            wanted.append(_any(should))
        wanted += [Not(each) for each in clauses("must_not")]
        return And(tuple(wanted)) if len(wanted) > 1 else wanted[0] if wanted else Everything()

    def _string(self, body: Mapping[str, Any]) -> Query:
        text = _text(body.get("query"))
        joining = str(body.get("default_operator", "or")).lower()
        if joining not in ("and", "or"):
            raise not_taken(f"[default_operator] {joining}")
        fields = body.get("fields") or ([body["default_field"]] if body.get("default_field") else [])
        names = [str(field).partition("^")[0] for field in fields]
        way: Joining = "and" if joining == "and" else "or"
        if not names or "*" in names:
            return parse_lucene(text, self._now, way)
        return _any([parse_lucene(text, self._now, way, name) for name in names])

    def _range(self, field: str, said: Any) -> Query:
        if not isinstance(said, Mapping):
            raise not_taken("[range] that is not an object")
        bounds = {name: value for name, value in said.items() if name not in SCORING and value is not None}
        if "from" in bounds or "to" in bounds:
            bounds["gte" if bounds.pop("include_lower", True) else "gt"] = bounds.pop("from", None)
            bounds["lte" if bounds.pop("include_upper", True) else "lt"] = bounds.pop("to", None)
        if unknown := set(bounds) - {"gt", "gte", "lt", "lte"}:
            raise not_taken(f"[range] with [{sorted(unknown)[0]}]")

        def bound(*names: str) -> tuple[str | None, bool]:
            for name in names:
                if bounds.get(name) is not None:
                    return bound_of(field, _text(bounds[name]).replace("||", ""), self._now), name.endswith("e")
            return None, True

        (low, low_included), (high, high_included) = bound("gt", "gte"), bound("lt", "lte")
        if low is None and high is None:
            return _exists(field)
        return Range(field, low, high, low_included, high_included)


def _exists(field: str) -> Query:
    return Everything() if field in ("_id", "_index", "_source") else Exists(field)


def _equal(field: str, value: str) -> Query:
    if field.startswith("_"):
        raise not_taken(f"[{field}] within a query")
    return Phrase(field, value) if field_type(field) == "text" else Term(field, value)


def _match(kind: str, field: str, value: Any) -> Query:
    """On a text the words, in any order for `match`; on any other field the value."""
    text = _text(_inner(value, "query"))
    if field_type(field) != "text":
        return _equal(field, text)
    if kind == "match_phrase":
        return Phrase(field, text)
    joining = str(value.get("operator", "or")).lower() if isinstance(value, Mapping) else "or"
    words: list[Query] = [Phrase(field, word) for word in text.split()]
    if not words:
        return Not(Everything())
    return And(tuple(words)) if joining == "and" and len(words) > 1 else _any(words)


def _wildcard(field: str, value: str) -> Query:
    if "?" in value:
        raise not_taken("a wildcard with ?")
    pieces = value.split("*")
    if len(pieces) == 1:
        return _equal(field, value)
    if not any(pieces):
        return Exists(field)
    if len(pieces) == 2 and not pieces[1]:
        return Prefix(field, pieces[0])
    last = len(pieces) - 1
    return wildcard(field, [piece for at, piece in enumerate(pieces) if piece or at in (0, last)], len(value), 0)


def _any(parts: list[Query]) -> Query:
    return Or(tuple(parts)) if len(parts) > 1 else parts[0] if parts else Not(Everything())


def _inner(value: Any, *names: str) -> Any:
    if not isinstance(value, Mapping):
        return value
    return next((value[name] for name in names if name in value), None)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise not_taken("a value that is neither a text nor a number")


def _texts(values: Any) -> list[str]:
    if not isinstance(values, list) or len(values) > MAX_CLAUSES:
        raise not_taken(f"values that are no list of at most {MAX_CLAUSES}")
    return [_text(value) for value in values]
