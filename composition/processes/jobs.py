"""The jobs process: APScheduler only ticks; what is due is a function of rows and `now`."""

import logging
import signal
import threading
from collections.abc import Callable
from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler

from composition.run_folder import Seat
from composition.settings import Settings
from core import clock
from core.scope import EVERY_UNIT
from org.session import expire_sessions
from store import db

log = logging.getLogger("jobs")


def run(settings: Settings) -> int:
    """Tick until SIGTERM."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    engine = db.open_engine(settings.database_url)
    seat = Seat(settings.data / "run", "jobs")

    def end_old_sessions(now: datetime) -> None:
        with db.session(engine, EVERY_UNIT) as session:
            ended = expire_sessions(session, now)
        if ended:
            log.info("ended %d web sessions", ended)

    scheduler = BackgroundScheduler(timezone=settings.zone)
    scheduler.add_job(_at_now(end_old_sessions), "interval", minutes=1, max_instances=1, coalesce=True)
    scheduler.start()
    seat.start()
    seat.become_ready()
    while not stopping.wait(1.0):
        seat.turn()
    scheduler.shutdown(wait=True)
    seat.leave()
    return 0


def _at_now(job: Callable[[datetime], None]) -> Callable[[], None]:
    """The job with the clock read at the tick; an error is logged and the next tick comes all the same."""

    def tick() -> None:
        try:
            job(clock.now())
        except Exception:
            log.exception("job %s failed", job.__name__)

    return tick
