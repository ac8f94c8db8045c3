"""What each source is heard of: usual and real posts, silences, lags, drops and budgets."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from listener.collect import x, youtube
from listener.pipeline.accept import accept
from listener.pipeline.chores import SILENT, Chores
from listener.pipeline.ears import Ears
from listener.pipeline.heard import Heard, heard, quantiles
from listener.pipeline.sources import Source
from listener.settings import SourceOptions
from listener.store import Store
from listener.store.hearing import Lag
from listener.types import Budget, Rejection
from tests.pipeline.conftest import NOW, mention

WEEKS = timedelta(weeks=3)


def fill(store: Store, *, until: datetime, last_ok: datetime | None = None, per_hour: int = 20) -> None:
    """A source that brought so many posts each hour of three weeks, until then; it answered last at `last_ok`."""
    with store.write() as tx:
        tx.sources.register("s", "script")
        at = NOW - WEEKS
        tx.hearing.count("s", at, new=5000, rejected=0)  # reached back for at the first start
        while (at := at + timedelta(hours=1)) < until:
            tx.hearing.count("s", at, new=per_hour, rejected=0)
        tx.sources.count("s", {"new": 1}, last_item_at=until - timedelta(minutes=1))
        tx.sources.ok("s", last_ok or NOW)


def only(store: Store, now: datetime = NOW, source: Source | None = None) -> Heard:
    with store.read() as tx:
        (one,) = heard(tx, [source] if source else [], now)
    return one


def test_a_steady_source_is_as_usual(store: Store) -> None:
    fill(store, until=NOW)
    one = only(store, NOW + timedelta(minutes=2))
    assert one.expected == pytest.approx(20, rel=0.1)  # what was reached back for is not usual
    assert one.silent_since is None
    assert not one.is_deaf


def test_a_silence_that_its_past_does_not_explain_is_told(store: Store) -> None:
    fill(store, until=NOW - timedelta(hours=6))
    one = only(store)
    assert one.silent_since == NOW - timedelta(hours=6)
    assert one.is_deaf


def test_nobody_calls_a_source_silent_that_was_not_listened_to(store: Store) -> None:
    until = NOW - timedelta(hours=6)
    fill(store, until=until, last_ok=until)
    assert only(store).silent_since is None


def test_a_rare_source_may_be_quiet(store: Store) -> None:
    fill(store, until=NOW - WEEKS + timedelta(hours=2), per_hour=1)
    assert only(store).silent_since is None


def test_a_new_source_has_no_past(store: Store) -> None:
    with store.write() as tx:
        tx.sources.register("s", "script")
        tx.hearing.count("s", NOW, new=3, rejected=0)
    one = only(store)
    assert (one.this_hour, one.expected, one.silent_since) == (3, None, None)


def test_silences_are_written_down_and_taken_back(store: Store) -> None:
    fill(store, until=NOW - timedelta(hours=6))
    chores = Chores(store, [])
    chores.do(NOW)
    with store.read() as tx:
        assert tx.state.get(SILENT) == {"s": (NOW - timedelta(hours=6)).isoformat()}
    with store.write() as tx:
        tx.hearing.count("s", NOW, new=1, rejected=0)
    chores.do(NOW + timedelta(minutes=2))
    with store.read() as tx:
        assert tx.state.get(SILENT) == {}


def test_lags_drops_and_looks_that_are_overdue(ears: Ears) -> None:
    late = mention("1", posted_at=NOW - timedelta(seconds=30))
    old = mention("2", posted_at=NOW - timedelta(days=9))
    bad = Rejection(source="s", place="f:1", reason="text is missing")
    accept(ears.store, [late, old, bad], match=ears.match, own_accounts=(), now=NOW)
    with ears.store.write() as tx:
        tx.rechecks.enrol("s", NOW - timedelta(hours=3), after=0)
    one = only(ears.store)
    assert one.lags["collected"].p50 == one.lags["collected"].p95 == 30.0  # what was reached back for is no lag
    assert "scored" not in one.lags
    assert one.dropped == {"text is missing": 1}
    assert one.overdue == 2


def test_quantiles_are_of_those_that_came_so_far() -> None:
    lags = [Lag(float(n), float(2 * n) if n < 10 else None, None) for n in range(101)]
    found = quantiles(lags)
    assert (found["collected"].p50, found["collected"].p95) == (50.0, 95.0)
    assert found["scored"].p95 <= 18.0
    assert "shown" not in found


class Spender:
    """A collector that tells what it spent."""

    Options = SourceOptions

    def collect(self, options: Any, checkpoint: Any) -> Iterator[Any]:
        yield from ()

    def budget(self, options: Any, checkpoint: Mapping[str, Any] | None, now: datetime) -> Iterator[Budget]:
        yield Budget(unit="pennies", spent=(checkpoint or {}).get("spent", 0), limit=10, period="day")


def test_what_was_spent_is_what_the_checkpoint_says(store: Store) -> None:
    with store.write() as tx:
        tx.sources.register("s", "script")
        tx.sources.save_checkpoint("s", {"spent": 7}, NOW)
    source = Source(options=SourceOptions(name="s", kind="script"), collector=Spender())
    assert [budget.spent for budget in only(store, source=source).budgets] == [7]


def test_budgets_of_another_month_or_day_are_over() -> None:
    now = datetime(2026, 11, 25, 20, tzinfo=UTC)
    options = x.Options(name="x", kind="x", keywords=("acme",), monthly_cap=5.0)
    spent = {"month": "2026-11", "posts": 100, "usd": 0.5, "cap": 5.0}
    assert [b.spent for b in x.budget(options, {"spent": spent}, now)] == [0.5]
    assert [b.spent for b in x.budget(options, {"spent": {**spent, "month": "2026-10"}}, now)] == [0.0]
    tube = youtube.Options(name="y", kind="youtube", videos=("abcdefghi",))
    quota = {"day": "2026-11-25", "spent": {"units": 3}}
    assert [(b.unit, b.spent, b.limit) for b in youtube.budget(tube, {"quota": quota}, now)] == [
        ("units", 3, 10_000),
        ("searches", 0, 100),
    ]
    assert [b.spent for b in youtube.budget(tube, {"quota": {**quota, "day": "2026-11-24"}}, now)] == [0, 0]
