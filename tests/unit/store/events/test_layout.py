from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.event import Event
from core.fields import FIELDS
from core.record import Position
from store.events.embedded.layout import (
    COLUMNS,
    CURRENT,
    LAYOUT_FILE,
    MAX_SHAPES,
    Indexer,
    column_value,
    read_layout,
)
from store.events.terms import canonical, escape, term

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
NAMES = st.sampled_from([*FIELDS, "fortinet.firewall.vd", "x", "a b", "c=d", "é"])
TEXTS = (
    st.text(st.characters(max_codepoint=127))
    | st.text(st.characters())
    | st.sampled_from(["10.0.0.1", "::1", "7", "7.5", "2026-11-24"])
)
VALUES = st.one_of(TEXTS, st.integers(), st.floats(), st.booleans(), st.lists(TEXTS), st.lists(st.integers()))


def event(fields, raw: bytes = b"") -> Event:
    return Event(time=NOW, received=NOW, position=Position("intake.1", 1), unit="province", fields=fields, raw=raw)


@given(st.dictionaries(NAMES, VALUES, max_size=12))
def test_the_quick_way_to_the_terms_is_the_long_way(fields):
    indexer = Indexer(CURRENT)
    row = indexer.row(event(fields), b"")
    expected = {
        term(name, canonical(CURRENT.fields.get(name), each))
        for name, value in fields.items()
        if CURRENT.fields.get(name) != "text"
        for each in (value if isinstance(value, list) else [value])
    }
    names = {escape(name) for name in fields} if "_shape" not in row else set()
    assert set(row["_terms"].split(" ")) - {""} == expected | names
    if "_shape" in row:
        assert row["_shape"] == f"={'='.join(sorted(fields))}="
    indexer.document(event(fields), b"")  # and tantivy takes it


@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_a_column_holds_what_fits_and_nothing_else(fields):
    indexer = Indexer(CURRENT)
    row = indexer._fitting(indexer.row(event(fields), b""))
    for name, value in fields.items():
        kind = CURRENT.fields.get(name)
        if kind in COLUMNS and name != "@timestamp":
            every = value if isinstance(value, list) else [value]
            fitting = list(dict.fromkeys(n for each in every if (n := column_value(kind, each)) is not None))
            held = row[name] if isinstance(row[name], list) else [row[name]]
            assert held == fitting


def test_events_of_one_kind_share_their_shape_and_too_many_kinds_do_without():
    indexer = Indexer(CURRENT)
    shapes = {indexer.row(event({"user.name": "a", "host.name": str(number)}), b"")["_shape"] for number in range(9)}
    assert shapes == {"=host.name=user.name="}
    for number in range(MAX_SHAPES):
        indexer.row(event({f"made.up.{number}": "x"}), b"")
    row = indexer.row(event({"one.more": "x"}), b"")
    assert "_shape" not in row and row["_terms"] == "one.more=x \x1cone.more one.more"
    assert indexer.row(event({"user.name": "a", "host.name": "b"}), b"")["_shape"] == "=host.name=user.name="


def test_fields_of_the_index_cannot_be_forged_by_an_event():
    row = Indexer(CURRENT).row(
        event({"_unit": "school", "_source": "x", "_sequence": 9, "@timestamp": "1999", "event.original": "y"}, b"Z"),
        b"s",
    )
    assert (row["_unit"], row["_source"], row["_sequence"], row["event.original"]) == ("province", b"s", 1, "z")
    assert row["@timestamp"] == int(NOW.timestamp() * 1_000_000)


def test_a_layout_is_kept_with_its_folder_and_an_unknown_one_is_refused(tmp_path):
    older = msgspec.structs.replace(
        CURRENT, fields={"user.name": "keyword", "@timestamp": "date", "event.original": "text"}
    )
    (tmp_path / LAYOUT_FILE).write_bytes(msgspec.json.encode(older))
    assert read_layout(tmp_path) == older
    (tmp_path / LAYOUT_FILE).write_bytes(msgspec.json.encode(msgspec.structs.replace(CURRENT, version=99)))
    with pytest.raises(ValueError, match="99"):
        read_layout(tmp_path)
