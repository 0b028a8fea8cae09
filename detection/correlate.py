"""Hits become alerts: counted by rule, unit and group in the events' own time. The one owner of that state.

A plain rule is a correlation with threshold one over its entities, so windows, counts, ids and suppression are here and
nowhere else.

An alert **opens** when enough events of a group lie within the timespan; the time of the first of them is its
`window_start`, which is part of its id and never moves again. Every further event of the group that is at most a
timespan away from the counted ones **joins** and raises the count, up to a day after `window_start`; then a new count
begins.
Events may come late: they are put in their place by their own time, and may open a window in the past.

An event that its sender folded (`labels.repeated`) counts as often as it says. rsyslog and sshd write the first of
equal messages and then how many **more** there were, so the number is the event's own weight, not one less than it.
The values that a `value_count` tells apart are not touched by it.

Events that opened nothing yet are **pending**. A group forgets pending events and open alerts that no hit has reached
for the timespan and an hour more of *received* time, and the whole state holds `max_groups` groups: the one least
recently seen goes first, its alert told before. All of it is a function of the hits in their order, never of
the wall clock or of how they were cut into batches.
"""

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgspec

from core.alert import Alert, group_key
from core.event import Event, Value
from core.hit import Hit, RuleIdentity, Why
from core.ids import digest
from core.language import Text
from core.record import Position
from detection.reason import Tally, sentence
from detection.rule import RuleSet
from detection.sigma.condition import short
from detection.sigma.text import number_of, text_of, texts_of

USUAL_ENTITIES = ("source.ip", "user.name", "host.name")
EMBEDDED = 10
PENDING_EVENTS = 32
EVENTS_REMEMBERED = 4096
MAX_VALUES = 1000
MAX_REPEATED = 10_000
"""The most that one event counts as: who can write one line chooses the number in it, so it proves no more than that
one line came. Far above every threshold and above what one process repeats word for word, far below what would drown
the counts of others."""
LATE_S = 3600
LONGEST_S = 86400

_SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Saved(msgspec.Struct, frozen=True):
    """A group as it is put away: whose it is, and what `restore` reads."""

    unit: str
    body: bytes


class Pending(msgspec.Struct, array_like=True, gc=False):
    """An event that opened nothing yet. Times in microseconds since 1970; `event` None where there are many.

    `rule` says which rule held and why, where several are counted together.
    """

    time: int
    received: int
    value: int | None
    event: bytes | None
    weight: int = 1
    rule: Why | None = None


_Key = tuple[str | None, ...]
"""Rule, unit and the entities in the order of the rule."""

_Whole = tuple[datetime, datetime, str, int, str, dict[str, Any], bytes]
"""An event as it is kept: time, received, partition, sequence, unit, fields, raw."""


class Opened(msgspec.Struct, array_like=True, gc=False):
    """An open alert. `events` are (time, event) in the order of time; `values` the different values (hashed).

    `why` is the condition of a plain rule, or the rules that a correlation counted.
    """

    start: int
    first: int
    last: int
    received: int
    count: int
    why: Why
    events: list[tuple[int, bytes]]
    values: set[int]


class Group(msgspec.Struct, array_like=True, gc=False):
    """What is remembered of one group of one rule. `turn` counts hits, `seen` is the received time reached by then."""

    rule: str
    version: str
    unit: str
    entities: dict[str, str]
    turn: int
    seen: int
    pending: list[Pending]
    opened: list[Opened]


@dataclass(slots=True, kw_only=True)
class _Count:
    """How one rule is counted."""

    identity: RuleIdentity
    reason: Text | None
    keys: Mapping[str, tuple[str, ...]] | None
    group_by: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    by_value: bool
    different: tuple[str, ...]
    condition: str | None
    threshold: int
    span: int
    keep: int
    max_pending: int
    last_event: tuple[str, int] | None = None


