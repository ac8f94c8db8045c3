"""Expected counts, the scan, the level, and what an alarm does: rings once, says why, ends, comes back."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom

from listener.triage.incidents.news import Ended, Escalated, Rang, Reopened
from listener.triage.surges.background import HOUR, Background
from listener.triage.surges.scan import scan
from listener.triage.surges.threshold import WEEK, Peaks
from listener.triage.surges.why import negative_binomial_tail

DAY = 24 * HOUR


def live(days: int, *, by_hour: Any = lambda hour: 1.0, unhappy: float = 0.25, seed: int = 3) -> Background:
    """A brand with so many mentions an hour of the day, a share of them unhappy."""
    background, random = Background(), np.random.default_rng(seed)
    for hour in range(days * 24):
        for at in sorted(random.random(random.poisson(by_hour(hour % 24)))):
            bad = bool(random.random() < unhappy)
            background.move((hour + at) * HOUR, 0.1 if bad else 0.9)
            background.count((hour + at) * HOUR, 0.1 if bad else 0.9, unhappy=bad)
    return background


def test_the_rate_is_learnt() -> None:
    background = live(21, by_hour=lambda hour: 4.0)
    assert background.rate == pytest.approx(1.0, rel=0.2)
    assert background.expected(background.last - DAY, background.last) == pytest.approx(24, rel=0.2)


def test_day_and_night_are_told_apart() -> None:
    background = live(21, by_hour=lambda hour: 8.0 if 8 <= hour < 20 else 1.0)
    noon, night = background.factor(14 * HOUR), background.factor(2 * HOUR)
    assert noon > 3 * night


def test_nothing_known_expects_little_and_knows_that() -> None:
    new, old = live(1, by_hour=lambda hour: 4.0), live(21, by_hour=lambda hour: 4.0)
    assert new.shape < old.shape
    assert Background().shape < 1.01


def test_operational_time_is_what_is_expected() -> None:
    background = live(21, by_hour=lambda hour: 4.0)
    then = background.clock
    last = background.last
    for minute in range(1, 60 * 24):
        background.move(last + minute * 60, 0.75 * 4 / 60)
    assert background.clock - then == pytest.approx(24, rel=0.35)
    assert background.operational(last) == pytest.approx(then, abs=0.5)


def test_a_benign_burst_is_expected_to_bring_its_share() -> None:
    calm, loud = live(14, by_hour=lambda hour: 4.0), live(14, by_hour=lambda hour: 4.0)
    for _minute in range(120):
        calm.move(calm.last + 60, 0.05)
        loud.move(loud.last + 60, 2.0)
    assert loud.clock > calm.clock + 3


def test_a_silence_of_the_collector_is_no_silence_of_the_people() -> None:
    steady, deaf = live(14, by_hour=lambda hour: 4.0), live(14, by_hour=lambda hour: 4.0)
    deaf.move(deaf.last + 30 * DAY, 0.9)
    for _hour in range(48):
        deaf.move(deaf.last + HOUR, 0.9)
        deaf.count(deaf.last, 0.9, unhappy=False)
    assert deaf.rate > 0.8 * steady.rate


@given(count=st.integers(0, 60), mean=st.floats(0.01, 40), shape=st.floats(0.3, 60))
def test_tail_is_that_of_the_negative_binomial(count: int, mean: float, shape: float) -> None:
    assert negative_binomial_tail(count, mean, shape) == pytest.approx(
        float(nbinom.sf(count - 1, shape, shape / (shape + mean))), abs=1e-9
    )


def found(count: int, expected: float, ratio: float = 1.0, shape: float = 10.0) -> float:
    since = np.linspace(expected, 0, count)
    return scan(np.full((1, count), ratio), np.ones(count), since, shape).score


def test_more_in_the_same_time_is_more_surprising() -> None:
    assert found(4, 0.5) < found(6, 0.5) < found(10, 0.5)


def test_the_more_is_expected_the_less_surprising() -> None:
    assert found(6, 0.5) > found(6, 2.0) > found(6, 6.0)


def test_likeness_makes_it_more_surprising() -> None:
    assert found(5, 1.0, ratio=5.0) > found(5, 1.0, ratio=1.0) > found(5, 1.0, ratio=0.2)


def test_scatter_makes_it_less_surprising() -> None:
    assert found(8, 1.0, shape=2.0) < found(8, 1.0, shape=100.0)


def test_two_are_never_a_surge() -> None:
    assert found(2, 1e-6) == 0.0


def test_a_smaller_budget_asks_for_more() -> None:
    assert Peaks().level(0.1) > Peaks().level(1.0) > Peaks().level(5.0)


def test_a_bursty_past_raises_the_level_and_a_calm_one_lowers_it() -> None:
    bursty, calm = Peaks(), Peaks()
    for day in range(56):
        at = day * DAY
        bursty.note(14.0, at, rang=False)
        bursty.note(1.0, at + DAY / 2, rang=False)
        calm.note(1.0, at, rang=False)
    assert bursty.level(1.0) > Peaks().level(1.0) > calm.level(1.0)


def test_alarms_that_came_to_nothing_raise_the_level() -> None:
    peaks = Peaks()
    before = peaks.level(1.0)
    for week in range(4):
        peaks.note(0.0, week * WEEK, rang=False)
        for _ in range(12):
            peaks.nothing(before)
    assert peaks.level(1.0) > before


# ------------------------------------------------------------------ streams


def test_it_rings_soon_and_once(world: Any, monday: datetime) -> None:
    start = monday + timedelta(days=12, hours=3)
    told = world.play([*world.ordinary(14), *world.outage(start)])
    rang = [one for one in told.alarms if start.timestamp() <= one.at <= start.timestamp() + 3600]
    assert len(rang) == 1
    assert rang[0].at <= start.timestamp() + 30 * 60
    surge = rang[0].surge
    assert surge.observed > 3 * surge.expected
    assert surge.improbable < 0.01
    assert not surge.cold
    assert set(surge.first) <= set(told.members)
    assert surge.terms


def test_an_ordinary_life_rings_within_its_budget(world: Any) -> None:
    told = [world.play(world.ordinary(28, unhappy=rate, harmless=5 * rate)) for rate in (3, 12, 40)]
    assert sum(len(one.alarms) for one in told) <= 12
    strict = world.play(world.ordinary(28, unhappy=12), budget=0.05)
    assert len(strict.alarms) <= 1


def test_joy_does_not_ring(world: Any, monday: datetime) -> None:
    start = monday + timedelta(days=10)
    joy = [world.mention(start + timedelta(seconds=20 * n), "love it", unhappy=n % 25 == 0) for n in range(400)]
    told = world.play([*world.ordinary(12), *joy])
    assert not [one for one in told.alarms if one.at > start.timestamp()]


def test_copies_of_one_text_are_discounted_and_labelled(world: Any, monday: datetime) -> None:
    start = monday + timedelta(days=10)
    base = world.ordinary(10)
    text = "boycott this brand, they have treated us like dirt for years and never once answered"
    copied = [
        world.mention(start + timedelta(minutes=2 * n), text, cause="attitude", copies=77, author=n + 1)
        for n in range(12)
    ]
    own = [
        world.mention(start + timedelta(minutes=2 * n), f"{text} {n}", cause="attitude", author=n + 1)
        for n in range(12)
    ]
    campaign, crowd = world.play([*base, *copied]), world.play([*base, *own])
    last = [one for one in crowd.alarms if one.at > start.timestamp()]
    assert len(last) == 1
    assert last[0].surge.campaign == 0.0
    assert last[0].surge.authors
    rang = [one for one in campaign.alarms if one.at > start.timestamp()]
    assert not rang or (rang[0].at > last[0].at and rang[0].surge.campaign > 0.9)


def test_it_ends_comes_back_and_rings_once(world: Any, monday: datetime) -> None:
    start = monday + timedelta(days=12)
    end = start + timedelta(hours=1)
    again = world.outage(end + timedelta(hours=6), 4, minutes=20)
    told = world.play([*world.ordinary(14, unhappy=2), *world.outage(start, 20), *again])
    number = told.members[again[0].key]
    about = [one for one in told.decisions if (one.brand, one.incident) == number]
    kinds = [type(one) for one in about if isinstance(one, Rang | Ended | Reopened)]
    assert kinds[:3] == [Rang, Ended, Reopened]
    assert kinds.count(Rang) == 1


def test_escalation_only_goes_up(world: Any, monday: datetime) -> None:
    start = monday + timedelta(days=12)
    told = world.play([*world.ordinary(14), *world.outage(start, 120, minutes=300)])
    levels = [one.level for one in told.decisions if isinstance(one, Escalated)]
    assert levels
    assert levels == sorted(set(levels))


def test_every_incident_rings_at_most_once(world: Any, monday: datetime) -> None:
    crises = [world.outage(monday + timedelta(days=day), 30, minutes=400) for day in (5, 5.5, 6, 9, 9.2)]
    told = world.play([*world.ordinary(12), *(one for crisis in crises for one in crisis)])
    rung = [(one.brand, one.incident) for one in told.alarms]
    assert rung
    assert len(rung) == len(set(rung))


def test_little_history_is_said(world: Any, monday: datetime) -> None:
    told = world.play([*world.ordinary(1, unhappy=4), *world.outage(monday + timedelta(hours=30), 25, minutes=60)])
    assert told.alarms
    assert all(one.surge.cold for one in told.alarms)
