"""The jobs process is killed at any moment: the chain goes on, no row twice, no checkpoint lost outside."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from composition.migrate import upgrade
from composition.processes.jobs import chain_what_waits
from composition.settings import load
from core.language import Text
from core.scope import EVERY_UNIT
from org import audit
from org.actor import OPERATOR
from org.audit_chain import checkpoints
from org.audit_export import database_steps, database_witnesses, read_checkpoints
from org.audit_key import load_key
from org.audit_verify import verify
from store import db
from tests.e2e.product import wait_for

ROOT = Path(__file__).resolve().parents[2]
KILLS = 12
pytestmark = pytest.mark.slow


class Jobs:
    """The real jobs process on a data folder."""

    def __init__(self, folder: Path) -> None:
        environment = {"CANH_AUDIT__CHECKPOINT_FILE": str(folder / "elsewhere.jsonl")}
        self.data = folder / "data"
        self.data.mkdir()
        settings, _ = load(config=None, data=self.data, environment=environment)
        self.engine = db.open_engine(settings.database_url)
        upgrade(self.engine)
        self.elsewhere = folder / "elsewhere.jsonl"
        self._file = folder / "settings.json"
        self._file.write_text(settings.model_dump_json())
        self._processes: list[subprocess.Popen[bytes]] = []
        self._errors = (folder / "stderr.log").open("ab")

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "composition.processes.entry", "jobs", str(self._file)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._processes.append(subprocess.Popen(command, cwd=ROOT, env=environment, stderr=self._errors))
        return self._processes[-1]

    def act(self, count: int) -> None:
        with db.session(self.engine, EVERY_UNIT) as session:
            for number in range(count):
                audit.append(session, OPERATOR, "token.create", f"token:{number}", "done", datetime.now(UTC))

    def copied(self):
        lines = self.elsewhere.read_bytes().splitlines() if self.elsewhere.exists() else []
        return read_checkpoints(lines, Text("x", "x"))[0]

    def verdict(self):
        outside = self.copied()
        with db.session(self.engine, EVERY_UNIT, reading=True) as session:
            witnesses = (*database_witnesses(session), *outside)
            return verify(database_steps(session), witnesses, (load_key(self.data).public,))

    def close(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
        self.engine.dispose()
        self._errors.close()


@pytest.fixture
def jobs(tmp_path):
    made = Jobs(tmp_path)
    yield made
    made.close()


def test_killed_at_any_moment_the_chain_goes_on(jobs):
    chance = random.Random(4)
    written = 1  # the making of the key
    for _ in range(KILLS):
        process = jobs.start()
        deadline = time.monotonic() + chance.uniform(0.4, 5.0)
        while time.monotonic() < deadline:
            jobs.act(700)
            written += 700
            time.sleep(chance.uniform(0, 0.1))
        process.send_signal(signal.SIGKILL)
        process.wait()
        if (jobs.data / "audit-key.pem").exists():
            verdict = jobs.verdict()
            assert verdict.bad is None, verdict.bad
            assert verdict.proved + verdict.waiting == verdict.rows
    process = jobs.start()
    wait_for(lambda: jobs.verdict().waiting == 0, 120, 0.5)
    assert jobs.verdict().proved == written
    with db.session(jobs.engine, EVERY_UNIT, reading=True) as session:
        kept = [each.sequence for each in checkpoints(session, kept_only=True)]
    wait_for(lambda: set(kept) <= {each.checkpoint.sequence for each in jobs.copied()}, 30)
    process.terminate()
    assert process.wait(15) == 0
    assert max(after - before for before, after in zip([0, *kept], kept, strict=False)) <= 1000


def test_a_row_is_chained_and_signed_within_a_second_of_its_commit(jobs):
    process = jobs.start()
    wait_for(lambda: (jobs.data / "audit-key.pem").exists() and jobs.verdict().proved, 30)
    slowest = 0.0
    for _ in range(10):
        jobs.act(1)
        begun = time.monotonic()
        wait_for(lambda: jobs.verdict().waiting == 0, 10, 0.01)
        slowest = max(slowest, time.monotonic() - begun)
    process.terminate()
    process.wait(15)
    assert slowest <= 1.0


def test_two_chainers_at_once_make_one_chain(jobs):
    import threading

    from org.audit_key import ensure_key

    key, _ = ensure_key(jobs.data)
    jobs.act(5000)
    chainers = [threading.Thread(target=chain_what_waits, args=(jobs.engine, key, datetime.now(UTC))) for _ in range(4)]
    for each in chainers:
        each.start()
    for each in chainers:
        each.join()
    verdict = jobs.verdict()
    assert verdict.bad is None and verdict.proved == 5000
