"""Mentions, verdicts and alerts with as little said as a test needs."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from listener.pipeline.accept import Accepted, accept
from listener.store import Store
from listener.store.rows import MentionRow, NewAlert
from listener.types import Evidence, Factor, Mention, Priority, Verdict

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def mention(native_id: str, text: str = "some text", **more: Any) -> Mention:
    values: dict[str, Any] = {"source": "s", "posted_at": NOW - timedelta(minutes=5), **more}
    return Mention(native_id=native_id, text=text, **values)


def no_brands(_text: str) -> tuple[str, ...]:
    return ()


def take(
    store: Store,
    *events: Any,
    match: Callable[[str], tuple[str, ...]] = no_brands,
    own: Sequence[str] = (),
    now: datetime = NOW,
) -> Accepted:
    return accept(store, events, match=match, own_accounts=own, now=now)


def found(store: Store, native_id: str, source: str = "s") -> MentionRow:
    with store.read() as tx:
        row = tx.mentions.find(source, native_id)
    assert row is not None
    return row


def verdict(**more: Any) -> Verdict:
    values: dict[str, Any] = {
        "lang": "en",
        "complaint": 0.9,
        "flagged": True,
        "severity": 2,
        "cause": "delivery",
        "churn": 0.1,
        "model": "test@1",
        "evidence": (Evidence(text="some", start=0, end=4, weight=1.5),),
    }
    return Verdict(**{**values, **more})


def priority(value: float = 10.0) -> Priority:
    return Priority(value=value, factors=(Factor(name="loss", value=value, note="severity 2"),))


def score_all(store: Store, *, now: datetime = NOW, **more: Any) -> None:
    with store.write() as tx:
        tx.verdicts.put([(text, verdict(**more)) for text in tx.verdicts.pending(1000)], now)


def open_all(store: Store, *, value: float = 10.0, now: datetime = NOW) -> dict[int, int]:
    """An alert for every scored mention that has none; alert ids by mention id."""
    with store.write() as tx:
        scored = tx.alerts.pending(1000)
        due = now + timedelta(hours=1)
        new = [NewAlert(mention_id=one.mention_id, priority=priority(value), due_at=due) for one in scored]
        opened = tx.alerts.open(new, now)
        tx.alerts.mark_triaged([one.mention_id for one in scored], now)
    return opened


def alert_for(store: Store, native_id: str = "1", text: str = "some text", **more: Any) -> int:
    """One mention all the way to its alert; the alert's id."""
    take(store, mention(native_id, text, **more))
    score_all(store)
    open_all(store)
    with store.read() as tx:
        row = tx.mentions.find(more.get("source", "s"), native_id)
        assert row is not None
        return tx.alerts.of_mentions([row.id])[row.id].id
