"""Every panel asks for what there is: fields of `core.fields`, metrics of the catalogue, queries that are answered."""

import json
import re

import pytest

from bench.embedded_store import line
from collectors.normalise import normalise
from core.fields import FIELDS
from core.metrics import CATALOGUE
from core.query.aggregation import UNIT
from core.record import Batch, Record
from dashboards.__main__ import FOLDER, text_of
from dashboards.boards import DASHBOARDS, WINDOWS_HOSTS
from dashboards.grafana import EVENTS, METRICS
from tests.unit.api.world import NOW, ZONE, World

PANELS = [(board.uid, panel) for board in DASHBOARDS for panel in board.panels]
WITHOUT_DATA = ("Không tìm thấy", "Lỗi phía", "Bị chặn", "Tài khoản được tạo")
"""Panels for which the lines below have nothing: everything is fine."""


def request_of(target):
    """What Grafana makes of a target. Source: Grafana 12, elasticsearch data source, QueryBuilder.build."""
    begin, end = int(NOW.timestamp() * 1000) - 86_400_000, int(NOW.timestamp() * 1000) + 1000
    window = {"range": {"@timestamp": {"gte": begin, "lte": end, "format": "epoch_millis"}}}
    string = {"query_string": {"analyze_wildcard": True, "query": target["query"]}}
    body = {"size": 0, "query": {"bool": {"filter": [window, string]}}}
    if target["metrics"][0]["type"] == "logs":
        return {
            **body,
            "size": int(target["metrics"][0]["settings"]["limit"]),
            "sort": [{"@timestamp": {"order": "desc"}}],
        }
    inner = body
    for each in target["bucketAggs"]:
        if each["type"] == "terms":
            settings = each["settings"]
            said = {
                "field": each["field"],
                "size": int(settings["size"]),
                "order": {settings["orderBy"]: settings["order"]},
                "min_doc_count": int(settings["min_doc_count"]),
            }
            made = {"terms": said}
        else:
            bounds = {"min": begin, "max": end}
            said = {"field": each["field"], "fixed_interval": "30m", "min_doc_count": 0, "extended_bounds": bounds}
            made = {"date_histogram": {**said, "format": "epoch_millis"}}
        inner["aggs"] = {each["id"]: made}
        inner = made
    for each in target["metrics"]:
        if each["type"] != "count":
            inner.setdefault("aggs", {})[each["id"]] = {each["type"]: {"field": each["field"]}}
    return body


@pytest.fixture(scope="module")
def province(tmp_path_factory):
    """Log lines of sshd, nginx and a FortiGate as the parsers make them, and one that none can read."""
    world = World(tmp_path_factory.mktemp("world"))
    lines = [line(number, NOW.astimezone(ZONE)).encode() for number in range(1, 41)] + [b"\x00 nothing known"]
    records = [Record(raw=raw, source="syslog/tcp", received_at=NOW, unit="soc", peer="127.0.0.1") for raw in lines]
    world.store(*normalise(Batch("intake.1", list(range(1, len(records) + 1)), records, len(records)), ZONE))
    yield world, world.token("reader")
    world.close()


@pytest.mark.parametrize("board", DASHBOARDS, ids=lambda board: board.uid)
def test_the_committed_json_is_what_the_code_says(board):
    file = FOLDER / f"{board.uid}.json"
    assert file.read_text("utf-8") == text_of(board), "run `python -m dashboards`"
    made = json.loads(text_of(board))
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in made["panels"]]
    assert len(set(places)) == len(places)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in made["panels"])
    assert {file.name for file in FOLDER.iterdir()} == {f"{each.uid}.json" for each in DASHBOARDS}


@pytest.mark.parametrize(("board", "panel"), PANELS, ids=lambda each: each if isinstance(each, str) else each["title"])
def test_a_panel_asks_for_what_there_is(board, panel):
    for target in panel["targets"]:
        if panel["datasource"] == METRICS:
            (name,) = re.findall(r"canh_[a-z_]+", target["expr"])
            assert name in CATALOGUE, name
            labels = re.search(r" by \(([^)]*)\)", target["expr"])
            assert set(labels[1].split(", ") if labels else ()) <= set(CATALOGUE[name].labels)
            assert ("rate(" in target["expr"] or "increase(" in target["expr"]) == (CATALOGUE[name].kind == "counter")
            continue
        assert panel["datasource"] == EVENTS
        asked = {each["field"] for each in (*target["bucketAggs"], *target["metrics"]) if "field" in each}
        asked |= set(re.findall(r"([a-z_@]+(?:\.[a-z_]+)+):", target["query"]))
        assert asked <= {*FIELDS, UNIT, "@timestamp"}, asked


@pytest.mark.parametrize(
    ("board", "panel"),
    [(board, panel) for board, panel in PANELS if panel["datasource"] == EVENTS],
    ids=lambda each: each if isinstance(each, str) else each["title"],
)
def test_a_panels_query_is_answered(province, board, panel):
    world, token = province
    for target in panel["targets"]:
        body = request_of(target)
        answer = world.send(
            "POST",
            "/elasticsearch/canh-events/_search",
            json=body,
            headers={"Authorization": f"ApiKey {token}"},
        )
        assert answer.status_code == 200, answer.text
        told = answer.json()
        nothing = board == WINDOWS_HOSTS.uid or panel["title"].startswith(WITHOUT_DATA)
        assert (told["hits"]["total"]["value"] > 0) is not nothing, panel["title"]
        if "aggs" in body and not nothing:
            (name,) = body["aggs"]
            assert told["aggregations"][name]["buckets"], panel["title"]
