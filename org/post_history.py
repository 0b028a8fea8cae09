"""Persons, posts, who holds them and who may sign for the director: dated facts, and what follows on any date. Pure.

A fact takes effect at 00:00 of its date. `until` is the last day, as decisions write it ("đến hết ngày"); the date of
an end (abolished, relieved, withdrawn, rule_ended) is the first day on which the thing is no more.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Literal, get_args

import msgspec

from core.language import Text
from org.account_name import name_key
from org.unit_history import UnitHistory

PostKind = Literal["director", "deputy_director", "head", "deputy_head", "officer", "contact"]
POST_KINDS: tuple[PostKind, ...] = get_args(PostKind)
EVERYTHING = "all"
"""The subject of whoever runs the department while the director is absent: it covers every other subject."""


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was decided. `decision` is the number of the paper, `decided_on` the date it was signed."""

    on: date
    decision: str = ""
    decided_on: date | None = None


class PersonRegistered(Fact, frozen=True, kw_only=True, tag="person"):
    """A person and how to reach them; the code is theirs for ever. `unit`: whose people may read it."""

    person: str
    unit: str
    name: str
    email: str | None = None
    phone: str | None = None
    account: str | None = None


class PersonChanged(PersonRegistered, frozen=True, kw_only=True, tag="person_changed"):
    """What is true of the person from the date on, whole."""


class PostEstablished(Fact, frozen=True, kw_only=True, tag="established"):
    """A post that one person at a time may hold. `group`: the staffing quota that counts its holder."""

    post: str
    unit: str
    title: Text
    post_kind: PostKind
    group: str | None = None


class PostAbolished(Fact, frozen=True, kw_only=True, tag="abolished"):
    """The post is no more."""

    post: str


class Appointed(Fact, frozen=True, kw_only=True, tag="appointed"):
    """A person to a post. `legal_basis`: the law that allows what a rule forbids."""

    post: str
    person: str
    until: date | None = None
    legal_basis: str | None = None


class AppointedActing(Appointed, frozen=True, kw_only=True, tag="acting"):
    """A person who acts in a post that nobody holds; no staffing quota counts them there."""


class Relieved(Fact, frozen=True, kw_only=True, tag="relieved"):
    """The person holds the post no more."""

    post: str
    person: str


class Delegated(Fact, frozen=True, kw_only=True, tag="delegated"):
    """The director's authority in one subject. Giver and receiver are codes of a post or of a person.

    What a post gave holds whoever is in it; what a person gave holds until that person leaves the director's post.
    """

    giver: str
    receiver: str
    subject: str
    words: str | None = None
    until: date | None = None


class Withdrawn(Fact, frozen=True, kw_only=True, tag="withdrawn"):
    """The delegation holds no more."""

    giver: str
    receiver: str
    subject: str


class Quota(Fact, frozen=True, kw_only=True, tag="quota"):
    """How many people a unit and those below it may have in a group of posts, until a later row says otherwise."""

    unit: str
    group: str
    number: int


class Incompatible(Fact, frozen=True, kw_only=True, tag="rule"):
    """Whoever holds a post of one kind is appointed to none of the other unless a law says so; `decision` is the basis.

    It covers the unit and those below it, until a later row of the same rule says otherwise.
    """

    rule: str
    unit: str
    kind: PostKind
    other: PostKind


class RuleEnded(Fact, frozen=True, kw_only=True, tag="rule_ended"):
    """The rule holds no more."""

    rule: str


class Verified(Fact, frozen=True, kw_only=True, tag="verified"):
    """Somebody made sure that a 24/7 contact can be reached as written."""

    post: str
    person: str
    verifier: str


class VerificationPeriod(Fact, frozen=True, kw_only=True, tag="verification"):
    """How many months a verification holds in a unit and those below it; `decision` is the basis."""

    unit: str
    months: int


PostFact = (
    PersonRegistered
    | PersonChanged
    | PostEstablished
    | PostAbolished
    | Appointed
    | AppointedActing
    | Relieved
    | Delegated
    | Withdrawn
    | Quota
    | Incompatible
    | RuleEnded
    | Verified
    | VerificationPeriod
)

