"""The spool through kill -9 and through a disk that is really full."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.errors import Unavailable
from store.spool.disk import OPEN_PARTITIONS, DiskSpoolReader, DiskSpoolWriter
from store.spool.partition import is_ended, partitions
from tests.unit.store.spool.records import record, records, take_all

ROOT = Path(__file__).resolve().parents[2]

# Appends batches for ever and says on stdout, after each, what was acknowledged.
WRITING = """
import random, sys
from pathlib import Path
from store.spool.disk import DiskSpoolWriter
from tests.unit.store.spool.records import record
chance = random.Random(int(sys.argv[2]))
writer = DiskSpoolWriter(Path(sys.argv[1]), "intake", segment_bytes=20_000)
number = int(writer.cursors.get("tail", "0"))
print("open", writer.last_sequence, number, flush=True)
while True:
    size = chance.choice([1, 1, 2, 50, 400])
    last = writer.append(
        [record(b"%d " % (number + at) + b"x" * chance.randrange(200)) for at in range(size)],
        {"tail": str(number + size)},
    )
    number += size
    print("durable", last, number, flush=True)
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_kill_at_any_moment_loses_nothing_acknowledged(tmp_path):
    chance = random.Random(int(os.environ.get("CANH_TEST_SEED", "7")))
    root = tmp_path / "spool"
    reader = DiskSpoolReader(root)
    through: dict[str, int] = {}
    before = 0  # how many records older partitions have
    seen: list[int] = []
    for life in range(40):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITING, str(root), str(life)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        opened = child.stdout.readline().split()
        # Cursors are exactly as far as the records are; where a kill cut the first frame of a segment, nothing tells
        # whether it was acknowledged, and the writer goes on in a new partition.
        assert opened[0] == "open"
        last, number = int(opened[1]), int(opened[2])
        if last == 0:
            before = number
        assert last + before == number
        time.sleep(chance.uniform(0, 0.08))
        child.send_signal(signal.SIGKILL)
        told, _ = child.communicate()
        acknowledged = max([int(line.split()[1]) for line in told.splitlines() if line.count(" ") == 2], default=0)
        seen += _read_on(reader, through)
        (living,) = [name for name in partitions(root) if not is_ended(root / name)]
        assert through[living] >= acknowledged
        if life % 5 == 4:
            for partition in partitions(root):
                reader.release(partition, chance.randint(0, through[partition]))
    assert len(seen) > 1000
    # The last life may have made records durable without a moment left to publish them.
    writer = DiskSpoolWriter(root, "intake")
    seen += _read_on(reader, through)
    assert sorted(seen) == list(range(len(seen)))
    assert dict(writer.cursors) == {"tail": str(len(seen))}
    assert len(partitions(root)) < 5, "a new one is for what nothing tells of, not for every life"
    writer.close()


def _read_on(reader, through):
    """What has become durable in each partition since `through`, which moves on."""
    seen = []
    for partition in partitions(reader._root):
        batch = take_all(reader, partition, through.get(partition, 0))
        assert batch.damaged == 0
        own = [int(taken.raw.partition(b" ")[0]) for taken in batch.records]
        assert own == sorted(own)
        seen += own
        through[partition] = batch.through
    return seen


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 2 MiB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"cannot mount a small file system here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_refuses_and_goes_on_by_itself(small_disk):
    chance = random.Random(1)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1 << 20))
    writer = DiskSpoolWriter(small_disk / "spool", "intake", segment_bytes=200_000)
    reader = DiskSpoolReader(small_disk / "spool")
    accepted: list[bytes] = []

    def fill() -> int:
        refused = 0
        while refused < 3:
            lines = [chance.randbytes(chance.randrange(1, 9000)) for _ in range(3)]
            try:
                writer.append([record(line) for line in lines], {"tail": str(len(accepted) + 3)})
                accepted.extend(lines)
            except Unavailable as unavailable:
                assert "space" in unavailable.reason.en
                refused += 1
        return len(accepted)

    first = fill()
    assert first > 30
    assert writer.last_sequence == first
    assert dict(writer.cursors) == {"tail": str(first)}
    assert [taken.raw for taken in take_all(reader, writer.partition).records] == accepted
    ballast.unlink()
    second = fill()
    assert second > first + 30
    # Killed while the disk is full, opened again while it is full.
    writer._shut()
    writer = DiskSpoolWriter(small_disk / "spool", "intake", segment_bytes=200_000)
    assert (writer.last_sequence, dict(writer.cursors)) == (second, {"tail": str(second)})
    batch = take_all(reader, writer.partition)
    assert [taken.raw for taken in batch.records] == accepted
    assert batch.damaged == 0
    # What was consumed makes room.
    reader.release(writer.partition, second)
    third = fill()
    assert third > second + 30
    batch = take_all(reader, writer.partition, second)
    assert [taken.raw for taken in batch.records] == accepted[second:]
    assert batch.damaged == 0
    writer.close()


def test_a_first_start_on_a_full_disk_is_refused_not_killed(small_disk):
    """The head is mapped: a hole in it would answer with SIGBUS."""
    with (small_disk / "ballast").open("wb", buffering=0) as ballast:
        try:
            while ballast.write(bytes(4096)):
                pass
        except OSError:
            pass
    code = (
        "import sys\nfrom pathlib import Path\nfrom core.errors import Unavailable\n"
        "from store.spool.disk import DiskSpoolWriter\n"
        "try:\n    DiskSpoolWriter(Path(sys.argv[1]), 'intake')\nexcept Unavailable:\n    sys.exit(3)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, small_disk / "spool"], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert ended.returncode == 3
    (small_disk / "ballast").unlink()
    writer = DiskSpoolWriter(small_disk / "spool", "intake")
    assert writer.append(records(1), {}) == 1
    writer.close()


def test_two_thousand_partitions_cost_a_reader_little(tmp_path):
    """Replays nobody was told the end of stay: the descriptors are bounded, and a turn over all of them is short."""
    for number in range(2000):
        writer = DiskSpoolWriter(tmp_path, f"replay-{number:04x}")
        writer.append(records(1, 2), {"replay": json.dumps({"done": True})})
        writer.close()
    before = len(os.listdir("/proc/self/fd"))
    reader = DiskSpoolReader(tmp_path)
    for partition in reader.partitions():
        assert reader.take(partition, 0, 10).through == 2
        reader.release(partition, 2)
    assert len(os.listdir("/proc/self/fd")) - before <= 2 * OPEN_PARTITIONS
    turns = []
    for _ in range(5):
        began = time.perf_counter()
        for partition in reader.partitions():
            assert reader.take(partition, 2, 10).through == 2
        turns.append(time.perf_counter() - began)
    print(f"one turn over two thousand partitions: {1000 * min(turns):.1f} ms, {reader.size_bytes() >> 10} KiB")
    assert min(turns) < 0.5
