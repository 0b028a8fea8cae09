"""A parsed Sigma rule as a condition of ours, or the reason why not.

What pySigma accepts and we cannot evaluate is refused here (`Refused`), never run in part.

Source: Sigma rules specification 2.1 and its modifiers appendix, https://sigmahq.io/sigma-specification/
"""

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Any, Literal

from pyparsing import ParseResults
from sigma.conditions import ConditionAND, ConditionIdentifier, ConditionNOT, ConditionOR, ConditionSelector
from sigma.modifiers import reverse_modifier_mapping
from sigma.rule import SigmaDetection, SigmaDetectionItem, SigmaDetections
from sigma.types import (
    Placeholder,
    SigmaBool,
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
    SigmaType,
    SpecialChars,
)

from core.language import Text
from detection.sigma.condition import (
    Condition,
    Connective,
    FieldReference,
    FieldTest,
    KeywordTest,
    NotOf,
    Presence,
    Selection,
)
from detection.sigma.pattern import (
    ANY,
    ONE,
    Parts,
    Pattern,
    cidr_pattern,
    compare_pattern,
    keyword_pattern,
    one_of,
    regex_pattern,
    text_pattern,
)
from detection.sigma.text import text_of

Rename = Callable[[str], str]
Kind = Literal["and", "or"]

_POSITIONS = frozenset({"contains", "startswith", "endswith"})
_WIDE = {"wide": "utf-16-le", "utf16be": "utf-16-be", "utf16": "utf-16"}
_BASE64 = frozenset({"base64", "base64offset"})
_FLAGS = frozenset({"i", "m", "s"})
_COMPARISONS = frozenset({"lt", "lte", "gt", "gte"})
_TEXT = _POSITIONS | _BASE64 | _WIDE.keys() | {"windash", "cased"}
_PARTS_OF_TIME = frozenset({"minute", "hour", "day", "week", "month", "year"})
_REGEX_FLAGS = {
    SigmaRegularExpressionFlag.IGNORECASE: re.IGNORECASE,
    SigmaRegularExpressionFlag.MULTILINE: re.MULTILINE,
    SigmaRegularExpressionFlag.DOTALL: re.DOTALL,
}
_SAME = {"ignorecase": "i", "multiline": "m", "dotall": "s"}


class Refused(Exception):
    """What cannot be evaluated, and where in the rule it stands (keys from the top)."""

    def __init__(self, reason: Text, *where: str) -> None:
        super().__init__(reason.en)
        self.reason = reason
        self.where = where


def compile_detections(detections: SigmaDetections, rename: Rename) -> Condition:
    """The condition over the selections; several conditions are joined by `or`. Raises `Refused`."""
    if not all(isinstance(text, str) for text in (*detections.detections, *detections.condition)):
        raise Refused(
            Text(
                "tên nhóm điều kiện và câu điều kiện phải là chữ",
                "selections are named, and conditions written, with letters",
            ),
            "detection",
        )
    selections: dict[str, Condition] = {}
    for name, detection in detections.detections.items():
        selections[name] = Selection(name, _detection(detection, rename, ("detection", name)))
    conditions = [_condition(each.parse(False), detections, selections) for each in detections.parsed_condition]
    return _join("or", conditions)


def _condition(parsed: Any, detections: SigmaDetections, selections: dict[str, Condition]) -> Condition:
    while isinstance(parsed, ParseResults) and len(parsed) == 1:
        parsed = parsed[0]
    match parsed:
        case ConditionIdentifier():
            if parsed.identifier not in selections:
                reason = Text(
                    f"điều kiện nhắc đến “{parsed.identifier}” nhưng không có nhóm nào tên như vậy",
                    f"the condition names “{parsed.identifier}”, which is not defined",
                )
                raise Refused(reason, "detection", "condition")
            return selections[parsed.identifier]
        case ConditionSelector():
            named = [each.identifier for each in parsed.resolve_referenced_detections(detections)]
            if not named:
                reason = Text(
                    f"“of {parsed.pattern}” không ứng với nhóm điều kiện nào",
                    f"“of {parsed.pattern}” fits no selection",
                )
                raise Refused(reason, "detection", "condition")
            kind: Kind = "and" if parsed.cond_class is ConditionAND else "or"
            return _join(kind, [selections[name] for name in named])
        case ConditionAND():
            return _join("and", [_condition(each, detections, selections) for each in parsed.args])
        case ConditionOR():
            return _join("or", [_condition(each, detections, selections) for each in parsed.args])
        case ConditionNOT():
            return NotOf(_condition(parsed.args[0], detections, selections))
    element = type(parsed).__name__
    raise Refused(
        Text(f"thành phần lạ trong điều kiện: {element}", f"unknown element in the condition: {element}"),
        "detection",
        "condition",
    )


