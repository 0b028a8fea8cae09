"""Another person gets an account: of the province, or of one unit."""

from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core.language import Text
from core.scope import EVERY_UNIT
from org import audit, password
from org.access import ROLE_NAMES, decide
from org.account import BAD_NAME, MAX_NAME_LETTERS, Account
from org.account_name import name_key
from org.actor import Actor, Role
from org.breached_passwords import BUILT_IN, BreachedPasswords
from org.policy import policy_of
from org.refused import Refused
from org.unit import effective_date, load_history
from store import db

ROLES: dict[str, Role] = {
    "administrator": "administrator",
    "shift_leader": "shift_leader",
    "analyst": "analyst",
    "responder": "responder",
    "permit_officer": "permit_officer",
    "clerk": "clerk",
    "unit_contact": "unit_contact",
    "leader": "leader",
    "auditor": "auditor",
}
UNIT_ROLES: frozenset[Role] = frozenset({"unit_contact", "sender"})
"""The roles of one unit. The others see what concerns the whole product (the status), so they see every unit."""

NO_SUCH_ROLE = Text(
    "Không có vai trò “{role}” cho tài khoản; dùng: {known}.", "No account has the role “{role}”; use: {known}."
)
NAME_TAKEN = Text("Đã có tài khoản tên “{name}”.", "There is an account called “{name}” already.")
UNIT_NEEDED = Text("Vai trò “{role}” cần một đơn vị: --unit MÃ.", "The role “{role}” needs a unit: --unit CODE.")
UNIT_NOT_WANTED = Text(
    "Vai trò “{role}” thấy cả tỉnh, không thuộc riêng đơn vị nào: bỏ --unit, hoặc dùng unit_contact.",
    "The role “{role}” sees the whole province and is of no unit: leave --unit out, or use unit_contact.",
)
NO_SUCH_UNIT = Text(
    "Hôm nay không có đơn vị “{unit}”. Xem: canh unit list", "There is no unit “{unit}” today. See: canh unit list"
)


def create_account(
    session: Session,
    actor: Actor,
    name: str,
    role: str,
    unit: str | None,
    said: str | None,
    now: datetime,
    breached: BreachedPasswords = BUILT_IN,
) -> int | Refused:
    """The number of the new account, which logs in with the password `said`; or why there is none.

    Without a password nobody logs in until the person has set one (`org.invitation`). Asked of `access`, audited. Give
    it a fresh session: the hash is computed before the write lock is taken.
    """
    decision = decide(actor, "account.create", "accounts")
    if not decision.allowed:
        audit.append(session, actor, "account.create", "accounts", "denied", now)
        return Refused(decision.reason)
    name = name.strip()
    if role not in ROLES:
        return Refused(NO_SUCH_ROLE.format(role=role, known=", ".join(ROLES)))
    if not 0 < len(name) <= MAX_NAME_LETTERS or not name.isprintable():
        return Refused(BAD_NAME)
    engine = session.get_bind()
    assert isinstance(engine, Engine)  # noqa: S101 (ours: store.db.session binds to an engine)
    with db.session(engine, EVERY_UNIT, reading=True) as reading:
        factor = ROLES[role] in policy_of(reading, now).second_factor_roles
        if said is not None:
            wrong = password.refusal(said, (name,), with_second_factor=factor, breached=breached)
            if wrong is not None:
                return Refused(wrong)
        wrong = _refusal(reading, name, ROLES[role], unit, now)  # before time goes into the hash
    if wrong is None:
        kept = password.NOBODYS_HASH if said is None else password.hashed(said)
        wrong = _refusal(session, name, ROLES[role], unit, now)
    if wrong is not None:
        return Refused(wrong)
    account = Account(
        key=name_key(name),
        name=name,
        role=ROLES[role],
        unit_id=unit,
        password_hash=kept,
        created_at=now,
        active_at=now,
    )
    session.add(account)
    session.flush()
    resource, detail = f"account:{account.id}", {"role": role, "name": name}
    audit.append(session, actor, "account.create", resource, "done", now, unit=unit, detail=detail)
    return account.id


def unit_refusal(session: Session, role: Role, unit: str | None, now: datetime) -> Text | None:
    """Why one of this role may not be of this unit (None: of the province); None where they may."""
    if role not in UNIT_ROLES:
        return None if unit is None else UNIT_NOT_WANTED.format(role=role)
    if unit is None:
        return UNIT_NEEDED.format(role=ROLE_NAMES[role])
    if not load_history(session).lives(unit, effective_date(now)):
        return NO_SUCH_UNIT.format(unit=unit)
    return None


def _refusal(session: Session, name: str, role: Role, unit: str | None, now: datetime) -> Text | None:
    if session.scalar(select(Account.id).where(Account.key == name_key(name))) is not None:
        return NAME_TAKEN.format(name=name)
    return unit_refusal(session, role, unit, now)
