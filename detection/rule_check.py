"""The rules' own checks: `lint` reads them more strictly than loading does, `test_rules` runs them over their lines.

A rule of ours is a folder: `rule.yml`, `positive.log` (must raise an alert of it) and `negative.log` (must raise none).
"""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from core.errors import RuleError
from core.event import Event, Rejected
from core.language import Text
from core.path_text import path_text
from core.rejection import REASONS
from detection.correlate import Correlator
from detection.match import Matcher
from detection.reason import PLACE
from detection.rule import RuleSet
from detection.settings import SHIPPED
from detection.sigma.load import Canh, Document, load_rules, read_documents, rule_files
from detection.sigma.repetition import repeats_repetition

Read = Callable[[Sequence[bytes]], Sequence[Event | Rejected]]
"""Lines to events, on the production path."""

RULE_FILE = "rule.yml"
_KEYS = (
    *("title", "id", "name", "status", "description", "license", "references", "author", "date", "modified", "tags"),
    *("logsource", "detection", "fields", "falsepositives", "level", "related", "scope", "taxonomy", "correlation"),
    "canh",
)
_LOGSOURCE_KEYS = ("product", "category", "service", "definition")
_CORRELATION_KEYS = ("type", "rules", "group-by", "timespan", "condition", "generate", "aliases")
_ATTACK = re.compile(r"attack\.(?:[tgs]\d{4}(?:\.\d{3})?|[a-z][a-z-]*)")
_TECHNIQUE = re.compile(r"attack\.t\d{4}(?:\.\d{3})?")

_REFUSED = Text("không dùng được: {reason}", "cannot be used: {reason}")
_REFUSED_AT = Text("không dùng được: {path}:{line}: {reason}", "cannot be used: {path}:{line}: {reason}")
_UNKNOWN_KEY = Text("khóa lạ “{key}”{hint}", "unknown key “{key}”{hint}")
_HINT = Text("; có phải là “{near}”?", "; did you mean “{near}”?")
_BAD_TAG = Text("thẻ ATT&CK không đúng dạng: {tag}", "not the shape of an ATT&CK tag: {tag}")
_NO_TECHNIQUE = Text("thiếu thẻ kỹ thuật ATT&CK (attack.tNNNN)", "no ATT&CK technique among the tags (attack.tNNNN)")
_MISSING = Text("thiếu {key}", "{key} is missing")
_UNUSED = Text("điều kiện không dùng đến nhóm “{name}”", "the condition does not use the selection “{name}”")
_NO_PLACES = Text("{vi} và {en} không cùng chỗ điền", "{vi} and {en} do not fill the same places")
_STALLS = Text(
    "biểu thức chính quy lặp một phần vốn đã lặp: một dòng do kẻ tấn công viết có thể làm nghẽn việc phát hiện; "
    "hãy bỏ bớt một phép lặp hoặc viết (?>...)",
    "a regular expression repeats what repeats: a line that an attacker writes can stall detection; "
    "drop one repetition or write (?>...)",
)
_NO_ALERTING = Text("không có quy tắc nào sinh cảnh báo", "no rule here raises alerts")
_ALERTED = Text("{count} cảnh báo từ {lines} dòng", "{count} alerts from {lines} lines")
_NOT_ALERTED = Text("không có cảnh báo nào từ {lines} dòng", "no alert from {lines} lines")
_NO_LINES = Text("tệp trống hoặc không có", "the file is empty or missing")
_REJECTED = Text("dòng {line} không đọc được: {reason}", "line {line} cannot be read: {reason}")


class Issue(msgspec.Struct, frozen=True):
    """One finding; `line` from 1."""

    path: str
    line: int
    message: Text


class Result(msgspec.Struct, frozen=True):
    """How one file of lines fared against its rule."""

    name: str
    passed: bool
    message: Text


