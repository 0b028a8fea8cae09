"""`canh up`: prepare the data folder, print the first-run link where it is needed, supervise."""

import argparse
import errno
import os
import socket
import stat
import sys
from pathlib import Path
from typing import NoReturn

from composition import texts
from composition.commands.environment import refuse, settings_of, upgrade_or_refuse
from composition.processes.entry import configure_logging
from composition.run_folder import living_pid
from composition.settings import Settings
from composition.supervisor import AlreadyRunning, supervise
from core import clock
from core.language import Text
from core.scope import EVERY_UNIT
from core.system_error import reason_of
from org.first_run import ensure_first_run
from org.unit import ensure_unit
from store import db


def run(options: argparse.Namespace) -> int:
    """Run in the foreground until SIGTERM; exit 0 after a clean stop."""
    settings = settings_of(options)
    configure_logging("supervisor")
    os.umask(0o077)
    _prepare_folder(settings.data)
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


def _prepare_folder(data: Path) -> None:
    """The data folder and what is in it exist, are ours and closed to other accounts; ends the program where not."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        _close_to_others(data)
        for name in ("spool", "events", "run", "shelf"):
            (data / name).mkdir(exist_ok=True)
    except FileNotFoundError:
        _refuse_folder(data, texts.NO_FOLDERS_HERE)  # /proc and the like: the parent is there, and takes none
    except OSError as error:
        is_file = isinstance(error, FileExistsError)
        _refuse_folder(data, reason_of(NotADirectoryError(errno.ENOTDIR, "") if is_file else error))


def _close_to_others(data: Path) -> None:
    """Mode 0700, for logs are personal data. A folder that others may enter and that holds more than ours stays as
    it is, and is refused: it may be somebody's home, or /tmp."""
    found = data.stat()
    if found.st_uid != os.geteuid():
        _refuse_folder(data, texts.NOT_OUR_FOLDER.format(owner=found.st_uid, us=os.geteuid()))
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        if not (data / "spool").is_dir() and {entry.name for entry in data.iterdir()} - {"canh.toml"}:
            _refuse_folder(data, texts.SHARED_FOLDER.format(mode=f"{mode:04o}"))
        data.chmod(0o700)
        print(texts.say(texts.CLOSED_TO_OTHERS, path=data, mode=f"{mode:04o}"), file=sys.stderr)


def _refuse_folder(data: Path, reason: Text) -> NoReturn:
    refuse(texts.say(texts.CANNOT_USE_DATA, path=data, reason=texts.say(reason)))


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
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    refuse(texts.say(texts.PORT_TAKEN, address=f"{host}:{port}", key=key))
                reason = texts.say(reason_of(error))
                refuse(texts.say(texts.CANNOT_LISTEN, address=f"{host}:{port}", key=key, reason=reason))
