"""Which body holds which role towards the province on any date: national centres, police, departments. Pure.

Nothing here names a body: rows do, dated, each with its legal basis and the mark of its evidence. A row marked C or M
only proposes, until an officer has confirmed it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Literal, get_args

import msgspec

from core.language import Text

EvidenceMark = Literal["A", "B", "C", "M"]
MARKS: tuple[EvidenceMark, ...] = get_args(EvidenceMark)
CERTAIN: frozenset[EvidenceMark] = frozenset({"A", "B"})
"""Read in the text itself, or reported by sources that agree. C is one weak source, M memory."""

BODY_ROLES: Mapping[str, Text] = {
    "monitoring_centre": Text(
        "nhận kết nối, dữ liệu giám sát an ninh mạng", "receives the monitoring connection and its data"
    ),
    "incident_coordinator": Text(
        "điều phối quốc gia ứng cứu sự cố, nhận báo cáo sự cố",
        "coordinates incident response nationally, receives incident reports",
    ),
    "state_authority": Text(
        "quản lý nhà nước về an toàn thông tin, an ninh mạng", "state authority for information and cyber security"
    ),
    "personal_data_authority": Text(
        "nhận thông báo vi phạm dữ liệu cá nhân", "receives notices of personal-data breaches"
    ),
    "provincial_authority": Text(
        "quản lý an toàn thông tin, an ninh mạng cấp tỉnh", "provincial authority for information and cyber security"
    ),
    "provincial_digital_authority": Text(
        "quản lý công nghệ thông tin, chuyển đổi số cấp tỉnh", "provincial authority for IT and digital transformation"
    ),
}
"""The roles that Canh asks about, in words."""

UNTIL_BEFORE = Text("sai thứ tự ngày: kết thúc {until} ở trước {on}", "dates out of order: {until} is before {on}")
NOTHING_TO_CONFIRM = Text(
    "không có dòng nào giao vai trò “{role}” cho “{body}” từ ngày {on}",
    "no row gives the role “{role}” to “{body}” from {on}",
)
TWO_BODIES = Text(
    "ngày {on} vai trò “{role}” được giao cho hai nơi", "on {on} the role “{role}” is given to two bodies"
)


class Held(msgspec.Struct, frozen=True, kw_only=True, tag="held", tag_field="event"):
    """A body holds a role from `on` (00:00) through `until`, else until the next body does."""

    role: str
    body: str
    name: Text
    on: date
    until: date | None = None
    basis: str
    mark: EvidenceMark


class Confirmed(msgspec.Struct, frozen=True, kw_only=True, tag="confirmed", tag_field="event"):
    """An officer has confirmed the row that gives the role to the body from `on`, by this basis."""

    role: str
    body: str
    on: date
    basis: str


BodyFact = Held | Confirmed


class Fault(msgspec.Struct, frozen=True):
    """A fact that cannot be, and why."""

    fact: BodyFact
    reason: Text


class BodyHistory:
    """All that is known of bodies and their roles."""

    def __init__(self, facts: Iterable[BodyFact]) -> None:
        self._facts = tuple(facts)

    @cached_property
    def rows(self) -> Mapping[str, tuple[Held, ...]]:
        """Each role's rows, the earliest first."""
        rows: dict[str, list[Held]] = {}
        for fact in self._facts:
            if isinstance(fact, Held):
                rows.setdefault(fact.role, []).append(fact)
        return {role: tuple(sorted(of_role, key=lambda row: row.on)) for role, of_role in sorted(rows.items())}

    @cached_property
    def confirmed(self) -> Mapping[tuple[str, str, date], Confirmed]:
        """What officers have confirmed, by role, body and the date from which it holds."""
        return {(fact.role, fact.body, fact.on): fact for fact in self._facts if isinstance(fact, Confirmed)}

    def counts(self, row: Held) -> bool:
        """Whether a row is more than a proposal."""
        return row.mark in CERTAIN or (row.role, row.body, row.on) in self.confirmed

    def holder(self, role: str, on: date) -> Held | None:
        """Who holds the role on the date; nobody where the last who counts has ended."""
        began = [row for row in self.rows.get(role, ()) if row.on <= on and self.counts(row)]
        if not began:
            return None
        last = began[-1]
        return None if last.until is not None and last.until < on else last

    def proposals(self, role: str, on: date) -> tuple[Held, ...]:
        """Rows that would hold on the date if an officer confirmed them, and are later than who holds it."""
        holder = self.holder(role, on)
        return tuple(
            row
            for row in self.rows.get(role, ())
            if row.on <= on
            and (row.until is None or on <= row.until)
            and not self.counts(row)
            and (holder is None or row.on >= holder.on)
        )


def faults(history: BodyHistory) -> Iterator[Fault]:
    """The facts that cannot all be true."""
    for role, rows in history.rows.items():
        seen: dict[date, str] = {}
        for row in rows:
            if row.until is not None and row.until < row.on:
                yield Fault(row, UNTIL_BEFORE.format(until=row.until, on=row.on))
            if seen.setdefault(row.on, row.body) != row.body:
                yield Fault(row, TWO_BODIES.format(on=row.on, role=role))
    known = {(row.role, row.body, row.on) for rows in history.rows.values() for row in rows}
    for key, fact in history.confirmed.items():
        if key not in known:
            yield Fault(fact, NOTHING_TO_CONFIRM.format(role=fact.role, body=fact.body, on=fact.on))


def key_of(fact: BodyFact) -> tuple[object, ...]:
    """By what a fact is known again."""
    return str(fact.__struct_config__.tag), fact.role, fact.body, fact.on
