"""Names in a query that nobody knows, with what may have been meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.fields import FIELDS
from core.query.hints import MAX_NAMES, hint, unknown_fields
from tests.queries import parse


@pytest.mark.parametrize(
    ("query", "unknown"),
    [
        ("failed", []),
        ("user.name:root and not source.ip:10.0.0.0/8", []),
        ("usr.name:root", ["usr.name"]),
        ("(a.b:x or not c.d:*) and e.f:(1 or 2) user.name:x", ["a.b", "c.d", "e.f"]),
        ('g.h:"x y" i.j:x* g.h:2', ["g.h", "i.j"]),
        ('"tên lạ":x', ["tên lạ"]),
        (" ".join(f"f{number}.x:1" for number in range(20)), [f"f{number}.x" for number in range(MAX_NAMES)]),
    ],
)
def test_the_names_nobody_knows_in_their_order(query, unknown):
    assert [name for name, _ in unknown_fields(parse(query))] == unknown


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("user.nmae", "user.name"),
        ("User.Name", "user.name"),
        ("source_ip", "source.ip"),
        ("hostname", "host.name"),
        ("winlog.eventdata.Image", "winlog.event_data.Image"),
    ],
)
def test_the_nearest_name_comes_first(name, meant):
    ((_, nearest),) = unknown_fields(parse(f"{name}:x"))
    assert nearest[0] == meant
    assert set(nearest) <= set(FIELDS)


def test_what_is_said():
    assert hint("xyz", ()).en == "There is no field called “xyz”."
    assert hint("a{b}", ("c", "d")).vi == "Không có trường nào tên là “a{b}”. Ý bạn là c, d?"


@given(st.text(min_size=1).filter(lambda name: name not in FIELDS and '"' not in name and "\\" not in name))
def test_any_name_can_be_unknown(name):
    ((found, nearest),) = unknown_fields(parse(f'"{name}":x'))
    assert found == name
    assert name in hint(name, nearest).vi
