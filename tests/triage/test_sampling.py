"""Random samples with known probabilities, and recall with an interval that holds what it says."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.triage.sampling import FAR, FLAGGED, NEAR, Counted, draw, recall, stratum, week_before


def test_posts_are_flagged_near_or_far() -> None:
    assert [stratum(0.9, True), stratum(0.3, False), stratum(0.01, False)] == [FLAGGED, NEAR, FAR]


@pytest.mark.parametrize(
    ("now", "week", "begin"),
    [
        (datetime(2026, 11, 25, 12, tzinfo=UTC), "2026-W47", datetime(2026, 11, 16, tzinfo=UTC)),
        (datetime(2026, 11, 23, 0, tzinfo=UTC), "2026-W47", datetime(2026, 11, 16, tzinfo=UTC)),
        (datetime(2027, 1, 4, 0, tzinfo=UTC), "2026-W53", datetime(2026, 12, 28, tzinfo=UTC)),
    ],
)
def test_the_last_whole_week(now: datetime, week: str, begin: datetime) -> None:
    name, start, end = week_before(now)
    assert (name, start, (end - start).days) == (week, begin, 7)
    assert end <= now


@given(st.lists(st.sampled_from([FLAGGED, NEAR, FAR]), max_size=300), st.text(max_size=5))
def test_a_sample_is_of_what_was_there_and_says_its_probabilities(kinds: list[str], seed: str) -> None:
    quota = {FLAGGED: 3, NEAR: 10, FAR: 20}
    posts = list(enumerate(kinds, 1))
    drawn = draw(posts, seed, quota)
    assert drawn == draw(posts, seed, quota)
    assert sum(drawn.sizes.values()) == len(kinds)
    for name, ids in drawn.chosen.items():
        assert len(set(ids)) == len(ids) == min(quota[name], kinds.count(name))
        assert all(kinds[one - 1] == name for one in ids)
        assert drawn.probability(name) == len(ids) / kinds.count(name)


def test_each_post_is_as_likely_as_another() -> None:
    counts = [0] * 10
    for seed in range(3000):
        for one in draw([(n, FAR) for n in range(10)], str(seed), {FAR: 3}).chosen[FAR]:
            counts[one] += 1
    assert all(800 < count < 1000 for count in counts), counts


def test_recall_weighs_strata_by_their_size() -> None:
    found = recall(
        [
            Counted(stratum=FLAGGED, posts=100, labelled=20, complaints=18),
            Counted(stratum=NEAR, posts=200, labelled=50, complaints=5),
            Counted(stratum=FAR, posts=10_000, labelled=50, complaints=0),
        ]
    )
    assert found is not None
    assert found.recall == pytest.approx(90 / 110)
    assert found.missed == pytest.approx(20)
    assert found.low < 0.6  # nothing found in 50 of 10,000 still leaves room for many
    assert found.low < found.recall <= found.high <= 1
    assert found.labelled == 120


def test_without_labels_nothing_is_claimed() -> None:
    flagged = Counted(stratum=FLAGGED, posts=100, labelled=20, complaints=18)
    assert recall([]) is None
    assert recall([flagged, Counted(stratum=FAR, posts=900, labelled=0, complaints=0)]) is None
    assert recall([Counted(stratum=FAR, posts=9, labelled=9, complaints=0)]) is None
    assert recall([flagged, Counted(stratum=FAR, posts=0, labelled=0, complaints=0)]) is not None


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """Simulated weeks with a known share of missed complaints."""
    rnd = random.Random(5)
    shares = {FLAGGED: (300, 0.85), NEAR: (500, 0.2), FAR: (5000, 0.01)}
    truth = 300 * 0.85 / sum(posts * share for posts, share in shares.values())
    quota = {FLAGGED: 40, NEAR: 80, FAR: 160}
    inside = 0
    for _ in range(150):
        strata = [
            Counted(
                stratum=name,
                posts=posts,
                labelled=quota[name],
                complaints=sum(rnd.random() < share for _ in range(quota[name])),
            )
            for name, (posts, share) in shares.items()
        ]
        found = recall(strata)
        assert found is not None
        inside += found.low <= truth <= found.high
    assert inside >= 0.88 * 150
