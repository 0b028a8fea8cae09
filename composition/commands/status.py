"""`canh status`: who runs, what listens, what was counted."""

import argparse
from collections.abc import Iterator

from composition import texts
from composition.commands.environment import database_of, require, settings_of
from composition.status import read_status
from console import texts as names
from console.counters import counts, losses
from core.status import Status


def run(options: argparse.Namespace) -> int:
    """Print the state; exit 0 when every process works, 1 otherwise."""
    settings = settings_of(options)
    require("status.read", "status")
    status = read_status(settings.data, database_of(settings))
    if options.json:
        print(texts.printable_json(status))
    else:
        for line in _lines(status):
            print(texts.printable(line))
    return 0 if status.healthy else 1


def _lines(status: Status) -> Iterator[str]:
    """The words of the status page, a line each."""
    say = texts.say
    for process in status.processes:
        state = say(names.PROCESS_STATES[process.state])
        yield f"{process.name:<12}{state:<18}pid {process.pid or '-':<9}{process.rss / 2**20:6.0f} MB"
        if process.reason is not None:
            yield f"  {say(process.reason)}"
    for listener in status.listeners:
        yield f"{listener.name:<12}{listener.address}"
    counters = status.counters
    for text, count in counts(counters):
        yield f"{say(text):<48}{count:>12}"
    for text, count in losses(counters):
        yield f"  {say(text):<46}{count:>12}"
    if status.rules_refused:
        yield say(names.RULES_REFUSED, count=status.rules_refused)
    for folder in status.set_aside:
        yield texts.say(names.SET_ASIDE, folder=folder)
    audit = status.audit
    yield f"{say(names.AUDIT_CHAINED):<48}{audit.chained:>12}"
    yield f"{say(names.AUDIT_WAITING):<48}{audit.waiting:>12}"
    yield f"{say(names.AUDIT_CHECKPOINT):<48}{audit.checkpoint or '-':>12}"
    for copy in audit.copies:
        at = copy.copied_at.isoformat(timespec="seconds") if copy.copied_at else ""
        known = say(names.AUDIT_COPIED, sequence=copy.sequence, at=at) if at else say(names.AUDIT_COPY_NEVER)
        yield f"  {copy.destination}  {known}"
        if copy.failed_at is not None and copy.reason is not None:
            failed = copy.failed_at.isoformat(timespec="seconds")
            reason = say(copy.reason)
            yield f"    {say(names.AUDIT_COPY_FAILED, at=failed, reason=reason, behind=copy.behind)}"
    if not audit.copies:
        yield f"  {say(names.AUDIT_NO_COPIES)}"
