"""The intake process itself, killed at random moments while a file is written and rotated and senders send."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from composition.settings import load
from store.spool.disk import DiskSpoolReader
from tests.e2e.product import free_port, wait_for
from tests.unit.store.spool.records import take_all

ROOT = Path(__file__).resolve().parents[2]


class Intake:
    """`composition.processes.intake` as the supervisor starts it."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.data = folder / "data"
        self.data.mkdir()
        self.port = free_port()
        settings, _ = load(
            config=None,
            data=self.data,
            environment={"CANH_SYSLOG__PORT": str(self.port), "CANH_JOURNALD__ENABLED": "false", **environment},
        )
        self._settings = folder / "settings.json"
        self._settings.write_text(settings.model_dump_json())
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        report = self.data / "run" / "intake.json"
        report.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "composition.processes.entry", "intake", self._settings],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        wait_for(lambda: report.exists() and json.loads(report.read_bytes())["ready"], 30)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> dict[str, float]:
        """End it as the supervisor does; its last counters."""
        assert self.process is not None
        self.process.terminate()
        assert self.process.wait(10) == 0
        return json.loads((self.data / "run" / "intake.json").read_bytes())["counters"]

    def lines(self) -> list[bytes]:
        reader = DiskSpoolReader(self.data / "spool")
        found = []
        for partition in reader.partitions():
            batch = take_all(reader, partition)
            assert batch.damaged == 0
            found += [record.raw for record in batch.records]
        return found


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_line_of_a_rotating_file_once_through_fifteen_kills(tmp_path):
    chance = random.Random(int(os.environ.get("CANH_TEST_SEED", "7")))
    log = tmp_path / "auth.log"
    log.touch()
    intake = Intake(tmp_path, CANH_TAIL__PATHS=json.dumps([str(log)]))
    written: list[bytes] = []
    ended = threading.Event()

    def write() -> None:
        writing = random.Random(3)
        rotations = 0
        file = log.open("ab", buffering=0)
        rotate_at = time.monotonic() + 3
        while not ended.is_set():
            lines = [
                b"%d %s" % (len(written) + at, b"x" * writing.randrange(120)) for at in range(writing.randrange(1, 90))
            ]
            written.extend(lines)
            data = b"".join(line + b"\n" for line in lines)
            half = writing.randrange(len(data))
            file.write(data[:half])
            file.write(data[half:])
            if time.monotonic() > rotate_at and rotations < 3:
                rotations += 1
                rotate_at += 4
                log.rename(tmp_path / f"auth.log.{rotations}")
                file.write(b"%d late\n" % len(written))
                written.append(b"%d late" % len(written))
                file.close()
                file = log.open("ab", buffering=0)
            time.sleep(0.01)
        file.close()

    intake.start()
    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(15):
            time.sleep(chance.uniform(0.05, 0.6))
            intake.kill()
            intake.start()
    finally:
        ended.set()
        writer.join()
    wait_for(lambda: len(intake.lines()) >= len(written), 30, 0.3)
    intake.stop()
    assert Counter(intake.lines()) == Counter(written)
    assert len(written) > 5000


@pytest.mark.timeout(60)
def test_a_clean_end_under_load_keeps_all_that_was_read(tmp_path):
    """What the sender's kernel still holds is not read; what was read is spooled, in order and without a gap."""
    intake = Intake(tmp_path, CANH_TAIL__PATHS="[]")
    intake.start()
    sent = 0

    def send() -> None:
        nonlocal sent
        try:
            with socket.create_connection(("127.0.0.1", intake.port)) as connection:
                while True:
                    connection.sendall(b"".join(b"<13>%d\n" % number for number in range(sent, sent + 500)))
                    sent += 500
        except OSError:
            return

    sender = threading.Thread(target=send)
    sender.start()
    wait_for(lambda: sent > 50_000)
    counters = intake.stop()
    sender.join(10)
    lines = intake.lines()
    assert len(lines) > 1000
    assert lines[:-1] == [b"<13>%d" % number for number in range(len(lines) - 1)]
    assert not any(name.startswith("canh_records_dropped_total") for name in counters)
