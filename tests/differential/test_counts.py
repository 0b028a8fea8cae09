"""Random events in their order, some folded: the correlator counts what a plain reading of decision 0009 counts."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from detection.correlate import Correlator
from detection.match import Matcher
from tests.unit.detection.rules import BEGIN, BRUTE_FORCE, FAILED, SPRAYING, loaded, login

occurrences = st.lists(
    st.tuples(
        st.integers(0, 1200) | st.integers(0, 90),  # when, in seconds
        st.sampled_from([1, 1, 1, 1, 2, 3, 7]),  # for how many events it stands
        st.sampled_from(["an", "binh", "chi", "dung"]),
    ),
    max_size=50,
).map(sorted)


def counted(rest, span_s, reached, threshold):
    """Each alert as (window start, first, last, events, what the condition counts), by trying every window."""
    while True:
        opening = next(
            (
                (begin, end)
                for end in range(len(rest))
                for begin in range(end + 1)
                if rest[end][0] - rest[begin][0] <= span_s and reached(rest[begin : end + 1]) >= threshold
            ),
            None,
        )
        if opening is None:
            return
        begin, end = opening
        start = rest[begin][0]
        members = [each for each in rest[: end + 1] if each[0] >= start - span_s]
        for each in rest[end + 1 :]:
            if each[0] <= members[-1][0] + span_s:
                members.append(each)
        yield start, members[0][0], members[-1][0], events(members), reached(members)
        rest = [each for each in rest[end + 1 :] if each[0] > members[-1][0]]


def events(members):
    return sum(weight for _, weight, _ in members)


def values(members):
    return len({user for _, _, user in members})


def told(rules, stream):
    correlator = Correlator(rules, max_groups=10)
    logins = [
        login(number, at, user=user, **({} if weight == 1 else {"labels.repeated": str(weight)}))
        for number, (at, weight, user) in enumerate(stream, 1)
    ]
    correlator.feed(Matcher(rules).match(logins))
    for alert in sorted(correlator.take_alerts(), key=lambda alert: alert.window_start):
        times = [(time - BEGIN) // timedelta(seconds=1) for time in (alert.window_start, alert.first, alert.last)]
        yield *times, alert.count, int(alert.why.value)


@settings(max_examples=150, deadline=None)
@given(stream=occurrences)
def test_events_are_counted_with_their_weight(tmp_path_factory, stream):
    rules = loaded(tmp_path_factory.mktemp("rules"), FAILED, BRUTE_FORCE)
    assert list(told(rules, stream)) == list(counted(stream, 60, events, 3))


@settings(max_examples=150, deadline=None)
@given(stream=occurrences)
def test_different_values_are_counted_without_it(tmp_path_factory, stream):
    rules = loaded(tmp_path_factory.mktemp("rules"), FAILED, SPRAYING)
    assert list(told(rules, stream)) == list(counted(stream, 120, values, 3))
