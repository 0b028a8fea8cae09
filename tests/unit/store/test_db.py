"""The relational base: who sees which rows, how times are kept, what waiting is told as. Over tables of the product."""

import resource
import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, exists, func, insert, select, text, true, update
from sqlalchemy.exc import OperationalError, StatementError
from sqlalchemy.orm import aliased

from core.errors import Unavailable
from core.language import Text
from core.scope import EVERY_UNIT, Scope
from org.audit import Audit
from org.first_run import FirstRun
from org.unit import Unit
from store import db

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
UNITS = ("a", "b", "c", "d")


def audit(unit, resource="r"):
    return Audit(
        at=NOW,
        unit_id=unit,
        actor="operator",
        actor_name="operator",
        role="operator",
        action="token.create",
        resource=resource,
        outcome="done",
        detail={},
    )


def engine_in(folder):
    engine = db.open_engine(f"sqlite:///{folder / 'canh.db'}")
    db.Base.metadata.create_all(engine)
    return engine


@pytest.fixture
def engine(tmp_path):
    made = engine_in(tmp_path)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def peopled(tmp_path_factory):
    """Three rows of each unit and one of none; nobody changes them."""
    made = engine_in(tmp_path_factory.mktemp("peopled"))
    with db.session(made, EVERY_UNIT) as session:
        session.add_all(audit(unit, f"{unit}{number}") for unit in (*UNITS, None) for number in range(3 if unit else 1))
    yield made
    made.dispose()


def scoped(units):
    return Scope(units=frozenset(units))


OTHER = aliased(Audit)
THIRD = aliased(Audit)

# Every way we read: each gives the units of the rows it touched.
READS = {
    "entity": select(Audit),
    "column": select(Audit.unit_id),
    "alias": select(OTHER.unit_id),
    "alias that joins": select(OTHER.unit_id).join(Audit, true()),
    "joined alias": select(OTHER.unit_id).select_from(Audit).join(OTHER, OTHER.sequence >= Audit.sequence),
    "outer joined alias": select(OTHER.unit_id).select_from(Audit).outerjoin(OTHER, OTHER.sequence > Audit.sequence),
    "two joins": select(THIRD.unit_id).select_from(Audit).join(OTHER, true()).join(THIRD, true()),
    "subquery": select(select(Audit.unit_id).subquery().c.unit_id),
    "aliased subquery": select(aliased(Audit, select(Audit).subquery()).unit_id),
    "common table expression": select(select(Audit.unit_id).cte().c.unit_id),
    "union": select(Audit.unit_id).where(Audit.sequence < 5).union_all(select(OTHER.unit_id)),
    "in": select(Audit.unit_id).where(Audit.sequence.in_(select(OTHER.sequence))),
    "joined to a common table": select(Audit.unit_id).outerjoin(FirstRun, FirstRun.digest == Audit.unit_id),
    "joined from a common table": select(Audit.unit_id).select_from(FirstRun).join(Audit, true()),
    "grouped": select(Audit.unit_id).group_by(Audit.unit_id).having(func.count(Audit.sequence) > 0),
    "ordered and cut": select(Audit.unit_id).order_by(Audit.sequence.desc()).limit(2),
    "locked": select(Audit.unit_id).with_for_update(),
}


def units_of(rows):
    return {row.unit_id if isinstance(row, Audit) else row for row in rows}


@given(units=st.sets(st.sampled_from((*UNITS, "nowhere"))), name=st.sampled_from(sorted(READS)))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_way_of_reading_shows_a_row_of_another_unit(peopled, units, name):
    with db.session(peopled, scoped(units), reading=True) as session:
        rows = session.scalars(READS[name]).all()
        assert units_of(rows) - {None} <= units
        if name in ("entity", "column", "alias", "subquery", "common table expression", "in", "locked"):
            assert len(rows) == 3 * len(units & set(UNITS))
            assert None not in units_of(rows)