def _detection(detection: SigmaDetection, rename: Rename, where: tuple[str, ...]) -> Condition:
    children = [
        _detection(item, rename, where) if isinstance(item, SigmaDetection) else _item(item, rename, where)
        for item in detection.detection_items
    ]
    return _join("and" if detection.item_linking is ConditionAND else "or", children)


def _item(item: SigmaDetectionItem, rename: Rename, where: tuple[str, ...]) -> Condition:
    modifiers = [_modifier(each) for each in item.modifiers]
    key = "|".join([item.field or "", *modifiers])
    where = (*where, key)
    every = "all" in modifiers
    modifiers = [each for each in modifiers if each not in ("all", "neq")]
    _check(modifiers, item.field, where)
    if not item.value:
        raise Refused(Text("danh sách giá trị trống không nói gì", "an empty list of values says nothing"), *where)
    try:
        condition = _values(item, modifiers, every, rename)
    except Refused as refused:
        raise Refused(refused.reason, *where) from None
    except re.error as error:
        raise Refused(
            Text(f"không phải biểu thức chính quy: {error}", f"not a regular expression: {error}"), *where
        ) from None
    return NotOf(condition) if item.negated else condition


def _check(modifiers: Sequence[str], field: str | None, where: tuple[str, ...]) -> None:
    """Which modifiers go together."""
    used = set(modifiers)
    if len(used) < len(modifiers):
        raise Refused(Text("một từ bổ nghĩa bị lặp lại", "a modifier is repeated"), *where)
    if "expand" in used:
        raise Refused(
            Text(
                "không đánh giá được chỗ điền không có giá trị (expand)",
                "a placeholder without values (expand) cannot be evaluated",
            ),
            *where,
        )
    if used & _PARTS_OF_TIME:
        raise Refused(
            Text(
                "không hỗ trợ các phần của thời điểm (minute ... year)",
                "parts of a time (minute ... year) are not supported",
            ),
            *where,
        )
    if field is None and used & {"startswith", "endswith", "exists", "cidr", "fieldref", *_COMPARISONS}:
        raise Refused(
            Text(
                "từ bổ nghĩa này cần một trường: từ khóa được tìm trong toàn dòng",
                "this modifier needs a field: a keyword is searched in the whole line",
            ),
            *where,
        )
    fitting = (
        (used <= _TEXT and len(used & _POSITIONS) <= 1 and len(used & _BASE64) <= 1 and len(used & _WIDE.keys()) <= 1)
        or (modifiers[0] == "re" and used <= {"re"} | _FLAGS)
        or (len(modifiers) == 1 and modifiers[0] in {"cidr", "exists", *_COMPARISONS})
        or (modifiers[0] == "fieldref" and len(modifiers) <= 2 and used <= {"fieldref"} | _POSITIONS)
    )
    if not fitting or ("windash" in used and used & (_BASE64 | _WIDE.keys())):
        together = "|".join(modifiers)
        raise Refused(
            Text(
                f"các từ bổ nghĩa không đi cùng nhau: {together}",
                f"modifiers that do not go together: {together}",
            ),
            *where,
        )


