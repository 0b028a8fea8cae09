"""The journal of a machine, made with systemd-journal-remote and read with the real journalctl."""

import asyncio
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from collectors.journald import CURSOR, FIRST_LOOK_BACK, JournaldCollector, _since_of, a_syslog_daemon_runs
from tests.unit.collectors.intake import now, spooled, spooling, until

REMOTE = Path("/usr/lib/systemd/systemd-journal-remote")
BEGIN_US = 1_790_000_000_000_000

needs_journal = pytest.mark.skipif(
    shutil.which("journalctl") is None or not REMOTE.exists(),
    reason="journalctl or systemd-journal-remote is not installed",
)


def add_entries(folder: Path, name: str, *messages: bytes, first: int = 0, facility: int = 3) -> None:
    """A journal file of these messages, a second apart."""
    export = b""
    for number, message in enumerate(messages, first):
        fields = {
            b"__REALTIME_TIMESTAMP": b"%d" % (BEGIN_US + number * 1_000_000),
            b"__MONOTONIC_TIMESTAMP": b"%d" % (number * 1_000_000),
            b"_BOOT_ID": b"0123456789abcdef0123456789abcdef",
            b"_MACHINE_ID": b"0123456789abcdef0123456789abcdef",
            b"SYSLOG_IDENTIFIER": b"sshd",
            b"SYSLOG_FACILITY": b"%d" % facility,
        }
        export += b"".join(b"%s=%s\n" % field for field in fields.items())
        export += b"MESSAGE\n" + len(message).to_bytes(8, "little") + message + b"\n\n"
    subprocess.run([REMOTE, f"--output={folder / name}.journal", "-"], input=export, check=True, capture_output=True)


def follow(tmp_path: Path, journal: Path, count: int, *, tailed: bool = False, cursor: str | None = None):
    """Follow until so many records were spooled in all; the writer's cursor."""

    async def scene():
        async with spooling(tmp_path / "spool") as (spool, writer):
            collector = JournaldCollector(
                spool=spool,
                unit="tinh",
                now=now,
                cursor=cursor or writer.cursors.get(CURSOR),
                authentication_is_tailed=lambda: tailed,
                arguments=("--directory", str(journal), "--since", "@0") if not writer.cursors else _directory(journal),
            )
            await collector.start()
            await until(lambda: writer.last_sequence >= count)
            await asyncio.sleep(0.3)
            assert collector.listeners()
            await asyncio.wait_for(collector.stop(), 10)
            assert writer.last_sequence == count
        return writer.cursors[CURSOR]

    return asyncio.run(scene())


def _directory(journal: Path) -> tuple[str, ...]:
    return ("--directory", str(journal))


def messages(tmp_path: Path) -> list[object]:
    return [json.loads(record.raw)["MESSAGE"] for record in spooled(tmp_path / "spool")]


@pytest.mark.slow
@needs_journal
def test_entries_become_records_and_a_restart_goes_on_after_the_last(tmp_path):
    journal = tmp_path / "journal"
    journal.mkdir()
    add_entries(journal, "a", b"one", "hai \u0111\u00e3 \u0111\u0103ng nh\u1eadp".encode(), b"\xff\x00binary")
    cursor = follow(tmp_path, journal, 3)
    records = spooled(tmp_path / "spool")
    assert messages(tmp_path)[:2] == ["one", "hai đã đăng nhập"]
    assert messages(tmp_path)[2] == [255, 0, *b"binary"]
    assert records[2].place == cursor
    assert {(record.source, record.format) for record in records} == {("journald", "journald")}
    add_entries(journal, "b", b"four", b"five", first=10)
    follow(tmp_path, journal, 5)
    assert messages(tmp_path)[3:] == ["four", "five"]


@needs_journal
def test_authentication_is_left_to_the_file_that_has_it(tmp_path):
    journal = tmp_path / "journal"
    journal.mkdir()
    add_entries(journal, "a", b"secret", facility=10)
    add_entries(journal, "b", b"kept", first=5, facility=3)
    follow(tmp_path, journal, 1, tailed=True)
    assert messages(tmp_path) == ["kept"]


@pytest.mark.slow
@needs_journal
def test_an_entry_of_megabytes_is_cut(tmp_path):
    journal = tmp_path / "journal"
    journal.mkdir()
    add_entries(journal, "a", b"x" * (5 << 20), b"next")
    follow(tmp_path, journal, 2)
    first, second = spooled(tmp_path / "spool")
    assert (len(first.raw), first.flags) == (1 << 20, ("truncated",))
    assert json.loads(second.raw)["MESSAGE"] == "next"


def test_a_lost_cursor_goes_on_by_its_time():
    cursor = "s=1f;i=2a;b=0123;m=99;t=65c01e6f8a3c0;x=abc"
    micros = int("65c01e6f8a3c0", 16) + 1
    assert _since_of(cursor) == f"@{micros // 1_000_000}.{micros % 1_000_000:06d}"
    assert _since_of("nonsense") == FIRST_LOOK_BACK


def test_a_log_file_outlives_the_daemon_that_wrote_it(tmp_path):
    pid_file = tmp_path / "rsyslogd.pid"
    assert not a_syslog_daemon_runs([pid_file])
    pid_file.write_text(f"{os.getpid()}\n")
    assert a_syslog_daemon_runs([pid_file])
    pid_file.write_text("4194305\n")
    assert not a_syslog_daemon_runs([pid_file])


def test_without_journalctl_nothing_happens(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    async def scene():
        async with spooling(tmp_path / "spool") as (spool, _):
            collector = JournaldCollector(spool=spool, unit="tinh", now=now, cursor=None)
            await collector.start()
            await collector.stop()
            assert collector.listeners() == []

    asyncio.run(scene())
