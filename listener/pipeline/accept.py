"""Events of collectors into the store: one transaction a batch, the checkpoints that cover it included.

So a crash loses nothing and doubles nothing: either the batch and its checkpoint are there, or neither, and the
collector asks for the same again. Accepting a batch twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from listener.pipeline.folding import AUTHOR_LOOKBACK, Folder
from listener.pipeline.intake import Intake, Key, Outcome
from listener.pipeline.tidy import Tidied, known_id, tidy
from listener.store import Store, Tx
from listener.store.rows import MentionRow, compose
from listener.store.sources import COUNTS
from listener.text.copies import Signature, author_key, handle, normalise, signatures
from listener.types import Deletion, Engagement, Event, Mention

_SUMMED = (*COUNTS, "unchanged", "clamped", "truncated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What became of a batch, over all its sources.

    `folded` are among `new`. `lag_s`: age of the youngest new mention when it was stored; None without new ones.
    `clamped`: times that cannot be true, replaced by the time of arrival; `truncated`: texts cut to their maximum.
    """

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    folded: int = 0
    rejected: int = 0
    lag_s: float | None = None
    clamped: int = 0
    truncated: int = 0


def accept(
    store: Store,
    events: Sequence[Event],
    *,
    match: Callable[[str], tuple[str, ...]],
    own_accounts: Collection[str],
    now: datetime,
) -> Accepted:
    """Store a batch whole, in its order. `match` names the brands of a text. Raises StoreError, keeping nothing."""
    tidied: list[Tidied | None] = [tidy(event, now) if isinstance(event, Mention) else None for event in events]
    own_handles = frozenset(handle(account) for account in own_accounts)
    with store.write() as tx:
        tidied = _without_erased(tx, tidied)
        ids, rows = _stored(tx, events, tidied)
        stored = dict(rows)
        texts = {compose(one.mention.title, one.mention.text) for one in tidied if one and _is_news(one, ids, rows)}
        bare = {text: normalise(text) for text in texts}
        keys = dict(zip(bare, signatures(list(bare.values())), strict=True))
        intake = Intake(
            rows=rows,
            ids=ids,
            folder=_folder(tx, rows, tidied, bare, keys),
            match=match,
            own_handles=own_handles,
            next_id=tx.mentions.next_id(),
            now=now,
        )
        for event, one in zip(events, tidied, strict=True):
            intake.take(event, one, keys.get(compose(one.mention.title, one.mention.text), ()) if one else ())
        _write(tx, intake, stored, now)
    return _accepted(intake.outcome, now)


def _stored(
    tx: Tx, events: Sequence[Event], tidied: Sequence[Tidied | None]
) -> tuple[dict[Key, int], dict[int, MentionRow]]:
    """The stored mentions that the events are about, and those that these were folded into."""
    wanted: set[Key] = set()
    for event, one in zip(events, tidied, strict=True):
        if one is not None:
            wanted.add(_key(one))
            if one.mention.repost_of:
                wanted.add((one.mention.source, one.mention.repost_of))
        elif isinstance(event, Deletion | Engagement):
            wanted.add((event.source, known_id(event.native_id)))
    known = tx.mentions.known(wanted)
    rows = {row.id: row for row in known.values()}
    roots = {row.folded_into for row in known.values() if row.folded_into is not None} - rows.keys()
    rows.update(tx.mentions.by_ids(roots) if roots else {})
    return {key: row.id for key, row in known.items()}, rows


def _without_erased(tx: Tx, tidied: Sequence[Tidied | None]) -> list[Tidied | None]:
    """Posts that were erased, and what repeats them, are not taken again; answers name them by their hashes."""
    posts = [one.mention for one in tidied if one]
    named = {(m.source, name) for m in posts for name in (m.native_id, *(getattr(m, r) for r in _REFERENCES)) if name}
    erased = tx.erased.among(named)
    if not erased:
        return list(tidied)
    kept: list[Tidied | None] = []
    for one in tidied:
        if one is None or {_key(one), (one.mention.source, one.mention.repost_of)} & erased.keys():
            kept.append(None)
            continue
        names = {name: (one.mention.source, getattr(one.mention, name)) for name in _REFERENCES}
        hashed: dict[str, Any] = {name: erased[key] for name, key in names.items() if key in erased}
        kept.append(replace(one, mention=replace(one.mention, **hashed)) if hashed else one)
    return kept


_REFERENCES = ("parent_id", "thread_id", "repost_of")


def _key(one: Tidied) -> Key:
    return one.mention.source, one.mention.native_id


def _is_news(one: Tidied, ids: Mapping[Key, int], rows: Mapping[int, MentionRow]) -> bool:
    """Whether it says something else than what is stored: most of what a poll brings is old."""
    known = ids.get(_key(one))
    return known is None or (rows[known].title, rows[known].text) != (one.mention.title, one.mention.text)


