"""State changes with their audit rows: how many a second through the real functions, on SQLite, chained meanwhile.

    python bench/audited_changes.py [--changes 5000] [--data DIR]

Method: a database at today's schema with as many tokens and open alert groups. `org.token.revoke_token` and
`incident.triage.acknowledge` change each, as a command, a button or the API do: they ask access, load the row, write it
and its audit row (acknowledge also reads the group anew with its alerts). Each once in a transaction of its own (every
one waits for the disk: synchronous=FULL) and once in transactions of fifty, on one thread, while another process chains
and signs as jobs does. `audit_rows_alone`: `audit.append` in transactions of fifty. `chain_lag_s`: at fifty changes a
second, the longest time from a commit until its hash and signature are seen. Equal results: everything is changed,
every change has its row, the chain verifies.
"""

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import Engine, func, insert, select
from sqlalchemy.orm import Session

from bench.machine import machine
from composition.migrate import upgrade
from composition.processes.jobs import CHAIN_EVERY_S, chain_what_waits
from core.errors import Unavailable
from core.hit import RuleIdentity, Why
from core.language import Text
from core.scope import EVERY_UNIT
from incident.tables import AlertGroup
from incident.triage import Acknowledged, acknowledge
from org import audit
from org.actor import OPERATOR
from org.audit import Audit
from org.audit_chain import AuditCheckpoint
from org.audit_export import database_steps, database_witnesses
from org.audit_key import ensure_key, load_key
from org.audit_verify import verify
from org.token import Token, revoke_token
from store import db

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
TOGETHER = 50


def chain(data: Path) -> None:
    """What the jobs process does, until it is ended."""
    engine, key = db.open_engine(f"sqlite:///{data / 'canh.db'}"), load_key(data)
    while True:
        time.sleep(CHAIN_EVERY_S)
        with suppress(Unavailable):  # as jobs: the next tick comes all the same
            chain_what_waits(engine, key, datetime.now(UTC))


def fill(engine: Engine, count: int) -> None:
    """So many tokens and new groups, twice."""
    words = Text("Dò mật khẩu SSH", "SSH brute force")
    group = {
        "unit_id": "province",
        "fingerprint": "f",
        "rule": RuleIdentity(id="r", version="1", title=words, guide=words, level="high", tags=()),
        "level": "high",
        "entities": {"source.ip": "203.0.113.9"},
        "reason": words,
        "why": Why(kind="and"),
        "count": 1,
        "first_seen": NOW,
        "last_seen": NOW,
        "state": "new",
        "version": 1,
        "opened_at": NOW,
    }
    token = {"role": "reader", "created_at": NOW}
    numbers = range(1, 2 * count + 1)
    with db.session(engine, EVERY_UNIT) as session:
        session.execute(insert(AlertGroup), [{"id": f"g{n}", "number": n, **group} for n in numbers])
        session.execute(insert(Token), [{"id": n, "digest": str(n), "name": str(n), **token} for n in numbers])


def revoke(session: Session, number: int) -> None:
    """One token."""
    assert revoke_token(session, OPERATOR, number, datetime.now(UTC)) is None


def take(session: Session, number: int) -> None:
    """One group."""
    assert isinstance(acknowledge(session, OPERATOR, f"g{number}", 1, datetime.now(UTC)), Acknowledged)


def write(session: Session, number: int) -> None:
    """One row of the audit and nothing else."""
    detail = {"name": str(number)}
    audit.append(session, OPERATOR, "token.revoke", f"token:{number}", "done", datetime.now(UTC), detail=detail)


def rate(engine: Engine, change: Callable[[Session, int], None], first: int, count: int, together: int) -> int:
    """Changes per second of wall time."""
    begun = time.monotonic()
    for start in range(first, first + count, together):
        with db.session(engine, EVERY_UNIT) as session:
            for number in range(start, min(start + together, first + count)):
                change(session, number)
    return round(count / (time.monotonic() - begun))


def longest_lag(engine: Engine) -> float:
    """Seconds, over a hundred commits."""
    longest = 0.0
    for number in range(100):
        with db.session(engine, EVERY_UNIT) as session:
            write(session, number)
        begun = time.monotonic()
        if number % 10 == 0:
            while True:
                with db.session(engine, EVERY_UNIT, reading=True) as session:
                    signed = session.scalar(select(func.max(AuditCheckpoint.sequence)))
                    if signed == session.scalar(select(func.max(Audit.sequence))):
                        break
                time.sleep(0.005)
            longest = max(longest, time.monotonic() - begun)
        time.sleep(0.02)
    return round(longest, 2)


def main() -> None:
    """One JSON line."""
    options = argparse.ArgumentParser()
    options.add_argument("--changes", type=int, default=5000)
    options.add_argument("--data", type=Path)
    asked = options.parse_args()
    count = asked.changes
    with tempfile.TemporaryDirectory(dir=asked.data) as folder:
        data = Path(folder)
        engine = db.open_engine(f"sqlite:///{data / 'canh.db'}")
        upgrade(engine)
        fill(engine, count)
        key, _ = ensure_key(data)
        chaining = multiprocessing.get_context("spawn").Process(target=chain, args=(data,))
        chaining.start()
        time.sleep(3)  # it imports
        figures = {
            "bar": "audited state changes per second, SQLite",
            "asked": 2000,
            "revoke_one_by_one": rate(engine, revoke, 1, count, 1),
            "revoke_in_fifties": rate(engine, revoke, count + 1, count, TOGETHER),
            "acknowledge_one_by_one": rate(engine, take, 1, count, 1),
            "acknowledge_in_fifties": rate(engine, take, count + 1, count, TOGETHER),
            "audit_rows_alone": rate(engine, write, 1, count, TOGETHER),
            "chain_lag_s": longest_lag(engine),
        }
        chaining.terminate()
        chaining.join()
        chain_what_waits(engine, key, datetime.now(UTC))
        with db.session(engine, EVERY_UNIT, reading=True) as session:
            begun = time.monotonic()
            verdict = verify(database_steps(session), database_witnesses(session), (key.public,))
            figures["verified_rows_per_s"] = round(verdict.rows / (time.monotonic() - begun))
            taken = session.scalar(select(func.count()).where(AlertGroup.state == "acknowledged"))
            revoked = session.scalar(select(func.count()).where(Token.revoked_at.is_not(None)))
        engine.dispose()
    equal = verdict.bad is None and verdict.proved == verdict.rows == 5 * count + 100 and taken == revoked == 2 * count
    print(json.dumps({**figures, "equal": equal, **machine()}))
    sys.exit(0 if equal else 1)


if __name__ == "__main__":
    main()
