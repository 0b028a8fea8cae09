"""The pieces of Grafana's dashboards: panels over the event store and over the metrics. Pure.

Source: Grafana 12, dashboard JSON model, https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/
"""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from core.language import Text
from core.metrics import Metric

EVENTS = {"type": "elasticsearch", "uid": "canh-events"}
METRICS = {"type": "prometheus", "uid": "canh-metrics"}
COLUMNS = 24
STEPS = {"id": "3", "type": "date_histogram", "field": "@timestamp", "settings": {"interval": "auto"}}

Panel = dict[str, Any]


class Dashboard(msgspec.Struct, frozen=True):
    """One dashboard; panels follow each other from left to right, each with its own width."""

    uid: str
    title: Text
    panels: tuple[Panel, ...]


def over_time(title: Text, query: str, by: str | None = None, *, size: int = 10, width: int = 12) -> Panel:
    """Events per step of time, as one line or split by the most frequent values of a field."""
    split = [_terms(by, size)] if by else []
    drawn = {"drawStyle": "bars", "fillOpacity": 60, "stacking": {"mode": "normal"}}
    return {
        **_panel("timeseries", title, width, 8),
        "datasource": EVENTS,
        "targets": [_target(query, [*split, STEPS])],
        "fieldConfig": {"defaults": {"custom": drawn, "unit": "short"}, "overrides": []},
    }


def top(title: Text, query: str, field: str, *, size: int = 10, width: int = 6) -> Panel:
    """The most frequent values of a field."""
    shown = {"cellOptions": {"type": "gauge", "mode": "basic"}}
    count = {"matcher": {"id": "byName", "options": "Count"}, "properties": [{"id": "custom", "value": shown}]}
    return {
        **_panel("table", title, width, 8),
        "datasource": EVENTS,
        "targets": [_target(query, [_terms(field, size)])],
        "fieldConfig": {"defaults": {}, "overrides": [count]},
    }


def last_heard(title: Text, query: str, field: str, *, size: int = 50, width: int = 12) -> Panel:
    """Per value of a field how many events, and when the last one was: the longest silent first."""
    latest = {"id": "1", "type": "max", "field": "@timestamp"}
    silent = _terms(field, size)
    silent["settings"] |= {"order": "asc", "orderBy": "1"}
    time = {"matcher": {"id": "byName", "options": "Max"}, "properties": [{"id": "unit", "value": "dateTimeFromNow"}]}
    return {
        **_panel("table", title, width, 10),
        "datasource": EVENTS,
        "targets": [_target(query, [silent], [latest])],
        "fieldConfig": {"defaults": {}, "overrides": [time]},
    }


def total(title: Text, query: str, *, width: int = 4) -> Panel:
    """How many events match."""
    return {
        **_panel("stat", title, width, 4),
        "datasource": EVENTS,
        "targets": [_target(query, [STEPS])],
        "options": {"reduceOptions": {"calcs": ["sum"]}, "graphMode": "area"},
    }


def distinct(title: Text, query: str, field: str, *, width: int = 4) -> Panel:
    """How many different values a field has over the time looked at."""
    counted = {"id": "1", "type": "cardinality", "field": field}
    return {
        **_panel("stat", title, width, 4),
        "datasource": EVENTS,
        "targets": [_target(query, [STEPS], [counted])],
        "options": {"reduceOptions": {"calcs": ["max"]}, "graphMode": "area"},
    }


def lines(title: Text, query: str, *, width: int = 24) -> Panel:
    """The newest events themselves."""
    logs = {"id": "1", "type": "logs", "settings": {"limit": "100"}}
    return {**_panel("logs", title, width, 10), "datasource": EVENTS, "targets": [_target(query, [], [logs])]}


def metric(
    title: Text,
    name: Metric,
    *,
    way: Literal["now", "rate", "increase"] = "rate",
    by: Sequence[str] = (),
    unit: str = "short",
    width: int = 8,
) -> Panel:
    """A metric over time: as it is, per second, or how much it grew."""
    inner = name if way == "now" else f"{way}({name}[$__rate_interval])"
    split = f" by ({', '.join(by)})" if by else ""
    return {
        **_panel("timeseries", title, width, 8),
        "datasource": METRICS,
        "targets": [
            {
                "refId": "A",
                "datasource": METRICS,
                "expr": f"sum{split} ({inner})",
                "legendFormat": " ".join(f"{{{{{each}}}}}" for each in by) or "__auto",
            }
        ],
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
    }


def write(dashboard: Dashboard) -> dict[str, Any]:
    """The JSON model of a dashboard."""
    left = top_of = row_height = 0
    placed = []
    for number, panel in enumerate(dashboard.panels, 1):
        width, height = panel["gridPos"]["w"], panel["gridPos"]["h"]
        if left + width > COLUMNS:
            left, top_of, row_height = 0, top_of + row_height, 0
        placed.append({**panel, "id": number, "gridPos": {"x": left, "y": top_of, "w": width, "h": height}})
        left, row_height = left + width, max(row_height, height)
    return {
        "uid": dashboard.uid,
        "title": f"Canh · {dashboard.title.vi} / {dashboard.title.en}",
        "tags": ["canh"],
        "schemaVersion": 41,
        "editable": True,
        "refresh": "1m",
        "time": {"from": "now-24h", "to": "now"},
        "timezone": "browser",
        "panels": placed,
    }


def _panel(kind: str, title: Text, width: int, height: int) -> Panel:
    return {"type": kind, "title": f"{title.vi} / {title.en}", "gridPos": {"w": width, "h": height}}


def _terms(field: str | None, size: int) -> dict[str, Any]:
    settings = {"size": str(size), "order": "desc", "orderBy": "_count", "min_doc_count": "1"}
    return {"id": "2", "type": "terms", "field": field, "settings": settings}


def _target(query: str, buckets: list[dict[str, Any]], metrics: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {
        "refId": "A",
        "datasource": EVENTS,
        "query": query,
        "timeField": "@timestamp",
        "metrics": metrics or [{"id": "1", "type": "count"}],
        "bucketAggs": buckets,
    }
