"""What was lost before the spool, counted by source and reason: records, and connections that were refused.

received = spooled + dropped counts records. Of a refused connection nothing was read, so nobody knows how many it had.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Literal

from core.language import Text
from core.metrics import Metric

Reason = Literal["empty", "spool_full", "kernel_buffer_full", "bad_octet_count", "too_many_connections"]

REASONS: Mapping[str, Text] = {
    "empty": Text("gói tin rỗng", "empty datagrams"),
    "spool_full": Text("hàng đợi đầy", "the spool was full"),
    "kernel_buffer_full": Text("bộ đệm UDP của hệ điều hành đầy", "the system's UDP buffer was full"),
    "bad_octet_count": Text("độ dài khung TCP không hợp lệ", "a TCP frame of impossible length"),
    "too_many_connections": Text(
        "kết nối bị từ chối vì đã có quá nhiều", "connections refused because there were too many"
    ),
}
"""Every `Reason` in words, each followed by a number where it is shown."""

DROPPED: Metric = "canh_records_dropped_total"
REFUSED: Metric = "canh_connections_refused_total"


class Losses:
    """Cumulative counts. Written on the event loop only; reading from another thread is safe."""

    def __init__(self, before: Mapping[str, float] | None = None) -> None:
        """`before`: the counters of an earlier process, to go on counting from."""
        self._counts: Counter[tuple[str, str, str]] = Counter()
        for name, value in (before or {}).items():
            metric, *labels = name.split("|")
            if metric in (DROPPED, REFUSED) and len(labels) == 2:
                self._counts[metric, labels[0], labels[1]] = int(value)

    def add(self, source: str, reason: Reason, count: int = 1) -> None:
        """Count records of a source as lost."""
        if count:
            self._counts[DROPPED, source, reason] += count

    def refuse(self, source: str, reason: Reason) -> None:
        """Count a connection to a source as refused."""
        self._counts[REFUSED, source, reason] += 1

    def counters(self) -> dict[str, float]:
        """As the run folder's report wants them."""
        return {"|".join(labels): float(count) for labels, count in list(self._counts.items())}
