"""The project's own source files, for the tests that read them."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("core", "store", "org", "collectors", "detection", "incident", "api", "console", "composition", "dashboards")


@cache
def modules() -> tuple[tuple[Path, ast.Module], ...]:
    """Every module with its path from the root; read once, so change none of them."""
    return tuple(
        (path.relative_to(ROOT), ast.parse(path.read_text("utf-8")))
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if "versions" not in path.parts
    )
