"""Passkeys (WebAuthn): a key pair in a telephone, a computer or a security key, good at our own address alone.

The browser tells the authenticator which address asks, and the authenticator signs that: what is given on a page that
only looks like ours opens nothing here. We ask for no attestation and for no key that lists its accounts: a passkey
comes after the password.

Source: W3C Web Authentication Level 3, sections 7.1 (registering), 7.2 (verifying), 6.1.1 (counter against clones)
Source: RFC 9053 (algorithms of keys)
"""

import base64
import hashlib
import struct
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import BigInteger, ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.ids import random_bytes
from core.language import Text
from org import audit
from org.account import Account
from org.actor import NOBODY, Actor
from org.refused import Refused
from org.secret import digest
from store.db import Base, Document, Instant

COMMON_TABLES = frozenset({"passkey", "passkey_challenge"})
CHALLENGE_BYTES = 32
CHALLENGE_VALID_FOR = timedelta(minutes=5)
MAX_PASSKEYS = 10
MAX_NAME_LETTERS = 60
MAX_ANSWER_BYTES = 32 * 1024
MAX_CREDENTIAL_BYTES = 1023
ALGORITHMS = (-8, -7, -257)
"""EdDSA, ES256, RS256: what every authenticator has one of."""
NAME_OF_PRODUCT = "Canh"
NONE_HERE = Text(
    "Tài khoản không có khóa truy cập nào dùng được ở địa chỉ này.",
    "The account has no passkey that is good at this address.",
)

REASONS: Mapping[str, Text] = {
    "unreadable": Text("Không đọc được câu trả lời của khóa.", "What the passkey answered cannot be read."),
    "type": Text("Khóa đã trả lời một việc khác.", "The passkey answered something else."),
    "challenge": Text(
        "Lần hỏi khóa này đã quá 5 phút hoặc đã được trả lời: hãy thử lại.",
        "The passkey was asked more than 5 minutes ago, or has answered already: try again.",
    ),
    "origin": Text(
        "Khóa đã được dùng ở địa chỉ khác, không phải trang của Canh: có thể bạn đang ở một trang giả mạo.",
        "The passkey was used at another address than that of Canh: you may be on a page that only looks like it.",
    ),
    "relying_party": Text("Khóa này thuộc về địa chỉ khác.", "The passkey belongs to another address."),
    "presence": Text("Khóa cho biết không có ai chạm vào nó.", "The passkey says that nobody touched it."),
    "algorithm": Text("Khóa dùng thuật toán mà Canh không nhận.", "The passkey uses an algorithm that is not taken."),
    "unknown": Text("Khóa này không phải của tài khoản này.", "The passkey is not of this account."),
    "signature": Text("Chữ ký của khóa không đúng.", "The signature of the passkey is wrong."),
    "clone": Text(
        "Bộ đếm của khóa đã lùi: có thể có một bản sao của nó. Hãy báo quản trị viên và xóa khóa này.",
        "The counter of the passkey went back: there may be a copy of it. Tell an administrator and remove it.",
    ),
    "twice": Text("Khóa này đã được thêm rồi.", "This passkey was added already."),
    "too_many": Text(
        "Đã có {most} khóa: hãy xóa một khóa trước.", "There are {most} passkeys: remove one first."
    ).format(most=MAX_PASSKEYS),
    "name": Text(
        "Tên khóa cần từ 1 đến {most} ký tự in được.", "The name needs 1 to {most} printable characters."
    ).format(most=MAX_NAME_LETTERS),
}
"""Why a passkey is not taken; the audit has the word on the left."""

Purpose = Literal["add", "prove"]


class Passkey(Base):
    """One public key of an account. Common: it is asked for before anyone's scope is known.

    `public_key` is COSE; `sign_count` the authenticator's counter at its last use (0: it has none); `rp_id` the name of
    the address it is good at.
    """

    __tablename__ = "passkey"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    rp_id: Mapped[str]
    name: Mapped[str]
    transports: Mapped[tuple[str, ...]] = mapped_column(Document(tuple[str, ...]))
    made_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class PasskeyChallenge(Base):
    """What a browser was asked to have signed, once. `asked_by` is the digest of its session or half log-in.

    Common, as the passkey is.
    """

    __tablename__ = "passkey_challenge"

    asked_by: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    purpose: Mapped[str]
    challenge: Mapped[bytes]
    asked_at: Mapped[datetime] = mapped_column(Instant)


