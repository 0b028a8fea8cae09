from datetime import UTC, datetime

import pytest

from core.scope import EVERY_UNIT
from org import account, audit, first_run, session, token, unit  # noqa: F401 (their tables)
from store import db

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
PASSWORD = "một câu đủ dài để nhớ"


@pytest.fixture
def engine(tmp_path):
    made = db.open_engine(f"sqlite:///{tmp_path / 'canh.db'}")
    db.Base.metadata.create_all(made)
    yield made
    made.dispose()


@pytest.fixture
def write(engine):
    """A function that runs one call in a transaction of its own and gives its answer."""

    def run(call, *arguments, **named):
        with db.session(engine, EVERY_UNIT) as opened:
            return call(opened, *arguments, **named)

    return run


@pytest.fixture
def read(engine):
    """As `write`, without the write lock."""

    def run(call, *arguments, **named):
        with db.session(engine, EVERY_UNIT, reading=True) as opened:
            return call(opened, *arguments, **named)

    return run


@pytest.fixture
def audited(engine):
    """What the audit says: (actor, action, resource, outcome), oldest first."""
    from sqlalchemy import select

    def rows():
        with db.session(engine, EVERY_UNIT, reading=True) as opened:
            found = opened.scalars(select(audit.Audit).order_by(audit.Audit.sequence))
            return [(row.actor, row.action, row.resource, row.outcome) for row in found]

    return rows


@pytest.fixture
def person(write):
    """The administrator lan."""
    secret = write(first_run.ensure_first_run, NOW)
    return write(first_run.set_administrator, secret, "Lan", PASSWORD, NOW)
