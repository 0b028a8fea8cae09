"""The second factor of a person: a passkey, a code of their authenticator app, or a recovery code they printed.

Whoever has to guess a code knows the password, or is logged in at the provider, already. So what slows guessing down
may be counted for the account, and still keeps nobody out: a recovery code, which cannot be guessed, is always taken.
Source: OWASP ASVS 5.0, 6.5.1 to 6.5.5 and 6.6.3; NIST SP 800-63B-4, section 3.1.2 (recovery) and 3.1.4 (OTP)
"""

import base64
import logging
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import ForeignKey, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.ids import random_bytes
from core.language import Text
from org import totp
from org.actor import NOBODY, Actor
from org.passkey import Answer, Passkey, check_passkey, remove_passkeys
from org.refused import Refused
from org.sealing import BadSeal, SealingKey
from org.secret import digest
from store.db import Base, Instant

log = logging.getLogger("identity")

COMMON_TABLES = frozenset({"authenticator", "recovery_code"})

RECOVERY_CODES = 10
RECOVERY_CODE_BYTES = 10
MAX_WRONG = 20
WRONG_WITHIN = timedelta(hours=24)
"""20 guesses a day, three codes good at a time: 1 in 16,000 a day, for one who has the password."""

WRONG_CODE = Text(
    "Mã không đúng, hoặc đã dùng rồi. Chờ mã tiếp theo rồi nhập lại.",
    "The code is wrong, or was used already. Wait for the next one and try again.",
)
TOO_MANY_CODES = Text(
    "Hôm nay tài khoản này đã có quá nhiều mã sai: hãy dùng một mã khôi phục, hoặc khóa truy cập nếu có.",
    "This account had too many wrong codes today: use a recovery code, or a passkey where there is one.",
)

OTHER_KEY = Text(
    "Máy chủ không mở được khóa của ứng dụng xác thực: tệp sealing-key đã bị thay. Hãy dùng mã khôi phục hoặc khóa "
    "truy cập, và báo quản trị viên.",
    "The server cannot open the key of the authenticator app: its file sealing-key is another one. Use a recovery code "
    "or a passkey, and tell an administrator.",
)

Factor = Literal["authenticator", "recovery_code", "passkey"]


class Authenticator(Base):
    """The app of one account. Common: it is asked for before anyone's scope is known.

    `used_step` is the last step whose code was taken; `wrong` counts the wrong codes since `wrong_since`.
    """

    __tablename__ = "authenticator"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    sealed: Mapped[bytes]
    used_step: Mapped[int]
    enrolled_at: Mapped[datetime] = mapped_column(Instant)
    wrong: Mapped[int] = mapped_column(default=0)
    wrong_since: Mapped[datetime | None] = mapped_column(Instant)


class RecoveryCode(Base):
    """One code that is not used yet; used ones are gone. Common, as the authenticator is."""

    __tablename__ = "recovery_code"

    digest: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)


class Factors(msgspec.Struct, frozen=True):
    """What a person has: since when the app, how many recovery codes are left, how many passkeys."""

    authenticator_since: datetime | None
    recovery_codes: int
    passkeys: int

    @property
    def any(self) -> bool:
        """Whether there is a second factor."""
        return self.authenticator_since is not None or self.passkeys > 0


def factors_of(session: Session, account: int) -> Factors:
    """The factors of this account. Only reads."""
    since = session.scalar(select(Authenticator.enrolled_at).where(Authenticator.account_id == account))
    left = session.scalar(select(func.count(RecoveryCode.digest)).where(RecoveryCode.account_id == account))
    passkeys = session.scalar(select(func.count(Passkey.id)).where(Passkey.account_id == account))
    return Factors(since, left or 0, passkeys or 0)


def enrolled_accounts(session: Session) -> frozenset[int]:
    """The accounts that have a second factor. Only reads."""
    either = select(Authenticator.account_id).union(select(Passkey.account_id))
    return frozenset(session.scalars(either))


