"""Another sealing key: for one that was copied, or that whoever has left may have seen.

While the secrets are sealed anew the file holds both keys, so that a web process that runs opens the old and the new.
Killed in between, it is simply run again.
Source: OWASP ASVS 5.0, 13.3.4 (secrets are rotated)
"""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core.scope import EVERY_UNIT
from org import audit
from org.access import decide
from org.actor import Actor
from org.key_file import replace
from org.refused import Refused
from org.sealing import FILE, BadSeal, SealingKey, ensure_sealing_key, line_of, new_key, read_keys
from org.second_factor import Authenticator, about
from store import db


def rotate_sealing_key(engine: Engine, data: Path, actor: Actor, now: datetime) -> int | Refused:
    """How many secrets are sealed under the new key, the only one from now on; or why there is none.

    Log-ins that are half done and forms that are open have to be begun again. A secret that opens with no key is left
    as it is. Asked of `access`, audited. Raises `BadSeal`, `OSError`.
    """
    decision = decide(actor, "sealing_key.rotate", "sealing_key")
    if not decision.allowed:
        with db.session(engine, EVERY_UNIT) as session:
            audit.append(session, actor, "sealing_key.rotate", "sealing_key", "denied", now)
        return Refused(decision.reason)
    ensure_sealing_key(data)
    path, new = data / FILE, new_key()
    old = read_keys(path)
    replace(path, b"".join(line_of(key) for key in (new, *old)))
    with db.session(engine, EVERY_UNIT) as session:
        # The row comes first: it takes the write lock, and whoever seals after it already finds the new key.
        audit.append(session, actor, "sealing_key.rotate", "sealing_key", "done", now)
        session.flush()
        count = _seal_anew(session, SealingKey(new, *old))
    replace(path, line_of(new))
    return count


def _seal_anew(session: Session, key: SealingKey) -> int:
    count = 0
    for app in session.scalars(select(Authenticator).with_for_update()):
        try:
            secret = key.open(app.sealed, about(app.account_id))
        except BadSeal:
            continue
        app.sealed = key.seal(secret, about(app.account_id))
        count += 1
    return count
