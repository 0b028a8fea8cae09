"""`canh hunt`: rules over log files, without a server. The same parsers, matchers and correlations as live input."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from collectors.normalise import normalise
from composition import texts
from composition.commands.environment import refuse, settings_of
from composition.commands.parse import lines_of, require_format
from composition.settings import Settings
from core import clock
from core.alert import Alert
from core.event import Event
from core.hit import Hit
from core.path_text import path_text
from core.record import Batch, Record
from detection.correlate import Correlator
from detection.match import Matcher
from detection.sigma.load import load_rules

BATCH_RECORDS = 2000


def run(options: argparse.Namespace) -> int:
    """A JSON line per match as it is found, then one per correlation; exit 1 when there are none."""
    settings = settings_of(options)
    require_format(options.format)
    paths, files = split_paths(options.rules, options.files)
    if not files:
        refuse(texts.say(texts.NO_FILES))
    rules = load_rules(paths)
    for error in rules.errors:
        print(f"{error.path}:{error.line or 1}: {error.reason.within(texts.language())}", file=sys.stderr)
    if not rules.rules:
        refuse(texts.say(texts.NO_RULES, paths=", ".join(map(str, options.rules))))
    matcher = Matcher(rules)
    correlator = Correlator(rules, max_groups=sys.maxsize)
    told: dict[str, Alert] = {}
    found = False
    for file in files:
        for batch in _batches(file, options.format, settings):
            outcomes = normalise(batch, settings.zone)
            hits = matcher.match([outcome for outcome in outcomes if isinstance(outcome, Event)])
            for hit in hits:
                found = True
                sys.stdout.write(match_line(hit, file) + "\n")
            correlator.feed(hits)
            told.update((alert.id, alert) for alert in correlator.take_alerts())
    for alert in told.values():
        if alert.why.kind == "correlation":
            found = True
            sys.stdout.write(correlation_line(alert) + "\n")
    return 0 if found else 1


def split_paths(rules: Sequence[Path], files: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Rule paths and log files: after `--rules`, what is no folder and no YAML is a log file, but for the first.

    `--rules rules/ a.yml auth.log` -> rules/ and a.yml, auth.log.
    """
    known: list[Path] = []
    logs: list[Path] = []
    for path in rules:
        is_rule = path.is_dir() or path.suffix in (".yml", ".yaml") or (not known and not path.exists())
        (known if is_rule else logs).append(path)
    return known, logs + list(files)


def match_line(hit: Hit, file: Path) -> str:
    """`record` is the number of the line in the file, from 1, empty lines not counted."""
    return texts.printable_json(
        {
            "rule": hit.rule.id,
            "title": hit.rule.title.en,
            "level": hit.rule.level,
            "file": path_text(file),
            "record": hit.event.position.sequence,
            "time": hit.event.time,
        }
    )


def correlation_line(alert: Alert) -> str:
    """One window of a correlation, with the count it ended with."""
    return texts.printable_json(
        {
            "rule": alert.rule.id,
            "title": alert.rule.title.en,
            "level": alert.rule.level,
            "group": alert.entities,
            "count": alert.count,
            "first": alert.first,
            "last": alert.last,
        }
    )


def _batches(file: Path, format: str, settings: Settings) -> Iterator[Batch]:
    now = clock.now()
    source = f"hunt:{path_text(file)}"
    numbered = enumerate(lines_of(str(file)), 1)
    while portion := list(islice(numbered, BATCH_RECORDS)):
        records = [
            Record(raw=raw, source=source, received_at=now, unit=settings.org.unit, format=format, flags=flags)
            for _, (_, raw, flags) in portion
        ]
        sequences = [number for number, _ in portion]
        yield Batch(partition=source, sequences=sequences, records=records, through=sequences[-1])
