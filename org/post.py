"""The dated facts of persons and posts as they are kept. Rows are never changed: a later one replaces a wrong one."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from org import audit
from org.access import decide
from org.account_name import name_key
from org.actor import Actor
from org.post_history import (
    Delegated,
    Incompatible,
    PersonRegistered,
    PostFact,
    PostHistory,
    Quota,
    RuleEnded,
    VerificationPeriod,
    Verified,
    Withdrawn,
    unit_of,
)
from org.refused import Refused
from org.unit import load_history as load_units
from store.db import Base, Document, Instant


class PostFactRow(Base):
    """One fact as it was recorded, of the unit whose people may read it. `replaces`: the row that this one corrects."""

    __tablename__ = "post_fact"
    __table_args__ = (Index("post_fact_of", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[str]
    fact: Mapped[PostFact] = mapped_column(Document(PostFact))
    replaces: Mapped[int | None] = mapped_column(ForeignKey("post_fact.id"), unique=True)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by: Mapped[str]


def load_posts(session: Session) -> PostHistory:
    """What the session's scope sees of persons and posts. One pass over the facts."""
    return PostHistory(live_facts(session).values(), load_units(session))


def live_facts(session: Session) -> dict[int, PostFact]:
    """The facts that no later row replaces, by the number of their row, in the order in which they were recorded.

    A correction stands where stood what it corrects.
    """
    place: dict[int, int] = {}
    facts: dict[int, PostFact] = {}
    row = PostFactRow
    for number, fact, replaces in session.execute(select(row.id, row.fact, row.replaces).order_by(row.id)):
        place[number] = number
        if replaces is not None:
            place[number] = place.get(replaces, number)
            facts.pop(replaces, None)
        facts[number] = fact
    return {number: facts[number] for number in sorted(facts, key=place.__getitem__)}


def person_of_account(history: PostHistory, account: str, on: date) -> PersonRegistered | None:
    """The person whose account this is on the date."""
    for code in history.claimants(account):
        person = history.person(code, on)
        if person is not None and person.account is not None and name_key(person.account) == name_key(account):
            return person
    return None


def record_facts(
    session: Session,
    actor: Actor,
    facts: Collection[PostFact],
    corrections: Mapping[int, PostFact],
    history: PostHistory,
    now: datetime,
) -> Refused | None:
    """Write down new facts, and others in the place of those with these row numbers; or why the actor may not.

    `history` is what holds afterwards, already asked for its `post_history.faults` in the same transaction. Asked of
    `access`; audited once for each thing, without names or addresses of people.
    """
    decision = decide(actor, "post.change", "posts")
    if not decision.allowed:
        audit.append(session, actor, "post.change", "posts", "denied", now)
        return Refused(decision.reason)
    details: dict[tuple[str, str], dict[str, str]] = {}
    written = [*((fact, None) for fact in facts), *((fact, number) for number, fact in corrections.items())]
    for fact, replaces in written:
        unit = unit_of(history, fact)
        row = PostFactRow(unit_id=unit, fact=fact, replaces=replaces, recorded_at=now, recorded_by=actor.name)
        session.add(row)
        said = details.setdefault((_resource(fact), unit), {})
        verb = f"{_tag(fact)} {fact.on}" if replaces is None else f"corrected {_tag(fact)} {fact.on}"
        what = " ".join(each for each in (*_named(fact), f"({fact.decision})" if fact.decision else "") if each)
        said[verb] = f"{said[verb]}; {what}" if verb in said else what
    for (resource, unit), detail in details.items():
        audit.append(session, actor, "post.change", resource, "done", now, unit=unit, detail=detail)
    session.flush()
    return None


def _tag(fact: PostFact) -> str:
    return str(fact.__struct_config__.tag)


def _resource(fact: PostFact) -> str:
    match fact:
        case PersonRegistered():
            return f"person:{fact.person}"
        case Quota():
            return f"quota:{fact.unit}"
        case VerificationPeriod():
            return f"verification:{fact.unit}"
        case Incompatible() | RuleEnded():
            return f"post_rule:{fact.rule}"
        case Delegated() | Withdrawn():
            return f"authority:{fact.giver}"
        case _:
            return f"post:{fact.post}"


def _named(fact: PostFact) -> tuple[str, ...]:
    """Codes that the fact names beside its own."""
    match fact:
        case Delegated() | Withdrawn():
            return fact.receiver, fact.subject
        case Quota():
            return fact.group, str(fact.number)
        case Incompatible():
            return fact.unit, fact.kind, fact.other
        case PersonRegistered():
            return (fact.unit,)
        case Verified():
            return fact.person, fact.verifier
        case VerificationPeriod():
            return (str(fact.months),)
        case _:
            return (getattr(fact, "person", ""), getattr(fact, "legal_basis", None) or "")
