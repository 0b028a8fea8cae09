"""Checkpoints leave the machine: to a file, to a syslog collector, by mail. What is elsewhere nobody here bends.

Each destination gets every kept checkpoint in order, at least once: how far it has come is noted after it went. A
destination that is new begins with the first. Mail is in `org.audit_mail`.

Source: RFC 5424 (the message), RFC 6587 section 3.4.1 (octet counting on TCP), RFC 5426 (one datagram each on UDP)
"""

import os
import socket
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.language import Text
from core.status import AuditStatus, CheckpointCopy
from core.system_error import reason_of
from org.audit import Audit
from org.audit_chain import AuditCheckpoint, AuditLink, Checkpoint
from org.audit_mail import MailDestination, MailRefused
from org.settings import AuditSettings
from store.db import Base, Document, Instant

COMMON_TABLES = frozenset({"audit_copy"})
AT_ONCE = 100
WITHIN_S = 5.0
SYSLOG_PORT = 514
PRIORITY = 13 * 8 + 5  # log audit, notice

NAME_UNKNOWN = Text("không tìm được địa chỉ của máy này", "the address of this machine cannot be found")
TOO_SLOW = Text("không trả lời trong {seconds} giây", "no answer within {seconds} seconds")
REFUSED = Text("máy kia từ chối kết nối", "the other machine refuses the connection")
CUT_OFF = Text("máy kia ngắt kết nối", "the other machine closed the connection")


class AuditCopy(Base):
    """How far one destination has come, and how the last tries ended. Common: no unit owns it."""

    __tablename__ = "audit_copy"

    destination: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[int]
    copied_at: Mapped[datetime | None] = mapped_column(Instant)
    failed_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[Text | None] = mapped_column(Document(Text))


class Destination(Protocol):
    """Where checkpoints go."""

    @property
    def name(self) -> str:
        """What settings call it: a path, `tcp://10.0.0.5:514`."""

    @property
    def every(self) -> timedelta:
        """How long at least from one that went well to the next."""

    @property
    def again_after(self) -> timedelta:
        """How long at least from one that failed to the next."""

    def write(self, checkpoints: Sequence[Checkpoint]) -> None:
        """Hand them over in order. `OSError` when any of them may not have arrived."""


