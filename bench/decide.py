"""Bar: org.access.decide costs at most 20 microseconds.

    python bench/decide.py [--seconds 2]

Method: every role x every action by turns, each call with a resource of its own as callers give it; the mean and, over
batches of 1,000 calls, the 99th percentile of a batch's mean.
"""

import argparse
import itertools
import json
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.machine import machine
from core.scope import EVERY_UNIT
from org.access import ACTIONS, ALLOWED, decide
from org.actor import Actor

BATCH = 1000
BAR_US = 20.0


def main() -> None:
    """One JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0)
    seconds = parser.parse_args().seconds
    actors = [Actor(kind="account", number=1, name="lan", role=role, scope=EVERY_UNIT) for role in ALLOWED]
    questions = itertools.cycle(itertools.product(actors, ACTIONS))
    batches = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        asked = list(itertools.islice(questions, BATCH))
        began = time.perf_counter()
        for number, (actor, action) in enumerate(asked):
            decide(actor, action, f"alert:{number}")
        batches.append((time.perf_counter() - began) / BATCH * 1e6)
    figures = {
        "decisions": len(batches) * BATCH,
        "mean_us": round(statistics.fmean(batches), 2),
        "p99_us": round(statistics.quantiles(batches, n=100)[98], 2),
        "bar_us": BAR_US,
    }
    print(json.dumps({"bench": "decide", **machine(), **figures, "met": figures["p99_us"] <= BAR_US}))


if __name__ == "__main__":
    main()
