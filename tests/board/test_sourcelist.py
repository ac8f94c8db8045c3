"""The Sources page's cards: what is deaf first, and what each source says of itself."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from listener.board import sourcelist
from listener.pipeline.heard import Heard, Quantiles
from listener.store.rows import SourceRow
from listener.types import Budget

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def row(name: str, state: str = "listening", **more: Any) -> SourceRow:
    empty = ("last_item_at", "last_ok_at", "blind_since", "error_code", "error", "hint", "next_poll_at", "lag_s")
    counts = dict.fromkeys(("failures", "new", "updated", "deleted", "rejected", "folded"), 0)
    values: dict[str, Any] = {**dict.fromkeys(empty), **counts, "kind": "feeds", "state": state, **more}
    return SourceRow(source=name, **values)


def drawn(one: Heard) -> str:
    return json.dumps(sourcelist.source(one, UTC, NOW), ensure_ascii=False)


def test_what_is_deaf_comes_first() -> None:
    heard = [
        Heard(row=row("off", "off")),
        Heard(row=row("b hearing")),
        Heard(row=row("a hearing")),
        Heard(row=row("new", "new")),
        Heard(row=row("silent"), silent_since=NOW - timedelta(hours=5)),
        Heard(row=row("blind", "blind", blind_since=NOW)),
    ]
    order = [one.source for one, _ in sourcelist.sources(heard, UTC, NOW)]
    assert order == ["blind", "silent", "new", "a hearing", "b hearing", "off"]
    summary = json.dumps(sourcelist.summary(heard))
    assert "1 blind" in summary
    assert "1 silent" in summary
    assert "2 of 5 sources hearing" in summary


def test_a_silent_source_says_so_and_what_to_do() -> None:
    card = drawn(Heard(row=row("s"), silent_since=NOW - timedelta(hours=5), expected=12.0))
    assert "Silent since 07:00" in card
    assert "What to do" in card
    assert "usually 12" in card


def test_lags_drops_budgets_and_looks_that_are_overdue() -> None:
    card = drawn(
        Heard(
            row=row("s", last_item_at=NOW - timedelta(minutes=3)),
            this_hour=4,
            expected=3.25,
            lags={"collected": Quantiles(2.04, 65.0), "shown": Quantiles(3.0, 7200.0)},
            dropped={"text is missing": 12, **{f"reason {n}": 1 for n in range(6)}},
            budgets=(
                Budget(unit="units", spent=10_000, limit=10_000, period="day"),
                Budget(unit="US dollars", spent=1.5, limit=5.0, period="month"),
            ),
            overdue=2,
        )
    )
    assert "last post" in card.lower()
    assert "4 posts, usually 3.2" in card
    assert "here 2.0 s (95%: 1 min)" in card
    assert "in the queue 3.0 s (95%: 2 h)" in card
    assert "12 text is missing" in card
    assert "3 other reasons" in card
    assert "10,000 of 10,000 units today" in card
    assert "1.50 of 5.00 US dollars this month" in card
    assert "2 posts overdue" in card


def test_a_new_source_claims_nothing() -> None:
    card = drawn(Heard(row=row("s")))
    assert "too new to know" in card
    assert "From post to" not in card
    assert "This hour" not in drawn(Heard(row=row("s", "off")))
