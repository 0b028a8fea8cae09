"""Our top-level packages must not shadow the standard library or a dependency, and must be listed everywhere."""

import sys
import tomllib
from importlib.metadata import packages_distributions

from tests.house.source import ROOMS, ROOT


def test_no_room_has_a_name_of_the_standard_library():
    assert not set(ROOMS) & sys.stdlib_module_names


def test_no_room_has_a_name_of_an_installed_distribution():
    owners = packages_distributions()
    assert {room: owners[room] for room in ROOMS if room in owners} == {}


def test_every_room_on_disk_is_known_to_the_import_rules_and_the_type_checker():
    on_disk = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert on_disk == set(ROOMS)
    assert on_disk == set(project["tool"]["importlinter"]["root_packages"])
    assert on_disk == set(project["tool"]["mypy"]["files"])
