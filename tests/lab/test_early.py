"""The early-detection benchmark on invented posts: streams, rivals, figures, table."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from listener.cli import app
from listener.errors import UsageError
from listener.lab import early, early_bench
from listener.lab import early_rivals as rivals
from listener.lab.bank import SOURCES, Bank
from listener.lab.streams import DAY, FEWEST, TIMES, Plan, Stream, build
from listener.lab.unseen import Post, half
from listener.pipeline.replay import in_order, replay
from listener.triage.advance import Policy
from listener.types import CAUSES

WORDS = {
    "en": ("refund", "login", "soup", "train", "queue", "parcel", "phone", "waiter", "update", "seat"),
    "ja": ("返金", "ログイン", "スープ", "電車", "行列", "荷物", "電話", "店員", "更新", "座席"),
    "zh": ("退款", "登录", "汤面", "火车", "排队", "包裹", "电话", "服务员", "更新", "座位"),
}


def post(number: int, lang: str, source: str, cause: int | None) -> Post:
    random = np.random.default_rng(number)
    chance = np.full(len(CAUSES), 0.04)
    chance[cause if cause is not None else int(random.integers(len(CAUSES)))] += 0.52
    unhappy = cause is not None
    return Post(
        text=f"{WORDS[lang][(cause or number) % 10]} {WORDS[lang][int(random.integers(10))]} no{number}",
        lang=lang,
        source=source,
        file="made",
        complaint=0.8 if unhappy else 0.1,
        flagged=unhappy,
        causes=tuple(chance.round(3).tolist()),
        gold=int(unhappy),
        cause=CAUSES[cause] if cause is not None else None,
        theme=None,
    )


@pytest.fixture(scope="module")
def stream() -> Stream:
    made, number = [], 0
    for lang, kinds in SOURCES.items():
        for source in sorted({name for names in kinds for name in names}):
            for turn in range(900):
                made.append(post(number, lang, source, turn % 12 if turn % 3 == 0 else None))
                number += 1
    bank = Bank([one for one in made if half(one.text) == 1], 1)
    built = build(bank, Plan(seed=4, brands=4, days=10, incidents=2.5, fastest=50))
    return replace(built, sightings=tuple(in_order(built.sightings)))


@pytest.fixture(scope="module")
def figures(stream: Stream) -> dict[str, Any]:
    return early.judge([stream], 1.0)


@pytest.fixture(scope="module")
def state(stream: Stream) -> dict[str, Any]:
    return early_bench.state(stream)


def test_incidents_are_as_promised(stream: Stream) -> None:
    assert stream.incidents
    assert [one.posted_at for one in stream.sightings] == sorted(one.posted_at for one in stream.sightings)
    for one in stream.incidents:
        first = sum(at - one.onset < DAY for at in one.times)
        days = min(1.0, max((one.end - one.onset) / DAY, 1 / 24))
        assert first >= FEWEST
        assert first / days >= TIMES * one.usual
        assert sum(which == one.id for which in stream.members.values()) == len(one.times)


def test_rivals_spend_the_budget_and_no_more(stream: Stream, figures: dict[str, Any]) -> None:
    for name in rivals.RIVALS:
        assert figures[name]["false_alarms"] <= stream.brand_weeks
        assert 0 <= figures[name]["we_are_earlier"] <= 1


def test_we_find_what_is_there(stream: Stream, figures: dict[str, Any]) -> None:
    ours = figures["ours"]
    assert figures["incidents"] == len(stream.incidents)
    assert ours["found"] >= 0.8
    low, high = ours["interval"]
    assert low <= ours["false_per_brand_week"] <= high
    assert all(found["f1"] > 0.5 for found in figures["members"].values())


def test_a_miss_counts_as_found_at_the_end(stream: Stream) -> None:
    told = replay(stream.sightings[:1], Policy(cap=None))
    none = early.alarms_of(told)
    assert none == {}
    delays = early._delays(none, stream.incidents)
    assert not any(delay.found for delay in delays)
    assert [delay.complaints for delay in delays] == [len(one.times) for one in stream.incidents]


def test_membership_counts_strangers_and_splits(stream: Stream) -> None:
    told = replay(stream.sightings, Policy(cap=None))
    flagged = [one for one in stream.sightings if one.flagged]
    brand_of = {one.key: one.brand for one in flagged}
    perfect, lumped = replay([]), replay([])
    for outcome in (perfect, lumped):
        for one in stream.incidents:
            outcome.incidents[one.brand, int(one.id.rsplit("/", 1)[1])] = type(next(iter(told.incidents.values())))(
                one.brand
            )
    for key, brand in brand_of.items():
        if incident := stream.members.get(key):
            perfect.incidents[brand, int(incident.rsplit("/", 1)[1])].members[key] = None  # type: ignore[assignment]
        if (brand, 1) in lumped.incidents:
            lumped.incidents[brand, 1].members[key] = None  # type: ignore[assignment]
    assert {found["f1"] for found in early.members([stream], [perfect]).values()} == {1.0}
    assert all(found["precision"] < 0.9 for found in early.members([stream], [lumped]).values())


@pytest.mark.parametrize(("count", "low", "high"), [(0, 0.0, 3.689), (1, 0.025, 5.572), (10, 4.795, 18.39)])
def test_intervals_of_a_count(count: int, low: float, high: float) -> None:
    assert early.poisson_interval(count) == pytest.approx((low, high), abs=0.005)


def test_a_restart_changes_nothing(state: dict[str, Any]) -> None:
    assert state["restart_changes_nothing"] is True
    assert 0 < state["state_mb_of_200_brands"] < 500


def test_worse_classifiers_flag_more_less_or_others(stream: Stream) -> None:
    before = [one.flagged for one in stream.sightings]
    random = np.random.default_rng(1)
    more, less, others = (
        [one.flagged for one in early_bench._shifted(stream.sightings, shift, noise, random)]
        for shift, noise in ((3.0, 0.0), (-5.0, 0.0), (0.0, 3.0))
    )
    assert sum(more) >= sum(before) > sum(less)
    assert others != before


def test_the_table_shows_aims_ours_and_others(figures: dict[str, Any], state: dict[str, Any]) -> None:
    spread = {"600": 1, "1800": 1, "3600": 1}
    one_age = {
        "model": 0.3, "constant": 0.4, "gbr12": 0.33, "seismic": 0.35, "ratio_low": 0.7, "ratio_high": 0.8,
        "coverage": 0.9,
    }  # fmt: skip
    told = {
        "size": "quick",
        "model": "m@1",
        **figures,
        "worse_classifiers": {"says too much": {**figures["ours"], "members": figures["members"]}},
        "airline": {},
        "mentions_per_second": 2500,
        **state,
        "spread": {
            "measured": "now",
            "held_out": 9,
            "ages": dict.fromkeys(spread, one_age),
            "cross_validated": {"known": 30, "ages": dict.fromkeys(spread, one_age)},
        },
    }
    table = "\n".join(early_bench.lines(told))
    for words in (
        "we ring first",
        *rivals.RIVALS,
        "B-cubed",
        "30 minutes",
        "says too much",
        "at least 2000",
        "restart",
    ):
        assert words in table


def test_wrong_sizes_are_refused() -> None:
    with pytest.raises(UsageError, match="huge"):
        early_bench.measure("huge")
    for arguments in (["bench", "early", "--size", "huge"], ["bench", "classify", "--size", "quick"]):
        assert isinstance(CliRunner().invoke(app, arguments).exception, UsageError)


def test_without_data_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("LISTENER_DATA_DIR", str(tmp_path / "none"))
    with pytest.raises(UsageError, match="public data"):
        early_bench.measure()
