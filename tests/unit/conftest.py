"""What unit tests of more than one room stand on. Imports are made when a test asks, so that the others stay light."""

import pytest


@pytest.fixture
def engine(tmp_path):
    """A database of this test alone with every table whose module the test has imported."""
    from store import db
    from tests.unit.empty_database import write_empty_database

    write_empty_database(tmp_path / "canh.db")
    made = db.open_engine(f"sqlite:///{tmp_path / 'canh.db'}")
    yield made
    made.dispose()


@pytest.fixture
def write(engine):
    """A function that runs one call in a transaction of its own, seeing every unit, and gives its answer."""
    from core.scope import EVERY_UNIT
    from store import db

    def run(call, *arguments, scope=EVERY_UNIT, **named):
        with db.session(engine, scope) as opened:
            return call(opened, *arguments, **named)

    return run


@pytest.fixture
def read(engine):
    """As `write`, without the write lock."""
    from core.scope import EVERY_UNIT
    from store import db

    def run(call, *arguments, scope=EVERY_UNIT, **named):
        with db.session(engine, scope, reading=True) as opened:
            return call(opened, *arguments, **named)

    return run


@pytest.fixture
def world(tmp_path):
    """A small real province (tests/unit/api/world.py) of this test alone."""
    from tests.unit.api.world import World

    made = World(tmp_path)
    yield made
    made.close()
