"""What may be read of a cascade: nothing later than the moment asked about, no other key, and never a crash."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.triage.spread import forecast, observe
from listener.triage.spread.cascade import ROOT

Events = list[tuple[float, int]]

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
    max_leaves=20,
)
events = st.lists(st.tuples(st.integers(-50, 100_000), st.integers(-1, 40)), max_size=60)


def record(**changes: Any) -> dict[str, Any]:
    return {
        "id": "a",
        "followers": 1200,
        "text": "broken again",
        "timestamp": "2013-05-04T12:00:00Z",
        "events": [[10, -1], [20, 0], [400, 1], [900, -1]],
    } | changes


def test_only_the_shares_up_to_then_are_seen() -> None:
    cascade = observe(record(), 400).cascade
    assert cascade is not None
    assert cascade.seconds.tolist() == [10, 20, 400]
    assert cascade.parents.tolist() == [ROOT, 0, 1]
    assert cascade.seen == 3


@given(events, st.integers(0, 50_000), anything)
def test_the_future_and_other_keys_change_nothing(shares: Events, at: int, other: Any) -> None:
    past = [list(share) for share in shares if share[0] <= at]
    plain = observe(record(events=past), at).cascade
    later = [[at + 1 + number, other] for number in range(3)]
    told = observe(record(events=past + later, label=other, reposts=other, comments=other, verified=other), at).cascade
    assert plain is not None
    assert told is not None
    assert forecast(plain) == forecast(told)


@given(events, st.integers(0, 50_000), st.randoms(use_true_random=False))
def test_the_order_of_the_events_changes_nothing_but_ties(shares: Events, at: int, random: Any) -> None:
    times = sorted({second for second, _ in shares if second >= 0})
    parents = [min(parent, number - 1) for number, (_, parent) in zip(range(len(times)), shares, strict=False)]
    order = list(range(len(times)))
    random.shuffle(order)
    place = {old: new for new, old in enumerate(order)}
    mixed = [[times[old], place.get(parents[old], ROOT)] for old in order]
    one = observe(record(events=[list(pair) for pair in zip(times, parents, strict=True)]), at).cascade
    other = observe(record(events=mixed), at).cascade
    assert one is not None
    assert other is not None
    assert one.seconds.tolist() == other.seconds.tolist()
    assert one.parents.tolist() == other.parents.tolist()


@given(events, st.integers(0, 50_000))
def test_parents_are_earlier_and_times_ascend(shares: Events, at: int) -> None:
    cascade = observe(record(events=shares), at).cascade
    assert cascade is not None
    assert (cascade.parents < np.arange(cascade.seen)).all()
    assert (cascade.parents >= ROOT).all()
    assert (np.diff(cascade.seconds) >= 0).all()
    assert ((cascade.seconds >= 0) & (cascade.seconds <= at)).all()


@given(anything, anything, anything, anything, anything)
def test_hostile_records_are_faults_or_cascades(one: Any, two: Any, three: Any, four: Any, five: Any) -> None:
    for given_ in (one, {"id": one, "followers": two, "text": three, "timestamp": four, "events": five}):
        observed = observe(given_, 600)
        assert observed.cascade is not None or observed.faults


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"events": None}, "events is not a list"),
        ({"events": "[[1,-1]]"}, "events is not a list"),
        ({"events": [[1]]}, "events[0] is not a pair of seconds and parent"),
        ({"events": [[1, -1], ["2", -1]]}, "events[1] has no time in seconds"),
        ({"events": [[float("nan"), -1]]}, "events[0] has no time in seconds"),
        ({"events": [[10**400, -1]]}, "events[0] has no time in seconds"),
        ({"events": [[1, None]]}, "events[0] has no whole number as parent"),
        ({"events": [[True, -1]]}, "events[0] has no time in seconds"),
        ({"id": ["secret"]}, "id is not a string"),
        ({"id": "x" * 501}, "id is not a string"),
    ],
)
def test_a_record_that_cannot_be_used_says_why(changes: dict[str, Any], reason: str) -> None:
    observed = observe(record(**changes), 600)
    assert observed.cascade is None
    assert observed.faults == (reason,)


@pytest.mark.parametrize("changes", [{"followers": -3}, {"followers": "many"}, {"text": 7}, {"timestamp": "yesterday"}])
def test_a_bad_optional_field_is_told_and_ignored(changes: dict[str, Any]) -> None:
    observed = observe(record(**changes), 600)
    assert observed.cascade is not None
    assert len(observed.faults) == 1
    name = next(iter(changes))
    assert name in observed.faults[0]
    assert str(changes[name]) not in observed.faults[0]


def test_absent_optional_fields_are_no_fault() -> None:
    observed = observe({"events": [[5, -1]]}, 600, default_id="7")
    assert observed.faults == ()
    assert observed.cascade is not None
    assert observed.cascade.id == "7"
    assert observed.cascade.followers is None
    assert observed.cascade.posted_at is None


def test_a_time_without_zone_is_utc_and_another_zone_is_the_same_moment() -> None:
    told = [
        observe(record(timestamp=text), 600).cascade for text in ("2013-05-04T12:00:00", "2013-05-04T20:00:00+08:00")
    ]
    assert told[0] is not None
    assert told[1] is not None
    assert told[0].posted_at == told[1].posted_at


def test_no_repr_holds_the_text() -> None:
    assert "broken" not in repr(observe(json.loads(json.dumps(record())), 600))
