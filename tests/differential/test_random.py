"""Random rules over random events: the compiled engine, index included, says what the plain evaluator says."""

from pathlib import Path

import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from detection.match import Matcher
from detection.rule import Rule, RuleSet
from detection.sigma.load import Document, read_rule
from detection.sigma.logsource import Origin
from tests.differential.conftest import event_of
from tests.differential.reference import Reference

FIELDS = ("a", "b", "c.d", "sc-status")
LETTERS = 'abABxX019-/\\*? .ĐđßẞσςΣİıÉ"%\n'

texts = st.text(LETTERS, max_size=6)
numbers = st.integers(-3, 500) | st.sampled_from([13, 13.5, 0.5, 2**40, 2**64, -(2**70), 1e300])
addresses = st.sampled_from(
    ["10.1.2.3", "10.9.9.9", "192.168.1.1", "::1", "2001:db8::5", "::ffff:10.1.2.3", "10.1.2", "x"]
)
scalars = texts | numbers | st.booleans() | addresses | st.sampled_from(["13", "true", "TRUE", "", "0x0d", "013", "-1"])
events = st.builds(
    event_of,
    st.dictionaries(st.sampled_from(FIELDS), scalars | st.lists(texts, max_size=3), max_size=4),
    texts.map(lambda text: text.encode()),
)

plain = st.none() | scalars
string_modifiers = st.sampled_from(
    ["contains", "startswith", "endswith", "cased|contains", "cased", "startswith|cased"]
)
dashed = st.sampled_from(["windash", "windash|contains", "contains|windash", "endswith|windash"])
encoded = st.sampled_from(["base64", "base64|contains", "base64offset|contains", "wide|base64offset|contains"])
expressions = st.sampled_from(
    [
        "a+b",
        "^A",
        "b$",
        "[0-9]{2}",
        "(a|b)x",
        "(?:ab|x).",
        "(?i)ab",
        "x?a",
        "a.b",
        "^$",
        r"\d\.\d",
        "σ",
        "(?:AX|bx)+1",
        "i",
    ]
)
networks = st.sampled_from(["10.0.0.0/8", "192.168.1.1/32", "::1/128", "2001:db8::/32", "::/0", "0.0.0.0/0"])


def listed(strategy):
    return strategy | st.lists(strategy, min_size=1, max_size=3)


@st.composite
def entries(draw):
    """One `field|modifiers: values`."""
    field = draw(st.sampled_from(FIELDS))
    kind = draw(st.integers(0, 9))
    every = draw(st.sampled_from(["", "", "|all", "|neq"]))
    match kind:
        case 0 | 1:
            return f"{field}{every if every == '|neq' else ''}", draw(listed(plain))
        case 2 | 3 | 4:
            return f"{field}|{draw(string_modifiers)}{every}", draw(listed(texts))
        case 5:
            return f"{field}|{draw(dashed)}{every}", draw(listed(texts))
        case 6:
            return f"{field}|{draw(encoded)}{every}", draw(listed(st.text("abX0", min_size=1, max_size=4)))
        case 7:
            return f"{field}|re{draw(st.sampled_from(['', '|i', '|m', '|s|i']))}{every}", draw(listed(expressions))
        case 8:
            return f"{field}|cidr", draw(listed(networks))
        case _:
            one = draw(
                st.sampled_from(
                    [("exists", st.booleans()), ("fieldref", st.sampled_from(FIELDS))]
                    + [("fieldref|contains", st.sampled_from(FIELDS)), ("fieldref|startswith", st.sampled_from(FIELDS))]
                    + [(name, st.integers(-3, 500)) for name in ("lt", "lte", "gt", "gte")]
                )
            )
            return f"{field}|{one[0]}", draw(one[1])


maps = st.lists(entries(), min_size=1, max_size=3).map(dict)
keywords = listed(texts.filter(bool) | st.integers(0, 20))
keyword_maps = st.dictionaries(
    st.sampled_from(["|all", "|re", "|cased", "|contains"]), listed(expressions), min_size=1, max_size=1
)
selections = maps | st.lists(maps, min_size=1, max_size=3) | keywords | keyword_maps
names = st.sampled_from(["s1", "s2", "t1", "_u"])
atoms = names | st.sampled_from(["1 of s*", "all of s*", "1 of them", "all of them", "any of t*", "all of _u*"])
conditions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        inner.map(lambda one: f"not {one}"),
        inner.map(lambda one: f"({one})"),
        st.tuples(inner, inner).map(" and ".join),
        st.tuples(inner, inner).map(" or ".join),
    ),
    max_leaves=5,
)


@st.composite
def rules(draw):
    detection = {name: draw(selections) for name in ("s1", "s2", "t1", "_u")}
    detection["condition"] = draw(conditions | st.lists(conditions, min_size=1, max_size=2))
    category = draw(st.sampled_from(["webserver", "other"]))
    return {"title": "random", "logsource": {"category": category}, "detection": detection}


def compiled(data) -> Rule | None:
    """The rule as the loader reads it from YAML, None where it is refused."""
    data = yaml.safe_load(yaml.safe_dump(data, allow_unicode=True))
    found = read_rule(Document(Path("random.yml"), data, 1, {}))
    return found if isinstance(found, Rule) else None


def rename(data):
    return lambda name: (
        "http.response.status_code" if data["logsource"]["category"] == "webserver" and name == "sc-status" else name
    )


class Everything(Origin):
    """Meets every rule."""

    def fits(self, logsource):
        return True


def everywhere(found) -> Matcher:
    return Matcher(RuleSet(tuple(found)), key=lambda fields: (), origin=lambda key: Everything())


@settings(max_examples=120, deadline=None)
@given(data=rules(), stream=st.lists(events, min_size=1, max_size=8))
def test_one_rule(data, stream):
    rule = compiled(data)
    assume(rule is not None)
    reference = Reference(data, rename(data))
    expected = [reference.holds(event) for event in stream]
    assert [rule.condition.holds(event.fields, event) for event in stream] == expected
    hits = everywhere([rule]).match(stream)
    assert [hit.event for hit in hits] == [event for event, held in zip(stream, expected, strict=True) if held]
    for event, held in zip(stream, expected, strict=True):
        why = rule.condition.why if held else rule.condition.why_not
        assert why(event.fields, event).kind


@settings(max_examples=30, deadline=None)
@given(batch=st.lists(rules(), min_size=3, max_size=12), stream=st.lists(events, min_size=1, max_size=6))
def test_many_rules_in_one_index(batch, stream):
    pairs = [(rule, Reference(data, rename(data))) for data in batch if (rule := compiled(data)) is not None]
    expected = [(event, rule.identity) for event in stream for rule, reference in pairs if reference.holds(event)]
    assert [(hit.event, hit.rule) for hit in everywhere([rule for rule, _ in pairs]).match(stream)] == expected


def test_most_random_rules_are_not_refused():
    """Else the two tests above would say nothing."""
    kept = []

    @settings(max_examples=40, database=None, deadline=None)
    @given(data=rules())
    def draw(data):
        kept.append(compiled(data) is not None)

    draw()
    assert sum(kept) > len(kept) / 2
