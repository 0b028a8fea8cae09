"""Logging in: the password, then the second factor where there is one or must be one; what is half done opens nothing.

    begin_log_in ─> Entered | HalfLogIn("code") ─> finish_log_in ─> Entered
                            | HalfLogIn("enrol") ─> enrol_log_in ─> Enrolled

Source: OWASP ASVS 5.0, 6.3.3 (second factor), 7.2.4 (a new session at every log-in)
"""

from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from sqlalchemy import ForeignKey, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.ids import new_secret
from core.language import Text
from org import audit
from org.account import Account, account_actor, prove_password
from org.actor import NOBODY, Actor
from org.passkey import NONE_HERE, Answer, RelyingParty, add_passkey, ask_to_add, ask_to_prove
from org.password import MIN_LETTERS, normal
from org.policy import policy_of
from org.refused import Refused
from org.sealing import BadSeal, SealingKey
from org.second_factor import (
    check_factor,
    check_first_code,
    factors_of,
    new_authenticator_secret,
    set_authenticator,
    set_recovery_codes,
)
from org.secret import digest
from org.session import Proof, WebSession, open_session
from store.db import Base, Instant

COMMON_TABLES = frozenset({"half_log_in"})
VALID_FOR = timedelta(minutes=10)
MAX_WRONG = 5

ENDED = Text(
    "Lần đăng nhập này đã hết hạn hoặc sai quá nhiều lần: hãy đăng nhập lại từ đầu.",
    "This log-in has expired or had too many wrong codes: begin again.",
)

Step = Literal["code", "enrol"]


class HalfLogIn(Base):
    """One who has shown who they are (password or provider), whose second factor is due. It is no session.

    `sealed` is the secret of the app that is being enrolled. Common: it is asked for before anyone's scope is known.
    """

    __tablename__ = "half_log_in"

    digest: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    step: Mapped[str]
    begun_at: Mapped[datetime] = mapped_column(Instant)
    wrong: Mapped[int] = mapped_column(default=0)
    sealed: Mapped[bytes | None]


class Entered(msgspec.Struct, frozen=True):
    """A session is open: its secret, and whose it is."""

    secret: str
    actor: Actor


class Enrolled(msgspec.Struct, frozen=True):
    """The same, and the recovery codes, which are told only here."""

    secret: str
    actor: Actor
    recovery_codes: tuple[str, ...]


class Half(msgspec.Struct, frozen=True):
    """The first step is done; the secret of the half log-in and what comes next."""

    secret: str
    step: Step


class Due(msgspec.Struct, frozen=True):
    """A half log-in that lives: whose, and what is due. `app_secret`: what the app to be enrolled gets."""

    account: int
    name: str
    step: Step
    app_secret: bytes | None


def begin_log_in(session: Session, name: str, said: str, key: SealingKey, now: datetime) -> Entered | Half | Refused:
    """The first step. Give it a fresh session: the hash is computed before the write lock is taken.

    Without a second factor a session opens only where none is required and the password is long enough to stand alone.
    """
    proven = prove_password(session, name, said, now)
    if isinstance(proven, Refused):
        return proven
    due = factors_of(session, proven.number).any or proven.role in policy_of(session, now).second_factor_roles
    return go_on(session, proven, "password", key, now, enough=not due and len(normal(said)) >= MIN_LETTERS)


def go_on(
    session: Session, proven: Actor, by: Proof, key: SealingKey, now: datetime, *, enough: bool
) -> Entered | Half:
    """What comes after the first step: a session where it was `enough`, else the second factor. Audited."""
    if enough:
        return Entered(open_session(session, proven, by, now), proven)
    enrolled = factors_of(session, proven.number).any
    secret = new_secret()
    step: Step = "code" if enrolled else "enrol"
    half = HalfLogIn(digest=digest(secret), account_id=proven.number, step=step, begun_at=now, wrong=0)
    if step == "enrol":
        half.sealed = key.seal(new_authenticator_secret(), _about(half))
    session.add(half)
    resource, detail = f"account:{proven.number}", {"step": step, "by": by}
    audit.append(session, proven, "account.begin_log_in", resource, "done", now, detail=detail)
    return Half(secret, step)


def due_log_in(session: Session, secret: str, key: SealingKey, now: datetime) -> Due | None:
    """The half log-in with this secret while it lives. Only reads."""
    found = _living(session, secret, now)
    if found is None:
        return None
    half, account = found
    try:
        app_secret = key.open(half.sealed, _about(half)) if half.sealed is not None else None
    except BadSeal:  # the server has another key since: the password is asked for again, and a new secret is made
        return None
    return Due(account.id, account.name, "enrol" if half.step == "enrol" else "code", app_secret)


