"""The audit as JSON lines, for inspectors: whole, with its hashes and checkpoints, verifiable without Canh's database.

The first line says what the file is: `{"canh_audit_export":1,"exported_at":"...","public_key":"-----BEGIN..."}`. Then
every checkpoint, before any row, so that a file that was cut off shows it: `{"checkpoint":{"sequence":1000,...}}`. Then
the rows, oldest first, as they are hashed, `detail` as an object and with their `hash`; a row without is not chained
yet: `{"sequence":1,"at":"...","actor":"operator",...,"detail":{"name":"x"},"hash":"9f86..."}`.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.language import Text
from org import audit
from org.access import decide
from org.actor import Actor
from org.audit_chain import CHECKPOINT_ROWS, COLUMNS, AuditLink, Checkpoint, checkpoints, rfc3339, stored_rows
from org.audit_verify import Step, Witness, merge
from org.refused import Refused

IN_EXPORT = Text("trong bản xuất", "in the export")
IN_DATABASE = Text("trong cơ sở dữ liệu", "in the database")
FORM = 1
MAX_SEQUENCE = 2**63 - 1


class NotAnExport(Exception):
    """The file is no export of the audit, or this line of it (from 1) is none of its lines."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


class Export(msgspec.Struct, frozen=True):
    """An export that is being read: the key it brings along, its checkpoints, and its rows one after the other."""

    public_key: str
    witnesses: tuple[Witness, ...]
    steps: Iterator[Step]


def note_export(session: Session, actor: Actor, now: datetime) -> Refused | None:
    """Audit that the audit leaves; or why it may not. Asked of `access`."""
    decision = decide(actor, "audit.export", "audit")
    audit.append(session, actor, "audit.export", "audit", "done" if decision.allowed else "denied", now)
    return None if decision.allowed else Refused(decision.reason)


def export_lines(session: Session, public_key: str, now: datetime) -> Iterator[bytes]:
    """The lines, each with its line feed, from one snapshot (one reading transaction). For whom `note_export` let."""
    yield _line({"canh_audit_export": FORM, "exported_at": rfc3339(now), "public_key": public_key})
    for checkpoint in checkpoints(session):
        yield _line({"checkpoint": checkpoint})
    for step in database_steps(session):
        row = {name: value for name, value in (step.row or {"sequence": step.sequence}).items() if value is not None}
        if "detail" in row:
            row["detail"] = _readable(row["detail"])
        yield _line(row if step.hash is None else {**row, "hash": step.hash})


def database_steps(session: Session) -> Iterator[Step]:
    """The audit of the database as `verify` walks it."""
    query = select(AuditLink.sequence, AuditLink.hash).order_by(AuditLink.sequence)
    links = session.execute(query.execution_options(yield_per=CHECKPOINT_ROWS))
    return merge(iter(stored_rows(session)), ((sequence, hashed) for sequence, hashed in links))


def database_witnesses(session: Session) -> tuple[Witness, ...]:
    """The checkpoints that lie beside the audit; they prove nothing against one who can write there."""
    return tuple(Witness(each, IN_DATABASE) for each in checkpoints(session))


def read_export(lines: Iterable[bytes]) -> Export:
    """The export whose lines these are. Raises `NotAnExport`, the steps also while they are walked."""
    numbered = enumerate(lines, 1)
    try:
        head = msgspec.json.decode(next(numbered, (1, b""))[1], type=dict[str, Any])
    except ValueError as error:
        raise NotAnExport(1) from error
    public_key = head.get("public_key")
    if head.get("canh_audit_export") != FORM or not isinstance(public_key, str):
        raise NotAnExport(1)
    witnesses: list[Witness] = []
    for number, line in numbered:
        found = _decoded(number, line)
        if "checkpoint" not in found:
            return Export(public_key, tuple(witnesses), _steps(number, found, numbered))
        witnesses.append(Witness(_checkpoint(number, found["checkpoint"]), IN_EXPORT))
    return Export(public_key, tuple(witnesses), iter(()))


def read_checkpoints(lines: Iterable[bytes], origin: Text) -> tuple[list[Witness], list[int]]:
    """The checkpoints of a copied file, and the numbers of the lines that are none (torn by a crash, or spoiled).

    A line of a syslog file counts too: the checkpoint is what begins at its first brace.
    """
    witnesses, spoiled = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found = msgspec.json.decode(line[max(0, line.find(b"{")) :].strip(), type=Checkpoint)
        except ValueError:
            spoiled.append(number)
        else:
            witnesses.append(Witness(found, origin))
    return witnesses, spoiled


def _steps(number: int, first: dict[str, Any], rest: Iterator[tuple[int, bytes]]) -> Iterator[Step]:
    yield _step(number, first)
    for number, line in rest:
        yield _step(number, _decoded(number, line))


def _step(number: int, found: dict[str, Any]) -> Step:
    sequence = found.get("sequence")
    if not isinstance(sequence, int) or isinstance(sequence, bool) or not 0 < sequence <= MAX_SEQUENCE:
        raise NotAnExport(number)
    if found.keys() - {*COLUMNS, "hash"}:
        raise NotAnExport(number)
    hashed = found.pop("hash", None)
    if "detail" in found and not isinstance(found["detail"], str):
        found["detail"] = msgspec.json.encode(found["detail"]).decode()
    return Step(sequence, found if found.keys() - {"sequence"} else None, hashed)


def _decoded(number: int, line: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(line, type=dict[str, Any])
    except ValueError as error:
        raise NotAnExport(number) from error


def _checkpoint(number: int, found: object) -> Checkpoint:
    try:
        return msgspec.convert(found, Checkpoint)
    except ValueError as error:
        raise NotAnExport(number) from error


def _readable(detail: object) -> object:
    """The stored JSON as an object for readers, where reading it back gives the stored text; else the text itself."""
    if not isinstance(detail, str):
        return detail
    try:
        found = msgspec.json.decode(detail, type=dict[str, str])
    except ValueError:
        return detail
    return found if msgspec.json.encode(found).decode() == detail else detail


def _line(value: object) -> bytes:
    return msgspec.json.encode(value) + b"\n"
