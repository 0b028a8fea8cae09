"""Public rules over public events: the compiled engine says what the plain evaluator says, and finds what it must."""

import json
from collections.abc import Iterable

import pytest
import yaml

from core.event import Event
from detection.match import Matcher
from detection.rule import Rule, RuleSet
from detection.sigma.load import load_rules
from tests.differential.conftest import DATA, event_of
from tests.differential.reference import Reference
from tests.differential.test_random import everywhere
from tests.differential.windows import key_of, origin_of

REGRESSION = DATA / "sigma-regression"


def references(rules: Iterable[Rule]) -> list[tuple[Rule, Reference]]:
    return [(rule, Reference(next(documents(rule)))) for rule in rules]


def documents(rule: Rule):
    with open(rule.path, encoding="utf-8") as text:
        yield from yaml.load_all(text, Loader=yaml.CSafeLoader)


def expected(pairs: list[tuple[Rule, Reference]], events: Iterable[Event]) -> set[tuple[int, str]]:
    return {
        (event.position.sequence, rule.identity.id)
        for event in events
        for rule, reference in pairs
        if reference.holds(event)
    }


def found(matcher: Matcher, events: list[Event]) -> set[tuple[int, str]]:
    return {(hit.event.position.sequence, hit.rule.id) for hit in matcher.match(events)}


def test_a_sample_of_rules_on_a_sample_of_events(corpus, windows_events):
    paths = sorted(corpus.rglob("*.yml"))[::20]
    windows = [rule for rule in load_rules(paths).rules if rule.logsource.product == "windows"]
    events = windows_events[::150]
    assert len(windows) > 100 and len(events) > 100
    assert found(everywhere(windows), events) == expected(references(windows), events)


@pytest.mark.slow
def test_every_rule_on_the_events_that_it_meets(corpus, windows_events):
    rules = load_rules([corpus])
    events = windows_events[::10]
    matcher = Matcher(rules, key=key_of, origin=origin_of)
    pairs = references(rules.rules)
    wanted = set()
    for event in events:
        origin = origin_of(key_of(event.fields))
        wanted |= expected([pair for pair in pairs if origin.fits(pair[0].logsource)], [event])
    assert wanted, "public rules hold on public events"
    assert found(matcher, events) == wanted


@pytest.mark.slow
def test_every_public_rule_is_loaded_or_refused_for_its_placeholders(corpus):
    rules = load_rules([corpus])
    assert len(rules.rules) + len(rules.errors) == len(list(corpus.rglob("*.yml")))
    assert {error.reason.en for error in rules.errors} == {"a placeholder without values (expand) cannot be evaluated"}
    assert len(rules.errors) < 40


def windows_fields(event: dict) -> dict:
    """A nested Windows event as flat fields, System attributes under their own names."""
    inner = event["Event"]
    fields = {}
    for name, value in inner.get("System", {}).items():
        if isinstance(value, dict):
            if "#text" in value:
                fields[name] = value["#text"]
            fields |= {f"{name}_{key}": each for key, each in value.get("#attributes", {}).items()}
        elif value is not None:
            fields[name] = value
    for section in ("EventData", "UserData"):
        data = inner.get(section) or {}
        if section == "UserData" and len(data) == 1 and isinstance(next(iter(data.values())), dict):
            data = next(iter(data.values()))
        for name, value in data.items():
            if name == "Data" and isinstance(value, dict):
                texts = value.get("#text", [])
                fields["Data"] = texts if isinstance(texts, list) else [texts]
            elif name != "#attributes" and value is not None:
                fields[name.replace(" ", "")] = value
    return fields


def read_events(text: str) -> list[dict]:
    decoder, events, at = json.JSONDecoder(), [], 0
    while at < len(text.rstrip()):
        value, end = decoder.raw_decode(text, at)
        events += value if isinstance(value, list) else [value]
        at = end + len(text[end:]) - len(text[end:].lstrip())
    return events


def test_every_rule_finds_its_own_regression_events():
    folders = sorted(REGRESSION.glob("*/rule.yml"))
    if not folders:
        pytest.skip("the regression events (../shared/data/sigma-regression) are not here")
    missed = []
    for file in folders:
        rules = load_rules([file])
        assert not rules.errors
        info = yaml.safe_load((file.parent / "info.yml").read_text("utf-8"))
        wanted = sum(test.get("match_count", 1) for test in info["regression_tests_info"])
        events = [
            event_of(windows_fields(event), number=number)
            for number, event in enumerate(read_events(next(file.parent.glob("*.json")).read_text("utf-8")), 1)
        ]
        pairs = references(rules.rules)
        hits = found(everywhere(rules.rules), events)
        assert hits == expected(pairs, events)
        if len(hits) < wanted:
            missed.append((rules.rules[0].identity.title.en, len(hits), wanted))
    assert missed == []


def test_one_large_index_over_the_regression_events():
    """All rules together, every event against every one."""
    files = sorted(REGRESSION.glob("*/rule.yml"))
    if not files:
        pytest.skip("the regression events (../shared/data/sigma-regression) are not here")
    rules = RuleSet(load_rules(files).rules)
    events = []
    for file in files[::4]:
        for event in read_events(next(file.parent.glob("*.json")).read_text("utf-8"))[:3]:
            events.append(event_of(windows_fields(event), number=len(events) + 1))
    assert found(everywhere(rules.rules), events) == expected(references(rules.rules), events)
