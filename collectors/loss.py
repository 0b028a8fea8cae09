"""What a collector read and could not keep, counted by source and reason. received = spooled + dropped."""

from collections import Counter
from collections.abc import Mapping


class Losses:
    """Cumulative drop counts. Written on the event loop only; reading from another thread is safe."""

    def __init__(self, before: Mapping[str, float] | None = None) -> None:
        """`before`: the counters of an earlier process, to go on counting from."""
        self._counts: Counter[tuple[str, str]] = Counter()
        for name, value in (before or {}).items():
            parts = name.split("|")
            if parts[0] == "canh_records_dropped_total" and len(parts) == 3:
                self._counts[parts[1], parts[2]] = int(value)

    def add(self, source: str, reason: str, count: int = 1) -> None:
        """Count records of a source as lost."""
        if count:
            self._counts[source, reason] += count

    def counters(self) -> dict[str, float]:
        """As the run folder's report wants them."""
        return {
            f"canh_records_dropped_total|{source}|{reason}": float(count)
            for (source, reason), count in list(self._counts.items())
        }