class RelyingParty(msgspec.Struct, frozen=True):
    """Where passkeys are good: `canh.tinh.gov.vn`, and the address of the pages there."""

    id: str
    origin: str


class Answer(msgspec.Struct, frozen=True):
    """What a browser brought back from the authenticator, and the secret of the session or half log-in it came with."""

    text: str
    secret: str
    party: RelyingParty


class OwnPasskey(msgspec.Struct, frozen=True):
    """One passkey as its owner sees it."""

    number: int
    name: str
    rp_id: str
    made_at: datetime
    used_at: datetime | None


class _Response(msgspec.Struct, rename="camel"):
    client_data_json: str = msgspec.field(name="clientDataJSON")
    attestation_object: str = ""
    transports: tuple[str, ...] = ()
    authenticator_data: str = ""
    signature: str = ""


class _Credential(msgspec.Struct, rename="camel"):
    raw_id: str
    type: Literal["public-key"]
    response: _Response


class _ClientData(msgspec.Struct, rename="camel"):
    type: str
    challenge: str
    origin: str
    cross_origin: bool = False


class _Wrong(Exception):
    """A step of the verification that failed: the word in `REASONS`, and what the audit should know."""

    def __init__(self, why: str, **detail: str) -> None:
        super().__init__(why)
        self.why = why
        self.detail = detail


def relying_party(public_url: str) -> RelyingParty | None:
    """Where passkeys are good when the pages are found at this address; None where browsers allow none.

    `https://NAME`, or this machine by the name `localhost`: the standard knows no passkeys for an IP address.
    """
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    if host in ("127.0.0.1", "::1", "localhost"):
        port = f":{parts.port}" if parts.port else ""
        return RelyingParty("localhost", f"{parts.scheme}://localhost{port}")
    is_name = host.rpartition(".")[2].isalpha()
    return RelyingParty(host, f"https://{parts.netloc}") if parts.scheme == "https" and is_name else None


def passkeys_of(session: Session, account: int) -> tuple[OwnPasskey, ...]:
    """The passkeys of this account, oldest first. Only reads."""
    rows = session.scalars(select(Passkey).where(Passkey.account_id == account).order_by(Passkey.id))
    return tuple(OwnPasskey(row.id, row.name, row.rp_id, row.made_at, row.used_at) for row in rows)


def has_passkeys(session: Session, account: int, party: RelyingParty) -> bool:
    """Whether the account has a passkey that is good here. Only reads."""
    return bool(_good_here(session, account, party))


def ask_to_add(session: Session, account: int, secret: str, party: RelyingParty, now: datetime) -> dict[str, Any]:
    """The options of `navigator.credentials.create`, bytes as base64url. The challenge before it ends."""
    owner = session.get_one(Account, account)
    return {
        "create": {
            "rp": {"id": party.id, "name": NAME_OF_PRODUCT},
            "user": {"id": _text(f"account:{account}".encode()), "name": owner.name, "displayName": owner.name},
            "challenge": _text(_new_challenge(session, account, secret, "add", now)),
            "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in ALGORITHMS],
            "timeout": int(CHALLENGE_VALID_FOR.total_seconds() * 1000),
            "excludeCredentials": _descriptors(_good_here(session, account, party)),
            "authenticatorSelection": {"residentKey": "discouraged", "userVerification": "preferred"},
            "attestation": "none",
        }
    }


def ask_to_prove(
    session: Session, account: int, secret: str, party: RelyingParty, now: datetime
) -> dict[str, Any] | None:
    """The options of `navigator.credentials.get`; None where the account has no passkey that is good here."""
    passkeys = _good_here(session, account, party)
    if not passkeys:
        return None
    return {
        "get": {
            "rpId": party.id,
            "challenge": _text(_new_challenge(session, account, secret, "prove", now)),
            "timeout": int(CHALLENGE_VALID_FOR.total_seconds() * 1000),
            "allowCredentials": _descriptors(passkeys),
            "userVerification": "preferred",
        }
    }