class FileDestination:
    """A line of JSON per checkpoint, appended and on disk when `write` returns; best on a disk of another machine."""

    every = again_after = timedelta(0)

    def __init__(self, path: str) -> None:
        self.name = path

    def write(self, checkpoints: Sequence[Checkpoint]) -> None:
        """Append. What a crash or a full disk left of a line is ended first, so that it spoils no other."""
        descriptor = os.open(self.name, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            lines = (b"\n" if torn else b"") + b"".join(msgspec.json.encode(each) + b"\n" for each in checkpoints)
            while lines:
                lines = lines[file.write(lines) :]
            os.fsync(descriptor)


class SyslogDestination:
    """An RFC 5424 message per checkpoint. UDP tells nobody whether it arrived; TCP only that the collector took it."""

    every = again_after = timedelta(0)

    def __init__(self, url: str, host_name: str) -> None:
        parts = urlsplit(url)
        self.name = url
        self._protocol = parts.scheme
        self._address = (parts.hostname or "", parts.port or SYSLOG_PORT)
        self._host_name = host_name

    def write(self, checkpoints: Sequence[Checkpoint]) -> None:
        """Send them all; TCP waits until the collector has closed its side, `WITHIN_S` at most."""
        messages = [self.message(each) for each in checkpoints]
        if self._protocol == "tcp":
            with socket.create_connection(self._address, WITHIN_S) as stream:
                stream.sendall(b"".join(b"%d %s" % (len(message), message) for message in messages))
                stream.shutdown(socket.SHUT_WR)
                try:
                    while stream.recv(4096):
                        pass
                except TimeoutError:
                    pass  # it keeps connections open: what we sent was taken by its system
        else:
            family, kind, protocol, _, address = socket.getaddrinfo(*self._address, type=socket.SOCK_DGRAM)[0]
            with socket.socket(family, kind, protocol) as datagrams:
                datagrams.settimeout(WITHIN_S)
                datagrams.connect(address)
                for message in messages:
                    datagrams.send(message)

    def message(self, checkpoint: Checkpoint) -> bytes:
        """`<109>1 2026-11-24T02:30:00.000000Z canh-01 canh - audit-checkpoint - {"sequence":1000,...}`."""
        head = f"<{PRIORITY}>1 {checkpoint.at} {self._host_name} canh - audit-checkpoint - "
        return head.encode() + msgspec.json.encode(checkpoint)


def destinations(settings: AuditSettings) -> tuple[Destination, ...]:
    """The places that the settings name."""
    found: list[Destination] = []
    if settings.checkpoint_file is not None:
        found.append(FileDestination(str(settings.checkpoint_file.absolute())))
    if settings.checkpoint_syslog is not None:
        found.append(SyslogDestination(settings.checkpoint_syslog, _host_name()))
    if settings.checkpoint_mail_server is not None:
        found.append(MailDestination(settings, _host_name()))
    return tuple(found)


def copied_through(session: Session, destination: str) -> int:
    """The sequence of the last checkpoint that went there, 0 for none."""
    row = session.get(AuditCopy, destination)
    return row.sequence if row else 0


def is_due(session: Session, destination: Destination, now: datetime) -> bool:
    """Whether the destination may get something now; a clock that was set back makes nobody wait."""
    row = session.get(AuditCopy, destination.name)
    if row is None:
        return True
    last, wait = (row.failed_at, destination.again_after) if row.failed_at else (row.copied_at, destination.every)
    return last is None or not timedelta(0) <= now - last < wait


def copy(destination: Destination, checkpoints: Sequence[Checkpoint]) -> Text | None:
    """Hand the checkpoints over; why it could not be done, None when it could."""
    try:
        destination.write(checkpoints)
    except MailRefused as refused:
        return refused.reason
    except socket.gaierror:
        return NAME_UNKNOWN
    except TimeoutError:
        return TOO_SLOW.format(seconds=round(WITHIN_S))
    except ConnectionRefusedError:
        return REFUSED
    except (ConnectionResetError, BrokenPipeError):
        return CUT_OFF
    except OSError as error:
        return reason_of(error)
    return None


def note_copied(session: Session, destination: str, sequence: int, failure: Text | None, now: datetime) -> bool:
    """Write down how a try ended, `sequence` being its last checkpoint; whether the try before ended otherwise."""
    row = session.get(AuditCopy, destination)
    if row is None:
        row = AuditCopy(destination=destination, sequence=0, reason=None)
        session.add(row)
    news = row.reason != failure
    if failure is None:
        row.sequence, row.copied_at, row.failed_at = sequence, now, None
    else:
        row.failed_at = now
    row.reason = failure
    return news


def audit_status(session: Session) -> AuditStatus:
    """The chain as it is now, and every destination that was ever tried. A few rows by their keys."""
    chained = session.scalar(select(func.max(AuditLink.sequence))) or 0
    waiting = session.scalar(select(func.count(Audit.sequence)).where(Audit.sequence > chained)) or 0
    kept = select(AuditCheckpoint).where(AuditCheckpoint.kept)
    last = session.scalar(kept.order_by(AuditCheckpoint.sequence.desc()).limit(1))
    copies = []
    for row in session.scalars(select(AuditCopy).order_by(AuditCopy.destination)):
        behind = kept.where(AuditCheckpoint.sequence > row.sequence).with_only_columns(
            func.count(AuditCheckpoint.sequence)
        )
        copies.append(
            CheckpointCopy(
                destination=row.destination,
                sequence=row.sequence,
                behind=session.scalar(behind) or 0,
                copied_at=row.copied_at,
                failed_at=row.failed_at,
                reason=row.reason,
            )
        )
    return AuditStatus(
        waiting=waiting,
        chained=chained,
        checkpoint=last.sequence if last else 0,
        checkpoint_at=last.at if last else None,
        copies=tuple(copies),
    )


def _host_name() -> str:
    """This machine as RFC 5424 wants it: printable ASCII without spaces, `-` for none."""
    name = "".join(letter for letter in socket.gethostname() if "!" <= letter <= "~")
    return name[:255] or "-"
