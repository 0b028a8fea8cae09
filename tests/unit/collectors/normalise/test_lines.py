"""Real lines in, expected fields out."""

import pytest

from core.event import Event
from tests.unit.collectors.normalise.samples import ROWS, Row, read


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_line(row: Row):
    _, format, line, expected = row
    event = read(line, format)
    assert isinstance(event, Event)
    assert {name: event.fields.get(name) for name in expected} == expected
    assert event.raw == line.encode()


def test_every_line_has_a_name_of_its_own():
    names = [row[0] for row in ROWS]
    assert sorted(set(names)) == sorted(names)
