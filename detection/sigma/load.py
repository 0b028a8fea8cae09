"""Rule files into a `RuleSet`. A rule that cannot be used is refused with file, line and reason; the others go on.

pySigma parses; importing it costs about 11 MB, so only what loads rules imports this module.

Source: Sigma rules and correlation specifications 2.1, https://sigmahq.io/sigma-specification/
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, cast

import msgspec
import yaml
from sigma.conditions import _parse_condition_string
from sigma.correlations import SigmaCorrelationCondition, SigmaCorrelationRule, SigmaCorrelationType
from sigma.exceptions import SigmaError
from sigma.rule import SigmaDetection, SigmaRule
from sigma.rule.base import SigmaYAMLLoader

from core.errors import RuleError
from core.hit import Level, RuleIdentity
from core.ids import digest
from core.language import Text
from core.path_text import path_text
from core.system_error import reason_of
from detection.rule import PLAIN_TIMESPAN_S, Correlation, Rule, RuleSet
from detection.sigma.compile import Refused, compile_detections
from detection.sigma.logsource import Logsource, field_names

MAX_FILE_BYTES = 4 << 20
MAX_NESTING = 100

_DEFAULT_LEVEL: Level = "medium"
_OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "=", "neq": "!="}

_NO_SUCH_FILE = Text("không có tệp hay thư mục này", "no such file or folder")
_TOO_LARGE = Text("lớn hơn {bytes} byte", "larger than {bytes} bytes")
_UNREADABLE = Text("không đọc được: {reason}", "cannot be read: {reason}")
_NOT_UTF8 = Text("không phải UTF-8: byte {byte}", "not UTF-8: byte {byte}")
_NOT_YAML = Text("không phải YAML đúng: {problem}", "not YAML: {problem}")
_NO_RULE = Text(
    "không phải quy tắc: cần một ánh xạ có title, logsource và detection",
    "not a rule: a mapping with title, logsource and detection",
)
_ACTION = Text(
    "“action” không còn thuộc Sigma: hãy viết từng quy tắc đầy đủ",
    "“action” is no longer part of Sigma: write whole rules",
)
_FILTER = Text(
    "không hỗ trợ văn bản “filter”: hãy lọc ngay trong quy tắc",
    "filter documents are not supported: filter in the rule",
)
_TIMEFRAME = Text(
    "“timeframe” không được đánh giá: hãy viết phép đếm", "“timeframe” is not evaluated: write a correlation"
)
_TOO_DEEP = Text("lồng nhau quá sâu", "nested too deeply")
_SAME_ID = Text(
    "mã {id} đã được dùng cho “{title}” ({place})",
    "the id {id} is already used by “{title}” ({place})",
)
_NOT_COUNTED = Text(
    "không hỗ trợ phép đếm kiểu {type}, chỉ có event_count và value_count",
    "correlations of type {type} are not supported: event_count and value_count are",
)
_NAMES_NO_RULE = Text("không nêu quy tắc nào", "names no rule")
_NO_SUCH_RULE = Text("không có quy tắc “{name}”", "there is no rule “{name}”")
_REFUSED_RULE = Text("quy tắc “{title}” mà nó đếm đã bị từ chối", "the rule “{title}” that it counts was refused")
_CHAINED = Text(
    "“{title}” là một phép đếm: không hỗ trợ đếm một phép đếm",
    "“{title}” is a correlation: counting correlations is not supported",
)
_NEVER_DECIDED = Text(
    "“{operator}” chỉ quyết định được khi không còn sự kiện nào có thể đến; với luồng sự kiện hãy dùng gte hoặc gt",
    "“{operator}” can only be decided when no more events can come; on a stream use gte or gt",
)
_ALWAYS = Text("đúng ngay cả khi không có sự kiện nào", "holds without any event")
_FIELD_TWICE = Text("một trường được nêu hai lần", "a field is named twice")
_BAD_CANH = Text("phần canh không đúng: {problem}", "canh: {problem}")
_NOT_SIGMA = Text("không đúng Sigma: {problem}", "not valid Sigma: {problem}")
_NOT_THE_SHAPE = Text("không có dạng của một quy tắc: {problem}", "not the shape of a rule: {problem}")


class Document:
    """One YAML document of a rule file: its data, and on which line each key stands (from 1)."""

    def __init__(self, path: Path, data: Any, line: int, lines: Mapping[tuple[str, ...], int]) -> None:
        self.path = path
        self.data = data
        self.line = line
        self._lines = lines

    def line_of(self, *where: str) -> int:
        """The line of the longest known beginning of `where`."""
        for length in range(len(where), 0, -1):
            if where[:length] in self._lines:
                return self._lines[where[:length]]
        return self.line

    def error(self, reason: Text, *where: str) -> RuleError:
        """A refusal with its place."""
        return RuleError(path_text(self.path), self.line_of(*where), reason)


def rule_files(paths: Sequence[Path]) -> Iterator[Path | RuleError]:
    """Files as they are named and `*.yml`, `*.yaml` below folders, each once, sorted within a folder."""
    seen: set[Path] = set()
    for path in paths:
        if path.is_dir():
            found = sorted(each for each in path.rglob("*") if each.suffix in (".yml", ".yaml") and each.is_file())
        elif path.exists():
            found = [path]
        else:
            yield RuleError(path_text(path), None, _NO_SUCH_FILE)
            continue
        for file in found:
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


def read_documents(path: Path) -> list[Document] | RuleError:
    """All documents of a file; one that is not YAML refuses the file, because its rules may belong together."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return RuleError(path_text(path), None, _TOO_LARGE.format(bytes=MAX_FILE_BYTES))
        text = path.read_text("utf-8")
    except OSError as error:
        return RuleError(path_text(path), None, _UNREADABLE.format(reason=reason_of(error)))
    except UnicodeDecodeError as error:
        return RuleError(path_text(path), None, _NOT_UTF8.format(byte=error.start))
    documents = []
    try:
        loader = SigmaYAMLLoader(text)
        try:
            while loader.check_node():
                node = cast(yaml.Node, loader.get_node())
                lines: dict[tuple[str, ...], int] = {}
                _note_lines(node, (), lines)
                data = loader.construct_document(node)
                if data is not None:
                    documents.append(Document(path, data, node.start_mark.line + 1, lines))
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context
        return RuleError(path_text(path), mark.line + 1 if mark else None, _NOT_YAML.format(problem=problem))
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
        return RuleError(path_text(path), None, _NOT_YAML.format(problem=error))
    return documents


