"""The jobs process: APScheduler only ticks; what is due is a function of rows and `now`."""

import logging
import signal
import threading
from collections.abc import Callable
from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Engine

from composition.run_folder import Seat
from composition.settings import Settings
from core import clock
from core.scope import EVERY_UNIT
from org import audit
from org.actor import OPERATOR
from org.audit_chain import chain, checkpoints, work_is_due
from org.audit_copy import AT_ONCE, Destination, copied_through, copy, destinations, is_due, note_copied
from org.audit_key import SigningKey, ensure_key
from org.ingest_key import view_of, write_view
from org.invitation import expire_invitations
from org.log_in import expire_log_ins
from org.passkey import expire_challenges
from org.session import expire_sessions
from org.token_mark import mark_key
from store import db

log = logging.getLogger("jobs")

CHAIN_EVERY_S = 0.4  # so that a row is chained within a second of its commit
COPY_EVERY_S = 2
KEYS_EVERY_S = 1


def run(settings: Settings) -> int:
    """Tick until SIGTERM."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    engine = db.open_engine(settings.database_url)
    seat = Seat(settings.data / "run", "jobs")

    def end_old_sessions(now: datetime) -> None:
        with db.session(engine, EVERY_UNIT) as session:
            ended = expire_sessions(session, now)
            expire_log_ins(session, now)
            expire_invitations(session, now)
            expire_challenges(session, now)
        if ended:
            log.info("ended %d web sessions", ended)

    def tell_keys(now: datetime) -> None:
        with db.session(engine, EVERY_UNIT, reading=True) as session:
            view = view_of(session, now)
        write_view(settings.data / "run", view)

    with db.session(engine, EVERY_UNIT) as session:
        mark_key(session)
    key = _signing_key(settings, engine)
    copying = destinations(settings.audit)

    def chain_audit(now: datetime) -> None:
        chain_what_waits(engine, key, now)

    def copy_checkpoints(now: datetime) -> None:
        for destination in copying:
            copy_what_is_new(engine, destination, now)

    # A tick that falls into the one before is left out, and nothing is lost by it: no reason for a warning.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
    scheduler = BackgroundScheduler(timezone=settings.zone)
    each = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
    scheduler.add_job(_at_now(end_old_sessions), "interval", minutes=1, **each)
    scheduler.add_job(_at_now(chain_audit), "interval", seconds=CHAIN_EVERY_S, **each)
    scheduler.add_job(_at_now(tell_keys), "interval", seconds=KEYS_EVERY_S, **each)
    scheduler.add_job(_at_now(copy_checkpoints), "interval", seconds=COPY_EVERY_S, **each)
    scheduler.start()
    seat.start()
    seat.become_ready()
    while not stopping.wait(1.0):
        seat.turn()
    scheduler.shutdown(wait=True)
    seat.leave()
    return 0


def chain_what_waits(engine: Engine, key: SigningKey, now: datetime) -> None:
    """Chain and sign all that is committed, a short transaction for each thousand rows. Idle it takes no write lock."""
    while True:
        with db.session(engine, EVERY_UNIT, reading=True) as session:
            if not work_is_due(session, now):
                return
        with db.session(engine, EVERY_UNIT) as session:
            chain(session, key, now)


def copy_what_is_new(engine: Engine, destination: Destination, now: datetime) -> None:
    """Hand the destination the checkpoints it does not have; how that ended is written down."""
    with db.session(engine, EVERY_UNIT, reading=True) as session:
        if not is_due(session, destination, now):
            return
        after = copied_through(session, destination.name)
        waiting = checkpoints(session, after=after, kept_only=True)
    for first in range(0, len(waiting), AT_ONCE):
        some = waiting[first : first + AT_ONCE]
        failure = copy(destination, some)
        with db.session(engine, EVERY_UNIT) as session:
            news = note_copied(session, destination.name, some[-1].sequence, failure, now)
        if news:
            log.warning("copies of the audit's checkpoints: %s", "resumed" if failure is None else failure.en)
        if failure is not None:
            return


def _signing_key(settings: Settings, engine: Engine) -> SigningKey:
    """The key of the data folder; that it was made is audited, and chained with all else."""
    key, made = ensure_key(settings.data)
    if made:
        with db.session(engine, EVERY_UNIT) as session:
            detail = {"key": key.public.id}
            audit.append(session, OPERATOR, "audit.make_key", "audit", "done", clock.now(), detail=detail)
        log.info("made the key that signs the audit: %s", key.public.id)
    return key


def _at_now(job: Callable[[datetime], None]) -> Callable[[], None]:
    """The job with the clock read at the tick; an error is logged and the next tick comes all the same."""

    def tick() -> None:
        try:
            job(clock.now())
        except Exception:
            log.exception("job %s failed", job.__name__)

    return tick
