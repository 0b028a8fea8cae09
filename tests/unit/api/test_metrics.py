import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.routes.metrics import render
from core.metrics import METRICS
from tests.unit.api.world import WORKING

LINE = re.compile(r'[a-z_]+(\{[a-z]+="(?:[^"\\\n]|\\.)*"(,[a-z]+="(?:[^"\\\n]|\\.)*")*\})? [0-9.e+-]+')


def test_the_exposition_is_well_formed_whatever_the_labels():
    counted = {
        'canh_records_dropped_total|tail:/var/log/a"b\\c\nd|oversized': 3.0,
        "canh_rule_hits_total|r1": 17.0,
        "canh_not_in_the_catalogue|x": 1.0,
    }
    text = render(WORKING, counted)
    assert text.endswith("\n")
    for line in text.splitlines():
        assert line.startswith(("# HELP ", "# TYPE ")) or LINE.fullmatch(line), line
    assert 'canh_records_dropped_total{source="tail:/var/log/a\\"b\\\\c\\nd",reason="oversized"} 3' in text
    assert 'canh_rule_hits_total{rule="r1"} 17' in text
    assert "not_in_the_catalogue" not in text
    read = {
        (sample.name, *sample.labels.values()): sample.value
        for each in text_string_to_metric_families(text)
        for sample in each.samples
    }
    assert read["canh_records_dropped_total", 'tail:/var/log/a"b\\c\nd', "oversized"] == 3.0
    assert read["canh_process_up", "pipeline"] == 1.0


def test_every_metric_is_typed_once():
    text = render(WORKING, {})
    assert re.findall(r"# TYPE (\S+)", text) == list(METRICS)
    assert "canh_records_received_total 1234\n" in text
    assert 'canh_process_up{process="pipeline"} 1\n' in text


def test_a_caller_on_this_machine_needs_no_token(world):
    answer = world.send("GET", "/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_a_forwarded_caller_is_not_on_this_machine(world, header):
    assert world.send("GET", "/metrics", headers={header: "10.0.0.9"}).status_code == 401


def test_a_caller_elsewhere_needs_a_token_that_may(world):
    assert world.send("GET", "/metrics", peer="10.0.0.9").status_code == 401
    may_not = world.call("GET", "/metrics", world.token("reader"), peer="10.0.0.9")
    assert (may_not.status_code, may_not.json()["code"]) == (403, "forbidden")
    assert world.call("GET", "/metrics", world.token("integration"), peer="10.0.0.9").status_code == 200
