"""One event store per adapter."""

from collections.abc import Iterator

import pytest

from tests.contract.event_stores import ADAPTERS, MARKED, Store


@pytest.fixture(params=MARKED)
def store(request, tmp_path) -> Iterator[Store]:
    made = ADAPTERS[request.param](tmp_path / "events")
    yield made
    made.drop()
