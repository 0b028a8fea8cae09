"""Loading: one bad rule stops no other, and is never loaded by half."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import RuleError
from detection.rule import Correlation, Rule
from detection.sigma.load import Document, _Loading, load_rules
from tests.unit.detection.rules import BRUTE_FORCE, FAILED, ROOT, SPRAYING, tried

BAD = "---\ntitle: Bad\nlogsource: {product: linux}\ndetection:\n  s:\n    a|nonsense: x\n  condition: s\n"


def test_a_bad_rule_stops_no_other_and_says_where_it_is(tmp_path):
    rules = tried(tmp_path, FAILED, BAD, ROOT)
    assert [rule.identity.title.en for rule in rules.rules] == ["Failed log-in", "Root"]
    (error,) = rules.errors
    assert error.line == FAILED.count("\n") + 6
    assert error.path.endswith("rule.yml")
    assert "nonsense" in error.reason.en


def test_a_file_that_is_not_yaml_is_refused_whole(tmp_path):
    rules = tried(tmp_path, FAILED, "---\ntitle: [\n")
    assert rules.rules == ()
    (error,) = rules.errors
    assert error.line is not None and error.line > FAILED.count("\n")


@pytest.mark.parametrize(
    "text",
    [
        "- a\n- b\n",
        "just text\n",
        "title: t\n",
        "title: t\nlogsource: linux\ndetection: {s: {a: b}, condition: s}\n",
        "title: t\nlogsource: {product: linux}\ndetection: [a]\n",
        "title: t\nlogsource: {product: linux}\ndetection: {s: {1: b}, condition: s}\n",
        "title: t\nlogsource: {product: linux}\ndetection: {s: {a: b}, condition: 5}\n",
        "title: t\nlogsource: {product: linux}\ndetection: {s: {a: b}}\n",
        "title: t\nlogsource: {product: 5}\ndetection: {s: {a: b}, condition: s}\n",
        "title: t\nid: 5\nlogsource: {product: linux}\ndetection: {s: {a: b}, condition: s}\n",
        "title: t\nlevel: huge\nlogsource: {product: linux}\ndetection: {s: {a: b}, condition: s}\n",
        "title: t\ncanh: [a]\nlogsource: {product: linux}\ndetection: {s: {a: b}, condition: s}\n",
        "title: t\ncanh: {entities: x}\nlogsource: {product: linux}\ndetection: {s: {a: b}, condition: s}\n",
        "title: t\ncanh: {unknown: x}\nlogsource: {product: linux}\ndetection: {s: {a: b}, condition: s}\n",
        "title: t\naction: global\n",
        "title: t\nfilter: {rules: any}\n",
        "title: t\ntitle: u\nlogsource: {product: linux}\ndetection: {s: {a: b}, condition: s}\n",
        "title: t\ncorrelation: x\n",
        "title: t\ncorrelation: {type: event_count, rules: [5], timespan: 1m, condition: {gte: 1}}\n",
        "title: !!python/object/apply:os.system ['true']\n",
    ],
)
def test_what_is_no_rule_is_refused(tmp_path, text):
    rules = tried(tmp_path, text)
    assert (rules.rules, rules.correlations, len(rules.errors)) == ((), (), 1)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.text("ab*|%/(1 of", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("s|ab", max_size=3) | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)
keys = st.sampled_from(
    [
        "title",
        "id",
        "name",
        "level",
        "tags",
        "logsource",
        "detection",
        "correlation",
        "canh",
        "filter",
        "action",
        "date",
    ]
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(
    data=st.dictionaries(keys, anything, max_size=6),
    detection=st.dictionaries(st.sampled_from(["s", "condition", "timeframe"]) | st.integers(), anything, max_size=3),
    section=st.dictionaries(
        st.sampled_from(["type", "rules", "group-by", "timespan", "condition", "aliases", "generate"]),
        anything | st.sampled_from(["event_count", "value_count", "1m", "failed"]),
        max_size=7,
    ),
    kind=st.sampled_from(["rule", "correlation", "as it comes"]),
)
def test_whatever_stands_in_a_document_nothing_is_raised(data, detection, section, kind):
    good = {"title": "t", "logsource": {"product": "linux"}}
    if kind == "rule":
        data = {**good, "detection": detection}
    elif kind == "correlation":
        data = {"title": "t", "correlation": section}
    loading = _Loading()
    loading.take(Document(Path("x.yml"), data, 1, {}))
    rules = loading.finish()
    assert all(isinstance(rule, Rule) for rule in rules.rules)
    assert all(isinstance(rule, Correlation) for rule in rules.correlations)
    assert all(isinstance(error, RuleError) and error.reason.vi != error.reason.en for error in rules.errors)
    assert len(rules.rules) + len(rules.correlations) + len(rules.errors) == 1


@pytest.mark.parametrize("bytes_", [b"\xff\xfe\x00", b"title: \x00\n"])
def test_what_is_no_text_is_refused(tmp_path, bytes_):
    (tmp_path / "a.yml").write_bytes(bytes_)
    assert len(load_rules([tmp_path]).errors) == 1


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("{gte: 3}", "{lt: 3}", "stream"),
        ("{gte: 3}", "{lte: 3}", "stream"),
        ("{gte: 3}", "{eq: 3}", "stream"),
        ("{gte: 3}", "{neq: 3}", "stream"),
        ("{gte: 3}", "{gte: 3, lt: 9}", "exactly one"),
        ("{gte: 3}", "{gte: 0}", "without any event"),
        ("event_count", "temporal", "not supported"),
        ("event_count", "value_sum", "field"),
        ("event_count", "value_count", "field"),
        ("[failed]", "[nobody]", "no rule “nobody”"),
        ("[failed]", "[]", "names no rule"),
        ("1m", "1 minute", "Timespan"),
        ("[source.ip]", "[source.ip, source.ip]", "twice"),
    ],
)
def test_a_correlation_that_cannot_be_counted_is_refused(tmp_path, old, new, reason):
    rules = tried(tmp_path, FAILED, BRUTE_FORCE.replace(old, new))
    assert rules.correlations == ()
    (error,) = rules.errors
    assert reason in error.reason.en
    assert error.reason.vi != error.reason.en
    assert error.line is not None and error.line > FAILED.count("\n")


def test_the_rules_of_a_refused_correlation_do_not_begin_to_alert(tmp_path):
    (rule,) = tried(tmp_path, FAILED, BRUTE_FORCE.replace("gte", "lt")).rules
    assert rule.alerts is False


def test_gt_is_one_more_than_gte(tmp_path):
    (correlation,) = tried(tmp_path, FAILED, BRUTE_FORCE.replace("gte: 3", "gt: 3")).correlations
    assert (correlation.threshold, correlation.condition) == (4, "> 3")


def test_counting_a_correlation_is_refused_by_name(tmp_path):
    chained = SPRAYING.replace("[failed]", "[22222222-2222-4222-8222-222222222222]")
    rules = tried(tmp_path, FAILED, BRUTE_FORCE, chained)
    (error,) = rules.errors
    assert error.reason.en == "“Brute force” is a correlation: counting correlations is not supported"


def test_a_correlation_over_a_refused_rule_names_it_by_title(tmp_path):
    refused = FAILED.replace("event.outcome", "event.outcome|nonsense")
    for reference in ("failed", "11111111-1111-4111-8111-111111111111"):
        _, error = tried(tmp_path, refused, BRUTE_FORCE.replace("[failed]", f"[{reference}]")).errors
        assert error.reason.en == "the rule “Failed log-in” that it counts was refused"


def test_the_log_keeps_english_and_the_place(tmp_path):
    (error,) = load_rules([tmp_path / "missing"]).errors
    assert str(error) == f"{tmp_path / 'missing'}:1: no such file or folder"
    assert error.reason.vi == "không có tệp hay thư mục này"


def test_a_rule_is_named_by_id_too_and_from_another_file(tmp_path):
    (tmp_path / "a.yml").write_text(BRUTE_FORCE.replace("[failed]", "[11111111-1111-4111-8111-111111111111]"))
    (tmp_path / "b.yaml").write_text(FAILED)
    rules = load_rules([tmp_path])
    assert rules.errors == ()
    assert [list(each.keys) for each in rules.correlations] == [["11111111-1111-4111-8111-111111111111"]]


def test_aliases_name_the_field_of_each_rule(tmp_path):
    other = ROOT.replace("title: Root", "title: Root\nname: root")
    aliased = BRUTE_FORCE.replace("[failed]", "[failed, root]").replace("[source.ip]", "[who]")
    aliased = aliased.replace("  timespan", "  aliases: {who: {failed: source.ip, root: client.ip}}\n  timespan")
    (correlation,) = tried(tmp_path, FAILED, other, aliased).correlations
    assert correlation.group_by == ("who",)
    assert set(correlation.keys.values()) == {("source.ip",), ("client.ip",)}


def test_the_same_id_twice_is_refused(tmp_path):
    rules = tried(tmp_path, FAILED, "---\n", FAILED.replace("title: Failed", "title: Again failed"))
    assert len(rules.rules) == 1
    assert rules.errors[0].reason.en.endswith(f"already used by “Failed log-in” ({tmp_path / 'rule.yml'}:1)")


def test_the_same_file_named_twice_is_read_once(tmp_path):
    tried(tmp_path, FAILED)
    rules = load_rules([tmp_path, tmp_path / "rule.yml", tmp_path / "." / "rule.yml"])
    assert (len(rules.rules), rules.errors) == (1, ())


WORDS = [
    ("title: ", "title: Another "),
    ("title: ", "description: more\nfalsepositives: [Backups]\ntags: [attack.t1110]\ntitle: "),
    ("title: ", "canh: {title_vi: a, guide_vi: b, guide_en: c, reason_vi: d, reason_en: e}\ntitle: "),
    ("title: ", "# a remark\ntitle: "),
]
WORDS_OF_A_RULE = [
    ("service: sshd", "service: sshd, definition: as sshd writes it"),
    ("title: ", "level: critical\ntitle: "),
]
WORDS_OF_A_COUNT = [("gte: 3", "gt: 2"), ("1m", "60s"), ("high", "critical")]
DECIDING = [
    ("failure", "success"),
    ("service: sshd", "service: sudo"),
    ("title: ", "canh: {entities: [source.ip]}\ntitle: "),
    ("condition: failed", "condition: not failed"),
]
COUNTING = [
    ("gte: 3", "gte: 4"),
    ("1m", "2m"),
    ("[source.ip]", "[host.name]"),
    ("event_count", "value_count"),
]


COUNT = BRUTE_FORCE.partition("canh:")[0]


def version_of(tmp_path, text: str, changed: tuple[str, str], before: str = "") -> str:
    assert changed[0] in text
    rules = tried(tmp_path, before, text.replace(*changed))
    assert rules.errors == ()
    return (rules.correlations if before else rules.rules)[0].identity.version


@pytest.mark.parametrize("changed", WORDS + WORDS_OF_A_RULE)
def test_words_leave_the_version_as_it_is(tmp_path, changed):
    assert version_of(tmp_path, FAILED, changed) == version_of(tmp_path, FAILED, ("", ""))


@pytest.mark.parametrize("changed", DECIDING)
def test_what_decides_changes_the_version(tmp_path, changed):
    assert version_of(tmp_path, FAILED, changed) != version_of(tmp_path, FAILED, ("", ""))


@pytest.mark.parametrize("changed", WORDS + WORDS_OF_A_COUNT)
def test_words_leave_the_version_of_a_count_as_it_is(tmp_path, changed):
    assert version_of(tmp_path, COUNT, changed, FAILED) == version_of(tmp_path, COUNT, ("", ""), FAILED)


@pytest.mark.parametrize("changed", COUNTING)
def test_what_is_counted_changes_the_version(tmp_path, changed):
    field = COUNT.replace("{gte: 3}", "{gte: 3, field: user.name}")
    assert version_of(tmp_path, field, changed, FAILED) != version_of(tmp_path, field, ("", ""), FAILED)


def test_a_rule_without_id_and_name_is_known_by_its_text(tmp_path):
    bare = ROOT.removeprefix("---\n").replace("id: 44444444-4444-4444-8444-444444444444\n", "")
    rules = tried(tmp_path, bare, "---\n", bare.replace("title: Root", "title: Root again"))
    assert len({rule.identity.id for rule in rules.rules}) == 2


def test_a_public_rule_has_a_title_and_a_guide_in_both_languages(tmp_path):
    text = ROOT.replace("title: Root", "title: Root\ndescription: Someone is root\nfalsepositives: [Backups]")
    (rule,) = tried(tmp_path, text.removeprefix("---\n")).rules
    assert rule.identity.title.vi == rule.identity.title.en == "Root"
    assert "Someone is root" in rule.identity.guide.en and "Backups" in rule.identity.guide.vi
    assert rule.identity.level == "medium"