@pytest.mark.slow
@given(units=st.sets(st.sampled_from(UNITS)))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_counts_existence_and_single_rows_are_within_the_scope(peopled, units):
    with db.session(peopled, EVERY_UNIT, reading=True) as session:
        rows = {row.sequence: row.unit_id for row in session.scalars(select(Audit))}
    assert len(rows) == 13
    with db.session(peopled, scoped(units), reading=True) as session:
        expected = 3 * len(units)
        assert session.scalar(select(func.count()).select_from(Audit)) == expected
        assert session.scalar(select(func.count(Audit.sequence))) == expected
        assert session.scalar(select(select(func.count(Audit.sequence)).scalar_subquery())) == expected
        for sequence, unit in rows.items():
            assert (session.get(Audit, sequence) is not None) == (unit in units)
            there = select(Audit.sequence).where(exists().where(OTHER.sequence == sequence))
            assert bool(session.scalars(there).all()) == (unit in units)


@pytest.mark.slow
@given(units=st.sets(st.sampled_from(UNITS)), change=st.sampled_from(["update", "delete"]))
@settings(max_examples=16, deadline=None)
def test_changes_touch_the_scope_alone(tmp_path_factory, units, change):
    engine = engine_in(tmp_path_factory.mktemp("changes"))
    with db.session(engine, EVERY_UNIT) as session:
        session.add_all(audit(unit) for unit in UNITS)
    statement = update(Audit).values(resource="changed") if change == "update" else delete(Audit)
    with db.session(engine, scoped(units)) as session:
        session.execute(statement)
    with db.session(engine, EVERY_UNIT, reading=True) as session:
        untouched = {row.unit_id for row in session.scalars(select(Audit)) if row.resource == "r"}
    engine.dispose()
    assert untouched == set(UNITS) - units


@pytest.mark.parametrize(
    "statement",
    [
        text("select unit_id from audit"),
        select(Audit.__table__),
        select(exists().where(Audit.unit_id == "b")),
        select(Audit).from_statement(text("select * from audit")),
        update(Audit.__table__).values(resource="x"),
        delete(Audit.__table__),
        insert(Audit).from_select(["resource"], select(OTHER.resource)),
    ],
    ids=str,
)
def test_a_statement_that_cannot_be_filtered_is_refused(peopled, statement):
    with pytest.raises(ValueError, match="cannot be filtered"), db.session(peopled, scoped("a")) as session:
        session.execute(statement)


def test_every_unit_sees_rows_of_no_unit_too(peopled):
    with db.session(peopled, EVERY_UNIT, reading=True) as session:
        assert session.scalar(text("select count(*) from audit")) == 13


def test_common_tables_are_seen_whatever_the_scope(engine):
    with db.session(engine, EVERY_UNIT) as session:
        session.add(FirstRun(digest="a", expires_at=NOW))
    with db.session(engine, scoped([]), reading=True) as session:
        assert session.get(FirstRun, "a") is not None


def test_an_error_rolls_back(engine):
    with pytest.raises(KeyError), db.session(engine, EVERY_UNIT) as session:
        session.add(Unit(unit_id="a", name="A"))
        session.flush()
        raise KeyError
    with db.session(engine, EVERY_UNIT, reading=True) as session:
        assert session.get(Unit, "a") is None


def test_a_reading_session_cannot_write(engine):
    with pytest.raises(ValueError, match="cannot write"), db.session(engine, EVERY_UNIT, reading=True) as session:
        session.add(Unit(unit_id="a", name="A"))
    for statement in (update(Unit).values(name="x"), delete(Unit), insert(Unit).values(unit_id="a", name="A")):
        with pytest.raises(ValueError, match="cannot write"), db.session(engine, EVERY_UNIT, reading=True) as session:
            session.execute(statement)


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)), st.integers(-12 * 60, 14 * 60))
def test_a_time_comes_back_as_the_same_moment_in_utc(naive, minutes):
    time = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    kept = db.Instant()
    back = kept.process_result_value(kept.process_bind_param(time, None), None)
    assert back == time
    assert back.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(engine):
    with pytest.raises(StatementError, match="without a zone"), db.session(engine, EVERY_UNIT) as session:
        session.add(audit("a"))
        session.execute(update(Audit).values(at=datetime(2026, 11, 24)))


