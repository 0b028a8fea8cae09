"""What a pipeline died of is there for the record that may have ended it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from composition.pipeline import last_words
from composition.processes.entry import keep_last_words
from composition.settings import Settings

ROOT = Path(__file__).parents[3]


def die(data, how):
    """A child that goes through the door of all processes and ends in its own way; its standard error."""
    code = (
        "import sys, types\n"
        "from composition.processes import entry\n"
        f"def run(settings):\n    {how}\n"
        "sys.modules['composition.processes.pipeline'] = types.SimpleNamespace(run=run)\n"
        "sys.exit(entry.main(['pipeline', sys.argv[1]]))\n"
    )
    return subprocess.run(
        [sys.executable, "-c", code, str(data / "run" / "settings.json")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
    )


@pytest.mark.slow
def test_a_traceback_and_a_signal_reach_the_shelf(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "settings.json").write_text(Settings(data=tmp_path).model_dump_json())
    assert die(tmp_path, "raise RuntimeError('poison')").returncode == 70
    keep_last_words(tmp_path)
    assert "RuntimeError: poison" in last_words(tmp_path / "shelf")
    assert die(tmp_path, "import os; os.kill(os.getpid(), 11)").returncode == -signal.SIGSEGV
    assert die(tmp_path, "return 0").returncode == 0
    assert "Segmentation fault" in last_words(tmp_path / "shelf"), "kept by the next start"
    keep_last_words(tmp_path)
    assert "Segmentation fault" in last_words(tmp_path / "shelf"), "a clean end says nothing new"
