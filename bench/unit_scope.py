"""What keeping units apart costs: computing a contact's scope, importing units, searching within a scope.

    python bench/unit_scope.py [--units 300] [--events 100000]

Method: `--units` communes below ten districts that end, each commune merged with a neighbour into a new one (about four
facts each), through the real import; then a contact's session is found again, the median of 200. Events of
all communes in one store; the same questions as the province and as the contact of the province's root (whose scope
names every unit), of one who sees half of the units (the longest list that is ever asked for) and of one who sees all
but one, the median of 30 each.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.machine import machine
from composition.migrate import upgrade
from core.event import Event
from core.ports import Search
from core.record import Position
from core.scope import EVERY_UNIT, Scope
from org.account import prove_password
from org.account_creation import create_account
from org.actor import OPERATOR, Actor
from org.session import find_session, open_session
from org.unit_import import ImportPlan, import_units, read_units
from store import db
from store.events.embedded import open_reader, open_writer
from store.events.settings import EventsSettings
from tests.queries import parse

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
PASSWORD = "một câu đủ dài để nhớ"
QUERIES = ("*", "user.name:user7", "source.port:>60000", "message:failed and user.name:user1*")


def units_file(communes: int) -> bytes:
    """The CSV of the method."""
    rows = ["code,event,date,name,parent,into,decision", "tinh,established,2004-01-01,Tỉnh,,,1"]
    rows += [f"h{n},established,2004-01-01,Huyện {n},tinh,,1\nh{n},dissolved,2025-07-01,,,,2" for n in range(10)]
    for n in range(communes):
        rows += [f"x{n},established,2004-01-01,Xã {n},h{n % 10},,1", f"x{n},renamed,2015-01-01,Thị trấn {n},,,1"]
        rows.append(f"x{n},merged,2025-07-01,,,m{n // 2},2")
    rows += [f"m{n},established,2025-07-01,Xã mới {n},tinh,,2" for n in range((communes + 1) // 2)]
    return "\n".join(rows).encode()


def median_ms(call: Callable[[], object], times: int) -> float:
    """The median of `times` calls, in milliseconds."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        took.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(took), 2)


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=300)
    parser.add_argument("--events", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps({**machine(), **measure(Path(folder), options.units, options.events)}, indent=1))


def measure(folder: Path, communes: int, events: int) -> dict[str, object]:
    """The figures."""
    engine = db.open_engine(f"sqlite:///{folder / 'canh.db'}")
    upgrade(engine)
    file = read_units(units_file(communes))
    began = time.perf_counter()
    with db.session(engine, EVERY_UNIT) as session:
        plan = import_units(session, OPERATOR, file, NOW, correct=False)
    import_s = time.perf_counter() - began
    assert isinstance(plan, ImportPlan) and not plan.refusals
    secrets = {}
    for name, unit in (("small", "m1"), ("root", "tinh")):
        with db.session(engine, EVERY_UNIT) as session:
            create_account(session, OPERATOR, name, "unit_contact", unit, PASSWORD, NOW)
        with db.session(engine, EVERY_UNIT) as session:
            actor = prove_password(session, name, PASSWORD, NOW)
            assert isinstance(actor, Actor)
            secrets[name] = open_session(session, actor, "password", NOW)
    with db.session(engine, EVERY_UNIT) as session:
        create_account(session, OPERATOR, "lan", "analyst", None, PASSWORD, NOW)
    with db.session(engine, EVERY_UNIT) as session:
        actor = prove_password(session, "lan", PASSWORD, NOW)
        assert isinstance(actor, Actor)
        secrets["province"] = open_session(session, actor, "password", NOW)

    def found(name: str) -> Actor:
        with db.session(engine, EVERY_UNIT, reading=True) as session:
            living = find_session(session, secrets[name], NOW)
        assert living is not None
        return living.actor

    scopes = {name: found(name).scope for name in secrets}
    every = sorted(f"x{number}" for number in range(communes))
    scopes["half"], scopes["all but one"] = Scope(frozenset(every[::2])), Scope(frozenset(every[1:]))
    fill(folder / "events", communes, events)
    reader = open_reader(folder / "events")
    searches = {}
    for text in QUERIES:
        question = Search(query=parse(text), limit=50)
        assert reader.search(question, scopes["root"]).total == reader.search(question, EVERY_UNIT).total
        by = {name: median_ms(lambda scope=scope: reader.search(question, scope), 30) for name, scope in scopes.items()}  # noqa: B023
        share = {f"{name}_to_province": round(by[name] / by["province"], 2) for name in ("half", "all but one", "root")}
        searches[text] = {**by, **share}
    return {
        "facts": len(plan.added),
        "import_ms": round(import_s * 1000),
        "units_in_scope": {name: len(scope.units or ()) for name, scope in scopes.items()},
        "find_session_ms": {name: median_ms(lambda name=name: found(name), 200) for name in secrets},
        "search_ms": searches,
    }


def fill(folder: Path, communes: int, events: int) -> None:
    """Events of every commune by turns."""
    writer = open_writer(folder, EventsSettings())
    for start in range(0, events, 5000):
        writer.append(
            [
                Event(
                    time=NOW + timedelta(milliseconds=number),
                    received=NOW + timedelta(milliseconds=number),
                    position=Position("intake.5f0c9a11d2e3", number + 1),
                    unit=f"x{number % communes}",
                    fields={
                        "user.name": f"user{number * 7919 % 500}",
                        "source.port": number * 31 % 65536,
                        "message": f"Failed password for user{number % 500}" if number % 3 else "Accepted publickey",
                    },
                    raw=b"Failed password",
                )
                for number in range(start, min(start + 5000, events))
            ]
        )
        writer.commit()
    writer.close()


if __name__ == "__main__":
    main()
