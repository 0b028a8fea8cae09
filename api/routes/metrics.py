"""`/metrics` for Prometheus.

Open to callers on this machine itself (a loopback peer, not forwarded by a proxy); to others with a token that may
`metrics.read`. Source: https://prometheus.io/docs/instrumenting/exposition_formats/ (text format 0.0.4)
"""

from collections.abc import Iterator, Mapping

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse

from api.caller import caller, require
from api.edge import is_loopback
from api.services import Served
from core.metrics import CATALOGUE, METRICS
from core.status import Status

router = APIRouter(tags=["status"])

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


@router.get("/metrics", response_class=PlainTextResponse)
def show_metrics(request: Request, services: Served) -> PlainTextResponse:
    """Every metric of the catalogue. From another machine a bearer token is needed."""
    if not _is_local(request):
        require(caller(request, services, None), "metrics.read", "metrics")
    return PlainTextResponse(render(services.status(), services.counted()), media_type=MEDIA_TYPE)


def render(status: Status, counted: Mapping[str, float]) -> str:
    """The exposition: what the processes counted, and what the status alone knows."""
    samples: dict[str, list[tuple[tuple[str, ...], float]]] = {metric: [] for metric in METRICS}
    for name, value in counted.items():
        metric, *labels = name.split("|")
        if metric in samples:
            samples[metric].append((tuple(labels), value))
    samples["canh_records_received_total"].append(((), float(status.counters.received)))
    for process in status.processes:
        samples["canh_process_up"].append(((process.name,), float(process.state == "working")))
        samples["canh_process_resident_bytes"].append(((process.name,), float(process.rss)))
    return "".join(_lines(samples))


def _lines(samples: Mapping[str, list[tuple[tuple[str, ...], float]]]) -> Iterator[str]:
    for metric in METRICS:
        meaning = CATALOGUE[metric]
        yield f"# HELP {metric} {meaning.help}\n# TYPE {metric} {meaning.kind}\n"
        for values, number in sorted(samples[metric]):
            pairs = ",".join(
                f'{label}="{_escape(value)}"' for label, value in zip(meaning.labels, values, strict=False)
            )
            yield f"{metric}{{{pairs}}} {number:.17g}\n" if pairs else f"{metric} {number:.17g}\n"


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _is_local(request: Request) -> bool:
    peer = request.client.host if request.client else ""
    return is_loopback(peer) and not any(name in request.headers for name in FORWARDED)
