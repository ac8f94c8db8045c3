"""Forecasts from totals at a few times, and what an answer may change."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.triage.spread import PRIORS, REPLY, Effect, Forecast, Size, forecast_totals, outlook

counts = st.lists(st.integers(0, 10**7), min_size=1, max_size=6)


@given(counts, st.sampled_from([*PRIORS, "", "somewhere"]), st.floats(1, 1e6))
def test_sizes_are_ordered_and_at_least_what_was_seen(totals: list[int], platform: str, step: float) -> None:
    times = [step * (number + 1) for number in range(len(totals))]
    hour, day, final = forecast_totals(times, totals, platform, ahead=(3600, 86400, math.inf))
    for size in (hour, day, final):
        assert max(totals) <= size.low <= size.predicted <= size.high < math.inf
    assert hour.predicted <= day.predicted <= final.predicted


def test_the_same_total_later_leaves_less_to_come() -> None:
    finals = [forecast_totals([age], [100], "weibo")[0] for age in (600, 3600, 86400, 864000)]
    assert [f.predicted for f in finals] == sorted((f.predicted for f in finals), reverse=True)
    widths = [f.high / f.low for f in finals]
    assert widths == sorted(widths, reverse=True)


def test_a_slower_platform_leaves_more_to_come() -> None:
    assert forecast_totals([3600], [50], "youtube")[0].predicted > forecast_totals([3600], [50], "x")[0].predicted


def test_totals_that_still_climb_foretell_more_than_those_that_flatten() -> None:
    climbing = forecast_totals([3600, 7200, 10800], [300, 600, 900], "weibo")[0]
    flattening = forecast_totals([3600, 7200, 10800], [800, 870, 900], "weibo")[0]
    assert climbing.predicted > flattening.predicted


def test_deleted_shares_do_not_make_a_total_fall() -> None:
    assert forecast_totals([60, 120], [10, 8], "x") == forecast_totals([60, 120], [10, 10], "x")


@pytest.mark.parametrize(("times", "totals"), [([], []), ([1], [1, 2]), ([2, 1], [1, 2]), ([-1], [1])])
def test_senseless_totals_are_refused(times: list[float], totals: list[float]) -> None:
    with pytest.raises(ValueError, match=r"total|time"):
        forecast_totals(times, totals)


def made(**sizes: int) -> Forecast:
    return Forecast(id="a", within=(Size(60, 55, 70),) * 3, basis="shares", **sizes)


def test_an_answer_spares_only_what_is_still_to_come() -> None:
    after = outlook(
        made(seen=50, predicted=150, low=100, high=450), Effect(low=0.1, typical=0.4, high=0.5, source="a study")
    )
    assert after.if_not == Size(150, 100, 450)
    assert after.if_answered == Size(predicted=110, low=75, high=410)
    assert after.spared == 40
    assert after.assumption == "a study"


def test_nothing_to_come_nothing_to_spare() -> None:
    after = outlook(made(seen=50, predicted=50, low=50, high=50))
    assert after.spared == 0
    assert after.if_answered == after.if_not


def test_the_assumption_names_its_sources_and_reaches_from_nothing() -> None:
    assert REPLY.low == 0
    assert "Slaughter" in outlook(made(seen=1, predicted=2, low=1, high=3)).assumption


def test_an_effect_out_of_order_is_refused() -> None:
    with pytest.raises(ValueError, match="effect"):
        Effect(low=0.5, typical=0.2, high=0.6, source="")
