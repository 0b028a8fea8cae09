"""A machine that is no longer needed: its service account is closed, and its tokens end with it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from org import audit
from org.actor import Actor
from org.refused import Refused
from org.service_account import asked_for
from org.token import Token


def close_service_account(session: Session, actor: Actor, name: str, now: datetime) -> int | Refused:
    """The service account takes no more tokens and those it has are revoked; how many. Or why not.

    It is not opened again: a revoked token never returns, so one that is needed after all is made anew. Asked of
    `access`, audited, each token with its own row.
    """
    row = asked_for(session, actor, "service_account.close", name, now)
    if isinstance(row, Refused):
        return row
    row.closed_at = now
    resource = f"service_account:{row.id}"
    valid = session.scalars(
        select(Token).where(Token.service_account_id == row.id, Token.revoked_at.is_(None)).order_by(Token.id)
    ).all()
    for token in valid:
        token.revoked_at = now
        detail = {"name": token.name, "with": resource}
        audit.append(
            session, actor, "token.revoke", f"token:{token.id}", "done", now, unit=token.unit_id, detail=detail
        )
    detail = {"name": row.name, "tokens": str(len(valid))}
    audit.append(session, actor, "service_account.close", resource, "done", now, unit=row.unit_id, detail=detail)
    return len(valid)
