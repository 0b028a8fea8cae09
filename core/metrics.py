"""The catalogue of metric names: a counter that is not here cannot be counted."""

from typing import Literal, get_args

import msgspec

Metric = Literal[
    "canh_records_received_total",
    "canh_records_dropped_total",
    "canh_records_spooled_total",
    "canh_records_done_total",
    "canh_records_damaged_total",
    "canh_events_stored_total",
    "canh_events_lost_total",
    "canh_records_rejected_total",
    "canh_records_shelved_total",
    "canh_records_truncated_total",
    "canh_rules_refused",
    "canh_rule_hits_total",
    "canh_alerts_total",
    "canh_backlog_records",
    "canh_spool_bytes",
    "canh_connections_open",
    "canh_connections_refused_total",
    "canh_bulk_requests_total",
    "canh_bulk_repeated_total",
    "canh_process_resident_bytes",
    "canh_process_up",
]


class MetricMeaning(msgspec.Struct, frozen=True):
    """What one metric counts, the kind Prometheus shows it as, and the labels it is split by."""

    kind: Literal["counter", "gauge"]
    help: str
    labels: tuple[str, ...] = ()


CATALOGUE: dict[Metric, MetricMeaning] = {
    "canh_records_received_total": MetricMeaning("counter", "Records framed: spooled or dropped."),
    "canh_records_dropped_total": MetricMeaning(
        "counter", "Records lost before the spool, by reason.", ("source", "reason")
    ),
    "canh_records_spooled_total": MetricMeaning("counter", "Records made durable in the spool.", ("partition",)),
    "canh_records_done_total": MetricMeaning(
        "counter", "Records that store and detection have both made durable.", ("partition",)
    ),
    "canh_records_damaged_total": MetricMeaning(
        "counter", "Spooled records that could not be read back and were set aside.", ("partition",)
    ),
    "canh_events_stored_total": MetricMeaning(
        "counter", "Events and rejected records made durable in the event store."
    ),
    "canh_events_lost_total": MetricMeaning(
        "counter", "Events that were stored and cannot be read any more, by reason.", ("reason",)
    ),
    "canh_records_rejected_total": MetricMeaning(
        "counter", "Records no parser could read; kept and searchable.", ("stage",)
    ),
    "canh_records_shelved_total": MetricMeaning("counter", "Records that crashed the pipeline and were set aside."),
    "canh_records_truncated_total": MetricMeaning(
        "counter", "Records that were too long and are kept without their end.", ("partition",)
    ),
    "canh_rules_refused": MetricMeaning("gauge", "Rules, or paths of rules, that could not be loaded."),
    "canh_rule_hits_total": MetricMeaning("counter", "Times a rule held on an event.", ("rule",)),
    "canh_alerts_total": MetricMeaning("counter", "Alerts raised.", ("level",)),
    "canh_backlog_records": MetricMeaning(
        "gauge", "Spooled records that store and detection have not both finished.", ("partition",)
    ),
    "canh_spool_bytes": MetricMeaning("gauge", "Bytes of spool segments on disk."),
    "canh_connections_open": MetricMeaning("gauge", "Open connections of a listener.", ("source",)),
    "canh_bulk_requests_total": MetricMeaning(
        "counter", "Requests at the bulk door by the status of the answer, since it was opened.", ("status",)
    ),
    "canh_bulk_repeated_total": MetricMeaning(
        "counter", "Documents whose `_id` was sent again within 48 hours and that were kept once, since it was opened."
    ),
    "canh_connections_refused_total": MetricMeaning(
        "counter", "Connections closed before anything was read, by reason.", ("source", "reason")
    ),
    "canh_process_resident_bytes": MetricMeaning("gauge", "Resident memory of a process.", ("process",)),
    "canh_process_up": MetricMeaning("gauge", "1 while the process works.", ("process",)),
}

METRICS: tuple[Metric, ...] = get_args(Metric)
