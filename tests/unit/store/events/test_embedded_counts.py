"""What only the embedded store has: a bound on the columns of fields that nobody knows."""

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import QuerySyntaxError, Unavailable
from core.event import Event
from core.ports import Search
from core.query.aggregation import Combined, Distinct, Terms
from core.record import Position
from core.scope import EVERY_UNIT
from store.events.embedded import open_reader, open_writer
from store.events.embedded.layout import MAX_UNKNOWN_NAMES
from store.events.settings import EventsSettings

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def test_fields_without_end_get_no_column_without_end_and_are_not_counted_wrongly(tmp_path):
    names = [f"made.up.f{number}" for number in range(MAX_UNKNOWN_NAMES + 10)]
    writer = open_writer(tmp_path, EventsSettings())
    for sequence, name in enumerate(names, 1):
        fields = {name: "x", "user.name": "root"}
        position = Position("intake.1", sequence)
        writer.append([Event(time=NOW, received=NOW, position=position, unit="province", fields=fields, raw=b"")])
    writer.close()
    reader = open_reader(tmp_path)
    asked = {"x": Terms(names[0]), "users": Terms("user.name"), "none": Terms("made.up.by.nobody")}
    found = reader.aggregate(Search(query=None), asked, EVERY_UNIT)
    assert [(row.key, row.count) for row in found["x"].rows] == [("x", 1)]
    assert [(row.key, row.count) for row in found["users"].rows] == [("root", len(names))]
    assert found["none"].rows == ()
    for refused in (Terms(names[-1]), Distinct(names[-1]), Terms("user.name", parts={"y": Terms(names[-1])})):
        with pytest.raises(QuerySyntaxError):
            reader.aggregate(Search(query=None), {"x": refused}, EVERY_UNIT)
    with pytest.raises(QuerySyntaxError):
        reader.aggregate(Search(query=None), {"x": Combined(("user.name", names[-1]))}, EVERY_UNIT)


def test_a_question_that_takes_too_long_is_given_up_between_days(tmp_path, monkeypatch):
    writer = open_writer(tmp_path, EventsSettings())
    for sequence in range(1, 4):
        day = NOW + timedelta(days=sequence)
        position = Position("intake.1", sequence)
        writer.append([Event(time=day, received=day, position=position, unit="province", fields={}, raw=b"")])
    writer.close()
    reader = open_reader(tmp_path)
    assert reader.count(Search(query=None), EVERY_UNIT) == 3
    monkeypatch.setattr("store.events.embedded.reader.WITHIN_S", -1.0)
    for ask in (
        lambda: reader.count(Search(query=None), EVERY_UNIT),
        lambda: reader.search(Search(query=None), EVERY_UNIT),
        lambda: reader.aggregate(Search(query=None), {"x": Distinct("user.name")}, EVERY_UNIT),
    ):
        with pytest.raises(Unavailable):
            ask()
