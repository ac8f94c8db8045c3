"""Posts looked at again: when, what becomes of what is found, and of a platform that fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from listener.errors import RateLimitedError, SourceError
from listener.pipeline.accept import accept
from listener.pipeline.ears import Ears
from listener.pipeline.recheck import BATCH, can_look, next_look, recheck
from listener.pipeline.sources import Source
from listener.settings import SourceOptions
from listener.store import Store
from listener.types import Deletion, Engagement, Event, Mention

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Platform:
    """A collector whose posts can be edited, deleted and counted; `asked` has the ids of each look."""

    Options = SourceOptions

    def __init__(self) -> None:
        self.texts = {str(n): f"words {n}" for n in range(5)}
        self.asked: list[list[str]] = []
        self.trouble: Exception | None = None

    def collect(self, options: Any, checkpoint: Any) -> Iterator[Event]:
        yield from ()

    def refresh(self, options: Any, ids: Sequence[str]) -> Iterator[Event]:
        self.asked.append(list(ids))
        if self.trouble is not None:
            raise self.trouble
        for one in ids:
            if one in self.texts:
                yield post(one, self.texts[one], likes=9)
            else:
                yield Deletion(source="s", native_id=one, at=NOW)


def post(name: str, text: str, likes: int = 0, posted_at: datetime = NOW) -> Mention:
    counts = Engagement(source="s", native_id=name, at=NOW + timedelta(hours=likes), likes=likes)
    return Mention(source="s", native_id=name, text=text, posted_at=posted_at, engagement=counts)


@pytest.fixture
def ears(tmp_path: Path) -> Iterator[Ears]:
    with Store.open(tmp_path / "l.db") as store:
        yield Ears(store=store, match=lambda text: (), own_accounts=())


@pytest.fixture
def platform(ears: Ears) -> Platform:
    """Five of its posts are stored."""
    made = Platform()
    accept(ears.store, [post(n, t) for n, t in made.texts.items()], match=ears.match, own_accounts=(), now=NOW)
    return made


def source(platform: Platform) -> Source:
    return Source(options=SourceOptions(name="s", kind="test"), collector=platform)  # type: ignore[arg-type]


def stored(ears: Ears) -> dict[str, str]:
    with ears.store.read() as tx:
        rows = tx.mentions.by_ids(range(1, 50)).values()
    return {row.native_id: row.text for row in rows if row.deleted_at is None}


def test_a_post_is_looked_at_ten_minutes_after_it_came(ears: Ears, platform: Platform) -> None:
    assert recheck(source(platform), ears, NOW) == 0
    assert recheck(source(platform), ears, NOW + timedelta(minutes=9)) == 0
    assert recheck(source(platform), ears, NOW + timedelta(minutes=11)) == 5
    assert sorted(platform.asked[0]) == ["0", "1", "2", "3", "4"]


def test_edits_deletions_and_counts_are_taken_over(ears: Ears, platform: Platform) -> None:
    recheck(source(platform), ears, NOW)
    platform.texts["1"] = "edited"
    del platform.texts["2"]
    recheck(source(platform), ears, NOW + timedelta(minutes=11))
    assert stored(ears) == {"0": "words 0", "1": "edited", "3": "words 3", "4": "words 4"}
    with ears.store.read() as tx:
        assert [counts.likes for counts in tx.engagements.series(1)] == [0, 9]


def test_what_is_gone_is_never_asked_for_again(ears: Ears, platform: Platform) -> None:
    recheck(source(platform), ears, NOW)
    del platform.texts["2"]
    recheck(source(platform), ears, NOW + timedelta(minutes=11))
    accept(ears.store, [Deletion(source="s", native_id="3", at=NOW)], match=ears.match, own_accounts=(), now=NOW)
    recheck(source(platform), ears, NOW + timedelta(days=2))
    assert sorted(platform.asked[-1]) == ["0", "1", "4"]


def test_the_longer_it_stands_the_more_rarely_but_at_least_daily() -> None:
    ages = [timedelta(minutes=minutes) for minutes in (0, 59, 61, 500, 1000, 3000, 10_000, 500_000)]
    pauses = [next_look(age) for age in ages]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(minutes=10)
    assert pauses[-1] < timedelta(days=1)


def test_every_post_is_looked_at_within_a_day(ears: Ears, platform: Platform) -> None:
    more = [post(f"x{n}", f"text number {n}") for n in range(BATCH * 2 + 10)]
    platform.texts |= {one.native_id: one.text for one in more}
    accept(ears.store, more, match=ears.match, own_accounts=(), now=NOW)
    looked = 0
    recheck(source(platform), ears, NOW)
    for _ in range(3):
        looked += recheck(source(platform), ears, NOW + timedelta(minutes=11))
    assert looked == len(platform.texts)
    with ears.store.read() as tx:
        assert tx.rechecks.overdue("s", NOW + timedelta(minutes=20)) == 0


def test_a_platform_that_fails_is_put_off(ears: Ears, platform: Platform) -> None:
    recheck(source(platform), ears, NOW)
    platform.trouble = RateLimitedError("s", "slow down", retry_after=3600)
    with pytest.raises(SourceError):
        recheck(source(platform), ears, NOW + timedelta(minutes=11))
    platform.trouble = None
    assert recheck(source(platform), ears, NOW + timedelta(minutes=50)) == 0
    assert recheck(source(platform), ears, NOW + timedelta(minutes=80)) == 5
    assert len(stored(ears)) == 5


def test_a_fault_in_a_collector_is_a_source_error(ears: Ears, platform: Platform) -> None:
    recheck(source(platform), ears, NOW)
    platform.trouble = KeyError("secret words")
    with pytest.raises(SourceError) as caught:
        recheck(source(platform), ears, NOW + timedelta(minutes=11))
    assert "secret" not in str(caught.value)


def test_not_every_platform_can_be_asked() -> None:
    class Deaf:
        Options = SourceOptions

        def collect(self, options: Any, checkpoint: Any) -> Iterator[Event]:
            yield from ()

    assert not can_look(Source(options=SourceOptions(name="s", kind="test"), collector=Deaf()))  # type: ignore[arg-type]