def add_passkey(
    session: Session, account: int, answer: Answer, name: str, now: datetime, by: Actor = NOBODY
) -> Passkey | Refused:
    """The passkey that was made is the account's, under this name; or why not, which is audited as done by `by`.

    The challenge is used up in either case: commit.
    """
    try:
        challenge = _taken_challenge(session, account, answer.secret, "add", now)
        credential = _credential(answer.text)
        _check_client_data(credential, "webauthn.create", challenge, answer.party)
        name = " ".join(name.split())
        if not 0 < len(name) <= MAX_NAME_LETTERS or not name.isprintable():
            raise _Wrong("name")
        passkey = _read_attestation(_bytes(credential.response.attestation_object), answer.party)
        if passkey.credential_id != _bytes(credential.raw_id):
            raise _Wrong("unreadable")
        if session.scalar(select(Passkey.id).where(Passkey.credential_id == passkey.credential_id)) is not None:
            raise _Wrong("twice")
        if len(passkeys_of(session, account)) >= MAX_PASSKEYS:
            raise _Wrong("too_many")
    except _Wrong as wrong:
        return _refused(session, account, wrong, now, by)
    passkey.account_id, passkey.name, passkey.made_at = account, name, now
    passkey.transports = tuple(each for each in credential.response.transports[:8] if each.isascii() and len(each) < 20)
    session.add(passkey)
    session.flush()
    return passkey


def check_passkey(session: Session, account: int, answer: Answer, now: datetime, by: Actor = NOBODY) -> int | Refused:
    """The number of the passkey of this account that has signed the challenge; or why it is not taken.

    A refusal is audited as done by `by`, and the challenge is used up in either case: commit.
    """
    try:
        challenge = _taken_challenge(session, account, answer.secret, "prove", now)
        credential = _credential(answer.text)
        client_data = _check_client_data(credential, "webauthn.get", challenge, answer.party)
        identity = _bytes(credential.raw_id)
        passkey = session.scalar(
            select(Passkey).where(Passkey.credential_id == identity, Passkey.account_id == account).with_for_update()
        )
        if passkey is None:
            raise _Wrong("unknown")
        count = _check_signature(passkey, credential.response, client_data, answer.party)
        if (count or passkey.sign_count) and count <= passkey.sign_count:
            raise _Wrong("clone", passkey=str(passkey.id), count=f"{count}, {passkey.sign_count}")
    except _Wrong as wrong:
        return _refused(session, account, wrong, now, by)
    passkey.sign_count, passkey.used_at = count, now
    return passkey.id


def remove_passkey(session: Session, account: int, number: int) -> str | None:
    """The passkey with this number is the account's no more; the name it had, None where the account has none such."""
    gone = delete(Passkey).where(Passkey.account_id == account, Passkey.id == number)
    return session.scalars(gone.returning(Passkey.name)).one_or_none()


def remove_passkeys(session: Session, account: int) -> None:
    """The account has none."""
    session.execute(delete(Passkey).where(Passkey.account_id == account))


def expire_challenges(session: Session, now: datetime) -> int:
    """Delete the challenges that can be answered no more; how many."""
    old = (PasskeyChallenge.asked_at <= now - CHALLENGE_VALID_FOR) | (PasskeyChallenge.asked_at > now)
    return len(session.scalars(delete(PasskeyChallenge).where(old).returning(PasskeyChallenge.asked_by)).all())


def _new_challenge(session: Session, account: int, secret: str, purpose: Purpose, now: datetime) -> bytes:
    asked_by, challenge = digest(secret), random_bytes(CHALLENGE_BYTES)
    session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.asked_by == asked_by))
    session.add(
        PasskeyChallenge(asked_by=asked_by, account_id=account, purpose=purpose, challenge=challenge, asked_at=now)
    )
    return challenge


def _taken_challenge(session: Session, account: int, secret: str, purpose: Purpose, now: datetime) -> bytes:
    """The challenge that this browser was given for this purpose; it is used up."""
    taken = (
        delete(PasskeyChallenge)
        .where(
            PasskeyChallenge.asked_by == digest(secret),
            PasskeyChallenge.account_id == account,
            PasskeyChallenge.purpose == purpose,
        )
        .returning(PasskeyChallenge)
    )
    row = session.scalars(taken).one_or_none()
    if row is None or not now - CHALLENGE_VALID_FOR < row.asked_at <= now:
        raise _Wrong("challenge")
    return row.challenge


