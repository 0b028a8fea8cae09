"""The description of the API itself, behind the same token as the rest."""

from typing import Any

from fastapi import APIRouter, Request

from api.caller import Caller, require

router = APIRouter(prefix="/api/v1/openapi.json", tags=["openapi"])


@router.get("")
def show_openapi(request: Request, caller: Caller) -> dict[str, Any]:
    """OpenAPI 3.1 of everything here."""
    require(caller, "api.describe", "openapi")
    description: dict[str, Any] = request.app.openapi()
    return description
