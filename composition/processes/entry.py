"""The door of every child process: `python -m composition.processes.entry NAME SETTINGS_FILE`."""

import contextlib
import faulthandler
import gc
import importlib
import logging
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from composition.run_folder import LAST_WORDS
from composition.settings import Settings

PROCESSES = ("intake", "pipeline", "web", "jobs")


def main(arguments: list[str]) -> int:
    """Run one process until it is told to stop (SIGTERM); 0 after a clean stop."""
    name, settings_file = arguments
    if name not in PROCESSES:
        raise ValueError(f"no such process: {name}")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the supervisor decides
    configure_logging(name)
    settings = Settings.model_validate_json(Path(settings_file).read_bytes())
    run: Callable[[Settings], int] = importlib.import_module(f"composition.processes.{name}").run
    if name == "pipeline":
        keep_last_words(settings.data)
    (settings.data / "run").mkdir(parents=True, exist_ok=True)
    crash = (settings.data / "run" / f"{name}.crash").open("w")
    faulthandler.enable(crash)
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    try:
        return run(settings)
    except Exception:
        with contextlib.suppress(OSError):
            crash.write(traceback.format_exc())
            crash.flush()
        logging.getLogger(name).exception("ended by an error of ours")
        return 70


def keep_last_words(data: Path) -> None:
    """What is known of how the pipeline ended before goes to the shelf, for the record that may have ended it."""
    crash, shelf = data / "run" / "pipeline.crash", data / "shelf"
    try:
        words = crash.read_text("utf-8", "replace")
        if words:
            shelf.mkdir(exist_ok=True)
            crash.replace(shelf / LAST_WORDS)
    except OSError:
        return  # none, or a full disk: the record goes to the shelf without them


def configure_logging(name: str) -> None:
    """One line per event on standard error: time, process, level, text. Log text of others is never written here."""
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stderr,
        format=f"%(asctime)s {name} %(levelname)s %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S%z",
    )
    logging.raiseExceptions = False  # a closed terminal must not end a collector
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
