"""Bar (e): what `canh up` installs, in MB, and how long `--help` takes to start.

Method: the locked runtime requirements alone into a fresh environment with venv and pip (no uv), `du` of the folder;
then the median of eleven `canh --help` through the launcher in this checkout.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.machine import machine


def main() -> None:
    """One JSON line."""
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder) / "venv"
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        began = time.monotonic()
        subprocess.run(
            [
                *(environment / "bin" / "python", "-m", "pip", "install", "-q"),
                *("--require-hashes", "--only-binary", ":all:", "-r", ROOT / "requirements.lock"),
            ],
            check=True,
        )
        seconds = time.monotonic() - began
        size = int(
            subprocess.run(["du", "-sm", environment], capture_output=True, text=True, check=True).stdout.split()[0]
        )
    starts = []
    for _ in range(11):
        began = time.monotonic()
        subprocess.run([ROOT / "canh", "--help"], capture_output=True, check=True)
        starts.append(time.monotonic() - began)
    print(
        json.dumps(
            {
                "bench": "environment_size",
                **machine(),
                "environment_mb": size,
                "install_s": round(seconds),
                "help_start_s": round(statistics.median(starts), 3),
            }
        )
    )


if __name__ == "__main__":
    main()