def _folder(
    tx: Tx,
    rows: dict[int, MentionRow],
    tidied: Sequence[Tidied | None],
    bare: Mapping[str, str],
    keys: Mapping[str, Signature],
) -> Folder:
    """With all stored mentions that new ones might repeat; these are added to `rows`."""
    news = [one.mention for one in tidied if one and compose(one.mention.title, one.mention.text) in bare]
    authors = {key for mention in news if (key := author_key(mention.author)) is not None}
    by_author = tx.mentions.recent_by_authors(authors, AUTHOR_LOOKBACK) if authors else {}
    holders = tx.copies.holders({key for own in keys.values() for key in own})
    for row in (row for found in by_author.values() for row in found):
        rows.setdefault(row.id, row)
    missing = {holder for found in holders.values() for holder in found} - rows.keys()
    rows.update(tx.mentions.by_ids(missing) if missing else {})
    return Folder(rows, by_author, holders, bare)


def _write(tx: Tx, intake: Intake, stored: Mapping[int, MentionRow], now: datetime) -> None:
    rows, outcome = intake.rows, intake.outcome
    _write_new(tx, [rows[one] for one in outcome.new], [row for row in outcome.earlier if row.id not in stored])
    _write_edits(
        tx,
        [(stored[one], rows[one]) for one in sorted(outcome.edited)],
        [row for row in outcome.earlier if row.id in stored],
        now,
    )
    written = {*outcome.new, *outcome.edited}
    grouped = {one: group for one in outcome.grouped - written if (group := rows[one].copy_group) is not None}
    tx.mentions.set_copy_group(grouped)
    tx.copies.add((key, one) for one, keys in outcome.keys.items() for key in keys)
    gone = [stored[one] for one in sorted(outcome.deleted)]
    held = tx.holds.of(gone) if gone else {}
    tx.holds.defer(held, now)
    tx.forget([row for row in gone if row.id not in held], now)
    tx.rechecks.drop(outcome.deleted)
    _write_engagements(tx, intake)
    for one in outcome.answers:
        _write_answer(tx, rows[one])
    for source, tally in outcome.tallies.items():
        counts = {name: getattr(tally, name) for name in COUNTS}
        tx.sources.count(source, counts, last_item_at=tally.last_item_at, lag_s=_lag_s(tally.newest_new, now))
        if tally.new or tally.rejected:
            tx.hearing.count(source, now, new=tally.new, rejected=tally.rejected)
            tx.hearing.drop(source, now, tally.reasons)
    for source, value in outcome.checkpoints.items():
        tx.sources.save_checkpoint(source, value, now)
        tx.sources.heard(source, now)


def _write_new(tx: Tx, new: Sequence[MentionRow], earlier: Sequence[MentionRow]) -> None:
    tx.mentions.add(new, earlier)
    tx.search.add([(row.id, compose(row.title, row.text)) for row in new if row.deleted_at is None])


def _write_edits(
    tx: Tx, edits: Sequence[tuple[MentionRow, MentionRow]], earlier: Sequence[MentionRow], now: datetime
) -> None:
    """Each as it is stored and as it is to be."""
    if not edits:
        return
    ids = [after.id for _, after in edits]
    old_texts = [(before.id, compose(before.title, before.text)) for before, _ in edits]
    old_keys = signatures([normalise(text) for _, text in old_texts])
    tx.copies.remove((key, one) for one, keys in zip(ids, old_keys, strict=True) for key in keys)
    tx.search.remove(old_texts)
    tx.mentions.replace([after for _, after in edits], earlier)
    tx.search.add([(after.id, compose(after.title, after.text)) for _, after in edits])
    tx.verdicts.drop_evidence(ids)
    tx.alerts.tell(ids, "platform", "edited", now)


def _write_engagements(tx: Tx, intake: Intake) -> None:
    """Counts that say something new; a known mention's alert is then looked at again."""
    told = [(one, counts) for one, counts in intake.outcome.engagements if intake.rows[one].deleted_at is None]
    if not told:
        return
    last = tx.engagements.latest({one for one, _ in told})
    fresh = []
    for one, counts in told:
        before = last.get(one)
        if before is None or replace(counts, source=before.source, native_id=before.native_id, at=before.at) != before:
            fresh.append((one, counts))
            last[one] = counts
    tx.engagements.add(fresh)
    tx.engagements.triage_again({one for one, _ in fresh} - set(intake.outcome.new))


def _write_answer(tx: Tx, reply: MentionRow) -> None:
    """The brand has spoken in public: that is the first response to what it answers, if that has an alert."""
    answered = {one for one in (reply.parent_id, reply.thread_id) if one and one != reply.native_id}
    if answered:
        for alert_id in tx.alerts.answered(reply.source, answered).values():
            tx.alerts.first_response(alert_id, reply.posted_at, reply.id)


def _lag_s(newest: datetime | None, now: datetime) -> float | None:
    return None if newest is None else max(0.0, (now - newest).total_seconds())


def _accepted(outcome: Outcome, now: datetime) -> Accepted:
    tallies = outcome.tallies.values()
    newest = max((tally.newest_new for tally in tallies if tally.newest_new), default=None)
    sums = {name: sum(getattr(tally, name) for tally in tallies) for name in _SUMMED}
    return Accepted(**sums, lag_s=_lag_s(newest, now))
