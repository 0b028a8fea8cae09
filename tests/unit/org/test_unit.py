"""The one unit of the settings."""

from datetime import date

import pytest
from pydantic import ValidationError

from org.settings import OrgSettings
from org.unit import ensure_unit, load_history


def test_the_unit_is_there_once_under_its_present_name(write, read):
    write(ensure_unit, OrgSettings(unit_name="Cũ"))
    write(ensure_unit, OrgSettings(unit_name="Mới"))
    history = read(load_history)
    assert [(unit, history.name(unit, date(1990, 1, 1))) for unit in history.units] == [("province", "Mới")]


@pytest.mark.parametrize("unit", ["", "Tỉnh", "a b", "-a", "x" * 64, "a/b"])
def test_a_short_name_is_short_and_plain(unit):
    with pytest.raises(ValidationError):
        OrgSettings(unit=unit)