def lint(paths: Sequence[Path]) -> list[Issue]:
    """Everything that should be mended, by file and line; what loading refuses comes with the loader's reason."""
    issues = [
        Issue(error.path, error.line or 1, _REFUSED.format(reason=error.reason)) for error in load_rules(paths).errors
    ]
    for path in rule_files(paths):
        if isinstance(path, RuleError):
            continue
        documents = read_documents(path)
        if not isinstance(documents, RuleError):
            issues += _lint_file(path, documents)
    return sorted(issues, key=lambda issue: (issue.path, issue.line, issue.message.en))


def count_rules(paths: Sequence[Path]) -> int:
    """The rules and correlations that can be used."""
    rules = load_rules(paths)
    return len(rules.rules) + len(rules.correlations)


def test_rules(paths: Sequence[Path], read: Read) -> list[Result]:
    """Each rule folder over its own lines, alone. A path or a file that cannot be read has not passed either."""
    results = []
    for path in rule_files(paths):
        if isinstance(path, RuleError):
            results.append(Result(str(path.path), False, path.reason))
            continue
        rules = load_rules([path])
        if path.name != RULE_FILE:
            if rules.errors:
                first = rules.errors[0]
                refused = _REFUSED_AT.format(path=first.path, line=first.line or 1, reason=first.reason)
                results.append(Result(str(path), False, refused))
            continue
        name = path.parent.name
        problem = _problem(rules)
        if problem is not None:
            results.append(Result(name, False, problem))
            continue
        results.append(_run(rules, path.parent / "positive.log", f"{name} positive", read, wanted=True))
        results.append(_run(rules, path.parent / "negative.log", f"{name} negative", read, wanted=False))
    return results


def _problem(rules: RuleSet) -> Text | None:
    if rules.errors:
        first = rules.errors[0]
        return _REFUSED_AT.format(path=first.path, line=first.line or 1, reason=first.reason)
    if not rules.correlations and not any(rule.alerts for rule in rules.rules):
        return _NO_ALERTING
    return None


def _run(rules: RuleSet, file: Path, name: str, read: Read, *, wanted: bool) -> Result:
    lines = file.read_bytes().splitlines() if file.exists() else []
    lines = [line for line in lines if line.strip()]
    if not lines:
        return Result(name, False, _NO_LINES)
    outcomes = read(lines)
    for number, outcome in enumerate(outcomes, 1):
        if isinstance(outcome, Rejected):
            return Result(name, False, _REJECTED.format(line=number, reason=REASONS[outcome.reason]))
    correlator = Correlator(rules, max_groups=100_000)
    correlator.feed(Matcher(rules).match([outcome for outcome in outcomes if isinstance(outcome, Event)]))
    alerts = correlator.take_alerts()
    if alerts:
        return Result(name, wanted, _ALERTED.format(count=len(alerts), lines=len(lines)))
    return Result(name, not wanted, _NOT_ALERTED.format(lines=len(lines)))


def _lint_file(path: Path, documents: Sequence[Document]) -> Iterator[Issue]:
    rules = [document for document in documents if isinstance(document.data, dict)]
    for document in rules:
        yield from _lint_keys(document)
        yield from _lint_tags(document)
        yield from _lint_unused(document)
        yield from _lint_expressions(document, document.data.get("detection"), ("detection",))
    if _is_ours(path, rules):
        yield from _lint_ours(path, rules)


def _lint_keys(document: Document) -> Iterator[Issue]:
    yield from _unknown(document, document.data, _KEYS)
    for section, known in (
        ("logsource", _LOGSOURCE_KEYS),
        ("correlation", _CORRELATION_KEYS),
        ("canh", Canh.__struct_fields__),
    ):
        if isinstance(document.data.get(section), dict):
            yield from _unknown(document, document.data[section], known, section)


def _unknown(
    document: Document, mapping: Mapping[object, object], known: Sequence[str], *where: str
) -> Iterator[Issue]:
    for key in mapping:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1, cutoff=0.6)
            hint = _HINT.format(near=near[0]) if near else ""
            yield _issue(document, _UNKNOWN_KEY.format(key=key, hint=hint), *where, str(key))


