"""Imports point down only, and each third-party library has one home (contracts in pyproject.toml)."""

import re
import subprocess
import sys
import tomllib

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


# Without a home: the types in motion, and what uvicorn and fastapi load by themselves.
HOMELESS = {"msgspec", "httptools", "python-multipart"}
IMPORTED_AS = {"argon2-cffi": "argon2", "pysigma": "sigma", "pyyaml": "yaml"}


def test_every_library_has_a_home():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    libraries = {re.split(r"[<>=]", dependency)[0] for dependency in project["project"]["dependencies"]}
    forbidden = {
        module
        for contract in project["tool"]["importlinter"]["contracts"]
        for module in contract.get("forbidden_modules", ())
    }
    assert {library for library in libraries if IMPORTED_AS.get(library, library) not in forbidden} == HOMELESS


def test_the_command_line_starts_without_heavy_imports():
    code = (
        "import sys; from composition.cli import build_parser; build_parser();"
        "print(sorted(sys.modules.keys() & {'pydantic', 'sqlalchemy', 'fastapi', 'tantivy', 'sigma', 'alembic'}))"
    )
    finished = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "[]"
