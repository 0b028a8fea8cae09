"""Our reading of query_string against a real Elasticsearch's: the same documents for every random query."""

import os
import random
from datetime import UTC, datetime

import pytest
from elasticsearch import Elasticsearch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.event import Event
from core.query.lucene import parse_lucene
from core.record import Position
from tests.contract.event_stores import SERVER
from tests.contract.plain import holds

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SERVER not in os.environ, reason=f"no Elasticsearch: {SERVER} is not set"),
]
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
INDEX = "lucene-differential"
VALUES = ["a", "ab", "b", "a b", "c:d", "x-y", "e\\f"]
FIELDS = ["user.name", "host.name", "event.outcome"]


class Documents:
    """The same documents in Elasticsearch and as events."""

    def __init__(self, client: Elasticsearch, events: list[Event]) -> None:
        self.client, self.events = client, events


@pytest.fixture(scope="module")
def documents():
    """Two hundred random documents, in Elasticsearch and as events."""
    chance = random.Random(7)
    events = []
    for number in range(200):
        fields = {name: chance.choice(VALUES) for name in FIELDS if chance.random() < 0.7}
        if chance.random() < 0.7:
            fields["source.port"] = chance.randrange(10)
        events.append(
            Event(time=NOW, received=NOW, position=Position("p", number + 1), unit="u", fields=fields, raw=b"")
        )
    with Elasticsearch(os.environ[SERVER]) as client:
        client.options(ignore_status=404).indices.delete(index=INDEX)
        properties = {**{name: {"type": "keyword"} for name in FIELDS}, "source.port": {"type": "long"}}
        client.indices.create(index=INDEX, mappings={"properties": properties})
        operations = [
            each for event in events for each in ({"index": {"_id": str(event.position.sequence)}}, dict(event.fields))
        ]
        client.bulk(index=INDEX, operations=operations, refresh=True)
        yield Documents(client, events)
        client.indices.delete(index=INDEX)


class Chance(random.Random):
    """Draws queries."""

    def query(self, depth: int = 2) -> str:
        joints = [" AND ", " OR ", " ", " && ", " || "]
        text = self.clause(depth)
        for _ in range(self.randrange(4)):
            text += self.choice(joints) + self.clause(depth)
        return text

    def clause(self, depth: int) -> str:
        sign = self.choice(["", "", "", "", "NOT ", "+", "-", "!"])
        if depth and self.random() < 0.3:
            return f"{sign}({self.query(depth - 1)})"
        name = self.choice(FIELDS)
        value = self.choice(VALUES)
        escaped = "".join(f"\\{letter}" if not letter.isalnum() else letter for letter in value)
        match self.randrange(8):
            case 0:
                return f"{sign}{name}:*"
            case 1:
                return f"{sign}_exists_:{name}"
            case 2:
                return f"{sign}{name}:{value[0]}*"
            case 3:
                return f'{sign}{name}:"{value}"'.replace("\\", "\\\\")
            case 4:
                low, high = sorted((self.randrange(10), self.randrange(10)))
                opening, closing = self.choice("[{"), self.choice("]}")
                return f"{sign}source.port:{opening}{low} TO {self.choice([high, '*'])}{closing}"
            case 5:
                return f"{sign}source.port:{self.choice(['>', '>=', '<', '<='])}{self.randrange(10)}"
            case 6:
                return f"{sign}{name}:({escaped} {self.choice(['OR ', 'AND ', ''])}{self.choice(VALUES)[0]})"
        return f"{sign}{name}:{escaped}"


@given(seed=st.integers(0, 2**32))
@settings(max_examples=20, deadline=None)
def test_both_find_the_same(documents, seed):
    client, events = documents.client, documents.events
    chance = Chance(seed)
    for _ in range(15):
        text, joining = chance.query(), chance.choice(["or", "and"])
        said = {"query_string": {"query": text, "default_operator": joining}}
        found = client.search(index=INDEX, query=said, size=1000, source=False)["hits"]["hits"]
        ours = parse_lucene(text, NOW, joining)
        expected = sorted(int(hit["_id"]) for hit in found)
        assert [event.position.sequence for event in events if holds(ours, event)] == expected, (text, joining)
