"""Who calls: a bearer token becomes an actor, and every route asks `org.access` before it answers."""

from contextlib import suppress
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from api.errors import Problem
from api.services import Served, Services
from core.errors import Unavailable
from core.scope import EVERY_UNIT
from org.access import Action, decide
from org.actor import Actor
from org.token import authenticate_token, note_use
from store import db

MAX_SECRET_LETTERS = 200

bearer = HTTPBearer(
    auto_error=False,
    bearerFormat="canh token create",
    description="A token of `canh token create --role ROLE --name NAME`.",
)


def caller(request: Request, services: Served, _documented: Annotated[object, Security(bearer)]) -> Actor:
    """The actor of the bearer token, else the problem `unauthenticated`.

    What cannot be a token is refused without asking the database. Takes the write lock once an hour at most.
    """
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not 0 < len(secret) <= MAX_SECRET_LETTERS or not secret.isascii():
        raise Problem("unauthenticated")
    return actor_of(secret, services)


def actor_of(secret: str, services: Services) -> Actor:
    """The actor of a token's secret; raises the problem `unauthenticated` for any other text."""
    with db.session(services.engine, EVERY_UNIT, reading=True) as session:
        found = authenticate_token(session, secret, services.now())
    if found is None:
        raise Problem("unauthenticated")
    if found.note_due:
        with suppress(Unavailable), db.session(services.engine, EVERY_UNIT) as session:
            note_use(session, found.actor, services.now())
    return found.actor


Caller = Annotated[Actor, Depends(caller)]


def require(actor: Actor, action: Action, resource: str) -> None:
    """Raise the problem `forbidden`, with the reason, unless the actor may."""
    decision = decide(actor, action, resource)
    if not decision.allowed:
        raise Problem("forbidden", decision.reason)
