"""One alert as a page of text: what the console's alert page says, in its words and its order."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from composition.texts import language, say
from console import texts
from console.display import original
from console.pages.alert import WhyNode, shown_why
from incident.queue import Group
from incident.triage import CLOSING_REASONS


def lines(group: Group, zone: tzinfo) -> Iterator[str]:
    """The page line by line, as it is: log text in it is hostile, so print what `texts.printable` makes of each."""

    def moment(time: datetime) -> str:
        return time.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")

    yield f"#{group.number}  {say(texts.LEVELS[group.level])}  {say(texts.STATES[group.state])}  x{group.count}"
    yield group.rule.title.within(language())
    yield group.reason.within(language())
    yield ""
    yield f"{say(texts.FACT_FIRST)}: {moment(group.first_seen)}"
    yield f"{say(texts.FACT_LAST)}: {moment(group.last_seen)}"
    for field, value in group.entities.items():
        yield f"{field}: {value}"
    yield f"{say(texts.FACT_UNIT)}: {group.unit}"
    yield f"{say(texts.FACT_RULE)}: {group.rule.id}"
    if group.rule.tags:
        yield f"{say(texts.FACT_TAGS)}: {' '.join(group.rule.tags)}"
    if group.acknowledged_at is not None:
        yield f"{say(texts.ACKNOWLEDGED_BY, name=group.acknowledged_by)} {moment(group.acknowledged_at)}"
    if group.closed_at is not None:
        yield f"{say(texts.CLOSED_BY, name=group.closed_by)} {moment(group.closed_at)}"
        yield f"{say(texts.CLOSING_REASON)}: {say(CLOSING_REASONS[group.closing_reason or ''])}"
    if group.note:
        yield f"{say(texts.NOTE)}: {group.note}"
    yield from _titled(say(texts.WHY_IT_FIRED), _tree(shown_why(group.why)))
    yield from _titled(say(texts.WHAT_TO_DO), iter(group.rule.guide.within(language()).splitlines()))
    sampled = say(texts.EVENTS_SAMPLED, shown=len(group.events), count=group.count)
    events = (f"{moment(event.time)}  {original(event.raw)}" for event in group.events)
    yield from _titled(f"{say(texts.EVENTS_THAT_EXPLAIN)} ({sampled.rstrip('.')})", events)


def _titled(title: str, body: Iterator[str]) -> Iterator[str]:
    yield ""
    yield title
    for line in body:
        yield f"  {line}"


def _tree(node: WhyNode) -> Iterator[str]:
    """A node a line, its children two columns further in."""
    if node.sentence is not None:
        yield say(node.sentence)
    else:
        test = (node.field or say(texts.WHY_WHOLE_LINE), node.operator and say(node.operator), node.pattern)
        actual = "" if node.value is None else f"  ({say(texts.WHY_ACTUAL)}: {node.value})"
        yield " ".join(part for part in test if part) + actual
    for child in node.children:
        for line in _tree(child):
            yield f"  {line}"