class Correlator:
    """The state of all counts. Not thread-safe; raises nothing that the events could cause."""

    def __init__(self, rules: RuleSet, *, max_groups: int) -> None:
        self._max_groups = max(1, max_groups)
        self._counts: dict[str, _Count] = {}
        self._by_rule: dict[str, list[_Count]] = {}
        for count, counted in _counts(rules):
            self._counts[count.identity.id] = count
            for rule in counted:
                self._by_rule.setdefault(rule, []).append(count)
        self._longest = max((count.keep for count in self._counts.values()), default=0)
        self._groups: OrderedDict[_Key, Group] = OrderedDict()
        self._turn = 0
        self._seen = 0
        self._changed: set[_Key] = set()
        self._to_tell: dict[tuple[_Key, int], tuple[Group, Opened]] = {}
        self._told_at_last: list[Alert] = []
        self._gone: dict[str, None] = {}
        self._encoder = msgspec.msgpack.Encoder()
        self._whole: tuple[Event | None, bytes] = (None, b"")
        # An alert is told again while it grows, mostly with the same events.
        self._event = lru_cache(maxsize=EVENTS_REMEMBERED)(_event)
        self._bodies = msgspec.msgpack.Decoder(Group)

    def feed(self, hits: Iterable[Hit]) -> None:
        """Count the hits in their order. The hits of one event must be in one call."""
        for hit in hits:
            counts = self._by_rule.get(hit.rule.id)
            if counts is not None:
                event = hit.event
                at = (event.position.partition, event.position.sequence)
                for count in counts:
                    # An event on which two counted rules hold is still one event.
                    if count.last_event != at:
                        count.last_event = at
                        self._count(count, hit)

    def take_alerts(self) -> list[Alert]:
        """The alerts that opened or grew since the last call, each once, as they stand now, by first change."""
        alerts = self._told_at_last
        alerts += [self._alert(group, opened) for group, opened in self._to_tell.values()]
        self._told_at_last = []
        self._to_tell.clear()
        return alerts

    def take_changes(self) -> Mapping[str, Saved | None]:
        """The groups that changed since the last call by key, None for those given up."""
        changes: dict[str, Saved | None] = dict(self._gone)
        encode = self._encoder.encode
        for key in self._changed:
            group = self._groups[key]
            changes[_name(group)] = Saved(group.unit, encode(group))
        self._gone.clear()
        self._changed.clear()
        return changes

    def restore(self, states: Iterable[bytes]) -> None:
        """Take up the states that were saved, in any order. Counts of rules that are gone or changed are dropped."""
        groups = sorted((self._bodies.decode(state) for state in states), key=lambda group: group.turn)
        for group in groups:
            self._turn = max(self._turn, group.turn)
            self._seen = max(self._seen, group.seen)
            count = self._counts.get(group.rule)
            if count is None or count.identity.version != group.version:
                self._gone[_name(group)] = None
            else:
                self._groups[_key(count, group.unit, group.entities)] = group

    def _count(self, count: _Count, hit: Hit) -> None:
        event = hit.event
        entities = _entities(count, hit.rule.id, event)
        if entities is None:
            return
        value = _value(count.values[hit.rule.id], event) if count.by_value else None
        if count.by_value and value is None:
            return
        received, time = _micros(event.received), _micros(event.time)
        self._seen = seen = max(self._seen, received)
        self._turn += 1
        key = _key(count, event.unit, entities)
        group = self._groups.get(key)
        if group is None:
            group = Group(count.identity.id, count.identity.version, event.unit, entities, 0, 0, [], [])
            self._groups[key] = group
        else:
            self._groups.move_to_end(key)
            self._forget(count, group, seen)
        group.turn, group.seen = self._turn, seen
        self._changed.add(key)
        body = self._body(event)
        rule = _rule(hit) if len(count.values) > 1 else None
        counted = Pending(time, received, value, body, _weight(event), rule)
        opened = next((each for each in group.opened if _joins(each, time, count.span)), None)
        if opened is not None:
            _join(opened, counted)
            self._absorb(count, group, opened)
        else:
            opened = self._put(count, group, counted, hit)
        if opened is not None:
            self._to_tell[key, opened.start] = (group, opened)
        self._bound()

    def _put(self, count: _Count, group: Group, event: Pending, hit: Hit) -> Opened | None:
        """Put an event among the pending; the alert that opens with it."""
        pending = group.pending
        at = bisect_right(pending, event.time, key=_time)
        pending.insert(at, event)
        first = _window(pending, at, count)
        if first is None:
            _thin(pending, count.max_pending)
            return None
        start = pending[first].time
        end = bisect_right(pending, start + count.span, key=_time)
        window = pending[first:end]
        del pending[first:end]
        why = hit.why if count.condition is None else _rule(hit)
        opened = Opened(start, start, start, 0, 0, why, [], set())
        for each in window:
            _join(opened, each)
        group.opened.append(opened)
        self._absorb(count, group, opened)
        return opened

    def _absorb(self, count: _Count, group: Group, opened: Opened) -> None:
        """Pending events that are near enough join, those that came before the window included."""
        pending = group.pending
        if not pending:
            return
        left = []
        for each in pending:
            if _joins(opened, each.time, count.span):
                _join(opened, each)
            else:
                left.append(each)
        group.pending = left

    def _forget(self, count: _Count, group: Group, seen: int) -> None:
        """Drop what no event can reach any more."""
        oldest = seen - count.keep
        if group.pending and group.pending[0].received < oldest:
            group.pending = [each for each in group.pending if each.received >= oldest]
        if group.opened and any(each.received < oldest for each in group.opened):
            group.opened = [each for each in group.opened if each.received >= oldest]

    def _bound(self) -> None:
        groups = self._groups
        while len(groups) > self._max_groups or next(iter(groups.values())).seen + self._longest < self._seen:
            key, group = groups.popitem(last=False)
            for opened in group.opened:
                if self._to_tell.pop((key, opened.start), None) is not None:
                    self._told_at_last.append(self._alert(group, opened))
            self._changed.discard(key)
            self._gone[_name(group)] = None

    def _body(self, event: Event) -> bytes:
        """The event as it is kept; for all counts of one event the same bytes."""
        known, body = self._whole
        if known is not event:
            at = event.position
            whole = (event.time, event.received, at.partition, at.sequence, event.unit, event.fields, event.raw)
            try:
                body = self._encoder.encode(whole)
            except OverflowError:
                # MessagePack has 64 bits; as a text a longer number is the same to every rule.
                fields = {name: _within_64_bits(value) for name, value in event.fields.items()}
                body = self._encoder.encode((*whole[:-2], fields, event.raw))
            self._whole = (event, body)
        return body

    def _alert(self, group: Group, opened: Opened) -> Alert:
        count = self._counts[group.rule]
        events = tuple(self._event(body) for _, body in opened.events)
        why = opened.why
        reached = str(opened.count)
        if count.by_value:
            reached = str(len(opened.values)) + ("+" if len(opened.values) >= MAX_VALUES else "")
        span_s = (opened.last - opened.first) / _SECOND
        if count.condition is not None:
            span = f"{span_s:.6f}".rstrip("0").rstrip(".")
            why = Why(
                kind="correlation",
                field=", ".join(count.different) or None,
                operator="value_count" if count.by_value else "event_count",
                pattern=count.condition,
                value=reached,
                children=(
                    Why(kind="window", pattern=str(count.span // _SECOND), value=span),
                    *(Why(kind="group", field=name, value=short(text)) for name, text in group.entities.items()),
                    why,
                ),
            )
        return Alert(
            rule=count.identity,
            unit=group.unit,
            entities=group.entities,
            window_start=_moment(opened.start),
            first=_moment(opened.first),
            last=_moment(opened.last),
            count=opened.count,
            why=why,
            reason=sentence(
                count.reason,
                count.identity.title,
                group.entities,
                Tally(
                    events=opened.count,
                    reached=reached,
                    span_s=span_s,
                    threshold=count.threshold,
                    window_s=count.span / _SECOND,
                    different=count.different,
                ),
                events,
            ),
            events=events,
        )


def _counts(rules: RuleSet) -> Iterable[tuple[_Count, Sequence[str]]]:
    """How each rule is counted, with the rules whose hits it counts."""
    for rule in rules.rules:
        if rule.alerts:
            span = rule.timespan_s * _SECOND
            yield (
                _Count(
                    identity=rule.identity,
                    reason=rule.reason,
                    keys=None if rule.entities is None else {rule.identity.id: rule.entities},
                    group_by=rule.entities or USUAL_ENTITIES,
                    values={},
                    by_value=False,
                    different=(),
                    condition=None,
                    threshold=1,
                    span=span,
                    keep=span + LATE_S * _SECOND,
                    max_pending=0,
                ),
                (rule.identity.id,),
            )
    for correlation in rules.correlations:
        span = correlation.timespan_s * _SECOND
        by_value = correlation.kind == "value_count"
        yield (
            _Count(
                identity=correlation.identity,
                reason=correlation.reason,
                keys=correlation.keys,
                group_by=correlation.group_by,
                values=correlation.values,
                by_value=by_value,
                different=next(iter(correlation.values.values())),
                condition=correlation.condition,
                threshold=correlation.threshold,
                span=span,
                keep=span + LATE_S * _SECOND,
                max_pending=max(1000 if by_value else 64, 4 * correlation.threshold),
            ),
            tuple(correlation.keys),
        )


def _key(count: _Count, unit: str, entities: Mapping[str, str]) -> _Key:
    return (count.identity.id, unit, *map(entities.get, count.group_by))


def _name(group: Group) -> str:
    """The key of a group at rest."""
    return digest(group.rule, group.unit, group_key(group.entities))


def _entities(count: _Count, rule: str, event: Event) -> dict[str, str] | None:
    """The group of an event; None where a correlation groups by fields of which the event has none."""
    fields = event.fields
    names = count.group_by if count.keys is None else count.keys[rule]
    entities: dict[str, str] = {}
    for shown, name in zip(count.group_by, names, strict=True):
        value = fields.get(name)
        if value is not None:
            entities[shown] = value if isinstance(value, str) else ", ".join(texts_of(value))
    if not entities and names and count.condition is not None:
        return None
    return entities


def _value(names: Sequence[str], event: Event) -> int | None:
    """The value of an event that is told apart from others, hashed; None where it has none."""
    texts = []
    for name in names:
        value = event.fields.get(name)
        if value is None:
            return None
        texts.append("\x1e".join(texts_of(value)))
    data = "\x1f".join(texts).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big")


def _weight(event: Event) -> int:
    """How many events of its kind this one stands for."""
    repeated = event.fields.get("labels.repeated")
    if repeated is None or isinstance(repeated, list):
        return 1
    number = number_of(text_of(repeated))
    return max(1, min(number, MAX_REPEATED)) if isinstance(number, int) else 1


def _rule(hit: Hit) -> Why:
    return Why(kind="rule", name=hit.rule.id, title=hit.rule.title, children=(hit.why,))


def _with_rule(why: Why, rule: Why) -> Why:
    """The rules that were counted, each once, with the event it held on first."""
    known = why.children if why.kind == "or" else (why,)
    return why if rule.name in {each.name for each in known} else Why(kind="or", children=(*known, rule))


def _within_64_bits(value: Value) -> Value:
    if isinstance(value, list):
        return texts_of(value)
    return text_of(value) if isinstance(value, int) and not -(2**63) <= value < 2**64 else value


def _joins(opened: Opened, time: int, span: int) -> bool:
    return opened.start - span <= time <= opened.last + span and time - opened.start <= LONGEST_S * _SECOND


def _join(opened: Opened, event: Pending) -> None:
    """Count an event and keep it where it explains the alert: the first, some, the last."""
    opened.count += event.weight
    opened.first = min(opened.first, event.time)
    opened.last = max(opened.last, event.time)
    opened.received = max(opened.received, event.received)
    if event.value is not None and len(opened.values) < MAX_VALUES:
        opened.values.add(event.value)
    if event.rule is not None:
        opened.why = _with_rule(opened.why, event.rule)
    if event.event is not None:
        events = opened.events
        at = bisect_right(events, event.time, key=_time_of_pair)
        events.insert(at, (event.time, event.event))
        if len(events) > EMBEDDED:
            del events[1 + opened.count % (EMBEDDED - 1)]


def _window(pending: Sequence[Pending], at: int, count: _Count) -> int | None:
    """Where the earliest window begins that holds the event at `at` and enough others; None without one."""
    by_value, threshold = count.by_value, count.threshold
    if by_value and len({each.value for each in pending}) < threshold:
        return None
    begin = end = bisect_left(pending, pending[at].time - count.span, key=_time)
    weights: dict[int | None, int] = {}
    for first in range(begin, at + 1):
        last = pending[first].time + count.span
        while end < len(pending) and pending[end].time <= last:
            each = pending[end]
            weights[each.value] = weights.get(each.value, 0) + each.weight
            end += 1
        if (len(weights) if by_value else weights[None]) >= threshold:
            return first
        if end == len(pending):
            return None
        gone = pending[first]
        weights[gone.value] -= gone.weight
        if not weights[gone.value]:
            del weights[gone.value]
    return None


def _thin(pending: list[Pending], most: int) -> None:
    """Bound a group: the oldest events go, and of many only some are kept whole."""
    if len(pending) > most:
        del pending[: len(pending) - most]
    if len(pending) > PENDING_EVENTS:
        whole = [each for each in pending if each.event is not None]
        if len(whole) > PENDING_EVENTS:
            whole[len(pending) % (PENDING_EVENTS - 1) + 1].event = None


_WHOLE = msgspec.msgpack.Decoder(_Whole)


def _event(body: bytes) -> Event:
    time, received, partition, sequence, unit, fields, raw = _WHOLE.decode(body)
    position = Position(partition, sequence)
    return Event(time=time, received=received, position=position, unit=unit, fields=fields, raw=raw)


def _time(pending: Pending) -> int:
    return pending.time


def _time_of_pair(pair: tuple[int, bytes]) -> int:
    return pair[0]


def _micros(time: datetime) -> int:
    since = time - _EPOCH
    return (since.days * 86400 + since.seconds) * _SECOND + since.microseconds


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
