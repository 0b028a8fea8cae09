"""Units are kept apart by construction: every table carries `unit_id` or its module says that it is common."""

import ast
import importlib
import re

from composition.migrate import MODULES_WITH_TABLES, metadata
from store.db import Base
from tests.house.source import ROOT, modules

# Where SQL is written by hand: nothing filters it by unit. The schema's steps, and the state of the one pipeline.
UNFILTERED = {"composition/migrate.py", "detection/snapshot.py", "store/db.py"}

AROUND = re.compile(r"\.__table__|\.connection\(|\.exec_driver_sql\(|from sqlalchemy import .*\btext\b")


def test_every_module_with_a_table_is_known_to_the_migrations():
    declaring = {
        ".".join(path.with_suffix("").parts)
        for path, tree in modules()
        if any(isinstance(node, ast.Name) and node.id == "__tablename__" for node in ast.walk(tree))
    }
    assert declaring == set(MODULES_WITH_TABLES)


def test_every_table_has_a_unit_or_is_listed_as_common():
    metadata()
    wrong = []
    for mapper in Base.registry.mappers:
        table = mapper.local_table
        common = getattr(importlib.import_module(mapper.class_.__module__), "COMMON_TABLES", frozenset())
        if ("unit_id" in table.columns) == (table.name in common):
            wrong.append(table.name)
    assert wrong == []


def test_what_is_listed_as_common_is_a_table_of_that_module():
    metadata()
    names = {mapper.class_.__module__: set() for mapper in Base.registry.mappers}
    for mapper in Base.registry.mappers:
        names[mapper.class_.__module__].add(mapper.local_table.name)
    for module in MODULES_WITH_TABLES:
        assert getattr(importlib.import_module(module), "COMMON_TABLES", set()) <= names[module], module


def test_no_room_goes_around_the_filter():
    around = {path.as_posix() for path, _ in modules() if AROUND.search((ROOT / path).read_text("utf-8"))}
    assert around <= UNFILTERED
