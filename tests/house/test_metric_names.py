"""A metric that the catalogue does not know cannot be counted, and each has its meaning."""

import re

from core.metrics import CATALOGUE, METRICS
from tests.house.source import ROOMS, ROOT


def test_every_metric_named_in_the_code_is_in_the_catalogue():
    named = set()
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            named |= set(re.findall(r"\"(canh_[a-z_]+_(?:total|bytes|records|open|up))", path.read_text("utf-8")))
    assert named <= set(METRICS)


def test_every_metric_has_a_meaning():
    assert set(CATALOGUE) == set(METRICS)
