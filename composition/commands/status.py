"""`canh status`: who runs, what listens, what was counted."""

import argparse
from collections.abc import Iterator

from composition import texts
from composition.commands.environment import database_of, require, settings_of
from composition.status import read_status
from console import texts as names
from console.losses import losses
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
    for listener in status.listeners:
        yield f"{listener.name:<12}{listener.address}"
    counters = status.counters
    for name, text in names.COUNTER_NAMES.items():
        count = sum(counters.dropped.values()) if name == "dropped" else getattr(counters, name)
        yield f"{say(text):<48}{count:>12}"
    for text, count in losses(counters):
        yield f"  {say(text):<46}{count:>12}"
    for folder in status.set_aside:
        yield texts.say(names.SET_ASIDE, folder=folder)