UNKNOWN_PERSON = Text("không có người nào mang mã “{code}”", "there is no person “{code}”")
UNKNOWN_POST = Text("không có chức danh nào mang mã “{code}”", "there is no post “{code}”")
UNKNOWN_UNIT = Text("không có đơn vị “{code}”", "there is no unit “{code}”")
UNKNOWN_RULE = Text("ngày {on} không có quy tắc “{code}” nào đang có hiệu lực", "no rule “{code}” is in force on {on}")
CODE_TAKEN = Text("trùng mã: “{code}” đã được dùng", "duplicate code: “{code}” is taken")
UNIT_NOT_LIVING = Text(
    "đơn vị “{code}” chưa thành lập hoặc đã kết thúc vào ngày {on}",
    "the unit “{code}” is not yet established or has ended on {on}",
)
BEFORE_BEGIN = Text(
    "sai thứ tự ngày: {on} ở trước ngày “{code}” bắt đầu ({begin})",
    "dates out of order: {on} is before “{code}” begins ({begin})",
)
UNTIL_BEFORE = Text(
    "sai thứ tự ngày: đến hết ngày {until} nhưng từ ngày {on}", "dates out of order: from {on}, but until {until}"
)
POST_NOT_LIVING = Text(
    "chức danh “{code}” chưa có hoặc đã bãi bỏ vào ngày {on}", "the post “{code}” is not there on {on}"
)
HELD_WHEN_ABOLISHED = Text(
    "chức danh “{code}” bị bãi bỏ ngày {on} nhưng “{person}” vẫn giữ: hãy cho thôi giữ trước",
    "the post “{code}” is abolished on {on} while “{person}” holds it: relieve them first",
)
HELD_BY_ANOTHER = Text(
    "chồng thời gian: ngày {on} chức danh “{code}” đang do “{person}” giữ",
    "overlapping appointments: on {on} the post “{code}” is held by “{person}”",
)
NOTHING_TO_END = Text(
    "ngay trước ngày {on} “{person}” không giữ chức danh “{code}”", "just before {on} “{person}” does not hold “{code}”"
)
RULE_BROKEN = Text(
    "theo quy tắc “{rule}” ({basis}), người giữ “{one}” không kiêm “{other}”; nếu pháp luật có quy định khác, "
    "hãy ghi căn cứ vào ô basis",
    "by the rule “{rule}” ({basis}) whoever holds “{one}” may not hold “{other}”; where a law says otherwise, "
    "name it in the cell basis",
)
ACCOUNT_TAKEN = Text(
    "tài khoản “{account}” ngày {on} đã là của “{person}”", "on {on} the account “{account}” is that of “{person}”"
)
NOT_THE_DIRECTORS = Text(
    "ngày {on} “{code}” không giữ quyền của giám đốc; người được ủy quyền không ủy quyền lại",
    "on {on} “{code}” does not hold the director's authority; whoever got it from another cannot pass it on",
)
TO_ONESELF = Text("“{code}” ủy quyền cho chính mình", "“{code}” delegates to itself")
DELEGATED_TWICE = Text(
    "chồng thời gian: ngày {on} “{receiver}” đã được ủy quyền về “{subject}”",
    "overlapping: on {on} “{receiver}” has the authority for “{subject}” already",
)
TWO_RUN_IT = Text(
    "chồng thời gian: ngày {on} “{receiver}” đã được ủy nhiệm điều hành thay giám đốc, chỉ được một người",
    "overlapping: on {on} “{receiver}” runs the department for the director already, and only one may",
)
NOT_DELEGATED = Text(
    "ngay trước ngày {on} “{receiver}” không được ủy quyền về “{subject}”",
    "just before {on} “{receiver}” has no authority for “{subject}”",
)
NOT_A_CONTACT = Text(
    "ngày {on} “{person}” không phải đầu mối ở chức danh “{code}”", "on {on} “{person}” is not the contact “{code}”"
)
TWICE_A_DAY = Text("trong ngày {on} có hai dòng nói hai điều khác nhau", "two rows of {on} disagree")

SIGNS_AS_DIRECTOR = Text("là {title}", "is {title}")
SIGNS_AS_ACTING = Text("được giao phụ trách: {title} đang trống", "acts, for the post is vacant: {title}")
SIGNS_BY_DELEGATION = Text("được ủy quyền theo {decision}", "has the authority by {decision}")
SIGNS_IN_ABSENCE = Text(
    "được ủy nhiệm điều hành thay giám đốc theo {decision}", "runs the department for the director by {decision}"
)


class Fault(msgspec.Struct, frozen=True):
    """A fact that cannot be, and why."""

    fact: PostFact
    reason: Text


