"""Value at stake per hour: every factor has its say, its range and its source; the order holds at any time."""

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.errors import SettingsError
from listener.settings import Value, parse
from listener.triage.priority import QUIET, at_stake, lane_of, likely_range, prioritise, sources
from listener.triage.reach import reach
from listener.types import CAUSES, Engagement, Priority

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def counts(minutes: float, **numbers: int) -> Engagement:
    return Engagement(source="s", native_id="1", at=NOW + timedelta(minutes=minutes), **numbers)


def priority(value: Value | None = None, history: Any = (), channel: str | None = "form", **given_: Any) -> Priority:
    value = value or Value()
    told = {"severity": 2, "cause": "quality", "churn": 0.1, "complaint": 0.9, "posted_at": NOW, **given_}
    return prioritise(value, **told, reach=reach(history, channel, told["posted_at"], value))


def test_it_is_the_product_of_its_factors() -> None:
    found = priority(history=[counts(5, followers=5000)])
    assert found.value == pytest.approx(math.prod(factor.value for factor in found.factors), rel=1e-3)
    assert [factor.name for factor in found.factors] == [
        "customer",
        "loss",
        "cause",
        "certainty",
        "people",
        "savable",
        "hour",
    ]


def test_a_form_that_nobody_reads_is_worth_that_customer_alone() -> None:
    by_name = {factor.name: factor for factor in priority(churn=0.0).factors}
    assert by_name["people"].value == 1
    assert by_name["loss"].value == pytest.approx(0.2)
    assert by_name["hour"].value == pytest.approx(1 - 0.5 ** (1 / 6), rel=1e-3)


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ({"severity": 2}, {"severity": 3}),
        ({"churn": 0.1}, {"churn": 0.8}),
        ({"cause": "price"}, {"cause": "safety"}),
        ({"complaint": 0.6}, {"complaint": 0.95}),
        ({"history": [counts(1, followers=10)]}, {"history": [counts(1, followers=100_000)]}),
        ({"history": [counts(1, views=10)]}, {"history": [counts(1, views=10_000)]}),
        ({"history": [counts(20, shares=20)]}, {"history": [counts(20, shares=400)]}),
        ({"channel": "form"}, {"channel": "reddit"}),
        ({"value": Value()}, {"value": Value(customer=4000)}),
    ],
)
def test_what_makes_it_more_urgent(less: dict[str, Any], more: dict[str, Any]) -> None:
    assert priority(**less).value < priority(**more).value


def test_shares_that_grow_are_forecast_and_few_are_not() -> None:
    value = Value()
    early = [counts(minutes, shares=shares) for minutes, shares in ((10, 15), (20, 40), (30, 80))]
    found = reach(early, "weibo", NOW, value)
    assert found.spread is not None
    assert found.spread.final.low <= found.spread.final.predicted <= found.spread.final.high
    assert found.spread.final.predicted > 80
    assert found.more.value > 0
    assert reach([counts(30, shares=3)], "weibo", NOW, value).more.value == 0
    assert reach([counts(1, views=900_000)], None, NOW, value).more.value == 0


def test_without_any_count_the_channels_prior_holds() -> None:
    assert reach((), "reddit", NOW, Value()).so_far.value == Value().of_channel("reddit").value
    assert "assumed" in reach([counts(5)], "x", NOW, Value()).basis


times = st.integers(0, 60 * 24 * 14).map(lambda minutes: NOW - timedelta(minutes=minutes))
complaints = st.builds(
    priority,
    severity=st.integers(0, 4),
    cause=st.sampled_from((*CAUSES, "none")),
    churn=st.floats(0.01, 1),
    complaint=st.floats(0.01, 1),
    posted_at=times,
)


@given(st.lists(times, min_size=2, max_size=8), st.integers(0, 100))
def test_the_order_is_that_of_the_value_at_stake_whenever_one_looks(found: list[datetime], hours: int) -> None:
    value, later = Value(), NOW + timedelta(hours=hours)
    posted = [
        (at, priority(severity=2 + number % 3, churn=0.05 * number, posted_at=at)) for number, at in enumerate(found)
    ]
    by_rank = sorted(posted, key=lambda pair: -pair[1].rank)
    stakes = [at_stake(one.value, at, later, value) for at, one in by_rank]
    assert all(first >= second * (1 - 1e-3) for first, second in pairwise(stakes))


@given(complaints)
def test_every_factor_lies_in_its_range_and_so_does_the_whole(found: Priority) -> None:
    for factor in found.factors:
        assert factor.low <= factor.value * 1.001
        assert factor.value <= factor.high * 1.001
    low, high = likely_range(found.factors)
    assert low <= found.value * 1.01
    assert found.value <= high * 1.01


def test_half_of_it_is_gone_after_the_half_life() -> None:
    value = Value(half_life=4)
    assert at_stake(80, NOW, NOW + timedelta(hours=4), value) == pytest.approx(40)
    assert at_stake(80, NOW, NOW - timedelta(hours=4), value) == 80


@pytest.mark.parametrize(
    ("severity", "churn", "lane"), [(0, 0.7, QUIET), (1, 0.7, QUIET), (2, 0.9, None), (0, 0.5, None), (1, 0.1, None)]
)
def test_who_leaves_without_a_reproach_has_a_lane(severity: int, churn: float, lane: str | None) -> None:
    assert lane_of(Value(), severity=severity, churn=churn) == lane


def test_every_factor_has_a_source() -> None:
    told = sources(Value(), severity=3, cause="refund")
    assert set(told) == {factor.name for factor in priority().factors}
    assert all(told.values())
    assert sources(Value(customer=40), severity=3, cause="refund")["customer"] == "your settings"


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ({"customer": -1}, "value.customer"),
        ({"customer": 0}, "value.customer"),
        ({"customer": True}, "value.customer"),
        ({"customer": {"value": 5, "low": 6}}, "value.customer"),
        ({"customer": {"low": 5}}, "value.customer"),
        ({"savable": 1.2}, "value.savable"),
        ({"loss": [0.1, 0.2]}, "value.loss"),
        ({"loss": 0.1}, "value.loss"),
        ({"cause": {"weather": 2}}, "value.cause"),
        ({"half_life": float("nan")}, "value.half_life"),
        ({"half_lives": 3}, "value.half_lives"),
    ],
)
def test_wrong_figures_are_told_with_their_place(tmp_path: Path, table: dict[str, Any], place: str) -> None:
    with pytest.raises(SettingsError) as told:
        parse({"value": table}, home=tmp_path)
    assert place in str(told.value)


def test_own_figures_count_with_their_range_and_source(tmp_path: Path) -> None:
    table = {
        "unit": "EUR",
        "customer": {"value": 240, "low": 200, "high": 300, "source": "our books"},
        "loss": [0.1, 0.2, 0.3, 0.4, {"value": 0.5, "high": 0.9}],
        "cause": {"price": 3},
        "readers": {"x": 7},
    }
    value = parse({"value": table}, home=tmp_path).value
    assert (value.customer.low, value.customer.source) == (200, "our books")
    assert (value.loss[4].low, value.loss[4].high) == (0.5, 0.9)
    assert value.of_cause("price").value == 3
    assert value.of_cause("safety").value == 2
    assert value.of_channel("x").value == 7
    assert value.of_channel("reddit").value == Value().of_channel("reddit").value


@pytest.mark.parametrize("table", [{"budget": 0}, {"cap": -1}, {"budget": "many"}, {"limit": 3}])
def test_wrong_budgets_are_refused(tmp_path: Path, table: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="early"):
        parse({"early": table}, home=tmp_path)