def test_a_document_is_checked_against_its_type():
    document = db.Document(Text)
    assert document.process_result_value(document.process_bind_param(Text("tiếng \x00", "b"), None), None) == Text(
        "tiếng \x00", "b"
    )
    with pytest.raises(ValueError, match="missing required field"):
        document.process_result_value('{"vi": "a"}', None)


def test_what_was_committed_is_durable_and_read_beside_a_writer(engine):
    with engine.connect() as connection:
        assert connection.scalar(text("pragma journal_mode")) == "wal"
        assert connection.scalar(text("pragma synchronous")) == 2
        assert connection.scalar(text("pragma foreign_keys")) == 1
        assert connection.scalar(text("pragma busy_timeout")) == db.BUSY_TIMEOUT_MS
    with db.session(engine, EVERY_UNIT) as writing:
        writing.add(Unit(unit_id="a", name="A"))
        writing.flush()
        with db.session(engine, EVERY_UNIT, reading=True) as reading:
            assert reading.get(Unit, "a") is None


def test_writers_of_two_threads_wait_for_each_other(engine):
    """Each reads, then writes: with a lock taken at the first write only, one of them would fail as busy."""
    with db.session(engine, EVERY_UNIT) as session:
        session.add(Unit(unit_id="a", name="0"))
    failed = []

    def count_up():
        try:
            for _ in range(20):
                with db.session(engine, EVERY_UNIT) as session:
                    row = session.get_one(Unit, "a")
                    row.name = str(int(row.name) + 1)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.session(engine, EVERY_UNIT, reading=True) as session:
        assert session.get_one(Unit, "a").name == "80"
    assert failed == []


def test_a_database_locked_too_long_is_unavailable(engine, tmp_path):
    with engine.connect() as connection:
        connection.exec_driver_sql("pragma busy_timeout=10")
    other = sqlite3.connect(tmp_path / "canh.db", isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(Unavailable, match="busy"), db.session(engine, EVERY_UNIT) as session:
        session.add(Unit(unit_id="a", name="A"))
    other.execute("rollback")
    other.close()
    with db.session(engine, EVERY_UNIT) as session:
        session.add(Unit(unit_id="a", name="A"))


def test_a_full_disk_is_unavailable_and_loses_nothing_committed(engine):
    with db.session(engine, EVERY_UNIT) as session:
        session.add(Unit(unit_id="before", name="x"))
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("pragma page_count").scalar()
    with pytest.raises(Unavailable, match="no space left"), db.session(engine, EVERY_UNIT) as session:
        session.connection().exec_driver_sql(f"pragma max_page_count={pages}")
        session.add_all(Unit(unit_id=str(number), name="x" * 4000) for number in range(100))
    with db.session(engine, EVERY_UNIT) as session:
        session.connection().exec_driver_sql("pragma max_page_count=1000000")
        assert [row.unit_id for row in session.scalars(select(Unit))] == ["before"]
        session.add(Unit(unit_id="after", name="x"))


def test_a_file_that_may_not_grow_is_unavailable(engine):
    """The operating system refuses to write: what a disk without room or a quota does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with engine.connect():
        pass
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    try:
        with pytest.raises(Unavailable), db.session(engine, EVERY_UNIT) as session:
            session.add_all(Unit(unit_id=str(number), name="x" * 4000) for number in range(1000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with db.session(engine, EVERY_UNIT) as session:
        assert session.scalars(select(Unit)).all() == []
        session.add(Unit(unit_id="after", name="x"))


def test_an_error_of_ours_is_not_told_as_waiting(engine):
    with pytest.raises(OperationalError), db.session(engine, EVERY_UNIT) as session:
        session.execute(text("select * from no_such_table"))


def test_many_open_a_new_database_at_once(tmp_path):
    """SQLite answers busy at once where two turn one file to the write-ahead log."""
    failed = []

    def open_each(at_once):
        for number in range(40):
            at_once.wait()
            try:
                engine = db.open_engine(f"sqlite:///{tmp_path / f'{number}.db'}")
                with engine.begin() as connection:
                    connection.exec_driver_sql("select 1")
                engine.dispose()
            except Exception as error:
                failed.append(error)

    at_once = threading.Barrier(4)
    threads = [threading.Thread(target=open_each, args=(at_once,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
