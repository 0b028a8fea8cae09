from datetime import UTC, datetime, timedelta

import pytest

from core.scope import EVERY_UNIT
from org import account, audit, first_run, service_account, session, token, unit  # noqa: F401 (their tables)
from org.policy import ABSOLUTE_HOURS, IDLE_MINUTES, INACTIVE_DAYS
from store import db

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
IDLE = timedelta(minutes=IDLE_MINUTES.default)
ABSOLUTE = timedelta(hours=ABSOLUTE_HOURS.default)
DORMANT_AFTER = timedelta(days=INACTIVE_DAYS.default)
PASSWORD = "một câu đủ dài để nhớ"


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