class Tenure(msgspec.Struct, frozen=True):
    """One person in one post, from the date of `fact` until before `end` (None: goes on)."""

    fact: Appointed
    end: date | None

    def covers(self, on: date) -> bool:
        """Whether it holds on the date."""
        return self.fact.on <= on and (self.end is None or on < self.end)

    @property
    def acting(self) -> bool:
        """Whether the person only acts in the post."""
        return isinstance(self.fact, AppointedActing)


class Delegation(msgspec.Struct, frozen=True):
    """Authority as it was given, until before `end` (None: goes on)."""

    fact: Delegated
    end: date | None

    def covers(self, on: date) -> bool:
        """Whether its dates cover the date; whether the giver still has what was given is another question."""
        return self.fact.on <= on and (self.end is None or on < self.end)


class Staffing(msgspec.Struct, frozen=True):
    """A quota of a date against the people in post."""

    quota: Quota
    in_post: int

    @property
    def vacant(self) -> int:
        """How many more may be appointed; negative where there are too many."""
        return self.quota.number - self.in_post


class Contact(msgspec.Struct, frozen=True):
    """A 24/7 contact of a unit on a date. `due_on`: when the next verification is; None where no row asks for any."""

    post: str
    unit: str
    person: str
    verified: Verified | None
    due_on: date | None

    def is_due(self, on: date) -> bool:
        """Whether the contact is to be verified by now."""
        return self.due_on is not None and self.due_on <= on


class Signer(msgspec.Struct, frozen=True):
    """One person who may sign, with every ground."""

    person: str
    grounds: tuple[Text, ...]


