"""The HTTP server of the bulk door, on the intake's own event loop."""

import asyncio
import contextlib
import logging
from collections.abc import Iterator

import uvicorn

from collectors.bulk import BulkCollector
from collectors.settings import BulkSettings
from composition.http_socket import listen
from core.status import Listener

NAME = "bulk/http"
CONNECTIONS = 2000


class BulkServer:
    """`start` binds (raises OSError where the port is taken); `stop` lets requests in work finish."""

    def __init__(self, settings: BulkSettings, application: BulkCollector) -> None:
        self._settings = settings
        self._application = application
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    def listeners(self) -> list[Listener]:
        """The open door; none while it is shut."""
        if self._server is None:
            return []
        return [Listener(name=NAME, address=f"{self._settings.host}:{self._settings.port}")]

    async def start(self) -> None:
        """Bind and answer."""
        listener = listen(self._settings.host, self._settings.port)
        self._server = _Server(
            uvicorn.Config(
                self._application,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=3,
                timeout_keep_alive=75,
                limit_concurrency=CONNECTIONS,
            )
        )
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        logging.getLogger("uvicorn.error").addFilter(_is_news)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        while not self._server.started:
            if self._serving.done():
                self._serving.result()
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """No new request; those in work get three seconds."""
        if self._server is None or self._serving is None:
            return
        self._server.should_exit = True
        await self._serving
        self._server = None


def _is_news(record: logging.LogRecord) -> bool:
    """An answer that is cut off is meant so: see `collectors.bulk`."""
    return not record.getMessage().startswith("ASGI callable returned without completing response")


class _Server(uvicorn.Server):
    """Leaves signals to the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