def _values(item: SigmaDetectionItem, modifiers: list[str], every: bool, rename: Rename) -> Condition:
    operator = "|".join(modifiers) or "equals"
    field = rename(item.field) if item.field is not None else None
    cased = "cased" in modifiers
    patterns: list[Pattern] = []
    others: list[Condition] = []
    originals = item.original_value or item.value
    for original, value in zip(originals, item.value, strict=True):
        shown = _shown(original)
        match value:
            case SigmaNull():
                if field is None:
                    raise Refused(Text("null không thể là từ khóa", "null is no keyword"))
                others.append(Presence(field, wanted=False, operator=operator, shown="null"))
            case SigmaExists() if field is not None:
                others.append(Presence(field, wanted=value.exists, operator=operator, shown=text_of(value.exists)))
            case SigmaFieldReference() if field is not None:
                others.append(FieldReference(field, rename(value.field), _place(value), operator))
            case _:
                encoded = _encoded(original, modifiers)
                alternatives = encoded if encoded is not None else _alternatives(value)
                kept = [_pattern(each, operator, shown, keyword=field is None, cased=cased) for each in alternatives]
                patterns.append(one_of(shown, kept) if every or len(kept) == 1 else kept[0])
                patterns += [] if every else kept[1:]
    children = list(others)
    if patterns:
        if field is None:
            children.append(KeywordTest(patterns, every=every))
        else:
            children.append(FieldTest(field, patterns, every=every))
    return _join("and" if every else "or", children)


def _pattern(value: SigmaType | Parts, operator: str, shown: str, *, keyword: bool, cased: bool) -> Pattern:
    make = keyword_pattern if keyword else text_pattern
    match value:
        case SigmaString():
            return make(operator, shown, _parts(value), cased=cased)
        case list():
            return make(operator, shown, value, cased=cased)
        case SigmaNumber():
            return make(operator, shown, [text_of(value.number)], cased=cased)
        case SigmaBool():
            return make(operator, shown, [text_of(value.boolean)], cased=cased)
        case SigmaRegularExpression():
            flags = 0
            for flag in value.flags:
                flags |= _REGEX_FLAGS[flag]
            return regex_pattern(operator, shown, str(value.regexp), flags)
        case SigmaCIDRExpression():
            return cidr_pattern(operator, shown, value.network)
        case SigmaCompareExpression():
            return compare_pattern(operator, shown, value.number.number)
    name = type(value).__name__
    raise Refused(Text(f"không đánh giá được giá trị kiểu {name}", f"a value of type {name} cannot be evaluated"))


def _alternatives(value: SigmaType) -> list[SigmaType]:
    if isinstance(value, SigmaExpansion):
        return [each for inner in value.values for each in _alternatives(inner)]
    return [value]


def _encoded(original: SigmaType, modifiers: Sequence[str]) -> list[Parts] | None:
    """Base64 of the bytes that the rule means, None without. (The parser's counts letters where there are bytes.)"""
    if not _BASE64 & set(modifiers) or not isinstance(original, SigmaString):
        return None
    encoding = next((_WIDE[each] for each in modifiers if each in _WIDE), "utf-8")
    text = "".join(part for part in original.s if isinstance(part, str))
    data = b"\xff\xfe" + text.encode("utf-16-le") if encoding == "utf-16" else text.encode(encoding)
    if "base64" in modifiers:
        found = [b64encode(data).decode()]
    else:
        found = []
        for offset, start in enumerate((0, 2, 3)):
            whole = b64encode(b" " * offset + data).decode()
            end = (None, -3, -2)[(len(data) + offset) % 3]
            found.append(whole[start:end])
    position = next((each for each in modifiers if each in _POSITIONS), None)
    before = [ANY] if position in ("contains", "endswith") else []
    after = [ANY] if position in ("contains", "startswith") else []
    return [[*before, each, *after] for each in found]


def _parts(text: SigmaString) -> Parts:
    parts: list[object] = []
    for part in text.s:
        if isinstance(part, Placeholder):
            raise Refused(
                Text(f"chỗ điền %{part.name}% không có giá trị", f"the placeholder %{part.name}% has no values")
            )
        if isinstance(part, SpecialChars):
            parts.append(ANY if part is SpecialChars.WILDCARD_MULTI else ONE)
        else:
            parts.append(part)
    return parts


def _place(reference: SigmaFieldReference) -> Literal["whole", "head", "tail", "part"]:
    if reference.starts_with:
        return "part" if reference.ends_with else "head"
    return "tail" if reference.ends_with else "whole"


def _modifier(modifier: type) -> str:
    name = reverse_modifier_mapping[modifier.__name__]
    return _SAME.get(name, name)


def _shown(value: SigmaType) -> str:
    match value:
        case SigmaString():
            return value.original
        case SigmaNumber():
            return text_of(value.number)
        case SigmaBool():
            return text_of(value.boolean)
    return "null"


def _join(kind: Kind, children: Sequence[Condition]) -> Condition:
    return children[0] if len(children) == 1 else Connective(kind, children)
