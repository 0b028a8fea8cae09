"""What is written in the pipeline's transaction, and read again after a restart."""

import pytest
from sqlalchemy import event

from core.scope import EVERY_UNIT
from detection import snapshot
from detection.correlate import Correlator
from detection.match import Matcher
from store import db
from tests.unit.detection.rules import BRUTE_FORCE, FAILED, loaded, login


@pytest.fixture
def engine(tmp_path):
    engine = db.open_engine(f"sqlite:///{tmp_path / 'canh.db'}")
    tables = [snapshot.CorrelationState.__table__, snapshot.DetectionPosition.__table__]
    db.Base.metadata.create_all(engine, tables=tables)
    yield engine
    engine.dispose()


def save(engine, changes, positions):
    with db.session(engine, EVERY_UNIT) as session:
        snapshot.save(session, changes, positions)


def load(engine):
    with db.session(engine, EVERY_UNIT, reading=True) as session:
        return snapshot.load(session)


def test_nothing_yet(engine):
    assert load(engine) == ([], {})


def test_counts_go_on_where_they_were(engine, tmp_path):
    rules = loaded(tmp_path, FAILED, BRUTE_FORCE)
    matcher = Matcher(rules)
    before = Correlator(rules, max_groups=10)
    before.feed(matcher.match([login(1, 0), login(2, 1), login(3, 2, source="b")]))
    save(engine, before.take_changes(), {"intake.0a": 3, "replay.0b": 7})
    states, positions = load(engine)
    assert positions == {"intake.0a": 3, "replay.0b": 7}
    after = Correlator(rules, max_groups=10)
    after.restore(states)
    assert after.take_changes() == {}
    after.feed(matcher.match([login(4, 3)]))
    (alert,) = after.take_alerts()
    assert (alert.count, alert.events[0]) == (3, login(1, 0))
    save(engine, after.take_changes(), {"intake.0a": 4})
    states, positions = load(engine)
    assert len(states) == 2
    assert positions == {"intake.0a": 4, "replay.0b": 7}


def test_what_is_given_up_is_deleted(engine, tmp_path):
    rules = loaded(tmp_path, FAILED, BRUTE_FORCE)
    correlator = Correlator(rules, max_groups=1)
    for number in range(1, 5):
        correlator.feed(Matcher(rules).match([login(number, number, source=f"10.0.0.{number}")]))
        save(engine, correlator.take_changes(), {"intake.0a": number})
        assert len(load(engine)[0]) == 1


def test_a_save_is_a_few_statements_whatever_the_number_of_groups(engine, tmp_path):
    rules = loaded(tmp_path, FAILED, BRUTE_FORCE)
    correlator = Correlator(rules, max_groups=10_000)
    events = [login(number, 1, source=f"10.0.{number >> 8}.{number & 255}") for number in range(1, 1500)]
    correlator.feed(Matcher(rules).match(events))
    statements = []
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    save(engine, correlator.take_changes(), {"intake.0a": 1500})
    assert len([each for each in statements if not each.startswith("BEGIN")]) == 2
    assert len(load(engine)[0]) == 1499
