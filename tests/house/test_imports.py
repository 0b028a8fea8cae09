"""Imports point down only, and each third-party library has one home (contracts in pyproject.toml)."""

import subprocess
import sys

from tests.house.source import ROOT


def test_import_contracts_hold():
    finished = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_the_command_line_starts_without_heavy_imports():
    code = (
        "import sys; from composition.cli import build_parser; build_parser();"
        "print(sorted(sys.modules.keys() & {'pydantic', 'sqlalchemy', 'fastapi', 'tantivy', 'sigma', 'alembic'}))"
    )
    finished = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "[]"