def _credential(text: str) -> _Credential:
    if len(text) > MAX_ANSWER_BYTES:
        raise _Wrong("unreadable")
    try:
        return msgspec.json.decode(text, type=_Credential)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise _Wrong("unreadable") from error


def _check_client_data(credential: _Credential, kind: str, challenge: bytes, party: RelyingParty) -> bytes:
    """What the browser says about itself, as it was signed: the right step, our challenge, our address."""
    data = _bytes(credential.response.client_data_json)
    try:
        said = msgspec.json.decode(data, type=_ClientData)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise _Wrong("unreadable") from error
    if said.type != kind:
        raise _Wrong("type")
    if said.origin != party.origin or said.cross_origin:
        raise _Wrong("origin", origin=said.origin[:200])
    if _bytes(said.challenge) != challenge:
        raise _Wrong("challenge")
    return data


def _read_attestation(data: bytes, party: RelyingParty) -> Passkey:
    """The new public key. Attestation statements are not looked at: none was asked for."""
    from fido2 import cbor
    from fido2.webauthn import AttestationObject

    try:
        said = AttestationObject(data).auth_data
        made = said.credential_data
        key = cbor.encode(made.public_key) if made is not None else b""
    except _UNREADABLE as error:
        raise _Wrong("unreadable") from error
    _check_party(said.rp_id_hash, party, present=said.is_user_present())
    if made is None or not 0 < len(made.credential_id) <= MAX_CREDENTIAL_BYTES:
        raise _Wrong("unreadable")
    if made.public_key.get(3) not in ALGORITHMS:
        raise _Wrong("algorithm")
    return Passkey(credential_id=made.credential_id, public_key=key, sign_count=said.counter, rp_id=party.id)


def _check_signature(passkey: Passkey, response: _Response, client_data: bytes, party: RelyingParty) -> int:
    """The authenticator's counter, once its signature over what it and the browser said is right."""
    from cryptography.exceptions import InvalidSignature
    from fido2 import cbor
    from fido2.cose import CoseKey
    from fido2.webauthn import AuthenticatorData

    data, signature = _bytes(response.authenticator_data), _bytes(response.signature)
    try:
        said = AuthenticatorData(data)
    except _UNREADABLE as error:
        raise _Wrong("unreadable") from error
    _check_party(said.rp_id_hash, party, present=said.is_user_present())
    try:
        CoseKey.parse(_as_map(cbor.decode(passkey.public_key))).verify(
            data + hashlib.sha256(client_data).digest(), signature
        )
    except (InvalidSignature, *_UNREADABLE) as error:
        raise _Wrong("signature", passkey=str(passkey.id)) from error
    return said.counter


def _as_map(decoded: object) -> Mapping[int, Any]:
    if not isinstance(decoded, dict):
        raise ValueError("a key is a map")
    return decoded


def _check_party(rp_id_hash: bytes, party: RelyingParty, *, present: bool) -> None:
    if rp_id_hash != hashlib.sha256(party.id.encode()).digest():
        raise _Wrong("relying_party")
    if not present:
        raise _Wrong("presence")


def _good_here(session: Session, account: int, party: RelyingParty) -> list[Passkey]:
    here = select(Passkey).where(Passkey.account_id == account, Passkey.rp_id == party.id)
    return list(session.scalars(here.order_by(Passkey.id)))


def _descriptors(passkeys: list[Passkey]) -> list[dict[str, Any]]:
    return [
        {"type": "public-key", "id": _text(each.credential_id), "transports": list(each.transports)}
        for each in passkeys
    ]


def _refused(session: Session, account: int, wrong: _Wrong, now: datetime, by: Actor) -> Refused:
    unit = session.get_one(Account, account).unit_id
    detail = {"why": wrong.why, **wrong.detail}
    audit.append(session, by, "passkey.refuse", f"account:{account}", "failed", now, unit=unit, detail=detail)
    return Refused(REASONS[wrong.why])


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise _Wrong("unreadable") from error


# What the library raises for bytes that are no CBOR, no authenticator data or no key of the kind they say.
_UNREADABLE = (
    ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, NotImplementedError,
    struct.error,
)  # fmt: skip