class PostHistory:
    """All that is known of persons and posts. Facts may lack (a reader sees only those of their own units)."""

    def __init__(self, facts: Iterable[PostFact], units: UnitHistory) -> None:
        self.units = units
        self.facts: tuple[PostFact, ...] = tuple(sorted(facts, key=lambda fact: fact.on))  # stable within a day

    @cached_property
    def persons(self) -> dict[str, list[PersonRegistered]]:
        """What was recorded of each person, oldest first."""
        found: dict[str, list[PersonRegistered]] = {}
        for fact in self.facts:
            if isinstance(fact, PersonRegistered):
                found.setdefault(fact.person, []).append(fact)
        return found

    @cached_property
    def posts(self) -> dict[str, PostEstablished]:
        """Every post there is or was."""
        return {fact.post: fact for fact in reversed(self.facts) if isinstance(fact, PostEstablished)}

    @cached_property
    def abolished(self) -> dict[str, date]:
        """The first day on which a post is no more."""
        return {fact.post: fact.on for fact in reversed(self.facts) if isinstance(fact, PostAbolished)}

    @cached_property
    def tenures(self) -> tuple[Tenure, ...]:
        """Every appointment with its end, oldest first."""
        return tuple(Tenure(fact, self._tenure_end(fact)) for fact in self.facts if isinstance(fact, Appointed))

    @cached_property
    def delegations(self) -> tuple[Delegation, ...]:
        """Every delegation with its end, oldest first."""
        return tuple(Delegation(fact, self._delegation_end(fact)) for fact in self.facts if isinstance(fact, Delegated))

    def person(self, code: str, on: date) -> PersonRegistered | None:
        """What is true of the person on the date; before the first row what that row says."""
        rows = self.persons.get(code)
        if not rows:
            return None
        return next((row for row in reversed(rows) if row.on <= on), rows[0])

    def claimants(self, account: str) -> set[str]:
        """Everybody whose account this was at some time."""
        return self._claimants.get(name_key(account), set())

    def lives(self, post: str, on: date) -> bool:
        """Whether the post is there on the date."""
        begun, end = self.posts.get(post), self.abolished.get(post)
        return begun is not None and begun.on <= on and (end is None or on < end)

    def living_posts(self, on: date) -> tuple[PostEstablished, ...]:
        """The posts of the date: by unit as the tree has them, the director first."""
        place = {branch.unit: at for at, branch in enumerate(self.units.tree(on))}
        living = [post for code, post in self.posts.items() if self.lives(code, on)]
        return tuple(
            sorted(
                living, key=lambda post: (place.get(post.unit, len(place)), POST_KINDS.index(post.post_kind), post.post)
            )
        )

    def holders(self, post: str, on: date) -> tuple[Tenure, ...]:
        """Who is in the post on the date: one at most, where nothing is at fault."""
        return tuple(each for each in self._by_post.get(post, ()) if each.covers(on))

    def held(self, person: str, on: date) -> tuple[Tenure, ...]:
        """What the person holds on the date."""
        return tuple(each for each in self._by_person.get(person, ()) if each.covers(on))

    def quotas(self, on: date) -> tuple[Quota, ...]:
        """The quotas in force: of each unit and group the latest."""
        return tuple(
            {(fact.unit, fact.group): fact for fact in self.facts if isinstance(fact, Quota) and fact.on <= on}.values()
        )

    def staffing(self, on: date) -> tuple[Staffing, ...]:
        """Each quota in force against the people in post in the unit and below it, each counted once."""
        found = []
        for quota in self.quotas(on):
            covered = self.units.scope(quota.unit, on)
            people = {
                tenure.fact.person
                for post in self.posts.values()
                if post.group == quota.group and post.unit in covered
                for tenure in self.holders(post.post, on)
                if not tenure.acting
            }
            found.append(Staffing(quota, len(people)))
        return tuple(found)

    def rules(self, on: date) -> tuple[Incompatible, ...]:
        """The rules in force: the latest row of each that has not ended."""
        found: dict[str, Incompatible | None] = {}
        for fact in self._rules:
            if fact.on <= on:
                found[fact.rule] = fact if isinstance(fact, Incompatible) else None
        return tuple(rule for rule in found.values() if rule is not None)

    def contacts(self, on: date) -> tuple[Contact, ...]:
        """Everybody who holds a post of a contact on the date, the first due first.

        A verification holds for the period of the unit, the shortest where several cover it; whoever was never
        verified is due as if it had been done on the day of the appointment.
        """
        found = []
        periods = {
            fact.unit: fact.months for fact in self.facts if isinstance(fact, VerificationPeriod) and fact.on <= on
        }
        covered = [(self.units.scope(unit, on), months) for unit, months in periods.items()]
        for post in self.living_posts(on):
            for tenure in self.holders(post.post, on) if post.post_kind == "contact" else ():
                verified = [
                    fact
                    for fact in self._verified.get((post.post, tenure.fact.person), ())
                    if tenure.fact.on <= fact.on <= on
                ]
                last = verified[-1] if verified else None
                months = min((months for units, months in covered if post.unit in units), default=None)
                since = last.on if last else tenure.fact.on
                due_on = None if months is None else _months_after(since, months)
                found.append(Contact(post.post, post.unit, tenure.fact.person, last, due_on))
        return tuple(sorted(found, key=lambda contact: contact.due_on or date.max))

    def subjects(self) -> tuple[str, ...]:
        """Every subject that was ever delegated."""
        return tuple(sorted({each.fact.subject for each in self.delegations}))

    @cached_property
    def _claimants(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for person, rows in self.persons.items():
            for row in rows:
                if row.account is not None:
                    found.setdefault(name_key(row.account), set()).add(person)
        return found

    @cached_property
    def _verified(self) -> dict[tuple[str, str], list[Verified]]:
        """The verifications of each contact, oldest first."""
        found: dict[tuple[str, str], list[Verified]] = {}
        for fact in self.facts:
            if isinstance(fact, Verified):
                found.setdefault((fact.post, fact.person), []).append(fact)
        return found

    @cached_property
    def _by_subject(self) -> dict[str, list[Delegation]]:
        found: dict[str, list[Delegation]] = {}
        for delegation in self.delegations:
            found.setdefault(delegation.fact.subject, []).append(delegation)
        return found

    @cached_property
    def _rules(self) -> tuple[Incompatible | RuleEnded, ...]:
        """The rows about rules, oldest first; of one day the end of an old one before the new."""
        found = [fact for fact in self.facts if isinstance(fact, Incompatible | RuleEnded)]
        return tuple(sorted(found, key=lambda fact: (fact.on, isinstance(fact, Incompatible))))

    @cached_property
    def _by_post(self) -> dict[str, list[Tenure]]:
        found: dict[str, list[Tenure]] = {}
        for tenure in self.tenures:
            found.setdefault(tenure.fact.post, []).append(tenure)
        return found

    @cached_property
    def _by_person(self) -> dict[str, list[Tenure]]:
        found: dict[str, list[Tenure]] = {}
        for tenure in self.tenures:
            found.setdefault(tenure.fact.person, []).append(tenure)
        return found

    @cached_property
    def _ends(self) -> dict[tuple[str, ...], list[date]]:
        """The dates of the rows that end something, by what they end."""
        found: dict[tuple[str, ...], list[date]] = {}
        for fact in self.facts:
            if isinstance(fact, Relieved):
                found.setdefault((fact.post, fact.person), []).append(fact.on)
            elif isinstance(fact, Withdrawn):
                found.setdefault((fact.giver, fact.receiver, fact.subject), []).append(fact.on)
        return found

    def _tenure_end(self, fact: Appointed) -> date | None:
        return _end(fact.on, fact.until, self._ends.get((fact.post, fact.person), ()))

    def _delegation_end(self, fact: Delegated) -> date | None:
        return _end(fact.on, fact.until, self._ends.get((fact.giver, fact.receiver, fact.subject), ()))


def who_may_sign(history: PostHistory, authority: str, subject: str, on: date) -> tuple[Signer, ...]:
    """Who may sign `subject` on the date by the authority of the director's post `authority`, each person once.

    Whoever is in the post, or acts in it while it is vacant; then those to whom that authority was delegated, in the
    order in which it was. A delegate's own delegations count for nothing. None where the post is not there.
    """
    if not history.lives(authority, on):
        return ()
    title = history.posts[authority].title
    grounds: dict[str, list[Text]] = {}
    for tenure in history.holders(authority, on):
        text = SIGNS_AS_ACTING if tenure.acting else SIGNS_AS_DIRECTOR
        grounds.setdefault(tenure.fact.person, []).append(text.format(title=title))
    for delegation in history.delegations:
        given = delegation.fact
        if not delegation.covers(on) or given.subject not in (subject, EVERYTHING):
            continue
        if not _still_given(history, given, authority, on):
            continue
        text = SIGNS_IN_ABSENCE if given.subject == EVERYTHING else SIGNS_BY_DELEGATION
        ground = text.format(decision=given.decision)
        for person in _receivers(history, given.receiver, on):
            grounds.setdefault(person, []).append(ground)
    return tuple(Signer(person, tuple(dict.fromkeys(said))) for person, said in grounds.items())


def faults(history: PostHistory) -> Iterator[Fault]:
    """The facts that cannot all be true, each with one reason. None of them: every post has one holder at most."""
    sound = True
    for fault in _code_faults(history):
        sound = False
        yield fault
    if not sound:
        return  # what a code means is not known, and every further reason would mislead
    for fact in history.facts:
        reason = _fault(history, fact)
        if reason is not None:
            yield Fault(fact, reason)


def _months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of a month that has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, min(day.day, monthrange(day.year + years, month + 1)[1]))


