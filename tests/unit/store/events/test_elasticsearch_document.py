"""An event as a document of Elasticsearch: what is in it, and that it comes back as it was."""

import json
import math
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from core.event import Event
from core.fields import FIELDS
from core.record import Position
from store.events.elasticsearch.document import LONGEST_KEY_LETTERS, document_of, event_of, key, prefix, words_of
from store.events.elasticsearch.template import Names, mapping, template
from store.events.packed import pack, unpack
from store.events.terms import canonical, column_value, term

START = datetime(2026, 11, 24, 2, 0, 0, 5, tzinfo=UTC)


def event(fields, raw=b"x", **more):
    position = Position("intake.5f0c9a11d2e3", 7)
    return structs.replace(
        Event(time=START, received=START, position=position, unit="province", fields=fields, raw=raw), **more
    )


def test_the_document_of_an_event():
    fields = {
        "message": "Đăng nhập thất bại",
        "user.name": "Root",
        "source.port": "0443",
        "source.ip": "::ffff:10.0.0.1",
        "event.start": "2026-11-24T00:00:00+07:00",
        "fortinet.firewall.vd": "Root",
    }
    document = json.loads(document_of(event(fields, b"line 1")))
    meta = document.pop("canh")
    assert document == {
        "@timestamp": "2026-11-24T02:00:00.000005+00:00",
        "event.original": "line 1",
        "message": "Đăng nhập thất bại",
        "user.name": "Root",
        "source.port": "0443",
        "source.ip": "::ffff:10.0.0.1",
        "event.start": "2026-11-24T00:00:00+07:00",
    }
    assert meta["words"] == {"message": ["dang nhap that bai"], "event.original": ["line 1"]}
    assert meta["columns"] == {
        "source.port": [443],
        "source.ip": ["10.0.0.1"],
        "event.start": [1795453200000000],
    }
    assert set(meta["terms"]) >= {"user.name=root", "source.port=443", "fortinet.firewall.vd=root"}
    assert meta["other"] == [{"name": "fortinet.firewall.vd", "value": "Root"}]
    assert (meta["time"], meta["partition"], meta["sequence"]) == (1795485600000005, "intake.5f0c9a11d2e3", 7)
    assert "packed" not in meta and "raw" not in meta


def test_what_was_refused_is_stored_without_its_fields_and_comes_back_whole():
    was = event({"user.name": "root", "message": "x"})
    document = json.loads(document_of(was, "mapper_parsing_exception: no"))
    assert set(document) == {"@timestamp", "event.original", "canh"}
    assert document["canh"]["refused"] == "mapper_parsing_exception: no"
    assert "user.name=root" in document["canh"]["terms"] and event_of(document) == was


NAMES = st.sampled_from([*sorted(FIELDS)[:400:13], "message", "source.port", "source.ip", "event.start"]) | st.text(
    max_size=12
)
SCALARS = (
    st.text(max_size=20)
    | st.integers()
    | st.booleans()
    | st.floats()
    | st.text(alphabet=st.characters(categories=["Cs"]), max_size=2)
)
VALUES = SCALARS | st.lists(st.text(max_size=8), max_size=4) | st.lists(st.integers(), max_size=4)


@given(st.dictionaries(NAMES, VALUES, max_size=8), st.binary(max_size=60))
def test_any_event_comes_back_as_it_was(fields, raw):
    was = event(fields, raw)
    now = event_of(json.loads(document_of(was)))
    assert now.raw == raw and dict(_plain(now)) == dict(_plain(was))
    assert repr(unpack(pack(was))) == repr(was)


def _plain(found):
    """Values with their types: 1 is not True, and NaN is NaN."""
    for name, value in found.fields.items():
        yield name, [(type(each), None if each != each else each) for each in _each(value)]


def _each(value):
    return value if isinstance(value, list) else [value]


@given(st.dictionaries(NAMES, VALUES, max_size=8))
def test_its_terms_and_columns_are_those_of_the_plain_functions(fields):
    meta = json.loads(document_of(event(fields)))["canh"]
    types = {name: field.type for name, field in FIELDS.items()}
    plain = [(name, types.get(name), each) for name, value in fields.items() for each in _each(value)]
    assert meta["terms"] == [key(term(name, canonical(kind, each))) for name, kind, each in plain if kind != "text"]
    numbers = [column_value(kind, each) for _, kind, each in plain if kind in ("long", "double", "ip", "date")]
    assert sum(map(len, meta["columns"].values())) == sum(number is not None for number in numbers)


@given(st.dictionaries(NAMES, VALUES, max_size=8), st.text(max_size=300))
def test_no_key_is_longer_than_lucene_holds(fields, text):
    meta = json.loads(document_of(event({**fields, "n" * 9000: text * 100, "user.name": text * 100})))["canh"]
    for each in (*meta["terms"], *meta["names"], *(word for words in meta["words"].values() for word in words)):
        assert max((len(word.encode()) for word in each.split(" ")), default=0) <= 32_766


def test_a_long_key_is_exact_and_its_beginning_is_found():
    long, other = "é" * 9000 + "1", "é" * 9000 + "2"
    assert key(long) != key(other) and key(long).startswith(prefix(long[:5000])) and len(key("x" * 4000)) == 4000
    assert prefix("x" * 9000) == "x" * LONGEST_KEY_LETTERS
    assert words_of("É-b_2 ß²") == "e b 2 ss2"


def test_the_template_has_every_field_and_no_name_is_another_names_folder():
    """`user` and `user.name` cannot both be fields: then no document could have both."""
    properties = mapping()["properties"]
    assert set(properties) - {"canh"} == set(FIELDS)
    for name in FIELDS:
        parts = name.split(".")
        assert not any(".".join(parts[:count]) in FIELDS for count in range(1, len(parts))), name
    assert math.isclose(template(Names("canh"))["priority"], 500)
    types = {each["type"] for each in properties.values() if "type" in each}
    assert types <= {"keyword", "text", "ip", "long", "double", "date"}, "core types only"
    assert Names("canh").index_of(START) == "canh-events-2026.11.24"
