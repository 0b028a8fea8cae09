"""The facts of persons and posts in words, for the page and the command line."""

from collections.abc import Callable
from datetime import date

from console import texts
from console.day import written_day
from core.language import Text
from org.post_history import (
    Appointed,
    Delegated,
    Incompatible,
    PersonRegistered,
    PostEstablished,
    PostFact,
    Quota,
    VerificationPeriod,
    Verified,
)

Naming = Callable[[str], str | Text]


def fact_sentence(fact: PostFact, person: Naming, place: Naming) -> Text:
    """What happened. `person` and `place` (a post or a unit) tell the name of a code."""
    text = texts.POST_FACTS[str(fact.__struct_config__.tag)]
    match fact:
        case PersonRegistered():
            return text.format(name=fact.name, unit=place(fact.unit))
        case PostEstablished():
            return text.format(title=fact.title, unit=place(fact.unit))
        case Quota():
            return text.format(number=fact.number, group=fact.group, unit=place(fact.unit))
        case VerificationPeriod():
            return text.format(months=fact.months, unit=place(fact.unit))
        case Verified():
            return text.format(person=person(fact.person), verifier=person(fact.verifier))
        case Incompatible():
            return text.format(
                one=texts.POST_KINDS[fact.kind], other=texts.POST_KINDS[fact.other], unit=place(fact.unit)
            )
        case Appointed():
            said = text.format(person=person(fact.person), post=place(fact.post))
            if fact.until is not None:
                said = _joined(said, _until(fact.until))
            if fact.legal_basis:
                said = _joined(said, texts.ALLOWED_BY.format(basis=fact.legal_basis))
            return said
        case Delegated():
            said = text.format(
                giver=person(fact.giver), receiver=person(fact.receiver), subject=subject_name(fact.subject)
            )
            if fact.words:
                said = _joined(said, Text(fact.words, fact.words))
            return _joined(said, _until(fact.until)) if fact.until is not None else said
        case _:
            names = {name: getattr(fact, name, "") for name in ("person", "giver", "receiver", "post", "rule")}
            named = {name: person(code) if code else "" for name, code in names.items()}
            return text.format(**named, subject=subject_name(getattr(fact, "subject", "")))


def subject_name(subject: str) -> Text:
    """What a subject is called; one of the users' own is its code."""
    return texts.SUBJECTS.get(subject, Text(subject, subject))


def _until(day: date) -> Text:
    return texts.UNTIL_DAY.format(day=written_day(day))


def _joined(one: Text, other: Text) -> Text:
    return Text(f"{one.vi}, {other.vi}", f"{one.en}, {other.en}")
