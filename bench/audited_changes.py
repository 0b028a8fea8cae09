"""State changes with their audit rows: how many a second through the real function, on SQLite, chained meanwhile.

    python bench/audited_changes.py [--changes 10000] [--data DIR]

Method: a database at today's schema with as many open alert groups. `incident.triage.acknowledge` takes each into work,
as the button and the API do: it asks access, loads the row, writes it and its audit row. One transaction for each
change (each waits for the disk: synchronous=FULL), then as many in transactions of fifty (what a bulk action pays),
both while another thread chains and signs as the jobs process does. `chain_lag_s` is the longest time from a commit to
its hash seen by a third. Equal results: every group is acknowledged, every change has its row, the chain verifies.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import Engine, func, insert, select

from bench.machine import machine
from composition.migrate import upgrade
from composition.processes.jobs import CHAIN_EVERY_S, chain_what_waits
from core.hit import RuleIdentity, Why
from core.language import Text
from core.scope import EVERY_UNIT
from incident.tables import AlertGroup
from incident.triage import Acknowledged, acknowledge
from org.actor import Actor
from org.audit import Audit
from org.audit_chain import AuditLink
from org.audit_export import database_steps, database_witnesses
from org.audit_key import ensure_key
from org.audit_verify import verify
from store import db

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
ANALYST = Actor(kind="account", number=1, name="lan", role="analyst", scope=EVERY_UNIT)
BULK = 50


def fill(engine: Engine, groups: int) -> None:
    """So many new groups."""
    words = Text("Dò mật khẩu SSH", "SSH brute force")
    rule = RuleIdentity(id="r", version="1", title=words, guide=words, level="high", tags=())
    row = {
        "unit_id": "province", "fingerprint": "f", "rule": rule, "level": "high", "entities": {"source.ip": "203.0.113.9"},
        "reason": words, "why": Why(kind="and"), "count": 1, "first_seen": NOW, "last_seen": NOW, "state": "new",
        "version": 1, "opened_at": NOW,
    }  # fmt: skip
    with db.session(engine, EVERY_UNIT) as session:
        session.execute(insert(AlertGroup), [{"id": f"g{n}", "number": n, **row} for n in range(1, groups + 1)])


def change(engine: Engine, numbers: range) -> None:
    """Acknowledge these in one transaction."""
    with db.session(engine, EVERY_UNIT) as session:
        for number in numbers:
            assert isinstance(acknowledge(session, ANALYST, f"g{number}", 1, datetime.now(UTC)), Acknowledged)


def main() -> None:
    """One JSON line."""
    options = argparse.ArgumentParser()
    options.add_argument("--changes", type=int, default=10_000)
    options.add_argument("--data", type=Path)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.data) as folder:
        data = Path(folder)
        engine = db.open_engine(f"sqlite:///{data / 'canh.db'}")
        upgrade(engine)
        fill(engine, 2 * asked.changes)
        key, _ = ensure_key(data)
        done = threading.Event()
        lags = []

        def chain() -> None:
            while not done.wait(CHAIN_EVERY_S):
                chain_what_waits(engine, key, datetime.now(UTC))

        def watch() -> None:
            oldest = select(func.min(Audit.at)).where(
                Audit.sequence > select(func.coalesce(func.max(AuditLink.sequence), 0)).scalar_subquery()
            )
            while not done.wait(0.1):
                with db.session(engine, EVERY_UNIT, reading=True) as session:
                    waiting = session.scalar(oldest)
                lags.append((datetime.now(UTC) - waiting).total_seconds() if waiting else 0.0)

        threads = [threading.Thread(target=chain), threading.Thread(target=watch)]
        for each in threads:
            each.start()
        begun = time.monotonic()
        for number in range(1, asked.changes + 1):
            change(engine, range(number, number + 1))
        single = asked.changes / (time.monotonic() - begun)
        begun = time.monotonic()
        for first in range(asked.changes + 1, 2 * asked.changes + 1, BULK):
            change(engine, range(first, min(first + BULK, 2 * asked.changes + 1)))
        bulk = asked.changes / (time.monotonic() - begun)
        done.set()
        for each in threads:
            each.join()
        begun = time.monotonic()
        chain_what_waits(engine, key, datetime.now(UTC))
        with db.session(engine, EVERY_UNIT, reading=True) as session:
            begun = time.monotonic()
            verdict = verify(database_steps(session), database_witnesses(session), (key.public,))
            verified = verdict.rows / (time.monotonic() - begun)
            acknowledged = session.scalar(select(func.count()).where(AlertGroup.state == "acknowledged"))
        equal = verdict.bad is None and verdict.proved == verdict.rows == acknowledged == 2 * asked.changes
        figures = {
            "bar": "audited state changes per second, SQLite", "asked": 2000, "one_transaction_each": round(single),
            "in_transactions_of_50": round(bulk), "chain_lag_s": round(max(lags), 2), "verified_rows_per_s": round(verified),
            "equal": equal,
        }  # fmt: skip
        print(json.dumps(figures | machine()))
        sys.exit(0 if equal else 1)


if __name__ == "__main__":
    main()
