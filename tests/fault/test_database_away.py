"""The database cannot take what the pipeline has: it waits, and afterwards every alert has its exact count."""

import sqlite3

import pytest

from tests.pipeline_work import Work, failures


@pytest.fixture
def work(tmp_path):
    made = Work(tmp_path)
    yield made
    made.stop()
    made.engine.dispose()


def test_a_locked_database_delays_and_changes_no_count(tmp_path, work):
    work.spool("intake", failures(0, 12))
    work.turn_until_committed()
    before, opened = work.alerts()
    assert opened == len(before) >= 1
    with work.engine.connect() as connection:
        connection.exec_driver_sql("pragma busy_timeout=10")
    other = sqlite3.connect(tmp_path / "canh.db", isolation_level=None)
    other.execute("begin immediate")
    work.spool("intake", failures(12, 30))
    assert work.turn_until_committed() == 3
    other.execute("rollback")
    other.close()
    work.spool("intake", failures(30, 40))
    assert work.turn_until_committed() == 0
    after, still_opened = work.alerts()
    assert after == {title: count + 28 for title, count in before.items()}
    assert still_opened == opened


def test_a_full_disk_delays_and_changes_no_count(work):
    with work.engine.connect() as connection:
        pages = connection.exec_driver_sql("pragma page_count").scalar()
        connection.exec_driver_sql(f"pragma max_page_count={pages}")
    work.spool("intake", failures(0, 40))
    assert work.turn_until_committed() == 3
    with work.engine.connect() as connection:
        connection.exec_driver_sql("pragma max_page_count=1000000")
    assert work.turn_until_committed() == 0
    counts, opened = work.alerts()
    assert set(counts.values()) == {40} and opened == len(counts)