def is_app_of(session: Session, account: int, secret: bytes, key: SealingKey) -> bool:
    """Whether the account's app has this very secret. Only reads."""
    app = session.get(Authenticator, account)
    try:
        return app is not None and key.open(app.sealed, about(account)) == secret
    except BadSeal:
        return False


def new_authenticator_secret() -> bytes:
    """What an app and we share."""
    return random_bytes(totp.SECRET_BYTES)


def about(account: int) -> str:
    """What the secret of this account's app is sealed under."""
    return f"authenticator of account:{account}"


def check_first_code(secret: bytes, said: str, now: datetime) -> int | Refused:
    """The step of the code which shows that the app has the secret; or why not."""
    step = totp.matching_step(secret, said, now, after=0)
    return Refused(WRONG_CODE) if step is None else step


def set_authenticator(
    session: Session, account: int, secret: bytes, used_step: int, key: SealingKey, now: datetime
) -> tuple[str, ...]:
    """The account has this app from now on, in place of any before; its new recovery codes, told only here."""
    session.execute(delete(Authenticator).where(Authenticator.account_id == account))
    session.add(
        Authenticator(
            account_id=account, sealed=key.seal(secret, about(account)), used_step=used_step, enrolled_at=now, wrong=0
        )
    )
    return set_recovery_codes(session, account)


def set_recovery_codes(session: Session, account: int) -> tuple[str, ...]:
    """Ten new codes in place of those before: `k3vw-7qda-mz2x-hr5t`, 80 random bits each."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account))
    codes = tuple(_new_recovery_code() for _ in range(RECOVERY_CODES))
    session.add_all(RecoveryCode(digest=digest(_plain(code)), account_id=account) for code in codes)
    return codes


def remove_factors(session: Session, account: int) -> None:
    """The account has neither app nor passkeys nor recovery codes."""
    session.execute(delete(Authenticator).where(Authenticator.account_id == account))
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account))
    remove_passkeys(session, account)


def check_factor(
    session: Session, account: int, shown: str | Answer, key: SealingKey, now: datetime, by: Actor = NOBODY
) -> Factor | Refused:
    """What was shown, a code or the answer of a passkey, and it is used up; or why it is not taken.

    Commit in either case.
    """
    if isinstance(shown, str):
        return check_code(session, account, shown, key, now)
    used = check_passkey(session, account, shown, now, by)
    return used if isinstance(used, Refused) else "passkey"


def check_code(session: Session, account: int, said: str, key: SealingKey, now: datetime) -> Factor | Refused:
    """What the code that was said comes from, and it is used up; or why it is not taken, and that is counted.

    A wrong code changes rows too: commit in either case.
    """
    app = session.get(Authenticator, account, with_for_update=True)
    code = _plain(said)
    if len(code) > totp.DIGITS:
        taken = delete(RecoveryCode).where(RecoveryCode.account_id == account, RecoveryCode.digest == digest(code))
        if session.scalars(taken.returning(RecoveryCode.digest)).all():
            if app is not None:
                app.wrong, app.wrong_since = 0, None
            return "recovery_code"
        return Refused(WRONG_CODE)
    if app is None:
        return Refused(WRONG_CODE)
    if app.wrong_since is None or now - app.wrong_since >= WRONG_WITHIN or app.wrong_since > now:
        app.wrong, app.wrong_since = 0, now
    if app.wrong >= MAX_WRONG:
        return Refused(TOO_MANY_CODES)
    try:
        secret = key.open(app.sealed, about(account))
    except BadSeal:
        log.error("account:%d: the secret of its app was sealed with another key than that of this server", account)
        return Refused(OTHER_KEY)
    step = totp.matching_step(secret, code, now, app.used_step)
    if step is None:
        app.wrong += 1
        return Refused(WRONG_CODE)
    app.used_step, app.wrong, app.wrong_since = step, 0, None
    return "authenticator"


def _new_recovery_code() -> str:
    letters = base64.b32encode(random_bytes(RECOVERY_CODE_BYTES)).decode().lower()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def _plain(said: str) -> str:
    return "".join(said.split()).replace("-", "").casefold()
