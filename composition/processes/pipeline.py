"""The pipeline process: turns `composition.pipeline.Pipeline` until it is told to stop."""

import gc
import logging
import signal
import threading

from composition.delivery import Deliveries
from composition.event_store import open_event_writer
from composition.pipeline import Pipeline
from composition.run_folder import Seat
from composition.settings import Settings
from core import clock
from core.errors import Unavailable
from detection.correlate import Correlator
from detection.match import Matcher
from detection.sigma.load import load_rules
from store import db
from store.spool.disk import DiskSpoolReader

PAUSE_S = 0.02

log = logging.getLogger("pipeline")


def run(settings: Settings) -> int:
    """Work until SIGTERM, then commit everything."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    unavailable: Unavailable | None = None
    pipeline: Pipeline | None = None
    rules = load_rules(settings.detection.rule_paths())
    refused = {"canh_rules_refused": float(len(rules.errors))}
    seat = Seat(
        settings.data / "run",
        "pipeline",
        counters=lambda: {**(pipeline.counters() if pipeline is not None else {}), **refused},
        waiting_for=lambda: getattr(unavailable, "reason", None),  # asked for once: the main loop clears it
    )
    for error in rules.errors:
        log.warning("rule not loaded: %s", error)
    seat.start()
    seat.become_ready()
    while pipeline is None and not stopping.is_set():
        seat.turn()
        try:
            pipeline = Pipeline(
                spool=DiskSpoolReader(settings.data / "spool"),
                store=open_event_writer(settings),
                engine=db.open_engine(settings.database_url),
                matcher=Matcher(rules),
                correlator=Correlator(rules, max_groups=settings.detection.max_groups),
                deliveries=Deliveries(settings.data / "run" / "pipeline.delivery"),
                shelf=settings.data / "shelf",
                zone=settings.zone,
                group_window_hours=settings.incident.group_window_hours,
            )
        except Unavailable as error:
            unavailable = _told(unavailable, error)
            stopping.wait(error.retry_after_s)
    if pipeline is None:
        seat.leave()
        return 0
    gc.collect()
    gc.freeze()  # rules and state live as long as the process: no collection need look at them again
    while not stopping.is_set():
        seat.turn()
        try:
            worked = pipeline.turn(clock.now())
        except Unavailable as error:
            unavailable = _told(unavailable, error)
            stopping.wait(error.retry_after_s)
            continue
        if unavailable is not None:
            log.warning("goes on")
        unavailable = None
        if not worked:
            stopping.wait(PAUSE_S)
    try:
        pipeline.close(clock.now())
    except Unavailable as error:
        log.warning("ends without its last commit, which the next start makes from the spool: %s", error)
    seat.leave()
    return 0


def _told(before: Unavailable | None, error: Unavailable) -> Unavailable:
    """Why nothing goes on now, in the log where it is news."""
    if str(error) != str(before):
        log.warning("waiting: %s", error)
    return error
