"""Checkpoints that leave the machine: to a file and over the wire, whatever the other end does."""

import os
import re
import socket
import threading
from datetime import UTC, datetime

import msgspec
import pytest
from pydantic import ValidationError

from core.language import Text
from org import audit_copy
from org.audit_chain import Checkpoint
from org.audit_copy import (
    FileDestination,
    SyslogDestination,
    audit_status,
    copied_through,
    copy,
    destinations,
    note_copied,
)
from org.audit_export import read_checkpoints
from org.settings import AuditSettings

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)


def checkpoint(sequence):
    at = "2026-11-24T02:30:00.000000Z"
    return Checkpoint(sequence=sequence, hash="9f" * 32, at=at, key="0d" * 8, signature="5a" * 64)


def read_back(path):
    found, spoiled = read_checkpoints(path.read_bytes().splitlines(), Text("x", "x"))
    return [each.checkpoint for each in found], spoiled


def test_a_file_gets_a_line_for_each(tmp_path):
    path = tmp_path / "mốc.jsonl"
    to = FileDestination(str(path))
    assert copy(to, [checkpoint(1), checkpoint(2)]) is None
    assert copy(to, [checkpoint(3)]) is None
    assert read_back(path) == ([checkpoint(1), checkpoint(2), checkpoint(3)], [])
    assert path.stat().st_mode & 0o077 == 0


def test_a_torn_line_spoils_no_other(tmp_path):
    path = tmp_path / "checkpoints"
    path.write_bytes(msgspec.json.encode(checkpoint(1)) + b"\n" + msgspec.json.encode(checkpoint(2))[:50])
    assert copy(FileDestination(str(path)), [checkpoint(2)]) is None
    assert read_back(path) == ([checkpoint(1), checkpoint(2)], [2])


def test_why_a_file_does_not_take_it(tmp_path):
    assert copy(FileDestination(str(tmp_path / "none" / "x")), [checkpoint(1)]).en == "no such file or directory"
    assert copy(FileDestination(str(tmp_path)), [checkpoint(1)]).en == "is a directory"
    assert copy(FileDestination("/dev/full"), [checkpoint(1)]).en == "no space left on the disk"


@pytest.fixture
def collector():
    """A TCP collector that reads until the sender has finished."""
    listener = socket.create_server(("127.0.0.1", 0))
    got = []

    def serve():
        stream, _ = listener.accept()
        with stream:
            while data := stream.recv(65536):
                got.append(data)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"tcp://127.0.0.1:{listener.getsockname()[1]}", got
    thread.join(5)
    listener.close()


MESSAGE = re.compile(rb"<109>1 2026-11-24T02:30:00\.000000Z canh-01 canh - audit-checkpoint - (\{.*\})")


def test_tcp_sends_octet_counted_rfc_5424(collector):
    url, got = collector
    assert copy(SyslogDestination(url, "canh-01"), [checkpoint(1), checkpoint(2)]) is None
    sent, found = b"".join(got), []
    while sent:
        length, _, rest = sent.partition(b" ")
        message, sent = rest[: int(length)], rest[int(length) :]
        found.append(msgspec.json.decode(MESSAGE.fullmatch(message)[1], type=Checkpoint))
    assert found == [checkpoint(1), checkpoint(2)]


def test_our_own_collector_reads_what_we_send():
    """The message goes through Canh's own RFC 5424 reader."""
    from zoneinfo import ZoneInfo

    from collectors.normalise import normalise
    from core.event import Event
    from core.record import Batch, Record

    raw = SyslogDestination("udp://127.0.0.1:1", "canh-01").message(checkpoint(7))
    record = Record(raw=raw, source="syslog/tcp", received_at=NOW, unit="province")
    [event] = normalise(Batch("intake.5f0c9a11d2e3", [1], [record], 2), ZoneInfo("UTC"))
    assert isinstance(event, Event)
    assert event.fields["host.name"] == "canh-01" and event.fields["process.name"] == "canh"
    assert msgspec.json.decode(event.fields["message"], type=Checkpoint) == checkpoint(7)
    assert len(raw) < 480, "fits the shortest message that every RFC 5424 receiver takes"


def test_udp_sends_a_datagram_each():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        to = SyslogDestination(f"udp://127.0.0.1:{receiver.getsockname()[1]}", "canh-01")
        assert copy(to, [checkpoint(1), checkpoint(2)]) is None
        for sequence in (1, 2):
            assert msgspec.json.decode(MESSAGE.fullmatch(receiver.recv(65536))[1])["sequence"] == sequence


def test_why_a_collector_does_not_take_it(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert copy(SyslogDestination(f"tcp://127.0.0.1:{port}", "x"), [checkpoint(1)]) == audit_copy.REFUSED
    assert copy(SyslogDestination("tcp://no-such-host.invalid", "x"), [checkpoint(1)]) == audit_copy.NAME_UNKNOWN
    monkeypatch.setattr(audit_copy, "WITHIN_S", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        assert copy(SyslogDestination(url, "x"), [checkpoint(1)]) is None, "taken, though it keeps the connection open"


def test_how_each_try_ended_is_kept(write, read):
    assert write(note_copied, "/a", 5, None, NOW) is False
    assert write(note_copied, "/b", 5, Text("đầy", "full"), NOW) is True
    assert write(note_copied, "/b", 5, Text("đầy", "full"), NOW) is False, "nothing new"
    assert (read(copied_through, "/a"), read(copied_through, "/b"), read(copied_through, "/c")) == (5, 0, 0)
    a, b = read(audit_status).copies
    assert (a.copied_at, a.failed_at) == (NOW, None)
    assert (b.copied_at, b.failed_at, b.reason.en) == (None, NOW, "full")
    assert write(note_copied, "/b", 5, None, NOW) is True
    assert read(audit_status).copies[1].reason is None


def test_the_settings_name_the_destinations(tmp_path, monkeypatch):
    assert destinations(AuditSettings()) == ()
    both = AuditSettings(checkpoint_file=tmp_path / "x", checkpoint_syslog="udp://[::1]:1514")
    assert [each.name for each in destinations(both)] == [str(tmp_path / "x"), "udp://[::1]:1514"]
    monkeypatch.chdir(tmp_path)
    assert os.path.isabs(destinations(AuditSettings(checkpoint_file="y"))[0].name)
    for wrong in ("10.0.0.5:514", "http://x", "tcp://", "tcp://a b", "tcp://x:0", "tcp://x/y", "tcp://u@x"):
        with pytest.raises(ValidationError):
            AuditSettings(checkpoint_syslog=wrong)
