"""The door of every child process: `python -m composition.processes.entry NAME SETTINGS_FILE`."""

import faulthandler
import gc
import importlib
import logging
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

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
    crash_file = settings.data / "shelf" / "last-crash.txt"
    run: Callable[[Settings], int] = importlib.import_module(f"composition.processes.{name}").run
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    try:
        if name == "pipeline":
            crash_file.parent.mkdir(exist_ok=True)
            with crash_file.open("w") as file:
                faulthandler.enable(file)
                return run(settings)
        return run(settings)
    except Exception:
        if name == "pipeline":
            crash_file.write_text(traceback.format_exc(), "utf-8")
        logging.getLogger(name).exception("ended by an error of ours")
        return 70


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