def load_rules(paths: Sequence[Path]) -> RuleSet:
    """Every rule of the files and folders that can be used, in their order, and an error for each that cannot."""
    loading = _Loading()
    for path in rule_files(paths):
        if isinstance(path, RuleError):
            loading.errors.append(path)
            continue
        documents = read_documents(path)
        if isinstance(documents, RuleError):
            loading.errors.append(documents)
            continue
        for document in documents:
            loading.take(document)
    rules = loading.finish()
    _parse_condition_string.cache_clear()
    return rules


class _Loading:
    """Rules as they come; correlations wait until every rule that they may name is there."""

    def __init__(self) -> None:
        self.errors: list[RuleError] = []
        self._rules: dict[str, Rule] = {}
        self._names: dict[str, str] = {}
        self._taken: dict[str, Document] = {}
        self._correlations: list[Document] = []
        self._unusable: dict[str, Text] = {}

    def take(self, document: Document) -> None:
        """Read a document that is a rule; put a correlation aside."""
        data = document.data
        if not isinstance(data, dict):
            self.errors.append(document.error(_NO_RULE))
        elif "action" in data:
            self.errors.append(document.error(_ACTION, "action"))
        elif "correlation" in data:
            self._correlations.append(document)
            self._note_unusable(document, _CHAINED)
        elif "filter" in data:
            self.errors.append(document.error(_FILTER, "filter"))
        else:
            rule = read_rule(document)
            if isinstance(rule, RuleError):
                self.errors.append(rule)
                self._note_unusable(document, _REFUSED_RULE)
            elif self._is_new(rule.identity.id, document):
                self._rules[rule.identity.id] = rule
                if isinstance(data.get("name"), str):
                    self._names.setdefault(data["name"], rule.identity.id)

    def finish(self) -> RuleSet:
        """Resolve the correlations. A rule that one names raises no alerts itself, even where that one is refused."""
        correlations: list[Correlation] = []
        counted: set[str] = set()
        generating: set[str] = set()
        for document in self._correlations:
            named = self._resolve(document)
            generate = (
                isinstance(document.data["correlation"], dict) and document.data["correlation"].get("generate") is True
            )
            (generating if generate else counted).update(named.values())
            correlation = read_correlation(document, named, self._rules, self._unusable)
            if isinstance(correlation, RuleError):
                self.errors.append(correlation)
            elif self._is_new(correlation.identity.id, document):
                correlations.append(correlation)
        rules = tuple(
            replace(rule, alerts=False) if identity in counted - generating else rule
            for identity, rule in self._rules.items()
        )
        errors = sorted(self.errors, key=lambda error: (error.path, error.line or 0))
        return RuleSet(rules, tuple(correlations), tuple(errors))

    def _resolve(self, document: Document) -> dict[str, str]:
        """The rules that a correlation names and that exist: name or id as written, to id."""
        section = document.data["correlation"]
        written = section.get("rules") if isinstance(section, dict) else None
        found = {}
        for each in [written] if isinstance(written, str) else written if isinstance(written, list) else []:
            identity = self._names.get(str(each), str(each).lower())
            if identity in self._rules:
                found[str(each)] = identity
        return found

    def _note_unusable(self, document: Document, reason: Text) -> None:
        for key in ("id", "name"):
            if document.data.get(key):
                self._unusable[str(document.data[key])] = reason.format(title=document.data.get("title"))

    def _is_new(self, identity: str, document: Document) -> bool:
        if identity in self._taken:
            other = self._taken[identity]
            title, place = other.data.get("title"), f"{path_text(other.path)}:{other.line}"
            self.errors.append(document.error(_SAME_ID.format(id=identity, title=title, place=place), "id"))
            return False
        self._taken[identity] = document
        return True


