"""The sources of the units: which network, input or host's records belong to whom, with the times when that was said.

What is collected from a place that nobody assigned belongs to the unit of the settings. An assignment counts for what
is received after it was made; what is stored keeps the unit it came with, and what is read again after a crash gets
the unit that it had.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network

from sqlalchemy import Index, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.language import Text
from org import audit
from org.access import decide
from org.actor import Actor
from org.refused import Refused
from org.source_map import Assignment, Place, SourceMap
from org.unit import effective_date, load_history
from store.db import Base, Instant

MOST_LETTERS = 200
MOST_ASSIGNMENTS = 5_000

NO_PLACE = Text(
    "Cần một mạng (10.1.0.0/16) hoặc một đầu vào (tail:/var/log/...), không phải cả hai.",
    "A network (10.1.0.0/16) or an input (tail:/var/log/...) is needed, not both.",
)
SETTLED_AFTER = timedelta(seconds=10)
"""From when on an assignment counts: the pipeline knows of it by then, whatever waited for the database."""

BAD_NETWORK = Text(
    "“{text}” không phải một mạng: dùng dạng 10.1.0.0/16 hoặc 10.1.2.3.",
    "“{text}” is no network: write 10.1.0.0/16 or 10.1.2.3.",
)
HOST_BITS = Text(
    "“{text}” có phần máy trong địa chỉ mạng: có phải là {network}?",
    "“{text}” has host bits set: is {network} meant?",
)
BAD_PATTERN = Text(
    "“{text}” cần từ 1 đến {most} ký tự in được, không có khoảng trắng, và chỉ có * và ? thay cho ký tự bất kỳ.",
    "“{text}” needs 1 to {most} printable characters, no blanks, and only * and ? as wildcards.",
)
NO_LIVING_UNIT = Text("Hôm nay không có đơn vị “{code}”.", "There is no unit “{code}” today.")
TOO_MANY = Text("Đã có {most} nguồn được gán: hãy gộp các mạng.", "{most} sources are assigned: merge networks.")
NOT_ASSIGNED = Text("Không có nguồn nào đang được gán với số {number}.", "No source {number} is assigned.")


class SourceAssignment(Base):
    """One assignment as it was recorded. Only `ended_at` is ever written to later, once."""

    __tablename__ = "source_assignment"
    __table_args__ = (Index("source_assignment_of", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[str]
    network: Mapped[str | None]
    input: Mapped[str | None]
    host: Mapped[str | None]
    since: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


def read_place(network: str | None, input: str | None, host: str | None) -> Place | Refused:
    """A place as people type it, in the form in which it is kept; or what is wrong with it. Pure."""
    if (network is None) is (input is None):
        return Refused(NO_PLACE)
    if network is not None:
        try:
            network = str(_unmapped(ip_network(network.strip())))
        except ValueError:
            try:
                meant = ip_network(network.strip(), strict=False)
            except ValueError:
                return Refused(BAD_NETWORK.format(text=network[:MOST_LETTERS]))
            return Refused(HOST_BITS.format(text=network, network=meant))
    for pattern in (input, host):
        if pattern is not None and not _is_pattern(pattern):
            return Refused(BAD_PATTERN.format(text=pattern[:MOST_LETTERS], most=MOST_LETTERS))
    return Place(network=network, input=input, host=None if host is None else host.casefold())


def assign_source(session: Session, actor: Actor, unit: str, place: Place, now: datetime) -> int | Refused:
    """What is received from the place `SETTLED_AFTER` from `now` on belongs to the unit; the assignment's number.

    An assignment of the same place to another unit ends; to the same unit, nothing changes. Asked of `access`,
    audited. The session must see every unit.
    """
    decision = decide(actor, "source.assign", f"unit:{unit}")
    if not decision.allowed:
        audit.append(session, actor, "source.assign", f"unit:{unit}", "denied", now)
        return Refused(decision.reason)
    if not load_history(session).lives(unit, effective_date(now)):
        return Refused(NO_LIVING_UNIT.format(code=unit))
    living = session.scalars(select(SourceAssignment).where(SourceAssignment.ended_at.is_(None))).all()
    same = next((row for row in living if _place(row) == place), None)
    if same is not None and same.unit_id == unit:
        return same.id
    if same is None and len(living) >= MOST_ASSIGNMENTS:
        return Refused(TOO_MANY.format(most=MOST_ASSIGNMENTS))
    if same is not None:
        _end(session, actor, same, now)
    since = now + SETTLED_AFTER
    row = SourceAssignment(unit_id=unit, network=place.network, input=place.input, host=place.host, since=since)
    session.add(row)
    session.flush()
    audit.append(session, actor, "source.assign", f"source:{row.id}", "done", now, unit=unit, detail=_told(place))
    return row.id


def end_source(session: Session, actor: Actor, number: int, now: datetime) -> Refused | None:
    """What is received from the place `SETTLED_AFTER` from `now` on belongs to nobody in particular again.

    Asked of `access`, audited.
    """
    resource = f"source:{number}"
    decision = decide(actor, "source.assign", resource)
    if not decision.allowed:
        audit.append(session, actor, "source.assign", resource, "denied", now)
        return Refused(decision.reason)
    row = session.get(SourceAssignment, number)
    if row is None or row.ended_at is not None:
        return Refused(NOT_ASSIGNED.format(number=number))
    _end(session, actor, row, now)
    return None


def load_assignments(session: Session, *, also_ended: bool = False) -> Mapping[int, Assignment]:
    """What the session's scope sees of the assignments, by number; those that still hold, or all."""
    rows = select(SourceAssignment).order_by(SourceAssignment.id)
    if not also_ended:
        rows = rows.where(SourceAssignment.ended_at.is_(None))
    return {
        row.id: Assignment(unit=row.unit_id, place=_place(row), since=row.since, ended=row.ended_at)
        for row in session.scalars(rows)
    }


def count_changes(session: Session) -> tuple[int, int]:
    """How many assignments were ever made and ended: as long as this is the same, so is `load_map`."""
    made, ended = session.execute(select(func.count(SourceAssignment.id), func.count(SourceAssignment.ended_at))).one()
    return made, ended


def load_map(session: Session) -> SourceMap:
    """Every assignment there ever was: what waits in the spool was received before. The session must see every unit."""
    return SourceMap(load_assignments(session, also_ended=True).values())


def _end(session: Session, actor: Actor, row: SourceAssignment, now: datetime) -> None:
    row.ended_at = now + SETTLED_AFTER
    detail = {**_told(_place(row)), "ended": "yes"}
    audit.append(session, actor, "source.assign", f"source:{row.id}", "done", now, unit=row.unit_id, detail=detail)


def _place(row: SourceAssignment) -> Place:
    return Place(network=row.network, input=row.input, host=row.host)


def _told(place: Place) -> dict[str, str]:
    named = (("network", place.network), ("input", place.input), ("host", place.host))
    return {name: value for name, value in named if value is not None}


def _unmapped(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """IPv4 within IPv6 as IPv4, as senders' addresses are compared."""
    if isinstance(network, IPv6Network) and network.prefixlen >= 96:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return IPv4Network((mapped, network.prefixlen - 96))
    if "%" in str(network):
        raise ValueError("a zone belongs to this machine")
    return network


def _is_pattern(text: str) -> bool:
    return text.isprintable() and re.fullmatch(rf"[^\s\[\]]{{1,{MOST_LETTERS}}}", text) is not None
