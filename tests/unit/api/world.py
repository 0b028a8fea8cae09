"""A small real province for the tests of the web edges: SQLite file, embedded store, alerts, tokens, one clock."""

import asyncio
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from fastapi import FastAPI
from sqlalchemy import Engine

from api.app import build_api
from api.settings import WebSettings
from console.app import add_console
from core.alert import Alert
from core.event import Event, Rejected
from core.hit import Level, RuleIdentity, Why
from core.language import Text
from core.ports import EventReader
from core.record import Position, Record
from core.scope import EVERY_UNIT
from core.status import Counters, Listener, ProcessStatus, Status
from incident import intake
from incident.queue import Group, list_groups
from org import totp
from org.account import Account, account_actor
from org.account_creation import create_account
from org.actor import OPERATOR, Actor
from org.first_run import ensure_first_run
from org.identity_provider import IdentityProvider
from org.sealing import ensure_sealing_key
from org.second_factor import new_authenticator_secret, set_authenticator
from org.settings import OrgSettings
from org.token import create_token
from org.unit import ensure_unit
from store import db
from store.events.embedded import open_reader, open_writer
from store.events.settings import EventsSettings
from tests.unit.empty_database import write_empty_database
from tests.unit.kept_hash import hash_of

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=ZONE).astimezone(UTC)
UNIT = "soc"
UNIT_NAME = "Trung tâm An ninh mạng tỉnh"
PASSWORD = "một câu đủ dài để nhớ"

BRUTE_FORCE = RuleIdentity(
    id="6f1c7c1e-6f5d-4a5e-9a57-1d1b1d0c0001",
    version="1",
    title=Text("Dò mật khẩu SSH", "SSH brute force"),
    guide=Text(
        "1. Kiểm tra địa chỉ nguồn có phải của ta không.\n2. Tìm lần đăng nhập thành công từ đó.\n3. Chặn nếu là lạ.",
        "1. Check whether the source is one of ours.\n2. Look for a successful log-in from it.\n3. Block strangers.",
    ),
    level="high",
    tags=("attack.credential-access", "attack.t1110.001"),
)

WORKING = Status(
    processes=tuple(
        ProcessStatus(name=name, pid=100 + number, rss=(30 + 20 * number) << 20, state="working")
        for number, name in enumerate(("supervisor", "intake", "pipeline", "web", "jobs"))
    ),
    listeners=(
        Listener(name="syslog/udp", address="127.0.0.1:5514"),
        Listener(name="tail", address="/var/log/auth.log"),
    ),
    counters=Counters(
        received=1234, dropped={"oversized": 3}, spooled=1231, stored=1230, backlog=1, rejected=2, alerts=4
    ),
)


def failed_login(
    sequence: int, *, source: str = "203.0.113.9", user: str = "root", ago_s: float = 0, **fields: Any
) -> Event:
    """An event as the sshd parser makes it, `ago_s` before NOW."""
    time = NOW - timedelta(seconds=ago_s)
    text = f"Failed password for {user} from {source} port 50112 ssh2"
    return Event(
        time=time,
        received=time,
        position=Position("intake.5f0c9a11d2e3", sequence),
        unit=UNIT,
        fields={
            "event.dataset": "sshd.auth",
            "event.action": "ssh_login",
            "event.outcome": "failure",
            "event.category": ["authentication"],
            "source.ip": source,
            "source.port": 50112,
            "user.name": user,
            "host.name": "web-01",
            "process.name": "sshd",
            "message": text,
            **fields,
        },
        raw=f"<38>Nov 24 09:12:01 web-01 sshd[812]: {text}".encode(),
    )


def rejected(sequence: int) -> Rejected:
    """A record that no parser reads."""
    record = Record(raw=b"\x00\xff rubbish nobody can read", source="syslog/udp", received_at=NOW, unit=UNIT)
    return Rejected(
        record=record, position=Position("intake.5f0c9a11d2e3", sequence), stage="normalise", reason="no_known_format"
    )


def brute_force(
    events: tuple[Event, ...], *, rule: RuleIdentity = BRUTE_FORCE, level: Level | None = None, count: int | None = None
) -> Alert:
    """An alert over the events, as correlation tells it."""
    first, last = events[0], events[-1]
    count = count or len(events)
    source = str(first.fields["source.ip"])
    identity = (
        rule
        if level is None
        else RuleIdentity(**{name: getattr(rule, name) for name in rule.__struct_fields__} | {"level": level})
    )
    return Alert(
        rule=identity,
        unit=UNIT,
        entities={"source.ip": source},
        window_start=first.time,
        first=first.time,
        last=last.time,
        count=count,
        why=Why(
            kind="correlation",
            pattern=">= 10",
            value=str(count),
            children=(
                Why(
                    kind="and",
                    children=(
                        Why(
                            kind="selection",
                            name="failed",
                            children=(
                                Why(
                                    kind="test",
                                    field="event.outcome",
                                    operator="equals",
                                    pattern="failure",
                                    value="failure",
                                ),
                                Why(
                                    kind="test",
                                    field="message",
                                    operator="startswith",
                                    pattern="Failed password",
                                    value=str(first.fields["message"]),
                                ),
                            ),
                        ),
                        Why(
                            kind="not",
                            children=(
                                Why(
                                    kind="test", field="source.ip", operator="cidr", pattern="10.0.0.0/8", value=source
                                ),
                            ),
                        ),
                    ),
                ),
            ),
        ),
        reason=Text(
            f"Có {count} lần đăng nhập SSH thất bại từ {source} trong 5 phút.",
            f"There were {count} failed SSH log-ins from {source} within 5 minutes.",
        ),
        events=events,
    )


