"""`canh rule lint` and `canh rule test`: what they find, and that the shipped rules pass both."""

from zoneinfo import ZoneInfo

import pytest

from collectors.normalise import normalise
from core.clock import now
from core.language import Text
from core.record import Batch, Record
from core.rejection import REASONS
from detection.rule_check import count_rules, lint, test_rules
from detection.settings import SHIPPED, DetectionSettings
from tests.unit.detection.rules import BRUTE_FORCE, FAILED

test_rules.__test__ = False

RULE = """\
title: Root over SSH
id: 958158d0-d951-40f2-aa1b-fe7c753b374f
status: stable
tags: [attack.t1078.003]
logsource: {product: linux, service: sshd}
detection:
  root: {user.name: root, event.outcome: success}
  condition: root
level: high
canh:
  title_vi: Root qua SSH
  guide_vi: 1. Hỏi người phụ trách.
  guide_en: 1. Ask the owner.
  reason_vi: "{user.name} từ {source.ip}"
  reason_en: "{user.name} from {source.ip}"
"""
POSITIVE = b"Nov 24 09:12:01 web-01 sshd[812]: Accepted password for root from 203.0.113.9 port 50112 ssh2\n"
NEGATIVE = b"Nov 24 09:12:01 web-01 sshd[812]: Accepted password for an from 203.0.113.9 port 50112 ssh2\n"


def read(lines):
    records = [Record(raw=line, source="rule-test", received_at=now(), unit="soc") for line in lines]
    return normalise(
        Batch("rule-test.0", list(range(1, len(lines) + 1)), records, len(lines)), ZoneInfo("Asia/Ho_Chi_Minh")
    )


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "rule.yml").write_text(RULE, "utf-8")
    (tmp_path / "positive.log").write_bytes(POSITIVE)
    (tmp_path / "negative.log").write_bytes(NEGATIVE)
    return tmp_path


def test_a_good_rule_has_no_issues_and_passes(folder):
    assert lint([folder]) == []
    assert count_rules([folder]) == 1
    assert [result.passed for result in test_rules([folder], read)] == [True, True]


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("level:", "levle:", 9, "did you mean “level”?"),
        ("service:", "servise:", 5, "did you mean “service”?"),
        ("title_vi", "title_vn", 11, "title_vn"),
        ("  title_vi: Root qua SSH\n", "", 10, "canh.title_vi is missing"),
        ("attack.t1078.003", "attack.T1078", 4, "not the shape"),
        ("[attack.t1078.003]", "[attack.persistence]", 4, "no ATT&CK technique"),
        ("condition: root", "other: {a: b}\n  condition: root", 8, "does not use the selection “other”"),
        ("from {source.ip}", "from {source.port}", 14, "do not fill the same places"),
        ("condition: root", "condition: toor", 8, "cannot be used: the condition names “toor”"),
        ("{user.name: root", "{user.name|re: '(r+o*)+t'", 7, "repeats what repeats"),
        ("{user.name: root", "{user.name|re|i: [root, '(?:r+o*)+t']", 7, "repeats what repeats"),
        ("{user.name: root", "{user.name|re: '(r'", 7, "not valid Sigma: Regular expression '(r' is invalid"),
        ("id: 958158d0-d951-40f2-aa1b-fe7c753b374f\n", "", 1, "id is missing"),
    ],
)
def test_lint_finds(folder, old, new, line, message):
    assert old in RULE
    (folder / "rule.yml").write_text(RULE.replace(old, new), "utf-8")
    issues = lint([folder])
    assert (line, True) in [(issue.line, message in issue.message.en) for issue in issues], issues
    assert all(issue.message.vi and issue.message.vi != issue.message.en for issue in issues)


def test_lint_asks_for_the_title_of_a_counted_rule_too(folder):
    """It stands in the tree of every alert of the correlation."""
    (folder / "rule.yml").write_text(FAILED + "canh: {title_vi: Đăng nhập hỏng}\n" + BRUTE_FORCE, "utf-8")
    assert not [issue for issue in lint([folder]) if issue.line < FAILED.count("\n")]
    (folder / "rule.yml").write_text(FAILED + BRUTE_FORCE, "utf-8")
    (issue,) = [issue for issue in lint([folder]) if issue.line < FAILED.count("\n")]
    assert issue.message.en == "canh.title_vi is missing"


def test_lint_asks_for_the_lines_to_test_with(folder):
    (folder / "negative.log").unlink()
    assert [issue.message.en for issue in lint([folder])] == ["negative.log is missing"]
    assert [result.passed for result in test_rules([folder], read)] == [True, False]


@pytest.mark.parametrize(
    ("positive", "negative", "passed"),
    [(NEGATIVE, NEGATIVE, [False, True]), (POSITIVE, POSITIVE, [True, False]), (b"\n", b"\x00\n", [False, False])],
)
def test_a_rule_that_does_not_behave_fails(folder, positive, negative, passed):
    (folder / "positive.log").write_bytes(positive)
    (folder / "negative.log").write_bytes(negative)
    assert [result.passed for result in test_rules([folder], read)] == passed


def test_a_line_that_cannot_be_read_is_told_in_words(folder):
    (folder / "negative.log").write_bytes(NEGATIVE + b"\x00\xff rubbish\n")
    _, negative = test_rules([folder], read)
    assert negative.message == Text(
        f"dòng 2 không đọc được: {REASONS['no_known_format'].vi}",
        f"line 2 cannot be read: {REASONS['no_known_format'].en}",
    )


def test_a_refused_rule_is_told_in_both_languages(folder):
    (folder / "rule.yml").write_text(RULE.replace("condition: root", "condition: toor"), "utf-8")
    (result,) = test_rules([folder], read)
    assert result.message.vi == (
        f"không dùng được: {folder / 'rule.yml'}:8: điều kiện nhắc đến “toor” nhưng không có nhóm nào tên như vậy"
    )


def test_a_public_rule_needs_none_of_our_own_keys(tmp_path):
    (tmp_path / "public.yml").write_text(RULE.partition("canh:")[0], "utf-8")
    assert lint([tmp_path]) == []


def test_the_shipped_rules_are_fine():
    assert lint([SHIPPED]) == []
    results = test_rules([SHIPPED], read)
    assert [result.name for result in results if not result.passed] == []
    assert len(results) >= 24


def test_the_settings_name_the_shipped_rules_first(tmp_path):
    assert DetectionSettings(paths=(tmp_path,)).rule_paths() == (SHIPPED, tmp_path)
    assert DetectionSettings(shipped=False).rule_paths() == ()


def test_what_cannot_be_loaded_has_not_passed(tmp_path):
    broken = tmp_path / "broken.yml"
    broken.write_text("title: [", "utf-8")
    [missing] = test_rules([tmp_path / "nope"], read)
    assert not missing.passed and "nope" in missing.name and missing.message.vi
    [refused] = test_rules([broken], read)
    assert not refused.passed and "broken.yml" in refused.name and refused.message.en