def read_rule(document: Document) -> Rule | RuleError:
    """The rule of a document, compiled, or why it cannot be used."""
    data = document.data
    if isinstance(data.get("detection"), dict) and "timeframe" in data["detection"]:
        return document.error(_TIMEFRAME, "detection", "timeframe")
    canh = read_canh(document)
    if isinstance(canh, RuleError):
        return canh
    try:
        parsed = SigmaRule.from_dict(data)
    except Exception as error:  # the parser raises whatever a wrong shape leads it to
        return _parser_error(document, error)
    source = parsed.logsource
    logsource = Logsource(
        *(part.lower() if part else None for part in (source.product, source.category, source.service))
    )
    names = field_names(logsource)
    try:
        condition = compile_detections(parsed.detection, lambda name: names.get(name, name))
    except Refused as refused:
        return document.error(refused.reason, *refused.where)
    except SigmaError as error:
        return document.error(_reason(error), "detection", "condition")
    except RecursionError:
        return document.error(_TOO_DEEP, "detection")
    return Rule(
        identity=_identity(parsed, document, canh, [logsource, document.data["detection"], canh.entities]),
        logsource=logsource,
        condition=condition,
        entities=None if canh.entities is None else tuple(names.get(name, name) for name in canh.entities),
        reason=canh.reason,
        timespan_s=PLAIN_TIMESPAN_S,
        path=path_text(document.path),
        line=document.line,
    )


