"""The one unit of the settings."""

import pytest
from pydantic import ValidationError

from org.settings import OrgSettings
from org.unit import ensure_unit, unit_names


def test_the_unit_is_there_once_under_its_present_name(write, read):
    write(ensure_unit, OrgSettings(unit_name="Cũ"))
    write(ensure_unit, OrgSettings(unit_name="Mới"))
    assert read(unit_names) == {"province": "Mới"}


@pytest.mark.parametrize("unit", ["", "Tỉnh", "a b", "-a", "x" * 64, "a/b"])
def test_a_short_name_is_short_and_plain(unit):
    with pytest.raises(ValidationError):
        OrgSettings(unit=unit)
