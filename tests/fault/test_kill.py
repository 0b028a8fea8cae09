"""kill -9 of any process at random moments while 200,000 lines arrive by tail and by replay: all exactly once."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import datetime, timedelta

import pytest

from tests.e2e.product import ROOT, Product, wait_for

LINES = 200_000
KILLS = 30
ATTACKERS = 100
FAILURES_EACH = 40
BEGIN = datetime(2026, 11, 24, 1, 0, 0)


def make_lines(seed: int, name: str) -> tuple[list[bytes], Counter[str]]:
    """Half of the lines, one second each apart at most, and how often each attacker failed.

    Each attacker fails within four minutes; every other line is a sudo or session line with its number in it.
    """
    chance = random.Random(seed)
    attacks: dict[int, str] = {}
    spread = LINES // 2 // ATTACKERS
    for attacker in range(ATTACKERS):
        for at in chance.sample(range(spread), FAILURES_EACH):
            attacks[attacker * spread + at] = f"198.{18 + (name == 'replay')}.{attacker}.7"
    lines = []
    counted: Counter[str] = Counter()
    for number in range(LINES // 2):
        # A block of one attacker spans four minutes, blocks are an hour apart: one window each.
        block, inside = divmod(number, spread)
        stamp = (BEGIN + timedelta(minutes=6 * block, seconds=240 * inside / spread)).strftime("%b %d %H:%M:%S")
        if number in attacks:
            counted[attacks[number]] += 1
            text = f"sshd[{number}]: Failed password for root from {attacks[number]} port 4022 ssh2"
        else:
            text = (
                f"sshd[{number}]: Accepted publickey for an from 10.0.0.8 port 4022 ssh2: ED25519 SHA256:{name}{number}"
            )
        lines.append(f"{stamp} {name}-host {text}".encode())
    return lines, counted


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_line_and_every_alert_exactly_once_through_thirty_kills(tmp_path):
    chance = random.Random(int(os.environ.get("CANH_TEST_SEED", "7")))
    tailed, tail_counts = make_lines(1, "tail")
    replayed, replay_counts = make_lines(2, "replay")
    tail_file = tmp_path / "tail.log"
    replay_file = tmp_path / "replay.log"
    replay_file.write_bytes(b"\n".join(replayed) + b"\n")
    tail_file.touch()
    product = Product(tmp_path / "data", paths=[str(tail_file)])
    killed: Counter[str] = Counter()
    try:
        product.start()
        writing = threading.Thread(target=_append_slowly, args=(tail_file, tailed), daemon=True)
        writing.start()
        replay = _start_replay(product, replay_file)
        while sum(killed.values()) < KILLS:
            time.sleep(chance.uniform(0.3, 1.5))
            target = chance.choice(
                ["intake", "intake", "pipeline", "pipeline", "pipeline", "web", "jobs", "supervisor", "replay"]
            )
            if target == "replay":
                if replay.poll() is None:
                    replay.kill()
                    replay.wait()
                    killed[target] += 1
                    replay = _start_replay(product, replay_file)
                continue
            pid = product.pids()[target]
            if not pid:
                continue
            others = {name: other for name, other in product.pids().items() if other and name != target}
            os.kill(pid, signal.SIGKILL)
            killed[target] += 1
            if target == "supervisor":
                assert product.process is not None
                product.process.wait(10)
                time.sleep(0.2)
                left = {name for name, other in product.pids().items() if other == others.get(name) and other}
                assert left >= {"web", "jobs"} & others.keys(), "with the supervisor killed the others go on"
                product.start()
            else:
                time.sleep(0.05)
                now = product.pids()
                assert all(now[name] == other for name, other in others.items()), (
                    "with one process killed the others go on"
                )
        writing.join(300)
        while replay.wait(300) != 0:
            replay = _start_replay(product, replay_file)
        wait_for(lambda: product.count("*") >= LINES, 240, 1.0)
        wait_for(lambda: product.status()["counters"]["backlog"] == 0, 60, 0.5)
        assert product.count("*") == LINES
        assert product.health()[0] == 200 or wait_for(lambda: product.health()[0] == 200, 20)
        stored = Counter(
            json.loads(line)["event.original"].encode()
            for line in product.command("event", "search", "*", "--limit", str(LINES * 2), "--json").stdout.splitlines()
        )
        assert stored == Counter([*tailed, *replayed])
        alerts = []
        page = product.api("/api/v1/alerts?limit=1000")
        alerts += page["alerts"]
        brute = [alert for alert in alerts if "brute force" in alert["rule"]["title"]["en"].lower()]
        assert (
            Counter({alert["entities"]["source.ip"]: alert["count"] for alert in brute}) == tail_counts + replay_counts
        )
        assert len(brute) == 2 * ATTACKERS
        print(f"killed: {dict(killed)}")
    finally:
        product.kill_everything()


def _start_replay(product: Product, file) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "composition.cli", "replay", str(file), "--data", str(product.data)],
        cwd=ROOT,
        env=product.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _append_slowly(file, lines: list[bytes]) -> None:
    """A program that writes its log for about half a minute, in bursts and torn writes."""
    chance = random.Random(3)
    data = b"\n".join(lines) + b"\n"
    at = 0
    with file.open("ab", buffering=0) as out:
        while at < len(data):
            size = chance.randint(1, 60_000)
            out.write(data[at : at + size])
            at += size
            time.sleep(0.06)