def read_correlation(
    document: Document, named: Mapping[str, str], rules: Mapping[str, Rule], unusable: Mapping[str, Text]
) -> Correlation | RuleError:
    """The correlation of a document, or why it cannot be used.

    `named` are the rules it names that exist, `unusable` says by id and name why others cannot be counted.
    """
    canh = read_canh(document)
    if isinstance(canh, RuleError):
        return canh
    try:
        parsed = SigmaCorrelationRule.from_dict(document.data)
    except Exception as error:  # as above
        return _parser_error(document, error)
    if parsed.type not in (SigmaCorrelationType.EVENT_COUNT, SigmaCorrelationType.VALUE_COUNT):
        return document.error(_NOT_COUNTED.format(type=parsed.type.name.lower()), "correlation", "type")
    references = [each.reference for each in parsed.rules or ()]
    if not references:
        return document.error(_NAMES_NO_RULE, "correlation", "rules")
    for reference in references:
        if str(reference) in named:
            continue
        reason = unusable.get(str(reference)) or _NO_SUCH_RULE.format(name=reference)
        return document.error(reason, "correlation", "rules")
    condition = cast(SigmaCorrelationCondition, parsed.condition)
    operator, count = condition.op.name.lower(), condition.count
    if operator not in ("gt", "gte"):
        return document.error(_NEVER_DECIDED.format(operator=operator), "correlation", "condition", operator)
    threshold = count + (operator == "gt")
    if threshold < 1:
        return document.error(_ALWAYS, "correlation", "condition", operator)
    fields = condition.fieldref
    counted = [] if fields is None else [fields] if isinstance(fields, str) else list(fields)
    aliases = {
        alias.alias: {str(each.reference): field for each, field in alias.mapping.items()} for alias in parsed.aliases
    }
    keys: dict[str, tuple[str, ...]] = {}
    values: dict[str, tuple[str, ...]] = {}
    for written, identity in named.items():
        names = field_names(rules[identity].logsource)

        def ours(field: str, written: str = written, names: Mapping[str, str] = names) -> str:
            field = aliases.get(field, {}).get(written, field)
            return names.get(field, field)

        keys[identity] = tuple(ours(field) for field in parsed.group_by or ())
        values[identity] = tuple(ours(field) for field in counted)
    written_names = tuple(parsed.group_by or ())
    group_by = next(iter(keys.values())) if len(set(keys.values())) == 1 else written_names
    if len(set(group_by)) < len(group_by):
        return document.error(_FIELD_TWICE, "correlation", "group-by")
    kind: Literal["event_count", "value_count"] = (
        "event_count" if parsed.type is SigmaCorrelationType.EVENT_COUNT else "value_count"
    )
    timespan_s = parsed.timespan.seconds
    # What the counted rules match is no part of it: an event that was counted stays counted.
    decides = [kind, group_by, keys, values, timespan_s, threshold]
    return Correlation(
        identity=_identity(parsed, document, canh, decides),
        kind=kind,
        group_by=group_by,
        keys=keys,
        values=values,
        timespan_s=timespan_s,
        threshold=threshold,
        condition=f"{_OPERATORS[operator]} {count}",
        reason=canh.reason,
        path=path_text(document.path),
        line=document.line,
    )


class Canh(msgspec.Struct, forbid_unknown_fields=True):
    """Our own keys of a rule, under `canh`. All optional."""

    title_vi: str | None = None
    guide_vi: str | None = None
    guide_en: str | None = None
    reason_vi: str | None = None
    reason_en: str | None = None
    entities: list[str] | None = None

    @property
    def reason(self) -> Text | None:
        """The sentence in both languages, where it is given in one."""
        one = self.reason_vi or self.reason_en
        return None if one is None else Text(self.reason_vi or one, self.reason_en or one)


def read_canh(document: Document) -> Canh | RuleError:
    """Our own keys, or what is wrong with them."""
    try:
        return msgspec.convert(document.data.get("canh") or {}, Canh)
    except msgspec.ValidationError as error:
        return document.error(_BAD_CANH.format(problem=error), "canh")


