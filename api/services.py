"""What the routes stand on, handed over once when the application is built."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine

from core.ports import EventReader
from core.status import Status


@dataclass(frozen=True, kw_only=True)
class Services:
    """The stores and clocks behind the API.

    `zone` is that of days and of times which name none; `counted` gives every counter as `metric|label|label`.
    """

    engine: Engine
    events: EventReader
    status: Callable[[], Status]
    counted: Callable[[], Mapping[str, float]]
    now: Callable[[], datetime]
    zone: tzinfo


async def services_of(request: Request) -> Services:
    """The services of the application that serves this request."""
    services = request.app.state.services
    assert isinstance(services, Services)  # noqa: S101 (ours: set by build_api)
    return services


Served = Annotated[Services, Depends(services_of)]
