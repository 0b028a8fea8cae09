"""An event kept inside an alert comes back as it was, to the byte and the microsecond."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.event import Event
from core.record import Position
from incident.embedding import pack, unpack

values = st.one_of(
    st.text(max_size=20),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.booleans(),
    st.lists(st.text(max_size=8), max_size=4),
    st.lists(st.integers(-(2**63), 2**63 - 1), max_size=4),
)
times = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))
events = st.builds(
    Event,
    time=times,
    received=times,
    position=st.builds(Position, st.text(max_size=20), st.integers(1, 2**62)),
    unit=st.text(max_size=10),
    fields=st.dictionaries(st.text(max_size=12), values, max_size=6),
    raw=st.binary(max_size=200),
)


@pytest.mark.slow
@given(st.lists(events, max_size=4).map(tuple))
def test_what_was_packed_is_unpacked(many):
    back = unpack(pack(many))
    assert back == many
    kinds = [{name: type(value) for name, value in event.fields.items()} for event in back]
    assert kinds == [{name: type(value) for name, value in event.fields.items()} for event in many]
