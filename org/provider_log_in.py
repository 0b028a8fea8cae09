"""Logging in at the identity provider: the browser goes there with a question of ours and brings an answer back.

    question_for ─> (kept by the browser, `Question`) ─> the provider ─> question_of, `Identity` ─> enter_by_identity

What the browser keeps is sealed and good for ten minutes. State, nonce and PKCE verifier are made of its secret: an
answer that another browser asked for is refused, and nothing rests in the database.
Source: OpenID Connect Core 1.0, section 3.1; RFC 9700, section 2.1 (login CSRF, code injection)
"""

import hashlib
import hmac
from datetime import datetime, timedelta

import msgspec
from sqlalchemy.orm import Session

from core.ids import new_secret
from core.language import Text
from org import audit
from org.account import admit
from org.actor import NOBODY
from org.identity_provider import NOT_REACHED
from org.identity_token import Identity
from org.log_in import Entered, Half, go_on
from org.policy import policy_of
from org.provider_identity import linked_account
from org.refused import Refused
from org.sealing import BadSeal, SealingKey
from org.second_factor import factors_of

VALID_FOR = timedelta(minutes=10)
ABOUT = "question to the identity provider"

ENDED = Text(
    "Lần đăng nhập này không bắt đầu ở trình duyệt này, hoặc đã quá 10 phút: hãy bắt đầu lại.",
    "This log-in did not begin in this browser, or more than 10 minutes ago: begin again.",
)
UNKNOWN = Text(
    "Danh tính này chưa gắn với tài khoản nào ở đây. Hãy đưa mã này cho quản trị viên: {subject}",
    "This identity is linked to no account here. Give this subject to an administrator: {subject}",
)


class _Kept(msgspec.Struct, array_like=True):
    secret: str
    asked_at: int
    onward: str


class Question(msgspec.Struct, frozen=True):
    """What is asked: `state` comes back with the browser, `nonce` in the token, `verifier` proves who had asked."""

    state: str
    nonce: str
    verifier: str
    onward: str


def question_for(onward: str, key: SealingKey, now: datetime) -> tuple[bytes, Question]:
    """(what the browser keeps, the question). `onward`: where the log-in leads on to."""
    kept = _Kept(new_secret(), int(now.timestamp()), onward)
    return key.seal(msgspec.json.encode(kept), ABOUT), _question(kept)


def question_of(sealed: bytes, state: str, key: SealingKey, now: datetime) -> Question | Refused:
    """The question that this browser had asked, where the answer is one to it."""
    try:
        kept = msgspec.json.decode(key.open(sealed, ABOUT), type=_Kept)
    except (BadSeal, msgspec.MsgspecError):
        return Refused(ENDED)
    question = _question(kept)
    fresh = -1 <= now.timestamp() - kept.asked_at < VALID_FOR.total_seconds()
    if not fresh or not hmac.compare_digest(question.state.encode(), state.encode()):
        return Refused(ENDED)
    return question


def enter_by_identity(
    session: Session, identity: Identity, strong: frozenset[str], key: SealingKey, now: datetime
) -> Entered | Half | Refused:
    """The session of the person whom the provider knows; or what comes next; or why there is none. Audited.

    A log-in there for which the provider says one of `strong` had its second factor. Any other has it here, where the
    account has one or must have one.
    """
    account = linked_account(session, identity)
    if account is None or account.closed_at is not None:
        why, resource = ("unknown subject", "accounts") if account is None else ("closed", f"account:{account.id}")
        unit = account.unit_id if account is not None else None
        detail = {"by": "identity_provider", "why": why, "subject": identity.subject}
        audit.append(session, NOBODY, "account.log_in", resource, "failed", now, unit=unit, detail=detail)
        return Refused(UNKNOWN.format(subject=identity.subject))
    admitted = admit(session, account, now)
    if isinstance(admitted, Refused):
        return admitted
    due = factors_of(session, account.id).any or account.role in policy_of(session, now).second_factor_roles
    enough = bool(identity.strength & strong) or not due
    return go_on(session, admitted, "identity_provider", key, now, enough=enough)


def refuse_answer(session: Session, refused: Refused, now: datetime) -> None:
    """Write down that there was no answer or that it was not believed, though this browser had asked."""
    detail = {"by": "identity_provider", "why": "not reached" if refused.reason is NOT_REACHED else "answer"}
    audit.append(session, NOBODY, "account.log_in", "accounts", "failed", now, detail=detail)


def _question(kept: _Kept) -> Question:
    def made(what: str) -> str:
        return hmac.new(kept.secret.encode(), what.encode(), hashlib.sha256).hexdigest()

    return Question(made("state"), made("nonce"), made("verifier"), kept.onward)
