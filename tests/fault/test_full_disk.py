"""The whole product on a disk that runs full: it waits, nothing stops, and with room again nothing is missing."""

import os
import random
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.product import Product, failed_login, wait_for

DISK_MIB = 512
ROOM_MIB = 8


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own, most of it taken by one file, `ballast`."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "canh-test", str(folder)], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        with (folder / "ballast").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, (DISK_MIB - ROOM_MIB) << 20)
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_full_disk_makes_it_wait_and_loses_nothing(disk):
    product = Product(disk / "data", CANH_SPOOL__SEGMENT_MEBIBYTES="1")
    try:
        product.start()
        assert product.api("/api/v1/me")["role"] == "administrator"
        pids = product.pids()
        sender = Sender(product.syslog_port)
        sender.start()
        wait_for(sender.is_held_back, 120, 0.5)
        assert product.pids() == pids, "nothing stopped"
        wait_for(lambda: waiting(product), 60, 0.5)
        assert {name: reason["en"] for name, reason in waiting(product).items()}.get("pipeline") in REASONS
        assert product.health()[0] == 503, "what takes nothing does not work"
        (disk / "ballast").unlink()
        sender.enough.set()
        sender.join(120)
        assert not sender.is_alive()
        total = sender.lines + 12
        product.send_tcp(*[failed_login(number, source="203.0.113.200") for number in range(12)])
        wait_for(lambda: product.status()["counters"]["backlog"] == 0, 200, 0.5)
        wait_for(lambda: product.count("*") >= total, 120, 0.5)
        assert product.count("*") == total
        counters = product.status()["counters"]
        assert (counters["received"], counters["stored"], counters["dropped"]) == (total, total, {})
        assert product.pids() == pids, "nothing stopped"
        alerts = product.api("/api/v1/alerts")["alerts"]
        counts = [alert["count"] for alert in alerts if alert["entities"].get("source.ip") == "203.0.113.200"]
        assert counts == [12]
        assert waiting(product) == {} and product.health()[0] == 200
        assert product.stop() == 0
    finally:
        product.kill_everything()


REASONS = {"no space left on the disk", "No space left on device"}


def waiting(product: Product) -> dict[str, dict[str, str]]:
    """What each process waits for that waits."""
    return {each["name"]: each["reason"] for each in product.status()["processes"] if each["state"] == "waiting"}


class Sender(threading.Thread):
    """Lines that hardly compress, each of them different, as fast as they are taken, until it is `enough`."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.lines = 0
        self.enough = threading.Event()
        self._connection = socket.create_connection(("127.0.0.1", port))

    def run(self) -> None:
        chance = random.Random(5)
        with self._connection:
            while not self.enough.is_set():
                numbers = range(self.lines, self.lines + 100)
                text = "".join(f"<38>Nov 24 09:12:01 web-01 app[{n}]: {chance.randbytes(120).hex()}\n" for n in numbers)
                self._connection.sendall(text.encode())
                self.lines += 100

    def is_held_back(self) -> bool:
        """Whether nothing was taken for three seconds."""
        before = self.lines
        time.sleep(3)
        return self.lines == before > 0
