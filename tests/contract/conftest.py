"""One event store per adapter."""

import pytest

from tests.contract.event_stores import ADAPTERS, MARKED, Store


@pytest.fixture(params=MARKED)
def store(request, tmp_path) -> Store:
    return ADAPTERS[request.param](tmp_path / "events")