def _lint_tags(document: Document) -> Iterator[Issue]:
    tags = document.data.get("tags")
    for tag in tags if isinstance(tags, list) else []:
        if str(tag).startswith("attack.") and not _ATTACK.fullmatch(str(tag)):
            yield _issue(document, _BAD_TAG.format(tag=tag), "tags")


def _lint_unused(document: Document) -> Iterator[Issue]:
    detection = document.data.get("detection")
    if not isinstance(detection, dict):
        return
    condition = detection.get("condition", "")
    text = " ".join(map(str, condition)) if isinstance(condition, list) else str(condition)
    words = re.findall(r"[\w*-]+", text)
    patterns = [re.compile(word.replace("*", ".*")) for word in words if "*" in word]
    for name in detection:
        used = name in words or ("them" in words and not str(name).startswith("_"))
        if name != "condition" and not used and not any(pattern.fullmatch(str(name)) for pattern in patterns):
            yield _issue(document, _UNUSED.format(name=name), "detection", str(name))


def _lint_expressions(document: Document, part: object, where: tuple[str, ...]) -> Iterator[Issue]:
    if isinstance(part, dict):
        for key, value in part.items():
            if "re" not in str(key).split("|")[1:]:
                yield from _lint_expressions(document, value, (*where, str(key)))
            elif any(_stalls(str(each)) for each in (value if isinstance(value, list) else [value])):
                yield _issue(document, _STALLS, *where, str(key))
    elif isinstance(part, list):
        for each in part:
            yield from _lint_expressions(document, each, where)


def _stalls(regex: str) -> bool:
    try:
        return repeats_repetition(regex)
    except re.error:
        return False  # the loader says so


def _is_ours(path: Path, documents: Sequence[Document]) -> bool:
    return SHIPPED in path.resolve().parents or any("canh" in document.data for document in documents)


def _lint_ours(path: Path, documents: Sequence[Document]) -> Iterator[Issue]:
    """A file of ours: ids everywhere, texts and tags where an alert comes from, and lines to test it with."""
    for document in documents:
        for key in ("id", "title", "level") if _alerts(document, documents) else ("id", "title"):
            if not document.data.get(key):
                yield _issue(document, _MISSING.format(key=key))
        if _alerts(document, documents):
            yield from _lint_texts(document)
        elif not (isinstance(document.data.get("canh"), dict) and document.data["canh"].get("title_vi")):
            yield _issue(document, _MISSING.format(key="canh.title_vi"))
    for name in ("positive.log", "negative.log"):
        if path.name == RULE_FILE and not (path.parent / name).exists():
            yield Issue(path_text(path), 1, _MISSING.format(key=name))


def _lint_texts(document: Document) -> Iterator[Issue]:
    canh = document.data.get("canh")
    given = canh if isinstance(canh, dict) else {}
    for key in ("title_vi", "guide_vi", "guide_en", "reason_vi", "reason_en"):
        if not given.get(key):
            yield _issue(document, _MISSING.format(key=f"canh.{key}"), "canh")
    places = [sorted(set(PLACE.findall(str(given.get(key) or "")))) for key in ("reason_vi", "reason_en")]
    if places[0] != places[1]:
        yield _issue(document, _NO_PLACES.format(vi="reason_vi", en="reason_en"), "canh", "reason_vi")
    tags = document.data.get("tags")
    if not any(_TECHNIQUE.fullmatch(str(tag)) for tag in (tags if isinstance(tags, list) else [])):
        yield _issue(document, _NO_TECHNIQUE, "tags")


def _alerts(document: Document, documents: Sequence[Document]) -> bool:
    """Whether a document raises alerts: a correlation, or a rule that no correlation of the file names."""
    if "correlation" in document.data:
        return True
    named: set[str] = set()
    for other in documents:
        correlation = other.data.get("correlation")
        if isinstance(correlation, dict) and correlation.get("generate") is not True:
            rules = correlation.get("rules")
            named.update(map(str, rules if isinstance(rules, list) else [rules]))
    return not named & {str(document.data.get("name")), str(document.data.get("id"))}


def _issue(document: Document, message: Text, *where: str) -> Issue:
    return Issue(path_text(document.path), document.line_of(*where), message)
