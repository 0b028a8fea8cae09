"""What the tests of the checklist stand on: the small province in memory, a browser, the real product."""

import pytest

from tests.e2e.conftest import chromium, page, product, site, world  # noqa: F401
from tests.security.province import alert_in_each_unit


@pytest.fixture
def alerts(world):  # noqa: F811
    """An alert in each of several units (tests/security/province.py)."""
    return alert_in_each_unit(world)