def _end(begin: date, until: date | None, ends: Sequence[date]) -> date | None:
    """The first day on which what began is no more."""
    possible = [until + timedelta(days=1)] if until is not None and until < date.max else []
    possible += [end for end in ends if end > begin]
    return min(possible, default=None)


def _still_given(history: PostHistory, given: Delegated, authority: str, on: date) -> bool:
    """Whether the giver spoke for this post, and where it was a person, has been in it ever since."""
    if given.giver in history.posts:
        return given.giver == authority
    return any(
        tenure.fact.person == given.giver and tenure.covers(on) for tenure in history.holders(authority, given.on)
    )


def _receivers(history: PostHistory, receiver: str, on: date) -> tuple[str, ...]:
    """The person, or whoever is in the post."""
    if receiver in history.posts:
        return tuple(tenure.fact.person for tenure in history.holders(receiver, on))
    return (receiver,)


def _code_faults(history: PostHistory) -> Iterator[Fault]:
    """Codes that are taken twice or that nobody has."""
    taken: set[str] = set()
    named: set[tuple[object, ...]] = set()
    for fact in history.facts:
        if isinstance(fact, PostEstablished) or type(fact) is PersonRegistered:
            code = fact.post if isinstance(fact, PostEstablished) else fact.person
            if code in taken:
                yield Fault(fact, CODE_TAKEN.format(code=code))
            taken.add(code)
    for fact in history.facts:
        key = key_of(fact)
        if key in named and not isinstance(fact, PostEstablished) and type(fact) is not PersonRegistered:
            yield Fault(fact, TWICE_A_DAY.format(on=fact.on))
        named.add(key)
        reason = _unknown(history, fact)
        if reason is not None:
            yield Fault(fact, reason)


