"""A department for the tests of persons and posts: two units, four posts, four people."""

from datetime import date, timedelta

from core.language import Text
from org.post_history import (
    Appointed,
    AppointedActing,
    Delegated,
    Incompatible,
    PersonRegistered,
    PostEstablished,
    PostHistory,
    Quota,
    Relieved,
    VerificationPeriod,
    Verified,
    Withdrawn,
    faults,
)
from org.unit_history import UnitFact, UnitHistory

START = date(2024, 1, 1)
DECISION = "1/QĐ"
UNITS = UnitHistory(
    [
        UnitFact(unit="so", kind="established", on=START, name="Sở", decision=DECISION),
        UnitFact(unit="phong", kind="established", on=START, name="Phòng", parent="so", decision=DECISION),
        UnitFact(unit="so-khac", kind="established", on=START, name="Sở khác", decision=DECISION),
    ]
)


def day(number):
    return START + timedelta(days=number)


def person(code, unit="so", on=START, **values):
    return PersonRegistered(on=on, person=code, unit=unit, name=f"Người {code}", **values)


def post(code, kind, unit="so", group=None, on=START):
    title = Text(f"Chức danh {code}", f"Post {code}")
    return PostEstablished(on=on, decision=DECISION, post=code, unit=unit, title=title, post_kind=kind, group=group)


def appointed(code, who, on=0, until=None, basis=None, kind=Appointed):
    last = None if until is None else day(until)
    return kind(on=day(on), decision=DECISION, post=code, person=who, until=last, legal_basis=basis)


def acting(code, who, on=0, until=None):
    return appointed(code, who, on, until, kind=AppointedActing)


def relieved(code, who, on):
    return Relieved(on=day(on), decision=DECISION, post=code, person=who)


def delegated(giver, receiver, subject="sign_report", on=0, until=None):
    last = None if until is None else day(until)
    return Delegated(on=day(on), decision=DECISION, giver=giver, receiver=receiver, subject=subject, until=last)


def withdrawn(giver, receiver, on, subject="sign_report"):
    return Withdrawn(on=day(on), decision=DECISION, giver=giver, receiver=receiver, subject=subject)


def rule(on=0, unit="so", code="khong-kiem"):
    return Incompatible(
        on=day(on), decision="Điều 3 khoản 3", rule=code, unit=unit, kind="deputy_director", other="head"
    )


def quota(number, group="cc", unit="so", on=0):
    return Quota(on=day(on), decision=DECISION, unit=unit, group=group, number=number)


def verified(code, who, verifier, on):
    return Verified(on=on, post=code, person=who, verifier=verifier)


def period(months, unit="so", on=0):
    return VerificationPeriod(on=day(on), decision=DECISION, unit=unit, months=months)


BASE = (
    *(person(code) for code in ("an", "binh", "chi", "dung")),
    post("gd", "director"),
    post("pgd", "deputy_director", group="cc"),
    post("tp", "head", unit="phong", group="cc"),
    post("cv", "officer", unit="phong", group="cc"),
)


def history(*facts, base=BASE):
    return PostHistory([*base, *facts], UNITS)


def reasons(*facts, base=BASE):
    """What is wrong, in English."""
    return [fault.reason.en for fault in faults(history(*facts, base=base))]
