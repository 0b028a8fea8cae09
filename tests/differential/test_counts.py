"""Random events, some folded, some late: the correlator counts what a plain reading of decision 0009 counts."""

from datetime import timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from detection.correlate import Correlator
from detection.match import Matcher
from tests.unit.detection.rules import BEGIN, BRUTE_FORCE, FAILED, SPRAYING, loaded, login

occurrences = st.lists(
    st.tuples(
        st.integers(0, 1200) | st.integers(0, 300),  # when, in seconds
        st.sampled_from([1, 1, 1, 1, 2, 3]),  # for how many events it stands
        st.sampled_from(["an", "binh", "chi", "dung", "em", "giang"]),
    ),
    min_size=4,
    max_size=40,
)
streams = occurrences | occurrences.map(sorted)


def counted(stream, span_s, reached, threshold):
    """Each alert as (window start, first, last, events, what the condition counts), by trying every window anew."""
    pending, alerts = [], []

    def joins(alert, each):
        start, members = alert
        return start - span_s <= each[0] <= max(at for at, _, _ in members) + span_s

    def absorb(alert):
        for each in pending[:]:
            if joins(alert, each):
                pending.remove(each)
                alert[1].append(each)

    for each in stream:
        alert = next((alert for alert in alerts if joins(alert, each)), None)
        pending.append(each)
        pending.sort()
        if alert is None:
            for start in sorted({at for at, _, _ in pending if at <= each[0] <= at + span_s}):
                window = [other for other in pending if start <= other[0] <= start + span_s]
                if reached(window) >= threshold:
                    alert = (start, window)
                    alerts.append(alert)
                    for other in window:
                        pending.remove(other)
                    break
        if alert is not None:
            absorb(alert)
    for start, members in sorted(alerts):
        times = [at for at, _, _ in members]
        yield start, min(times), max(times), events(members), reached(members)


def events(members):
    return sum(weight for _, weight, _ in members)


def values(members):
    return len({user for _, _, user in members})


def told(rules, stream):
    correlator = Correlator(rules, max_groups=10)
    logins = [
        login(number, at, user=user, received=1200, **({} if weight == 1 else {"labels.repeated": str(weight)}))
        for number, (at, weight, user) in enumerate(stream, 1)
    ]
    correlator.feed(Matcher(rules).match(logins))
    for alert in sorted(correlator.take_alerts(), key=lambda alert: alert.window_start):
        times = [(time - BEGIN) // timedelta(seconds=1) for time in (alert.window_start, alert.first, alert.last)]
        yield *times, alert.count, int(alert.why.value)


@settings(max_examples=150, deadline=None)
@given(stream=streams)
@example(stream=[(0, 1, "an"), (100, 6, "an"), (50, 2, "an")])  # the late event opens with what follows it
def test_events_are_counted_with_their_weight(tmp_path_factory, stream):
    rules = loaded(tmp_path_factory.mktemp("rules"), FAILED, BRUTE_FORCE.replace("gte: 3", "gte: 8"))
    assert list(told(rules, stream)) == list(counted(stream, 60, events, 8))


@settings(max_examples=150, deadline=None)
@given(stream=streams)
def test_different_values_are_counted_without_it(tmp_path_factory, stream):
    rules = loaded(tmp_path_factory.mktemp("rules"), FAILED, SPRAYING.replace("gte: 3", "gte: 5"))
    assert list(told(rules, stream)) == list(counted(stream, 120, values, 5))
