import pytest

from tests.e2e.product import Product


@pytest.fixture
def product(tmp_path):
    """A started product of this test alone; whatever of it is left is ended by its own pids."""
    started = Product(tmp_path / "data")
    try:
        yield started.start()
    finally:
        started.kill_everything()
