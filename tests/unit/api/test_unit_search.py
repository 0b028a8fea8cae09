"""A scoped search answers as if there were no data but the scope's: asked of two stores, one of which has no more."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.ports import Search
from core.scope import EVERY_UNIT, Scope
from org.unit_history import UnitHistory
from store.events.embedded import open_reader, open_writer
from store.events.settings import EventsSettings
from tests.queries import parse
from tests.unit.api.world import NOW, failed_login
from tests.unit.org.provinces import AFTER, FACTS

HISTORY = UnitHistory(FACTS)
CONTACTS = ("can-tho", "ct-so-khcn", "x-my-xuyen", "hau-giang", "nobody")
USERS = ("root", "lan", "đức")
EVENTS = [
    msgspec.structs.replace(
        failed_login(
            number,
            source=f"203.0.113.{number % 7}",
            user=USERS[number % 3],
            ago_s=number * 61 % 200_000,
            **({"canh.only": unit} if number % 4 == 0 else {}),
        ),
        unit=unit,
    )
    for number, unit in enumerate((HISTORY.units * 30)[:360], 1)
]
SEARCHES = st.builds(
    Search,
    query=st.none()
    | st.sampled_from(
        ["*", "user.name:root", "user.name:đức or source.ip:203.0.113.3", "not user.name:lan", "canh.only:*"]
        + [f"canh.only:{unit}" for unit in HISTORY.units]
        + ["source.ip:203.0.113.0/30 and user.name:*", "message:failed", '"Failed password"', "nothing.has.this:*"]
    ).map(parse),
    start=st.none() | st.integers(0, 200_000).map(lambda ago: NOW - timedelta(seconds=ago)),
    end=st.none() | st.integers(0, 200_000).map(lambda ago: NOW - timedelta(seconds=ago)),
    limit=st.integers(20, 200),
)


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """A reader over everything, and by contact one over the data of the contact's scope alone."""

    def filled(name, events):
        folder = tmp_path_factory.mktemp(name)
        writer = open_writer(folder, EventsSettings())
        writer.append(events)
        writer.commit()
        writer.close()
        return open_reader(folder)

    alone = {}
    for contact in CONTACTS:
        scope = HISTORY.scope(contact, AFTER)
        alone[contact] = filled(contact, [event for event in EVENTS if event.unit in scope])
    return filled("everything", EVENTS), alone


def pages(reader, search, scope):
    """Every page of the answer: ids and totals."""
    found = []
    for _ in range(500):
        page = reader.search(search, scope)
        found.append(([event.id for event in page.events], page.total))
        if page.next is None:
            return found
        search = msgspec.structs.replace(search, before=page.next)
    raise AssertionError("pages without end")


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(st.sampled_from(CONTACTS), SEARCHES)
def test_a_scoped_search_is_the_search_over_that_data_alone(stores, contact, search):
    everything, alone = stores
    scope = Scope(units=HISTORY.scope(contact, AFTER))
    assert pages(everything, search, scope) == pages(alone[contact], search, EVERY_UNIT)
    assert everything.count(search, scope) == alone[contact].count(search, EVERY_UNIT)
    assert everything.missing(search) == alone[contact].missing(search)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(CONTACTS), st.sampled_from(EVENTS))
def test_an_event_of_others_is_no_event(stores, contact, event):
    everything, alone = stores
    scope = Scope(units=HISTORY.scope(contact, AFTER))
    found = everything.get(event.id, scope)
    assert found == alone[contact].get(event.id, EVERY_UNIT)
    assert (found is not None) is (event.unit in scope.units)
