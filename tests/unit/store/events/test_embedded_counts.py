"""What only the embedded store has: a bound on the columns of fields that nobody knows."""

import random
from collections import Counter
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


def test_the_counts_that_are_shown_are_exact_however_many_values_there_are(tmp_path):
    """More values than a day tells at first, over several days and commits: what is told is counted by name."""
    writer = open_writer(tmp_path, EventsSettings())
    truth: Counter[str] = Counter()
    chance = random.Random(3)
    sequence = 0
    for day in range(3):
        received = NOW + timedelta(days=day)
        for _ in range(3):
            batch = []
            for _ in range(900):
                sequence += 1
                user = f"U{int(chance.paretovariate(0.9)) % 3000}"
                truth[user] += 1
                position = Position("intake.1", sequence)
                fields = {"user.name": user, "event.outcome": "failure"}
                batch.append(
                    Event(time=received, received=received, position=position, unit="soc", fields=fields, raw=b"")
                )
            writer.append(batch)
            writer.commit()
    writer.close()
    parts = {"o": Terms("event.outcome")}
    asked = {"x": Terms("user.name", 10), "with": Terms("user.name", 5, parts=parts)}
    found = open_reader(tmp_path).aggregate(Search(query=None), asked, EVERY_UNIT)
    for name, size in (("x", 10), ("with", 5)):
        rows = found[name].rows
        assert [row.count for row in rows] == [count for _, count in truth.most_common(size)]
        assert all(truth[row.key] == row.count for row in rows)
        assert found[name].other + sum(row.count for row in rows) == sequence
    assert all(row.parts["o"].rows[0].count == row.count for row in found["with"].rows)