def _unknown(history: PostHistory, fact: PostFact) -> Text | None:
    registered = history.persons
    unit = getattr(fact, "unit", None)
    if unit is not None and unit not in history.units:
        return UNKNOWN_UNIT.format(code=unit)
    person = getattr(fact, "person", None)
    if person is not None and not any(type(row) is PersonRegistered for row in registered.get(person, ())):
        return UNKNOWN_PERSON.format(code=person)
    post = getattr(fact, "post", None)
    if post is not None and post not in history.posts:
        return UNKNOWN_POST.format(code=post)
    if isinstance(fact, Verified) and fact.verifier not in registered:
        return UNKNOWN_PERSON.format(code=fact.verifier)
    if isinstance(fact, Delegated | Withdrawn):
        for code in (fact.giver, fact.receiver):
            if code not in history.posts and code not in registered:
                return UNKNOWN_PERSON.format(code=code)
    return None


def _fault(history: PostHistory, fact: PostFact) -> Text | None:
    """What is wrong with a fact whose codes are known."""
    on = fact.on
    unit = getattr(fact, "unit", None)
    if unit is not None and not history.units.lives(unit, on):
        return UNIT_NOT_LIVING.format(code=unit, on=on)
    until = getattr(fact, "until", None)
    if until is not None and until < on:
        return UNTIL_BEFORE.format(on=on, until=until)
    match fact:
        case PersonRegistered():
            return _person_fault(history, fact)
        case PostAbolished():
            return _abolition_fault(history, fact)
        case Appointed():
            return _appointment_fault(history, fact)
        case Relieved():
            ended = any(
                tenure.end == on and tenure.fact.person == fact.person for tenure in history._by_post.get(fact.post, ())
            )
            return None if ended else NOTHING_TO_END.format(code=fact.post, person=fact.person, on=on)
        case Delegated():
            return _delegation_fault(history, fact)
        case Withdrawn():
            ended = any(
                each.end == on and (each.fact.giver, each.fact.receiver, each.fact.subject) == key_of(fact)[1:4]
                for each in history._by_subject.get(fact.subject, ())
            )
            return None if ended else NOT_DELEGATED.format(receiver=fact.receiver, subject=fact.subject, on=on)
        case Verified():
            there = any(tenure.fact.person == fact.person for tenure in history.holders(fact.post, on))
            if there and history.posts[fact.post].post_kind == "contact":
                return None
            return NOT_A_CONTACT.format(code=fact.post, person=fact.person, on=on)
        case RuleEnded():
            before = history.rules(on - timedelta(days=1))
            in_force = any(rule.rule == fact.rule for rule in before)
            return None if in_force else UNKNOWN_RULE.format(code=fact.rule, on=on)
        case _:
            return None


def _person_fault(history: PostHistory, fact: PersonRegistered) -> Text | None:
    begin = next(row.on for row in history.persons[fact.person] if type(row) is PersonRegistered)
    if isinstance(fact, PersonChanged) and fact.on < begin:
        return BEFORE_BEGIN.format(code=fact.person, on=fact.on, begin=begin)
    if fact.account is None:
        return None
    for other in history.claimants(fact.account) - {fact.person}:
        theirs = history.person(other, fact.on)
        if theirs is not None and theirs.on <= fact.on and _same_name(theirs.account, fact.account):
            return ACCOUNT_TAKEN.format(account=fact.account, person=other, on=fact.on)
    return None


def _same_name(one: str | None, other: str) -> bool:
    return one is not None and name_key(one) == name_key(other)


def _abolition_fault(history: PostHistory, fact: PostAbolished) -> Text | None:
    begin = history.posts[fact.post].on
    if fact.on <= begin:
        return BEFORE_BEGIN.format(code=fact.post, on=fact.on, begin=begin)
    for tenure in history.holders(fact.post, fact.on):
        return HELD_WHEN_ABOLISHED.format(code=fact.post, person=tenure.fact.person, on=fact.on)
    return None


def _appointment_fault(history: PostHistory, fact: Appointed) -> Text | None:
    if not history.lives(fact.post, fact.on):
        return POST_NOT_LIVING.format(code=fact.post, on=fact.on)
    for tenure in history.holders(fact.post, fact.on):
        if tenure.fact is not fact:
            return HELD_BY_ANOTHER.format(code=fact.post, person=tenure.fact.person, on=fact.on)
    return _rule_fault(history, fact)


