"""Expected counts of a source and silences that its past does not explain."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.triage.hearing import ENOUGH, IMPROBABLE, hearing

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
WEEKS = timedelta(weeks=4)


def past(rate: float = 20.0, *, night: float | None = None, seed: int = 1) -> dict[datetime, int]:
    """Poisson counts of four weeks; `night`: the rate from 0 to 6 UTC."""
    random = np.random.default_rng(seed)
    hours = [NOW - WEEKS + timedelta(hours=n) for n in range(28 * 24)]
    return {at: int(random.poisson(night if night is not None and at.hour < 6 else rate)) for at in hours}


def test_a_busy_source_that_falls_silent_is_told_within_the_hour() -> None:
    heard = hearing(past(), NOW, last_item_at=NOW - timedelta(minutes=50), listening_since=NOW - WEEKS)
    assert heard.known
    assert heard.expected == pytest.approx(20, rel=0.2)
    assert heard.is_silent


def test_a_short_pause_is_nothing() -> None:
    heard = hearing(past(), NOW, last_item_at=NOW - timedelta(minutes=8), listening_since=NOW - WEEKS)
    assert not heard.is_silent


def test_nights_are_quiet() -> None:
    morning = NOW.replace(hour=6)
    counts = {at: n for at, n in past(night=0.0).items() if at < morning}
    heard = hearing(counts, morning, last_item_at=morning - timedelta(hours=6), listening_since=NOW - WEEKS)
    assert not heard.is_silent
    noon = hearing(counts, NOW, last_item_at=morning - timedelta(hours=6), listening_since=NOW - WEEKS)
    assert noon.is_silent


def test_a_rare_source_may_be_silent_for_a_day() -> None:
    heard = hearing(past(0.05), NOW, last_item_at=NOW - timedelta(days=1), listening_since=NOW - WEEKS)
    assert not heard.is_silent


def test_a_source_that_comes_in_bursts_is_given_time() -> None:
    bursts = {NOW - WEEKS + timedelta(hours=n): 240 if n % 12 == 0 else 0 for n in range(28 * 24)}
    heard = hearing(bursts, NOW, last_item_at=NOW - timedelta(hours=5), listening_since=NOW - WEEKS)
    assert not heard.is_silent


def test_a_short_past_says_nothing() -> None:
    began = NOW - ENOUGH + timedelta(hours=1)
    heard = hearing(past(), NOW, last_item_at=began, listening_since=began)
    assert not heard.known
    assert not heard.is_silent
    assert not hearing({}, NOW, last_item_at=None, listening_since=None).known


def test_a_source_that_was_never_heard_is_no_news() -> None:
    heard = hearing({}, NOW, last_item_at=None, listening_since=NOW - WEEKS)
    assert heard.known
    assert heard.chance == 1.0


@given(st.integers(0, 40), st.floats(0.1, 100))
def test_a_longer_silence_is_never_likelier(hours: int, rate: float) -> None:
    counts = past(rate, seed=hours)
    chances = [
        hearing(counts, NOW, last_item_at=NOW - timedelta(hours=h), listening_since=NOW - WEEKS).chance
        for h in (hours, hours + 3)
    ]
    assert 0 <= chances[1] <= chances[0] <= 1


def test_false_alarms_are_as_rare_as_said() -> None:
    """Looked at every hour of four weeks of an ordinary source, hardly any pause is called a silence."""
    counts = past(3.0, seed=7)
    future = past(3.0, seed=8)
    calls = 0
    last = NOW
    for n in range(28 * 24):
        now = NOW + timedelta(hours=n)
        calls += hearing(counts, now, last_item_at=last, listening_since=NOW - WEEKS).is_silent
        last = now if future[NOW - WEEKS + timedelta(hours=n)] else last
    assert calls <= 28 * 24 * IMPROBABLE * 5
