"""Facts of the tests: three provinces become one on 1 July 2025, and districts end."""

from datetime import date

from org.unit_history import UnitFact

BEFORE, MERGER, AFTER = date(2025, 6, 30), date(2025, 7, 1), date(2026, 11, 24)
RESOLUTION = "202/2025/QH15"
OLD = date(2004, 1, 1)


def established(unit, name, parent=None, on=OLD, decision="22/2003/QH11"):
    return UnitFact(unit=unit, kind="established", on=on, name=name, parent=parent, decision=decision)


def merged(unit, successor, on=MERGER, decision=RESOLUTION):
    return UnitFact(
        unit=unit, kind="merged", on=on, successor=successor, decision=decision, decided_on=date(2025, 6, 12)
    )


def dissolved(unit, on=MERGER, decision=RESOLUTION):
    return UnitFact(unit=unit, kind="dissolved", on=on, decision=decision)


def renamed(unit, name, on=MERGER, decision=RESOLUTION):
    return UnitFact(unit=unit, kind="renamed", on=on, name=name, decision=decision)


def moved(unit, parent, on=MERGER, decision=RESOLUTION):
    return UnitFact(unit=unit, kind="moved", on=on, parent=parent, decision=decision)


def split(unit, successor, on=MERGER, decision=RESOLUTION):
    return UnitFact(unit=unit, kind="split", on=on, successor=successor, decision=decision)


FACTS = (
    established("can-tho", "Ủy ban nhân dân thành phố Cần Thơ"),
    established("soc-trang", "Ủy ban nhân dân tỉnh Sóc Trăng"),
    established("hau-giang", "Ủy ban nhân dân tỉnh Hậu Giang"),
    established("st-so-tttt", "Sở Thông tin và Truyền thông tỉnh Sóc Trăng", "soc-trang"),
    established("ct-so-khcn", "Sở Khoa học và Công nghệ thành phố Cần Thơ", "can-tho"),
    established("st-tt-cns", "Trung tâm Công nghệ số tỉnh Sóc Trăng", "st-so-tttt"),
    established("h-my-xuyen", "Huyện Mỹ Xuyên", "soc-trang"),
    established("x-dai-tam", "Xã Đại Tâm", "h-my-xuyen"),
    established("x-tham-don", "Xã Tham Đôn", "h-my-xuyen"),
    # 1 July 2025
    merged("soc-trang", "can-tho"),
    merged("hau-giang", "can-tho"),
    merged("st-so-tttt", "ct-so-khcn"),
    moved("st-tt-cns", "ct-so-khcn"),
    renamed("st-tt-cns", "Trung tâm Chuyển đổi số thành phố Cần Thơ"),
    dissolved("h-my-xuyen"),
    established("x-my-xuyen", "Xã Mỹ Xuyên", "can-tho", on=MERGER, decision="1668/NQ-UBTVQH15"),
    merged("x-dai-tam", "x-my-xuyen", decision="1668/NQ-UBTVQH15"),
    merged("x-tham-don", "x-my-xuyen", decision="1668/NQ-UBTVQH15"),
)
