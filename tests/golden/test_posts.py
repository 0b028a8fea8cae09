"""Files of persons and posts as people send them: what is understood, mended and refused, written down.

`make golden` rewrites the expectations; the difference is reviewed like code.
"""

import os
from pathlib import Path

import msgspec
import pytest

from org.post_import import read_posts

HERE = Path(__file__).parent / "posts"


@pytest.mark.parametrize("name", ["taken", "refused"])
def test_file(name):
    file = read_posts((HERE / f"{name}.csv").read_bytes())
    expected = HERE / f"{name}.json"
    text = msgspec.json.format(msgspec.json.encode(file), indent=1).decode() + "\n"
    if os.environ.get("CANH_TEST_REWRITE_GOLDEN"):
        expected.write_text(text, "utf-8")
    assert expected.read_text("utf-8") == text
    assert bool(file.refusals) is (name == "refused")
