"""What people change about their own account, once they have proven again that it is theirs.

Source: OWASP ASVS 5.0, 6.2.3 (a new password needs the present one), 7.4.3 (the other sessions end), 7.5.1 (proof anew)
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from core.language import Text
from core.scope import EVERY_UNIT
from org import audit, password
from org.access import Action, decide
from org.account import Account
from org.actor import Actor
from org.breached_passwords import BUILT_IN, BreachedPasswords
from org.log_in import HalfLogIn
from org.passkey import (
    NONE_HERE,
    Answer,
    OwnPasskey,
    RelyingParty,
    add_passkey,
    ask_to_add,
    ask_to_prove,
    passkeys_of,
    remove_passkey,
)
from org.policy import policy_of
from org.refused import Refused
from org.sealing import BadSeal, SealingKey
from org.second_factor import (
    Factors,
    check_factor,
    check_first_code,
    factors_of,
    is_app_of,
    new_authenticator_secret,
    remove_factors,
    set_authenticator,
    set_recovery_codes,
)
from org.secret import digest
from org.session import WebSession, living
from store import db

DRAFT_VALID_FOR = timedelta(minutes=10)

WRONG_PASSWORD = Text("Mật khẩu hiện tại không đúng.", "The present password is wrong.")
NO_PASSWORD = Text(
    "Tài khoản này chưa có mật khẩu để chứng minh là của bạn: nhờ quản trị viên gửi liên kết mời, đặt mật khẩu, rồi "
    "làm lại.",
    "This account has no password to prove that it is yours: ask an administrator for an invitation, set one, then "
    "try again.",
)
THE_SAME = Text("Mật khẩu mới giống mật khẩu hiện tại.", "The new password is the present one.")
REQUIRED = Text(
    "Vai trò của bạn bắt buộc có yếu tố thứ hai: có thể thay, không thể gỡ.",
    "Your role must have a second factor: it can be replaced, not removed.",
)
LONGER_FIRST = Text(
    "Không có yếu tố thứ hai thì mật khẩu cần ít nhất {letters} ký tự: hãy đổi mật khẩu trước.",
    "Without a second factor the password needs {letters} characters at least: change it first.",
)
DRAFT_ENDED = Text("Đã quá 10 phút: hãy bắt đầu lại.", "More than 10 minutes have passed: begin again.")
SET_ALREADY = Text(
    "Ứng dụng này đã được thiết lập. Mã khôi phục chỉ hiện một lần; nếu chưa kịp cất, hãy tạo bộ mã mới.",
    "This app is set up already. Recovery codes are shown once; if you have not kept them, make new ones.",
)
NO_ACCOUNT = Text("Chỉ người có tài khoản mới có điều này.", "Only people with an account have this.")
NO_FACTOR = Text("Bạn chưa có yếu tố thứ hai.", "You have no second factor yet.")
NO_SUCH_PASSKEY = Text("Bạn không có khóa này.", "You have no such passkey.")


class OwnSession(msgspec.Struct, frozen=True):
    """One open session of the person; `this`: the one they look at it from."""

    opened_at: datetime
    seen_at: datetime
    this: bool


class OwnAccount(msgspec.Struct, frozen=True):
    """What a person sees of their own account; sessions newest first."""

    account: str
    unit: str | None
    has_password: bool
    factors: Factors
    required: bool
    sessions: tuple[OwnSession, ...]
    passkeys: tuple[OwnPasskey, ...]


def own_account(session: Session, actor: Actor, secret: str, now: datetime) -> OwnAccount | Refused:
    """The account of `actor`, whose present session has this secret. Asked of `access`; only reads."""
    decision = decide(actor, "self.read", actor.id)
    if not decision.allowed:
        return Refused(decision.reason)
    account, policy = session.get_one(Account, actor.number), policy_of(session, now)
    own = select(WebSession).where(WebSession.account_id == account.id, living(policy, now))
    rows = session.scalars(own.order_by(WebSession.opened_at.desc()))
    sessions = tuple(OwnSession(row.opened_at, row.seen_at, row.digest == digest(secret)) for row in rows)
    required = account.role in policy.second_factor_roles
    factors, passkeys = factors_of(session, account.id), passkeys_of(session, account.id)
    has_password = account.password_hash != password.NOBODYS_HASH
    return OwnAccount(account.name, account.unit_id, has_password, factors, required, sessions, passkeys)


def change_password(
    session: Session,
    actor: Actor,
    secret: str,
    present: str,
    said: str,
    now: datetime,
    breached: BreachedPasswords = BUILT_IN,
) -> Refused | None:
    """The person has the password `said` from now on and every session but this one ends; or why not.

    Asked of `access`, audited. Give it a fresh session: hashes are computed before the write lock is taken.
    """
    account = _asked(session, actor, "self.change_password", present, now)
    if isinstance(account, Refused):
        return account
    factor = account.role in policy_of(session, now).second_factor_roles or factors_of(session, account.id).any
    wrong = password.refusal(said, (account.name,), with_second_factor=factor, breached=breached)
    if wrong is None and password.normal(said) == password.normal(present):
        wrong = THE_SAME
    if wrong is not None:
        return Refused(wrong)
    kept = password.hashed(said)
    account.password_hash = kept
    end_other_sessions(session, actor, secret)
    _written(session, actor, "self.change_password", account, now)
    return None


def draft_authenticator(
    session: Session, actor: Actor, present: str, code: str | Answer, key: SealingKey, now: datetime
) -> tuple[bytes, bytes] | Refused:
    """(secret of a new app, the same sealed for `set_own_authenticator`); or why the person is not believed.

    Asked of `access`. Commit in either case: a wrong code is counted.
    """
    account = _proven(session, actor, "self.change_factor", present, code, key, now)
    if isinstance(account, Refused):
        return account
    secret = new_authenticator_secret()
    stamp = int(now.timestamp()).to_bytes(8, "big")
    return secret, key.seal(stamp + secret, _draft_of(actor))


def drafted_secret(actor: Actor, draft: bytes, key: SealingKey, now: datetime) -> bytes | Refused:
    """The secret of a draft that is still good."""
    try:
        opened = key.open(draft, _draft_of(actor))
    except BadSeal:
        return Refused(DRAFT_ENDED)
    age = now.timestamp() - int.from_bytes(opened[:8], "big")
    return opened[8:] if -1 <= age < DRAFT_VALID_FOR.total_seconds() else Refused(DRAFT_ENDED)


def set_own_authenticator(
    session: Session, actor: Actor, secret: str, draft: bytes, code: str, key: SealingKey, now: datetime
) -> tuple[str, ...] | Refused:
    """The app that shows this code is the person's from now on; their new recovery codes. Other sessions end.

    Asked of `access`, audited.
    """
    denied = _denied(session, actor, "self.change_factor", now)
    if denied is not None:
        return denied
    app_secret = drafted_secret(actor, draft, key, now)
    if isinstance(app_secret, Refused):
        return app_secret
    if is_app_of(session, actor.number, app_secret, key):  # the form was sent twice
        return Refused(SET_ALREADY)
    step = check_first_code(app_secret, code, now)
    if isinstance(step, Refused):
        audit.append(session, actor, "self.change_factor", actor.id, "failed", now, detail={"why": "first code"})
        return step
    account = session.get_one(Account, actor.number)
    codes = set_authenticator(session, account.id, app_secret, step, key, now)
    end_other_sessions(session, actor, secret)
    _written(session, actor, "self.change_factor", account, now, {"to": "authenticator"})
    return codes


def new_recovery_codes(
    session: Session, actor: Actor, present: str, code: str | Answer, key: SealingKey, now: datetime
) -> tuple[str, ...] | Refused:
    """New recovery codes in place of those before. Asked of `access`, audited; commit in either case."""
    account = _proven(session, actor, "self.change_factor", present, code, key, now)
    if isinstance(account, Refused):
        return account
    if not factors_of(session, account.id).any:
        return Refused(NO_FACTOR)
    codes = set_recovery_codes(session, account.id)
    _written(session, actor, "self.change_factor", account, now, {"to": "recovery codes"})
    return codes


def remove_own_factors(
    session: Session, actor: Actor, secret: str, present: str, code: str | Answer, key: SealingKey, now: datetime
) -> Refused | None:
    """The person logs in by password alone; or why not. Other sessions end.

    Asked of `access`, audited; commit in either case.
    """
    denied = _denied(session, actor, "self.change_factor", now)
    if denied is not None:
        return denied
    if actor.role in policy_of(session, now).second_factor_roles:
        return Refused(REQUIRED)
    if len(password.normal(present)) < password.MIN_LETTERS:
        return Refused(LONGER_FIRST.format(letters=password.MIN_LETTERS))
    account = _proven(session, actor, "self.change_factor", present, code, key, now)
    if isinstance(account, Refused):
        return account
    remove_factors(session, account.id)
    end_other_sessions(session, actor, secret)
    _written(session, actor, "self.change_factor", account, now, {"to": "none"})
    return None


def ask_own_passkey(
    session: Session, actor: Actor, secret: str, party: RelyingParty, now: datetime
) -> dict[str, Any] | Refused:
    """What the browser needs to ask one of the person's passkeys who they are. Asked of `access`."""
    denied = _denied(session, actor, "self.change_factor", now)
    return denied or ask_to_prove(session, actor.number, secret, party, now) or Refused(NONE_HERE)


