"""Who the token speaks for."""

from fastapi import APIRouter
from pydantic import Field

from api.caller import Caller, require
from api.models import Model

router = APIRouter(prefix="/api/v1/me", tags=["me"])


class Me(Model):
    """The caller as Canh knows it."""

    name: str = Field(description="The token's name.")
    role: str
    units: tuple[str, ...] | None = Field(description="The units it may see; null: every unit.")


@router.get("")
def show_me(caller: Caller) -> Me:
    """The name, role and units of the token."""
    require(caller, "self.read", caller.id)
    units = caller.scope.units
    return Me(name=caller.name, role=caller.role, units=None if units is None else tuple(sorted(units)))
