import pytest

from tests.unit.api.world import World


@pytest.fixture
def world(tmp_path):
    """A world of this test alone."""
    made = World(tmp_path)
    yield made
    made.close()
