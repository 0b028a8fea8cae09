"""A plain, slow evaluator straight from pySigma's own condition tree and the specification, to prove the compiled one.

It shares no matching code with `detection`: wildcards become regular expressions, numbers are compared as numbers,
nothing is folded ahead, nothing is indexed.

Source: Sigma rules specification 2.1, https://sigmahq.io/sigma-specification/
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.rule import SigmaRule
from sigma.types import (
    CompareOperators,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaRegularExpressionFlag,
    SigmaString,
    SpecialChars,
)

from core.event import Event

Fields = Mapping[str, Any]


class Reference:
    """One rule; `rename` tells our name of a field."""

    def __init__(self, data: dict[str, Any], rename: Callable[[str], str] = lambda name: name) -> None:
        rule = SigmaRule.from_dict(data)
        self._trees = [condition.parsed for condition in rule.detection.parsed_condition]
        self._rename = rename

    def holds(self, event: Event) -> bool:
        return any(self._node(tree, event) for tree in self._trees)

    def _node(self, node: Any, event: Event) -> bool:
        if isinstance(node, ConditionAND):
            return all(self._node(child, event) for child in node.args)
        if isinstance(node, ConditionOR):
            return any(self._node(child, event) for child in node.args)
        if isinstance(node, ConditionNOT):
            return not self._node(node.args[0], event)
        if isinstance(node, ConditionFieldEqualsValueExpression):
            return self._field(self._rename(node.field), node.value, event.fields)
        if isinstance(node, ConditionValueExpression):
            return self._keyword(node.value, event)
        raise TypeError(type(node))

    def _field(self, name: str, wanted: Any, fields: Fields) -> bool:
        there = name in fields and fields[name] is not None
        if isinstance(wanted, SigmaExpansion):
            return any(self._field(name, each, fields) for each in wanted.values)
        if isinstance(wanted, SigmaNull):
            return not there
        if isinstance(wanted, SigmaExists):
            return there == wanted.exists
        if not there:
            return False
        actual = fields[name]
        values = actual if isinstance(actual, list) else [actual]
        if isinstance(wanted, SigmaFieldReference):
            other = fields.get(self._rename(wanted.field))
            others = other if isinstance(other, list) else [] if other is None else [other]
            return any(refers(wanted, text(value), text(second)) for value in values for second in others)
        return any(equal(wanted, value) for value in values)

    def _keyword(self, wanted: Any, event: Event) -> bool:
        if isinstance(wanted, SigmaExpansion):
            return any(self._keyword(each, event) for each in wanted.values)
        line = event.raw.decode("utf-8", "backslashreplace")
        message = event.fields.get("message")
        if isinstance(message, str) and message not in line:
            line += "\n" + message
        if isinstance(wanted, SigmaRegularExpression):
            return equal(wanted, line)
        if isinstance(wanted, SigmaString):
            return glob(wanted, line, whole=False)
        if isinstance(wanted, (SigmaNumber, SigmaBool)):
            return text(wanted.number if isinstance(wanted, SigmaNumber) else wanted.boolean) in line.casefold()
        raise TypeError(type(wanted))


def equal(wanted: Any, value: Any) -> bool:
    """One value of an event against one value of a rule."""
    if isinstance(wanted, SigmaCompareExpression):
        number = as_number(value)
        if number is None:
            return False
        limit = wanted.number.number
        return {
            CompareOperators.LT: number < limit,
            CompareOperators.LTE: number <= limit,
            CompareOperators.GT: number > limit,
            CompareOperators.GTE: number >= limit,
        }[wanted.op]
    if isinstance(wanted, SigmaNumber):
        if isinstance(value, bool):
            return False
        if isinstance(value, (int, float)):
            return value == wanted.number
        return value == text(wanted.number)
    if isinstance(wanted, SigmaBool):
        return value is wanted.boolean or (isinstance(value, str) and value.casefold() == text(wanted.boolean))
    if isinstance(wanted, SigmaCIDRExpression):
        try:
            address = ip_address(text(value))
        except ValueError:
            return False
        return (getattr(address, "ipv4_mapped", None) or address) in wanted.network
    if isinstance(wanted, SigmaRegularExpression):
        flags = 0
        for flag in wanted.flags:
            flags |= {
                SigmaRegularExpressionFlag.IGNORECASE: re.I,
                SigmaRegularExpressionFlag.MULTILINE: re.M,
                SigmaRegularExpressionFlag.DOTALL: re.S,
            }[flag]
        return re.search(str(wanted.regexp), text(value), flags) is not None
    if isinstance(wanted, SigmaString):
        return glob(wanted, text(value), whole=True)
    raise TypeError(type(wanted))


def glob(wanted: SigmaString, value: str, *, whole: bool) -> bool:
    cased = isinstance(wanted, SigmaCasedString)
    found = expression(tuple(wanted.s), cased, whole).search(value if cased else value.casefold())
    return found is not None


@lru_cache(maxsize=100_000)
def expression(parts: tuple[Any, ...], cased: bool, whole: bool) -> re.Pattern[str]:
    source = ""
    for part in parts:
        if part is SpecialChars.WILDCARD_MULTI:
            source += ".*"
        elif part is SpecialChars.WILDCARD_SINGLE:
            source += "."
        else:
            source += re.escape(part if cased else part.casefold())
    return re.compile(rf"\A{source}\Z" if whole else source, re.DOTALL)


def refers(wanted: SigmaFieldReference, value: str, other: str) -> bool:
    value, other = value.casefold(), other.casefold()
    if wanted.starts_with and wanted.ends_with:
        return other in value
    if wanted.starts_with:
        return value.startswith(other)
    return value.endswith(other) if wanted.ends_with else value == other


def text(value: Any) -> str:
    if value is True or value is False:
        return str(value).lower()
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)


def as_number(value: Any) -> int | float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return value
    if not re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", value) or len(value) > 300:
        return None
    return int(value) if value.removeprefix("-").isdigit() else float(value)