def ask_passkey(session: Session, secret: str, party: RelyingParty, now: datetime) -> dict[str, Any] | Refused:
    """What the browser of this half log-in needs, within 5 minutes and once, to ask a passkey or to make one."""
    found = _living(session, secret, now)
    if found is None:
        return Refused(ENDED)
    half, account = found
    if half.step == "enrol":
        return ask_to_add(session, account.id, secret, party, now)
    return ask_to_prove(session, account.id, secret, party, now) or Refused(NONE_HERE)


def finish_log_in(
    session: Session, secret: str, shown: str | Answer, key: SealingKey, now: datetime
) -> Entered | Refused:
    """The second step: a passkey, a code of the app or a recovery code opens the session.

    A wrong one is audited and counted.
    """
    found = _living(session, secret, now)
    if found is None or found[0].step != "code":
        return Refused(ENDED)
    half, account = found
    used = check_factor(session, account.id, shown, key, now)
    if isinstance(used, Refused):
        return _wrong(session, half, account, used, now)
    session.delete(half)
    actor = account_actor(session, account, now)
    return Entered(open_session(session, actor, used, now), actor)


def enrol_log_in(session: Session, secret: str, said: str, key: SealingKey, now: datetime) -> Enrolled | Refused:
    """The second step of one who has no factor yet: the app shows that it has the secret, and the session opens."""
    found = _living(session, secret, now)
    if found is None or found[0].sealed is None:
        return Refused(ENDED)
    half, account = found
    if factors_of(session, account.id).any:  # enrolled meanwhile, in another window or by another person
        session.delete(half)
        return Refused(ENDED)
    try:
        app_secret = key.open(half.sealed or b"", _about(half))
    except BadSeal:
        session.delete(half)
        return Refused(ENDED)
    step = check_first_code(app_secret, said, now)
    if isinstance(step, Refused):
        return _wrong(session, half, account, step, now)
    codes = set_authenticator(session, account.id, app_secret, step, key, now)
    session.delete(half)
    actor = account_actor(session, account, now)
    resource = f"account:{account.id}"
    audit.append(session, actor, "second_factor.enrol", resource, "done", now, unit=account.unit_id)
    return Enrolled(open_session(session, actor, "authenticator", now), actor, codes)


def enrol_log_in_by_passkey(
    session: Session, secret: str, answer: Answer, name: str, now: datetime
) -> Enrolled | Refused:
    """The same with a passkey, which was made just now and is called `name`, in place of the app."""
    found = _living(session, secret, now)
    if found is None or found[0].step != "enrol":
        return Refused(ENDED)
    half, account = found
    if factors_of(session, account.id).any:
        session.delete(half)
        return Refused(ENDED)
    made = add_passkey(session, account.id, answer, name, now)
    if isinstance(made, Refused):
        return _wrong(session, half, account, made, now)
    codes = set_recovery_codes(session, account.id)
    session.delete(half)
    actor = account_actor(session, account, now)
    resource, detail = f"account:{account.id}", {"to": "passkey", "passkey": str(made.id), "name": made.name}
    audit.append(session, actor, "second_factor.enrol", resource, "done", now, unit=account.unit_id, detail=detail)
    return Enrolled(open_session(session, actor, "passkey", now), actor, codes)


def end_all(session: Session, account: int) -> int:
    """Every session of the account ends, and every log-in that is half done; how many sessions. The caller audits."""
    session.execute(delete(HalfLogIn).where(HalfLogIn.account_id == account))
    ended = delete(WebSession).where(WebSession.account_id == account).returning(WebSession.digest)
    return len(session.scalars(ended).all())


def expire_log_ins(session: Session, now: datetime) -> int:
    """Delete the half log-ins that no longer live; how many."""
    old = delete(HalfLogIn).where((HalfLogIn.begun_at <= now - VALID_FOR) | (HalfLogIn.begun_at > now))
    return len(session.scalars(old.returning(HalfLogIn.digest)).all())


def _living(session: Session, secret: str, now: datetime) -> tuple[HalfLogIn, Account] | None:
    half = session.get(HalfLogIn, digest(secret))
    if half is None or not now - VALID_FOR < half.begun_at <= now:
        return None
    account = session.get_one(Account, half.account_id)
    return None if account.closed_at is not None else (half, account)


def _wrong(session: Session, half: HalfLogIn, account: Account, refused: Refused, now: datetime) -> Refused:
    resource, detail = f"account:{account.id}", {"step": half.step}
    audit.append(session, NOBODY, "account.log_in", resource, "failed", now, unit=account.unit_id, detail=detail)
    half.wrong += 1
    if half.wrong < MAX_WRONG:
        return refused
    session.delete(half)
    return Refused(ENDED)


def _about(half: HalfLogIn) -> str:
    return f"half log-in {half.digest}"
