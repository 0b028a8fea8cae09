"""Persons and posts of a date: who holds what, who may sign, the staffing, the delegations and rules in force."""

from dataclasses import dataclass
from datetime import date

from console import texts
from console.day import asked_day, written_day
from console.door import require
from console.page import Page, Visit
from console.post_words import fact_sentence, subject_name
from core.language import Text
from org.access import decide
from org.post import load_posts
from org.post_history import (
    EVERYTHING,
    Contact,
    PersonRegistered,
    PostEstablished,
    PostFact,
    PostHistory,
    Staffing,
    Tenure,
    who_may_sign,
)
from org.unit import effective_date
from store import db


@dataclass(frozen=True)
class HolderView:
    """Whoever is in a post; of a person of a unit that the reader does not see no name."""

    name: str | Text
    acting: bool
    since: date
    email: str | None
    phone: str | None


@dataclass(frozen=True)
class FactView:
    """One fact in words."""

    on: date
    sentence: Text
    decision: str


@dataclass(frozen=True)
class PostView:
    """One post of the date."""

    code: str
    title: Text
    holders: tuple[HolderView, ...]
    facts: tuple[FactView, ...]


@dataclass(frozen=True)
class UnitView:
    """The posts of one unit."""

    code: str
    name: str
    posts: tuple[PostView, ...]


@dataclass(frozen=True)
class SignerView:
    """One person who may sign, and why."""

    name: str | Text
    grounds: tuple[Text, ...]


@dataclass(frozen=True)
class SubjectView:
    """What may be signed, and by whom."""

    code: str
    name: Text
    signers: tuple[SignerView, ...]


@dataclass(frozen=True)
class AuthorityView:
    """A director's post with everything that is signed by its authority."""

    code: str
    title: Text
    unit: str
    subjects: tuple[SubjectView, ...]


@dataclass(frozen=True)
class StaffingView:
    """A quota against the people in post."""

    unit: str | Text
    staffing: Staffing


@dataclass(frozen=True)
class ContactView:
    """A 24/7 contact with its verification."""

    unit: str
    name: str | Text
    phone: str | None
    email: str | None
    verified: Text
    due: Text | None
    is_due: bool


@dataclass(frozen=True, kw_only=True)
class PostsPage(Page):
    """All of it as of `on`."""

    template = "posts.html"

    on: date
    today: date
    wrong: Text | None
    authorities: tuple[AuthorityView, ...]
    units: tuple[UnitView, ...]
    staffing: tuple[StaffingView, ...]
    contacts: tuple[ContactView, ...]
    delegations: tuple[FactView, ...]
    rules: tuple[FactView, ...]
    may_change: bool


def show(visit: Visit) -> Page:
    """The page. A date that cannot be read is said to be none, and today is shown."""
    require(visit, "post.read", "posts")
    on, wrong = asked_day(visit)
    with db.session(visit.desk.engine, visit.actor.scope, reading=True) as session:
        history = load_posts(session)
    view = _Viewing(history, on, contacts=decide(visit.actor, "person.read", "persons").allowed)
    return PostsPage(
        title=texts.POSTS_TITLE,
        on=on,
        today=effective_date(visit.desk.now()),
        wrong=wrong,
        authorities=view.authorities(),
        units=view.units(),
        staffing=tuple(StaffingView(view.name(each.quota.unit), each) for each in history.staffing(on)),
        contacts=tuple(view.contact(each) for each in history.contacts(on)),
        delegations=tuple(view.fact(each.fact) for each in history.delegations if each.covers(on)),
        rules=tuple(view.fact(rule) for rule in history.rules(on)),
        may_change=decide(visit.actor, "post.change", "posts").allowed,
    )


class _Viewing:
    """One history as one reader sees it on one date."""

    def __init__(self, history: PostHistory, on: date, *, contacts: bool) -> None:
        self._history = history
        self._on = on
        self._contacts = contacts
        self._facts: dict[str, list[PostFact]] = {}
        for fact in history.facts:
            if (post := getattr(fact, "post", None)) is not None:
                self._facts.setdefault(post, []).append(fact)

    def authorities(self) -> tuple[AuthorityView, ...]:
        return tuple(
            AuthorityView(
                post.post,
                post.title,
                self._history.units.name(post.unit, self._on),
                tuple(self._subject(post.post, subject) for subject in self._subjects()),
            )
            for post in self._history.living_posts(self._on)
            if post.post_kind == "director"
        )

    def units(self) -> tuple[UnitView, ...]:
        posts: dict[str, list[PostEstablished]] = {}
        for post in self._history.living_posts(self._on):
            posts.setdefault(post.unit, []).append(post)
        return tuple(
            UnitView(unit, self._history.units.name(unit, self._on), tuple(self._post(each) for each in of_unit))
            for unit, of_unit in posts.items()
        )

    def fact(self, fact: PostFact) -> FactView:
        return FactView(fact.on, fact_sentence(fact, self.name, self.name), fact.decision)

    def name(self, code: str) -> str | Text:
        """What a code stands for; of what the reader does not see not even the code."""
        history = self._history
        person = self._person(code)
        if person is not None:
            return person.name
        if code in history.posts:
            post = history.posts[code]
            holder = f" ({code})"
            return Text(post.title.vi + holder, post.title.en + holder)
        if any(getattr(fact, "rule", None) == code for fact in history.facts):
            return code
        return history.units.name(code, self._on) if code in history.units else texts.ANOTHER_ONE

    def contact(self, contact: Contact) -> ContactView:
        person = self._person(contact.person)
        seen = person if self._contacts else None
        verified = texts.CONTACT_NOT_VERIFIED
        if contact.verified is not None:
            verifier = self.name(contact.verified.verifier)
            verified = texts.CONTACT_VERIFIED.format(day=written_day(contact.verified.on), verifier=verifier)
        is_due = contact.is_due(self._on)
        text = texts.CONTACT_DUE if is_due else texts.CONTACT_NEXT
        return ContactView(
            self._history.units.name(contact.unit, self._on),
            person.name if person else texts.ANOTHER_ONE,
            seen.phone if seen else None,
            seen.email if seen else None,
            verified,
            text.format(day=written_day(contact.due_on)) if contact.due_on is not None else None,
            is_due,
        )

    def _subjects(self) -> tuple[str, ...]:
        known = [*texts.SUBJECTS, *self._history.subjects()]
        return tuple(dict.fromkeys(subject for subject in known if subject != EVERYTHING))

    def _subject(self, authority: str, subject: str) -> SubjectView:
        signers = who_may_sign(self._history, authority, subject, self._on)
        return SubjectView(
            subject,
            subject_name(subject),
            tuple(SignerView(self.name(signer.person), signer.grounds) for signer in signers),
        )

    def _post(self, post: PostEstablished) -> PostView:
        holders = tuple(self._holder(tenure) for tenure in self._history.holders(post.post, self._on))
        facts = tuple(self.fact(fact) for fact in self._facts.get(post.post, ()))
        return PostView(post.post, post.title, holders, facts)

    def _holder(self, tenure: Tenure) -> HolderView:
        person = self._person(tenure.fact.person)
        seen = person if self._contacts else None
        return HolderView(
            person.name if person else texts.ANOTHER_ONE,
            tenure.acting,
            tenure.fact.on,
            seen.email if seen else None,
            seen.phone if seen else None,
        )

    def _person(self, code: str) -> PersonRegistered | None:
        return self._history.person(code, self._on)
