"""`canh rule lint|test`: the rules' own checks, on the production path."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from collectors.normalise import normalise
from composition import texts
from composition.commands.environment import settings_of
from composition.settings import Settings
from core import clock
from core.event import Event, Rejected
from core.record import Batch, Record
from detection import rule_check


def lint(options: argparse.Namespace) -> int:
    """Every finding as path:line: message; exit 1 when there are any."""
    paths = _paths(options, settings_of(options))
    issues = rule_check.lint(paths)
    for issue in issues:
        print(f"{issue.path}:{issue.line}: {issue.message.within(texts.language())}")
    if not issues:
        print(texts.say(texts.RULES_FINE, count=rule_check.count_rules(paths)))
    return 1 if issues else 0


def test(options: argparse.Namespace) -> int:
    """Each rule over its own positive and negative lines; exit 1 when one does not behave."""
    settings = settings_of(options)

    def read(lines: Sequence[bytes]) -> list[Event | Rejected]:
        now = clock.now()
        records = [Record(raw=line, source="rule-test", received_at=now, unit=settings.org.unit) for line in lines]
        sequences = list(range(1, len(records) + 1))
        batch = Batch(partition="rule-test.0", sequences=sequences, records=records, through=len(records))
        return normalise(batch, settings.zone)

    results = rule_check.test_rules(_paths(options, settings), read)
    failed = 0
    for result in results:
        failed += not result.passed
        outcome = texts.say(texts.RULE_PASSED if result.passed else texts.RULE_FAILED)
        print(f"{outcome:<5} {result.name}  {texts.say(result.message)}".rstrip())
    print(texts.say(texts.RULES_TESTED, passed=len(results) - failed, failed=failed), file=sys.stderr)
    return 1 if failed or not results else 0


def _paths(options: argparse.Namespace, settings: Settings) -> list[Path]:
    return list(options.paths) or list(settings.detection.rule_paths())
