"""`advance` as a function of state, batch and time: pure, bounded, deterministic, and not shaken by wrong clocks."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest

from listener.triage.advance import Policy, State, advance
from listener.triage.incidents.news import Ended
from listener.triage.surges.brand import CROWD, INCIDENTS, ORDINARY, RECENT, SEEN


@pytest.fixture
def stream(world: Any, monday: datetime) -> list[Any]:
    return [*world.ordinary(10), *world.outage(monday + timedelta(days=8, hours=5), 20)]


def about_others(told: Any, keys: set[str]) -> list[Any]:
    return [one for one in told.decisions if getattr(one, "key", None) not in keys]


def test_the_given_state_stays_as_it_was(world: Any, stream: list[Any], monday: datetime) -> None:
    told = world.play(stream)
    before = told.state.to_plain()
    batch = world.outage(monday + timedelta(days=10), 12, minutes=5)
    first, one = advance(told.state, batch, monday + timedelta(days=10, minutes=6))
    second, two = advance(told.state, batch, monday + timedelta(days=10, minutes=6))
    assert one
    assert one == two
    assert first.to_plain() == second.to_plain() != before
    assert told.state.to_plain() == before


def test_a_saved_state_goes_on_the_same(world: Any, stream: list[Any]) -> None:
    stream.sort(key=lambda one: one.posted_at)
    half = len(stream) * 3 // 4
    first = world.play(stream[:half])
    saved = json.dumps(first.state.to_plain(), allow_nan=False)
    again = State.from_plain(json.loads(saved))
    assert json.dumps(again.to_plain(), allow_nan=False) == saved
    one, two = world.play(stream[half:], first.state), world.play(stream[half:], again)
    assert one.decisions == two.decisions
    assert one.alarms
    assert one.state.to_plain() == two.state.to_plain()


def test_a_state_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="version"):
        State.from_plain({"version": 99, "brands": []})


def test_order_within_a_minute_changes_nothing(world: Any, stream: list[Any]) -> None:
    crowded = [replace(one, posted_at=one.posted_at.replace(minute=one.posted_at.minute // 15 * 15)) for one in stream]
    plain = world.play(crowded)
    random = np.random.default_rng(5)
    for _ in range(3):
        shuffled = [crowded[row] for row in random.permutation(len(crowded))]
        jittered = [replace(one, posted_at=one.posted_at.replace(second=int(random.integers(60)))) for one in shuffled]
        told = world.play(jittered)
        assert told.decisions == plain.decisions
    assert plain.alarms


def test_duplicates_change_nothing(world: Any, stream: list[Any]) -> None:
    later = [replace(one, posted_at=one.posted_at + timedelta(minutes=n % 7)) for n, one in enumerate(stream)]
    told = world.play([*stream, *later])
    assert told.decisions == world.play(stream).decisions


def one_by_one(world: Any, stream: list[Any], beside: Any) -> Any:
    """Play each mention in a batch of its own, with what `beside` adds to it."""
    told = world.play([])
    for one in sorted(stream, key=lambda one: (one.posted_at, one.key)):
        now = one.posted_at.replace(second=0, microsecond=0) + timedelta(minutes=1)
        world.step(told, [one, *beside(one)], now)
    return told


def test_a_mention_of_the_future_changes_nothing(world: Any, stream: list[Any]) -> None:
    plain = one_by_one(world, stream, lambda one: [])
    told = one_by_one(
        world,
        stream,
        lambda one: [replace(one, key=f"future {one.key}", posted_at=one.posted_at + timedelta(days=300))],
    )
    assert told.decisions == plain.decisions
    assert told.state.to_plain() == plain.state.to_plain()


def test_a_late_mention_changes_only_itself(world: Any, stream: list[Any]) -> None:
    plain = one_by_one(world, stream, lambda one: [])
    late = one_by_one(
        world,
        stream,
        lambda one: (
            [replace(one, key=f"late {one.key}", posted_at=one.posted_at - timedelta(hours=30))]
            if int(one.key[1:]) % 9 == 0
            else []
        ),
    )
    keys = {f"late {one.key}" for one in stream}
    assert about_others(late, keys) == plain.decisions
    assert plain.alarms


def test_a_mention_a_little_late_still_counts(world: Any, monday: datetime) -> None:
    told = world.play(world.ordinary(10))
    now = monday + timedelta(days=10, hours=1)
    outage = world.outage(now - timedelta(minutes=50), 12, minutes=40)
    world.step(told, [], now)
    world.step(told, outage, now)
    assert told.members.keys() & {one.key for one in outage}
    assert [one for one in told.alarms if one.at == now.timestamp()]


def test_time_zones_and_daylight_saving_are_only_ways_of_writing(world: Any, stream: list[Any]) -> None:
    zones = [UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-5)), timezone(timedelta(hours=-4))]
    written = [replace(one, posted_at=one.posted_at.astimezone(zones[n % 4])) for n, one in enumerate(stream)]
    assert world.play(written).decisions == world.play(stream).decisions


def test_one_post_of_long_ago_does_not_dilute_the_present(world: Any, stream: list[Any], monday: datetime) -> None:
    old = world.mention(monday - timedelta(days=9000), "soup was salty")
    plain, told = world.play(stream), world.play([old, *stream])
    assert [one.at for one in told.alarms] == pytest.approx([one.at for one in plain.alarms], abs=1800)


def test_what_is_remembered_is_bounded(world: Any, monday: datetime) -> None:
    flood = world.ordinary(2, unhappy=1500, harmless=1500)
    told = world.play(flood)
    brand = told.state.brands["Soba"]
    assert len(brand.recent) <= RECENT
    assert len(brand.ordinary) <= ORDINARY
    assert len(brand.crowd) <= CROWD
    assert len(brand.incidents) <= INCIDENTS
    assert sum(len(keys) for keys in brand.seen) <= 2 * SEEN
    assert len(json.dumps(told.state.to_plain())) < 1_000_000


def test_no_post_is_kept(world: Any, stream: list[Any]) -> None:
    saved = json.dumps(world.play(stream).state.to_plain(), ensure_ascii=False)
    assert not [one.text for one in stream if len(one.text) > 24 and one.text in saved]


def test_the_cap_is_shared_by_the_brands() -> None:
    assert Policy(budget=1.0, cap=10.0).each(4) == 1.0
    assert Policy(budget=1.0, cap=10.0).each(40) == 0.25
    assert Policy(budget=1.0, cap=None).each(1000) == 1.0


def test_nothing_at_all(monday: datetime) -> None:
    state, decisions = advance(State(), [], monday)
    assert decisions == []
    assert state.to_plain()["brands"] == []


def test_any_text_is_survived(world: Any, monday: datetime) -> None:
    hostile = ["", "\x00", "\ud800", "\u202e<img src=x>", "返金" * 50_000, "a" * 100_000, "@" * 999, "🤬" * 400]
    mentions = [
        world.mention(monday + timedelta(minutes=n), text, lang=lang)
        for n, (text, lang) in enumerate((text, lang) for text in hostile for lang in ("ja", "zh", "en", "und", "??"))
    ]
    told = world.play(mentions)
    assert json.dumps(told.state.to_plain())


def test_a_flood_in_one_batch_is_bounded_too(world: Any, monday: datetime) -> None:
    told = world.play(world.ordinary(9))
    flood = world.outage(monday + timedelta(days=9), 2000, minutes=1)
    world.step(told, flood, monday + timedelta(days=9, minutes=2))
    brand = told.state.brands["Soba"]
    assert len(brand.recent) <= RECENT
    assert len([one for one in told.alarms if one.at > (monday + timedelta(days=9)).timestamp()]) == 1


def test_time_alone_ends_what_is_over(world: Any, stream: list[Any], monday: datetime) -> None:
    told = world.play([one for one in stream if one.posted_at < monday + timedelta(days=8, hours=7)])
    rang = [one for one in told.state.brands["Soba"].incidents if one.state == "open"]
    assert rang
    beside = world.mention(monday + timedelta(days=11), brand="Udon")
    world.step(told, [beside], monday + timedelta(days=11, minutes=1))
    assert {one.incident for one in told.decisions if isinstance(one, Ended)} >= {one.number for one in rang}
