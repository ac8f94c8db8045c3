"""A day of traffic gives the same store however it is cut and however often it comes, but for the times of arrival."""

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from listener.pipeline.accept import accept
from listener.store import Store
from listener.types import Checkpoint, Deletion, Engagement, Event, Mention
from tests.pipeline.conftest import ACME, NOW

POSTS = 250


def day(seed: int) -> list[Event]:
    """Posts, copies, answers, edits, deletions and counts of two sources, in the order in which they came."""
    rnd = random.Random(seed)
    events: list[Event] = []
    for n in range(POSTS):
        source, at = rnd.choice(("sky", "forum")), NOW - timedelta(days=1) + timedelta(seconds=200 * n)
        known = [event for event in events if isinstance(event, Mention) and event.source == source]
        kind = rnd.random()
        if kind < 0.1 and known:
            old = rnd.choice(known)
            text = f"{old.text} edited {n}"
            events.append(Mention(source=source, native_id=old.native_id, text=text, posted_at=old.posted_at))
        elif kind < 0.2 and known:
            events.append(Deletion(source=source, native_id=rnd.choice(known).native_id, at=at))
        elif kind < 0.3 and known:
            counts = {"replies": rnd.randrange(9), "likes": rnd.randrange(99)}
            events.append(Engagement(source=source, native_id=rnd.choice(known).native_id, at=at, **counts))
        else:
            events.append(post(n, source, at, rnd, known))
        if n % 37 == 0:
            events.append(Checkpoint(source=source, value={"at": n}))
    return events


def post(n: int, source: str, at: Any, rnd: random.Random, known: list[Mention]) -> Mention:
    words = rnd.choices(
        ("Acme", "late", "again", "返事がない", "断网了", "phone", "support", "never"), k=rnd.randint(3, 30)
    )
    text = rnd.choice(known).text if known and rnd.random() < 0.15 else f"{' '.join(words)} {n}"
    parent = rnd.choice(known).native_id if known and rnd.random() < 0.2 else None
    author = f"author {rnd.randrange(60)}"
    return Mention(source=source, native_id=f"p{n}", text=text, posted_at=at, author=author, parent_id=parent)


def replay(store: Store, events: list[Event], batch: int, minutes: int) -> None:
    now = NOW + timedelta(minutes=minutes)
    for start in range(0, len(events), batch):
        accept(store, events[start : start + batch], match=ACME.match, own_accounts=("author 7",), now=now)


def content(store: Store) -> Iterator[tuple[Any, ...]]:
    """All that was said, known and linked, without the times at which it came here."""
    with store.read() as tx:
        rows = tx.mentions.by_ids(range(1, tx.mentions.next_id()))
        for one, row in sorted(rows.items()):
            said = [(version.title, version.text) for version in tx.mentions.versions(one)]
            counts = [(at.at, at.replies, at.likes) for at in tx.engagements.series(one)]
            gone = row.deleted_at is not None
            plain = (row.source, row.native_id, row.author, row.title, row.text, row.url, row.posted_at, row.parent_id)
            links = (row.folded_into, row.copy_group, row.own, row.text_sha256, row.revision, row.brands, gone)
            yield (one, plain, links, said, counts, one in tx.search.find("late", 10_000))
        yield tuple(tx.sources.checkpoint(source) for source in ("sky", "forum"))


def test_a_day_replayed_twice_is_the_same(tmp_path: Path) -> None:
    events = day(11)
    stores = []
    for name, batch, minutes in (("a", 500, 0), ("b", 500, 90), ("c", 7, 5)):
        with Store.open(tmp_path / f"{name}.db") as store:
            replay(store, events, batch, minutes)
            stores.append(list(content(store)))
    first, second, cut = stores
    assert len(first) > POSTS / 2
    assert first == second
    # Edits of one batch are seen in their last wording by what repeats them, so only what was said must be the same.
    assert [row[:2] for row in first] == [row[:2] for row in cut]


def test_what_comes_again_changes_nothing(tmp_path: Path) -> None:
    events = [event for event in day(12) if not isinstance(event, Mention) or " edited " not in event.text]
    with Store.open(tmp_path / "l.db") as store:
        replay(store, events, 100, 0)
        before = list(content(store))
        replay(store, events, 33, 60)
        assert list(content(store)) == before
