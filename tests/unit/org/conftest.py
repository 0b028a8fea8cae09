from datetime import UTC, datetime, timedelta

import pytest

from core.scope import EVERY_UNIT
from org import (  # noqa: F401 (their tables)
    account,
    account_creation,
    actor,
    audit,
    first_run,
    service_account,
    session,
    token,
    unit,
)
from org.policy import ABSOLUTE_HOURS, IDLE_MINUTES, INACTIVE_DAYS
from store import db
from tests.unit.kept_hash import hash_of

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


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """The folder with a certificate of 127.0.0.1 (`cert.pem`) and its key (`key.pem`)."""
    from tests.unit.org.certificate import write_certificate

    folder = tmp_path_factory.mktemp("certificate")
    write_certificate(folder)
    return folder


@pytest.fixture
def person(write):
    """The administrator lan. Her password is hashed once for all tests, for a hash is slow on purpose."""

    def made(opened):
        number = account_creation.create_account(opened, actor.OPERATOR, "Lan", "administrator", None, None, NOW)
        lan = opened.get_one(account.Account, number)
        lan.password_hash = hash_of(PASSWORD)
        return account.account_actor(opened, lan, NOW)

    return write(made)