def _identity(
    parsed: SigmaRule | SigmaCorrelationRule, document: Document, canh: Canh, decides: Sequence[object]
) -> RuleIdentity:
    """`decides` makes the version: a running count outlives a new title or guide, and ends where another is counted."""
    title = parsed.title.strip()
    level = parsed.level.name.lower() if parsed.level is not None else _DEFAULT_LEVEL
    return RuleIdentity(
        id=str(parsed.id) if parsed.id is not None else digest("rule", parsed.name or _as_json(document.data)),
        version=digest("rule", _as_json(decides)),
        title=Text((canh.title_vi or title).strip(), title),
        guide=_guide(parsed, canh),
        level=cast(Level, level),
        tags=tuple(str(tag) for tag in parsed.tags),
    )


def _as_json(value: object) -> str:
    return msgspec.json.encode(value, enc_hook=str, order="sorted").decode()


def _guide(parsed: SigmaRule | SigmaCorrelationRule, canh: Canh) -> Text:
    """The rule's own guide, or one made from what a public rule tells: what it is about, and what is harmless."""
    if canh.guide_vi or canh.guide_en:
        one = canh.guide_vi or canh.guide_en or ""
        return Text((canh.guide_vi or one).strip(), (canh.guide_en or one).strip())
    about = " ".join((parsed.description or parsed.title).split())
    harmless = "; ".join(str(each) for each in parsed.falsepositives if str(each).lower() not in ("unknown", "none"))
    return Text(
        f"1. Đọc các sự kiện làm căn cứ. Quy tắc nói về: {about}\n"
        f"2. Hỏi người phụ trách máy xem việc này có được phép không."
        + (f" Trường hợp vô hại đã biết: {harmless}" if harmless else "")
        + "\n3. Nếu không ai giải thích được, chuyển cho người xử lý sự cố.",
        f"1. Read the events that explain it. The rule is about: {about}\n"
        f"2. Ask who runs the machine whether this was meant."
        + (f" Known to be harmless: {harmless}" if harmless else "")
        + "\n3. If nobody can explain it, hand it to a responder.",
    )


def _parser_error(document: Document, error: Exception) -> RuleError:
    """What the parser said, with the place found by parsing the selections one by one."""
    detection = document.data.get("detection")
    if isinstance(detection, dict):
        for name, selection in detection.items():
            if name == "condition":
                continue
            for key, part in selection.items() if isinstance(selection, dict) else [("", selection)]:
                try:
                    SigmaDetection.from_definition({key: part} if isinstance(selection, dict) else part)
                except Exception as inner:  # as above
                    return document.error(_reason(inner), "detection", str(name), str(key))
    kind = type(error).__name__.removeprefix("Sigma").removesuffix("Error").lower()
    section: Literal["correlation", "detection"] = "correlation" if "correlation" in document.data else "detection"
    places = {"identifier": "id", "tag": "tags", "value": "tags"}
    place = places.get(kind, kind)
    return document.error(_reason(error), place if place in document.data else section)


def _reason(error: Exception) -> Text:
    """The parser's own words are English."""
    if isinstance(error, SigmaError):
        return _NOT_SIGMA.format(problem=" ".join(str(error).split()))
    return _NOT_THE_SHAPE.format(problem=error)


def _note_lines(node: yaml.Node, where: tuple[str, ...], lines: dict[tuple[str, ...], int]) -> None:
    """The line of each key of nested mappings, three levels deep."""
    if isinstance(node, yaml.MappingNode) and len(where) < 3:
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                lines[(*where, key.value)] = key.start_mark.line + 1
                _note_lines(value, (*where, key.value), lines)
    elif isinstance(node, yaml.SequenceNode) and len(where) < 3:
        for item in node.value:
            _note_lines(item, where, lines)