def draft_passkey(
    session: Session,
    actor: Actor,
    secret: str,
    present: str,
    code: str | Answer,
    party: RelyingParty,
    key: SealingKey,
    now: datetime,
) -> dict[str, Any] | Refused:
    """What the browser needs to make a passkey, within 5 minutes and once; or why the person is not believed.

    Asked of `access`. Commit in either case: a wrong code is counted.
    """
    account = _proven(session, actor, "self.change_factor", present, code, key, now)
    if isinstance(account, Refused):
        return account
    return ask_to_add(session, account.id, secret, party, now)


def add_own_passkey(
    session: Session, actor: Actor, answer: Answer, name: str, now: datetime
) -> tuple[str, ...] | Refused:
    """The passkey that was made is the person's from now on; other sessions end. Asked of `access`, audited.

    Whoever had no second factor before gets recovery codes, the others keep theirs: then there are none here.
    """
    denied = _denied(session, actor, "self.change_factor", now)
    if denied is not None:
        return denied
    account = session.get_one(Account, actor.number)
    first = not factors_of(session, account.id).any
    made = add_passkey(session, account.id, answer, name, now, actor)
    if isinstance(made, Refused):
        return made
    end_other_sessions(session, actor, answer.secret)
    detail = {"to": "passkey", "passkey": str(made.id), "name": made.name}
    _written(session, actor, "self.change_factor", account, now, detail)
    return set_recovery_codes(session, account.id) if first else ()


