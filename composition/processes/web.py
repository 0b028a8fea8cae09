"""The web process: the API for machines and the console for staff on one port."""

import asyncio
import logging
import signal
import socket

import uvicorn

from api.app import build_api
from composition.event_store import open_event_reader
from composition.http_socket import listen
from composition.run_folder import Seat
from composition.settings import Settings
from composition.status import FreshStatus
from console.app import add_console
from console.pages.provider import ANSWER
from core import clock
from core.status import Listener
from org.breached_passwords import BreachedPasswords
from org.identity_provider import IdentityProvider
from org.sealing import ensure_sealing_key
from store import db
from store.spool.disk import DiskSpoolReader

log = logging.getLogger("web")


def identity_provider_of(settings: Settings) -> IdentityProvider | None:
    """The provider at which the staff may log in, None where none is set."""
    if settings.identity_provider.issuer is None:
        return None
    return IdentityProvider(settings.identity_provider, settings.web.public_url + ANSWER, clock.now)


def run(settings: Settings) -> int:
    """Serve until SIGTERM; requests in work get three seconds."""
    engine = db.open_engine(settings.database_url)
    events = open_event_reader(settings)
    fresh = FreshStatus(settings.data, engine, DiskSpoolReader(settings.data / "spool"))
    app = build_api(
        engine=engine,
        events=events,
        status=fresh.status,
        counted=fresh.counted,
        now=clock.now,
        zone=settings.zone,
        settings=settings.web,
    )
    add_console(
        app,
        engine=engine,
        events=events,
        status=fresh.status,
        now=clock.now,
        zone=settings.zone,
        settings=settings.web,
        key=ensure_sealing_key(settings.data),
        breached=BreachedPasswords(settings.org.breached_passwords),
        identity_provider=identity_provider_of(settings),
    )
    listener = listen(settings.web.host, settings.web.port)
    seat = Seat(
        settings.data / "run",
        "web",
        listeners=lambda: [Listener(name="web", address=f"{settings.web.host}:{settings.web.port}")],
    )
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=3,
            timeout_keep_alive=30,
            limit_concurrency=512,
        )
    )
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    # uvicorn raises the signal again when it has finished; this handler makes that a clean end.
    signal.signal(signal.SIGTERM, lambda *_: setattr(server, "should_exit", True))
    seat.start()
    asyncio.run(_serve(server, listener, seat))
    seat.leave()
    return 0


async def _serve(server: uvicorn.Server, listener: socket.socket, seat: Seat) -> None:
    async def beat() -> None:
        while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
            await asyncio.sleep(0.02)
        seat.become_ready()
        while True:
            seat.turn()
            await asyncio.sleep(1.0)

    beating = asyncio.create_task(beat())
    await server.serve(sockets=[listener])
    beating.cancel()