@dataclass
class App:
    """An authenticator app on somebody's telephone."""

    secret: bytes = field(default_factory=new_authenticator_secret)
    used_step: int = 0
    recovery_codes: list[str] = field(default_factory=list)


@dataclass
class World:
    """One data folder and the application over it. `now` and `status` may be set by a test."""

    folder: Path
    now: datetime = NOW
    status: Status = WORKING
    counted: dict[str, float] = field(default_factory=dict)
    settings: WebSettings = field(default_factory=WebSettings)
    identity_provider: IdentityProvider | None = None
    raise_errors: bool = True
    tokens: dict[str, str] = field(default_factory=dict)
    apps: dict[str, App] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.key = ensure_sealing_key(self.folder)
        database = self.folder / "canh.db"
        if not database.exists():
            write_empty_database(database)
        self.engine: Engine = db.open_engine(f"sqlite:///{database}")
        with db.session(self.engine, EVERY_UNIT) as session:
            ensure_unit(session, OrgSettings(unit=UNIT, unit_name=UNIT_NAME))
        self.writer = open_writer(self.folder / "events", EventsSettings())
        self.reader: EventReader = open_reader(self.folder / "events")
        self.app: FastAPI = build_api(
            engine=self.engine,
            events=self.reader,
            status=lambda: self.status,
            counted=lambda: self.counted,
            now=lambda: self.now,
            zone=ZONE,
            settings=self.settings,
        )
        add_console(
            self.app,
            engine=self.engine,
            events=self.reader,
            status=lambda: self.status,
            now=lambda: self.now,
            zone=ZONE,
            settings=self.settings,
            key=self.key,
            identity_provider=self.identity_provider,
        )

    def close(self) -> None:
        self.writer.close()
        self.engine.dispose()

    def store(self, *events: Event | Rejected) -> None:
        self.writer.append(events)
        self.writer.commit()

    def damage(self, day: str) -> str:
        """Cut a file of that day's folder and let the writer find it; the name under which it was set aside."""
        self.writer.close()
        folder = self.folder / "events" / f"{day}-standard"
        store = next(folder.glob("*.store"))
        os.truncate(store, store.stat().st_size // 2)
        self.writer = open_writer(self.folder / "events", EventsSettings())
        (aside,) = (self.folder / "events").glob(f"{day}-*.damaged-*")
        return aside.name

    def alert(self, *alerts: Alert) -> Group:
        """Hand the alerts to intake; the newest group."""
        with db.session(self.engine, EVERY_UNIT) as session:
            intake.receive(session, alerts, self.now, window_hours=24)
        with db.session(self.engine, EVERY_UNIT, reading=True) as session:
            return list_groups(session, limit=1).groups[0]

    def token(self, role: str = "administrator") -> str:
        """The secret of a token of this role, the same each time."""
        if role not in self.tokens:
            self.tokens[role] = self._new_token(role)
        return self.tokens[role]

    def _new_token(self, role: str) -> str:
        with db.session(self.engine, EVERY_UNIT) as session:
            secret = create_token(session, OPERATOR, role, f"test-{role}", self.now)
        assert isinstance(secret, str)
        return secret

    def first_run_secret(self) -> str:
        with db.session(self.engine, EVERY_UNIT) as session:
            secret = ensure_first_run(session, self.now)
        assert secret is not None
        return secret

    def administrator(self, name: str = "lan") -> Actor:
        """An administrator with `PASSWORD` and an authenticator app."""
        with db.session(self.engine, EVERY_UNIT) as session:
            number = create_account(session, OPERATOR, name, "administrator", None, None, self.now)
            assert isinstance(number, int)
            account = session.get_one(Account, number)
            account.password_hash = hash_of(PASSWORD)
            actor = account_actor(session, account, self.now)
        self.enrol(actor.number, name)
        return actor

    def enrol(self, account: int, name: str) -> None:
        """Give the account of this name an authenticator app, and remember it for `code`."""
        app = self.apps[name] = App()
        with db.session(self.engine, EVERY_UNIT) as session:
            codes = set_authenticator(session, account, app.secret, 0, self.key, self.now)
        app.recovery_codes = list(codes)

    def code(self, name: str = "lan") -> str:
        """A code that was not used yet: of the app while its clock allows one, then a recovery code."""
        app = self.apps[name]
        step = max(app.used_step + 1, totp.step_of(self.now) - totp.TOLERATED_STEPS)
        if step > totp.step_of(self.now) + totp.TOLERATED_STEPS:
            return app.recovery_codes.pop()
        app.used_step = step
        return totp.code(app.secret, step)

    def send(self, method: str, path: str, *, peer: str = "127.0.0.1", **request: Any) -> httpx.Response:
        """One request to the application in this process. No redirect is followed."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=self.raise_errors, client=(peer, 50000))
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8480") as client:
                return await client.request(method, path, **request)

        return asyncio.run(ask())

    def call(self, method: str, path: str, token: str | None = None, **request: Any) -> httpx.Response:
        """One API call with a token (an administrator's when none is given)."""
        headers = {"Authorization": f"Bearer {token or self.token()}", **request.pop("headers", {})}
        return self.send(method, path, headers=headers, **request)
