"""Bring the database to today's schema: quick when it is there already, safe when two processes do it at once."""

import importlib
import logging
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, inspect, text

from core.language import Text
from store.db import Base

FOLDER = Path(__file__).parent / "migrations"
MODULES_WITH_TABLES = (
    "composition.retired",
    "composition.tally",
    "detection.snapshot",
    "incident.tables",
    "org.account",
    "org.audit",
    "org.audit_chain",
    "org.audit_copy",
    "org.body",
    "org.first_run",
    "org.invitation",
    "org.log_in",
    "org.passkey",
    "org.provider_identity",
    "org.post",
    "org.saved_search",
    "org.second_factor",
    "org.service_account",
    "org.setting",
    "org.session",
    "org.shift",
    "org.token",
    "org.token_mark",
    "org.source",
    "org.unit",
)

TOO_NEW = Text(
    "Cơ sở dữ liệu này thuộc một phiên bản Canh mới hơn (lược đồ {found}, chương trình này biết đến {newest}). "
    "Hãy chạy phiên bản mới, hoặc khôi phục bản sao lưu được tạo trước khi nâng cấp.",
    "This database belongs to a newer Canh (schema {found}, this program knows up to {newest}). "
    "Run the newer version, or restore a backup made before the upgrade.",
)

# Any number that no other program on the same PostgreSQL locks by.
_LOCK = 0x63616E68


class NewerDatabase(Exception):
    """The schema is of a version this program does not know; nothing was touched."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


def versions() -> list[str]:
    """The schema versions this program knows, oldest first: the files of `migrations/versions`."""
    return sorted(path.name.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))


def upgrade(engine: Engine) -> None:
    """The schema is at the newest version afterwards; all steps or none. Idempotent.

    Two small reads when it is there already. Raises `NewerDatabase`; `OperationalError` where there is no database.
    """
    known = versions()
    with engine.execution_options(reading=True).begin() as connection:
        if _is_newest(connection, known):
            return
    logging.getLogger("alembic").setLevel(logging.WARNING)  # or it tells of each of its plugins
    importlib.import_module("alembic.command")  # it takes its time: not while others wait for the lock
    with engine.begin() as connection:  # on SQLite this takes the write lock, so that others wait here
        if engine.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if not _is_newest(connection, known):
            _run_steps(connection)


def metadata() -> MetaData:
    """Every table of the program, once the modules that declare them are imported."""
    for module in MODULES_WITH_TABLES:
        importlib.import_module(module)
    return Base.metadata


def _is_newest(connection: Connection, known: list[str]) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    found: str | None = connection.scalar(text("select version_num from alembic_version"))
    if found is not None and found not in known:
        raise NewerDatabase(TOO_NEW.format(found=found, newest=known[-1]))
    return found == known[-1]


def _run_steps(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    command.upgrade(config, "head")