def _rule_fault(history: PostHistory, fact: Appointed) -> Text | None:
    """The rule that the appointment breaks on its day. A law named for either of the two posts allows both."""
    post = history.posts[fact.post]
    for rule in history.rules(fact.on):
        for tenure in history.held(fact.person, fact.on):
            other = history.posts.get(tenure.fact.post)
            if other is None or fact.legal_basis or tenure.fact.legal_basis:
                continue
            kinds = post.post_kind, other.post_kind
            if other.post == post.post or kinds not in ((rule.kind, rule.other), (rule.other, rule.kind)):
                continue
            if {post.unit, other.unit} <= history.units.scope(rule.unit, fact.on):
                return RULE_BROKEN.format(rule=rule.rule, basis=rule.decision, one=other.post, other=post.post)
    return None


def _delegation_fault(history: PostHistory, fact: Delegated) -> Text | None:
    if not _has_authority(history, fact.giver, fact.on):
        return NOT_THE_DIRECTORS.format(code=fact.giver, on=fact.on)
    givers, receivers = (_receivers(history, code, fact.on) for code in (fact.giver, fact.receiver))
    if fact.giver == fact.receiver or set(givers) & set(receivers):
        return TO_ONESELF.format(code=fact.giver)
    if fact.receiver in history.posts and not history.lives(fact.receiver, fact.on):
        return POST_NOT_LIVING.format(code=fact.receiver, on=fact.on)
    for each in history._by_subject[fact.subject]:
        other = each.fact
        if other is fact or not each.covers(fact.on):
            continue
        if not _of_one_authority(history, other.giver, fact.giver, fact.on):
            continue
        if other.receiver == fact.receiver:
            return DELEGATED_TWICE.format(receiver=fact.receiver, subject=fact.subject, on=fact.on)
        if fact.subject == EVERYTHING:
            return TWO_RUN_IT.format(receiver=other.receiver, on=fact.on)
    return None


def _authorities(history: PostHistory, giver: str, on: date) -> frozenset[str]:
    """The directors' posts that a giver speaks for on the date."""
    posts = [giver] if giver in history.posts else [tenure.fact.post for tenure in history.held(giver, on)]
    return frozenset(
        post
        for post in posts
        if post in history.posts and history.posts[post].post_kind == "director" and history.lives(post, on)
    )


def _has_authority(history: PostHistory, giver: str, on: date) -> bool:
    return bool(_authorities(history, giver, on))


def _of_one_authority(history: PostHistory, one: str, other: str, on: date) -> bool:
    return bool(_authorities(history, one, on) & _authorities(history, other, on))


def key_of(fact: PostFact) -> tuple[object, ...]:
    """By what a fact is known again: a code begins and ends once, the rest once a day."""
    match fact:
        case PersonChanged():
            return "person_changed", fact.person, fact.on
        case PersonRegistered():
            return "person", fact.person
        case PostEstablished():
            return "established", fact.post
        case PostAbolished():
            return "abolished", fact.post
        case Appointed():
            return "appointed", fact.post, fact.person, fact.on
        case Relieved():
            return "relieved", fact.post, fact.person, fact.on
        case Delegated():
            return "delegated", fact.giver, fact.receiver, fact.subject, fact.on
        case Withdrawn():
            return "withdrawn", fact.giver, fact.receiver, fact.subject, fact.on
        case Quota():
            return "quota", fact.unit, fact.group, fact.on
        case Incompatible():
            return "rule", fact.rule, fact.on
        case RuleEnded():
            return "rule_ended", fact.rule, fact.on
        case Verified():
            return "verified", fact.post, fact.person, fact.on
        case VerificationPeriod():
            return "verification", fact.unit, fact.on


def unit_of(history: PostHistory, fact: PostFact) -> str:
    """Whose people may read the fact: the unit it names, that of its post, or that of the giver of authority.

    For facts whose codes are known.
    """
    unit = getattr(fact, "unit", None)
    if unit is None:
        if isinstance(fact, RuleEnded):
            unit = next(
                each.unit for each in history.facts if isinstance(each, Incompatible) and each.rule == fact.rule
            )
        else:
            code: str = fact.giver if isinstance(fact, Delegated | Withdrawn) else fact.post  # type: ignore[union-attr]
            person = history.person(code, fact.on)
            unit = history.posts[code].unit if code in history.posts else person.unit if person else ""
    return str(unit)
