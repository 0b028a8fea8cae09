import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.product import Product

CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def product(tmp_path):
    """A started product of this test alone; whatever of it is left is ended by its own pids."""
    started = Product(tmp_path / "data")
    try:
        yield started.start()
    finally:
        started.kill_everything()


@pytest.fixture
def chromium():
    """Debian's Chromium under Playwright; the tests that need it are skipped by name where it is not installed.

    One for each test: while Playwright is open its event loop runs in this thread, and no other test could run one.
    """
    if not CHROMIUM.exists():
        pytest.skip("chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def world(tmp_path):
    """A small real province (tests/unit/api/world.py) of this test alone."""
    from tests.unit.api.world import World

    made = World(tmp_path)
    yield made
    made.close()


@contextmanager
def served(app, listener: socket.socket) -> Iterator[int]:
    """The application served by uvicorn on a bound loopback socket; its port."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def site(world) -> Iterator[str]:
    """The world served on a loopback port; the address of its first page."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        with served(world.app, listener) as port:
            yield f"http://127.0.0.1:{port}"


@pytest.fixture
def page(chromium, site, request):
    """A page of a fresh browser profile, in Vietnamese time; what the browser complains of fails the test.

    Complaints are script errors, console errors (a policy violation is one), dialogs and requests to any other address.
    With CANH_TEST_SHOTS=FOLDER the last look of each page is kept there.
    """
    context = chromium.new_context(
        base_url=site, viewport={"width": 1440, "height": 900}, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh"
    )
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
    opened.on(
        "console",
        lambda message: complaints.append(f"console: {message.text}") if message.type in ("error", "warning") else None,
    )
    opened.on(
        "request", lambda sent: None if sent.url.startswith(site + "/") else complaints.append(f"request: {sent.url}")
    )

    def dialog(shown):
        complaints.append(f"dialog: {shown.message}")
        shown.dismiss()

    opened.on("dialog", dialog)
    yield opened
    if folder := os.environ.get("CANH_TEST_SHOTS"):
        opened.screenshot(path=Path(folder) / f"{request.node.name}.png", full_page=True)
    context.close()
    assert complaints == []
