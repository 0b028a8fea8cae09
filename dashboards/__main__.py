"""`python -m dashboards`: write the JSON of every dashboard into `generated/`."""

import json
from pathlib import Path

from dashboards.boards import DASHBOARDS
from dashboards.grafana import Dashboard, write

FOLDER = Path(__file__).parent / "generated"


def text_of(dashboard: Dashboard) -> str:
    """The file of a dashboard."""
    return json.dumps(write(dashboard), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    for each in DASHBOARDS:
        (FOLDER / f"{each.uid}.json").write_text(text_of(each), "utf-8")
