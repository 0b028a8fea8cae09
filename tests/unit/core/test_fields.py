import re

from core.fields import FIELDS, TEXT_FIELDS, field_reference, field_type


def test_every_name_is_written_as_ecs_writes_it_and_has_a_meaning():
    own = re.compile(r"@?[a-z0-9_]+(\.[a-z0-9_]+)*|winlog\.(event|user)_data\.\w+")
    assert [name for name in FIELDS if not own.fullmatch(name)] == []
    assert [name for name, field in FIELDS.items() if not field.meaning.strip()] == []


def test_no_field_lies_below_another():
    """ECS nests names: `user` cannot be both a value and a group. `event.original` and the like are leaves."""
    below = [(name, other) for name in FIELDS for other in FIELDS if other.startswith(f"{name}.")]
    assert below == []


def test_types_are_asked_by_name():
    assert field_type("source.ip") == "ip"
    assert field_type("message") == "text" and "message" in TEXT_FIELDS
    assert field_type("fortinet.firewall.vd") is None


def test_the_reference_has_a_row_for_every_field():
    rows = re.findall(r"^\| `([^`]+)` \| (\w+) \|", field_reference(), re.MULTILINE)
    assert dict(rows) == {name: field.type for name, field in FIELDS.items()}
