"""`./canh` itself, before it becomes the command line."""

import os
import subprocess
import sys

import pytest

from tests.house.source import ROOT


def script(*arguments, cwd=ROOT):
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("CANH_", "LC_", "LANG"))}
    return subprocess.run(
        [sys.executable, str(ROOT / "canh"), *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )


@pytest.mark.parametrize("option", [["--wheels", "nope"], ["--wheels=nope"]], ids=len)
def test_a_folder_of_wheels_that_is_not_there_is_refused_however_much_is_installed(tmp_path, option):
    ended = script("config", "check", *option, cwd=tmp_path)
    assert ended.returncode == 2
    assert str(tmp_path / "nope") in ended.stderr


def test_wheels_are_not_downloaded_into_an_option(tmp_path):
    ended = script("wheels", "--help", cwd=tmp_path)
    assert ended.returncode == 2
    assert "canh wheels DIR" in ended.stderr
    assert list(tmp_path.iterdir()) == []
