"""`canh up`: prepare the data folder, print the first-run link where it is needed, supervise."""

import argparse
import os
import socket

from composition import texts
from composition.commands.environment import refuse, settings_of, upgrade_or_refuse
from composition.processes.entry import configure_logging
from composition.run_folder import living_pid
from composition.settings import Settings
from composition.supervisor import AlreadyRunning, supervise
from core import clock
from core.scope import EVERY_UNIT
from org.first_run import ensure_first_run
from org.unit import ensure_unit
from store import db


def run(options: argparse.Namespace) -> int:
    """Run in the foreground until SIGTERM; exit 0 after a clean stop."""
    settings = settings_of(options)
    configure_logging("supervisor")
    os.umask(0o077)
    try:
        for name in ("", "spool", "events", "run", "shelf"):
            (settings.data / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        refuse(texts.say(texts.CANNOT_READ, file=error.filename, reason=error.strerror))
    if pid := living_pid(settings.data / "run", "supervisor"):
        refuse(texts.say(texts.ALREADY_RUNNING, pid=pid))
    if not any(living_pid(settings.data / "run", name) for name in ("intake", "web")):
        _require_free_ports(settings)
    engine = db.open_engine(settings.database_url)
    upgrade_or_refuse(engine)
    with db.session(engine, EVERY_UNIT) as session:
        ensure_unit(session, settings.org)
        secret = ensure_first_run(session, clock.now())
    engine.dispose()
    if secret is not None:
        print(f"{texts.FIRST_RUN.vi}\n{texts.FIRST_RUN.en}\n  {settings.web.url}/first-run?secret={secret}", flush=True)
    try:
        return supervise(settings)
    except AlreadyRunning as running:
        refuse(texts.say(texts.ALREADY_RUNNING, pid=running.pid))


def _require_free_ports(settings: Settings) -> None:
    """Name the taken port and the setting that moves it, before anything starts."""
    for kind, host, port, key in (
        (socket.SOCK_STREAM, settings.web.host, settings.web.port, "CANH_WEB__PORT"),
        (socket.SOCK_STREAM, settings.syslog.host, settings.syslog.port, "CANH_SYSLOG__PORT"),
        (socket.SOCK_DGRAM, settings.syslog.host, settings.syslog.port, "CANH_SYSLOG__PORT"),
    ):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                refuse(texts.say(texts.PORT_TAKEN, address=f"{host}:{port}", key=key))
