"""The one sentence that says why an alert was raised, in both languages. Pure.

    {count} lần đăng nhập SSH thất bại từ {source.ip} trong {timespan}.
    {count} failed SSH log-ins from {source.ip} within {timespan}.

`{count}` is what the rule counts (events, or different values), `{events}` the number of events, `{timespan}` the time
they span; `{threshold}` is the count at which the rule alerts, `{window}` the time within which it must be reached. Any
other name is an entity, else a field of the first event, else of the last. What comes from an event is shortened and
shown on one line.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.event import Event
from core.language import Text
from detection.sigma.text import texts_of

PLACE = re.compile(r"\{([\w@.-]+)\}")
MAX_VALUE = 120

_UNKNOWN = Text("(không rõ)", "(unknown)")
_ONE = Text("Quy tắc “{title}” khớp một sự kiện{of}.", "Rule “{title}” held on one event{of}.")
_MANY = Text(
    "Quy tắc “{title}” khớp {count} sự kiện{of} trong {timespan}.",
    "Rule “{title}” held on {count} events{of} within {timespan}.",
)
_COUNTED = Text(
    "Quy tắc “{title}” khớp {count} sự kiện{of} trong {timespan}; ngưỡng là {threshold} trong {window}.",
    "Rule “{title}” held on {count} events{of} within {timespan}; the threshold is {threshold} within {window}.",
)
_DIFFERENT = Text(
    "Quy tắc “{title}” thấy {count} giá trị khác nhau của {fields}{of} trong {timespan}; "
    "ngưỡng là {threshold} trong {window}.",
    "Rule “{title}” saw {count} different values of {fields}{of} within {timespan}; "
    "the threshold is {threshold} within {window}.",
)
_OF = Text(" của {entities}", " of {entities}")
_UNITS = (
    (86400, Text("ngày", "day")),
    (3600, Text("giờ", "hour")),
    (60, Text("phút", "minute")),
    (1, Text("giây", "second")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What a count has come to: `events` from first to last in `span_s` seconds.

    `reached` is what the rule's condition counts; it holds from `threshold` within `window_s` seconds on. `different`
    are the fields whose different values are counted, none where events are.
    """

    events: int
    reached: str
    span_s: float
    threshold: int
    window_s: float
    different: Sequence[str] = ()


def sentence(
    template: Text | None, title: Text, entities: Mapping[str, str], tally: Tally, events: Sequence[Event]
) -> Text:
    """The rule's own sentence filled in, or a general one."""
    if template is None:
        return _general(title, entities, tally)

    def fill(text: str, language: str) -> str:
        counted = _counted(tally, language)

        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name in counted:
                return counted[name]
            return _value(name, entities, events) or _UNKNOWN.within(language)

        return PLACE.sub(value, text)

    return Text(fill(template.vi, "vi"), fill(template.en, "en"))


def _counted(tally: Tally, language: str) -> Mapping[str, str]:
    """The places that the count fills."""
    return {
        "count": tally.reached,
        "events": str(tally.events),
        "timespan": duration(tally.span_s).within(language),
        "threshold": str(tally.threshold),
        "window": duration(tally.window_s).within(language),
    }


@lru_cache(maxsize=1024)
def duration(seconds: float) -> Text:
    """A time in words, in its two largest units, rounded up to a whole second: `3 phút 58 giây`."""
    rest = max(1, -int(-seconds // 1))
    if rest >= 86400:
        rest -= rest % 3600
    elif rest >= 3600:
        rest -= rest % 60
    vi, en = [], []
    for size, name in _UNITS:
        number, rest = divmod(rest, size)
        if number:
            vi.append(f"{number} {name.vi}")
            en.append(f"{number} {name.en}{'s' if number > 1 else ''}")
    return Text(" ".join(vi), " ".join(en))


def _general(title: Text, entities: Mapping[str, str], tally: Tally) -> Text:
    named = ", ".join(f"{name} {_shown(value)}" for name, value in entities.items())
    if tally.different:
        template = _DIFFERENT
    elif tally.threshold > 1:
        template = _COUNTED
    else:
        template = _ONE if tally.events == 1 else _MANY

    def fill(language: str) -> str:
        values = {
            **_counted(tally, language),
            "title": title.within(language),
            "fields": ", ".join(tally.different),
            "of": _OF.within(language).replace("{entities}", named) if named else "",
        }
        return PLACE.sub(lambda found: values[found[1]], template.within(language))

    return Text(fill("vi"), fill("en"))


def _value(name: str, entities: Mapping[str, str], events: Sequence[Event]) -> str:
    if name in entities:
        return _shown(entities[name])
    for event in (*events[:1], *events[-1:]):
        value = event.fields.get(name)
        if value is not None:
            return _shown(", ".join(texts_of(value)))
    return ""


def _shown(value: str) -> str:
    line = value if value.isprintable() else "".join(letter if letter.isprintable() else " " for letter in value)
    return line if len(line) <= MAX_VALUE else line[: MAX_VALUE - 1] + "…"