def remove_own_passkey(
    session: Session,
    actor: Actor,
    secret: str,
    number: int,
    present: str,
    code: str | Answer,
    key: SealingKey,
    now: datetime,
) -> Refused | None:
    """One passkey of the person is good no more; or why not: the last second factor stays where it must.

    Other sessions end: whoever has the passkey may have opened some. Asked of `access`, audited; commit in either case.
    """
    account = _proven(session, actor, "self.change_factor", present, code, key, now)
    if isinstance(account, Refused):
        return account
    factors = factors_of(session, account.id)
    last = factors.authenticator_since is None and factors.passkeys == 1
    if last and actor.role in policy_of(session, now).second_factor_roles:
        return Refused(REQUIRED)
    if last and len(password.normal(present)) < password.MIN_LETTERS:
        return Refused(LONGER_FIRST.format(letters=password.MIN_LETTERS))
    name = remove_passkey(session, account.id, number)
    if name is None:
        return Refused(NO_SUCH_PASSKEY)
    if last:
        remove_factors(session, account.id)
    end_other_sessions(session, actor, secret)
    detail = {"to": "passkey removed", "passkey": str(number), "name": name}
    _written(session, actor, "self.change_factor", account, now, detail)
    return None


def end_own_sessions(session: Session, actor: Actor, secret: str, now: datetime) -> int | Refused:
    """Every session of the person but this one ends, in every process with its next request; how many. Audited."""
    denied = _denied(session, actor, "self.end_sessions", now)
    if denied is not None:
        return denied
    ended = end_other_sessions(session, actor, secret)
    _written(session, actor, "self.end_sessions", session.get_one(Account, actor.number), now, {"count": str(ended)})
    return ended


def end_other_sessions(session: Session, actor: Actor, secret: str) -> int:
    """End the sessions other than the one with this secret, and log-ins half done; how many. The caller audits."""
    session.execute(delete(HalfLogIn).where(HalfLogIn.account_id == actor.number))
    others = delete(WebSession).where(WebSession.account_id == actor.number, WebSession.digest != digest(secret))
    return len(session.scalars(others.returning(WebSession.digest)).all())


def _denied(session: Session, actor: Actor, action: Action, now: datetime) -> Refused | None:
    """Why the actor may not; a token has no account of its own, whatever its role."""
    decision = decide(actor, action, actor.id)
    if decision.allowed and actor.kind == "account":
        return None
    audit.append(session, actor, action, actor.id, "denied", now)
    return Refused(NO_ACCOUNT if decision.allowed else decision.reason)


def _asked(session: Session, actor: Actor, action: Action, present: str, now: datetime) -> Account | Refused:
    """The account, where the actor may and knows its password. The hash is computed before the write lock is taken."""
    denied = _denied(session, actor, action, now)
    if denied is not None:
        return denied
    engine = session.get_bind()
    assert isinstance(engine, Engine)  # noqa: S101 (ours: store.db.session binds to an engine)
    with db.session(engine, EVERY_UNIT, reading=True) as reading:
        kept = reading.get_one(Account, actor.number).password_hash
    if kept == password.NOBODYS_HASH:
        return Refused(NO_PASSWORD)
    if password.is_right(kept, present):
        return session.get_one(Account, actor.number)
    audit.append(session, actor, action, actor.id, "failed", now, detail={"why": "password"})
    return Refused(WRONG_PASSWORD)


def _proven(
    session: Session, actor: Actor, action: Action, present: str, code: str | Answer, key: SealingKey, now: datetime
) -> Account | Refused:
    """The account, where the actor knows its password and, if there is a second factor, has it at hand."""
    account = _asked(session, actor, action, present, now)
    if isinstance(account, Refused) or not factors_of(session, account.id).any:
        return account
    used = check_factor(session, account.id, code, key, now, actor)
    if not isinstance(used, Refused):
        return account
    audit.append(
        session, actor, action, actor.id, "failed", now, detail={"why": "code" if isinstance(code, str) else "passkey"}
    )
    return used


def _written(
    session: Session,
    actor: Actor,
    action: Action,
    account: Account,
    now: datetime,
    detail: dict[str, str] | None = None,
) -> None:
    audit.append(session, actor, action, actor.id, "done", now, unit=account.unit_id, detail=detail)


def _draft_of(actor: Actor) -> str:
    return f"draft of {actor.id}"
