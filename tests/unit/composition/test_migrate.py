"""The migrated schema is the one the code declares; upgrading is quick, repeatable, and safe to race."""

import multiprocessing
import subprocess
import sys

import pytest
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from composition.migrate import FOLDER, NewerDatabase, metadata, upgrade, versions
from store import db


@pytest.fixture
def engine(tmp_path):
    made = db.open_engine(f"sqlite:///{tmp_path / 'canh.db'}")
    yield made
    made.dispose()


def schema(engine):
    """Everything inspection tells about each table, in an order that does not depend on how it was made."""
    seen = inspect(engine)
    with engine.connect() as connection:
        created = dict(connection.execute(text("select name, sql from sqlite_master where type = 'table'")).all())
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"], column["primary_key"])
                for column in seen.get_columns(table)
            },
            "key": seen.get_pk_constraint(table)["constrained_columns"],
            "foreign keys": sorted(
                (key["constrained_columns"], key["referred_table"], key["referred_columns"])
                for key in seen.get_foreign_keys(table)
            ),
            "unique": sorted(each["column_names"] for each in seen.get_unique_constraints(table)),
            "indexes": sorted(
                (index["name"], index["column_names"], bool(index["unique"])) for index in seen.get_indexes(table)
            ),
            "never reused": "AUTOINCREMENT" in created[table].upper(),
        }
        for table in seen.get_table_names()
        if table != "alembic_version"
    }


def test_the_migrated_schema_is_the_declared_one(engine, tmp_path):
    upgrade(engine)
    declared = db.open_engine(f"sqlite:///{tmp_path / 'declared.db'}")
    metadata().create_all(declared)
    migrated = schema(engine)
    assert migrated == schema(declared)
    assert len(migrated) >= 11
    declared.dispose()


def test_upgrading_again_changes_nothing_and_keeps_the_rows(engine):
    upgrade(engine)
    before = schema(engine)
    with engine.begin() as connection:
        connection.execute(text("insert into unit values ('a', 'A')"))
    upgrade(engine)
    assert schema(engine) == before
    with engine.begin() as connection:
        assert connection.scalar(text("select name from unit")) == "A"


def test_the_newest_version_needs_no_alembic(tmp_path, engine):
    upgrade(engine)
    code = (
        "import sys; from composition.migrate import upgrade; from store.db import open_engine;"
        f"upgrade(open_engine('sqlite:///{tmp_path / 'canh.db'}')); print('alembic' in sys.modules)"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "False"


def test_a_newer_database_is_refused_and_untouched(engine):
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(NewerDatabase) as caught:
        upgrade(engine)
    assert "9999" in caught.value.reason.vi and versions()[-1] in caught.value.reason.en
    with engine.begin() as connection:
        assert connection.scalar(text("select version_num from alembic_version")) == "9999"


def test_a_step_that_fails_leaves_nothing_behind(engine):
    with engine.begin() as connection:
        connection.execute(text("create table tally (old text)"))  # the last step of the first version stumbles over it
    with pytest.raises(Exception, match="tally"):
        upgrade(engine)
    assert inspect(engine).get_table_names() == ["tally"]


def _upgrade(url, at_once, failed):
    engine = db.open_engine(url)
    at_once.wait()
    try:
        upgrade(engine)
    except BaseException as error:
        failed.put(repr(error))


@pytest.mark.slow
def test_two_processes_at_once_make_one_schema(tmp_path, engine):
    context = multiprocessing.get_context("spawn")
    at_once, failed = context.Barrier(3), context.Queue()
    url = f"sqlite:///{tmp_path / 'canh.db'}"
    processes = [context.Process(target=_upgrade, args=(url, at_once, failed)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert failed.empty(), failed.get()
    with engine.begin() as connection:
        assert connection.scalars(text("select version_num from alembic_version")).all() == [versions()[-1]]


def test_the_versions_are_one_line_without_a_gap(engine):
    script = ScriptDirectory(str(FOLDER))
    assert script.get_heads() == [versions()[-1]]
    assert [step.revision for step in script.walk_revisions()] == versions()[::-1]
    upgrade(engine)
    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == versions()[-1]
