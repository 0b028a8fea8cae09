"""`canh status`: who runs, what listens, what was counted."""

import argparse

import msgspec

from composition.commands.environment import database_of, settings_of
from composition.status import read_status


def run(options: argparse.Namespace) -> int:
    """Print the state; exit 0 when every process works, 1 otherwise."""
    settings = settings_of(options)
    status = read_status(settings.data, database_of(settings))
    if options.json:
        print(msgspec.json.encode(status).decode())
    else:
        for process in status.processes:
            print(f"{process.name:<12}{process.state:<10}pid {process.pid or '-':<9}{process.rss / 2**20:6.0f} MB")
        for listener in status.listeners:
            print(f"{listener.name:<12}{listener.address}")
        counters = status.counters
        dropped = ", ".join(f"{reason} {count}" for reason, count in sorted(counters.dropped.items())) or "0"
        print(f"received {counters.received}  dropped {dropped}  spooled {counters.spooled}  stored {counters.stored}")
        print(
            f"rejected {counters.rejected}  damaged {counters.damaged}  shelved {counters.shelved}"
            f"  backlog {counters.backlog}  alerts {counters.alerts}"
        )
    return 0 if status.healthy else 1
