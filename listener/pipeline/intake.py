"""One batch of events, decided in order: what is new, an edit, a repeat, a deletion. Reads and writes nothing.

`Intake` is given all stored mentions that the batch may touch; afterwards its attributes say what is to be written.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from listener.pipeline.folding import Folder
from listener.pipeline.tidy import Tidied, known_id, tidy_counts
from listener.store.rows import MentionRow, compose
from listener.text.copies import Signature, handle
from listener.types import Checkpoint, Deletion, Engagement, Event, Rejection

Key = tuple[str, str]


@dataclass(slots=True)
class Tally:
    """Counts of one source in one batch."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    folded: int = 0
    rejected: int = 0
    clamped: int = 0
    truncated: int = 0
    last_item_at: datetime | None = None
    newest_new: datetime | None = None
    reasons: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Outcome:
    """What is to be written. Ids of `new` are not stored yet, all others are; `earlier` was edited within the batch."""

    new: list[int] = field(default_factory=list)
    edited: set[int] = field(default_factory=set)
    deleted: set[int] = field(default_factory=set)
    grouped: set[int] = field(default_factory=set)
    keys: dict[int, Signature] = field(default_factory=dict)
    earlier: list[MentionRow] = field(default_factory=list)
    engagements: list[tuple[int, Engagement]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    checkpoints: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    tallies: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))


class Intake:
    """`rows`: stored mentions by id, brought up to date here; `ids`: those the platform's ids stand for."""

    def __init__(
        self,
        *,
        rows: dict[int, MentionRow],
        ids: dict[Key, int],
        folder: Folder,
        match: Callable[[str], tuple[str, ...]],
        own_handles: Collection[str],
        next_id: int,
        now: datetime,
    ) -> None:
        self.rows = rows
        self.outcome = Outcome()
        self._ids = ids
        self._folder = folder
        self._match = match
        self._own_handles = own_handles
        self._next_id = next_id
        self._now = now

    def take(self, event: Event, tidied: Tidied | None = None, keys: Signature = ()) -> None:
        """Decide on one event; a mention comes with its tidied form and its near-copy keys."""
        if tidied is not None:
            self._mention(tidied, keys)
        elif isinstance(event, Deletion):
            self._deletion(event)
        elif isinstance(event, Engagement):
            self._engagement(event)
        elif isinstance(event, Checkpoint):
            self.outcome.checkpoints[event.source] = event.value
        elif isinstance(event, Rejection):
            self.outcome.tallies[event.source].rejected += 1
            self.outcome.tallies[event.source].reasons[event.reason] += 1

    # -------------------------------------------------------------- mentions

    def _mention(self, tidied: Tidied, keys: Signature) -> None:
        mention, tally = tidied.mention, self.outcome.tallies[tidied.mention.source]
        tally.clamped += tidied.clamped
        tally.truncated += tidied.truncated
        tally.last_item_at = max(filter(None, (tally.last_item_at, mention.posted_at)))
        known = self._ids.get((mention.source, mention.native_id))
        if known is None:
            self._new(tidied, keys, tally)
        elif self.rows[known].deleted_at is None and (mention.title, mention.text) != (
            self.rows[known].title,
            self.rows[known].text,
        ):
            self._edit(self.rows[known], tidied, keys, tally)
        else:
            tally.unchanged += 1
        if mention.engagement is not None:
            self._engagement(mention.engagement, (mention.source, mention.native_id))

    def _new(self, tidied: Tidied, keys: Signature, tally: Tally) -> None:
        mention = tidied.mention
        row = self._placed(
            MentionRow(
                id=self._next_id,
                source=mention.source,
                native_id=mention.native_id,
                channel=mention.channel,
                author=mention.author,
                lang_hint=mention.lang,
                title=mention.title,
                text=mention.text,
                url=mention.url,
                posted_at=mention.posted_at,
                collected_at=self._now,
                updated_at=None,
                parent_id=mention.parent_id,
                thread_id=mention.thread_id,
                repost_of=mention.repost_of,
                folded_into=None,
                copy_group=None,
                own=self._is_own(mention.author),
                text_sha256=sha256(mention.title, mention.text),
                deleted_at=None,
                revision=0,
                brands=self._brands(tidied),
            ),
            keys,
        )
        self._next_id += 1
        self._ids[(row.source, row.native_id)] = row.id
        self.rows[row.id] = row
        self.outcome.new.append(row.id)
        self._let_be_found(row, keys)
        if row.own:
            self.outcome.answers.append(row.id)
        tally.new += 1
        tally.folded += row.folded_into is not None
        tally.newest_new = max(filter(None, (tally.newest_new, row.posted_at)))

    def _edit(self, old: MentionRow, tidied: Tidied, keys: Signature, tally: Tally) -> None:
        mention = tidied.mention
        row = replace(
            old,
            title=mention.title,
            text=mention.text,
            text_sha256=sha256(mention.title, mention.text),
            updated_at=self._now,
            revision=old.revision + 1,
            copy_group=None,
            brands=self._brands(tidied),
        )
        if old.id in self.outcome.new or old.id in self.outcome.edited:
            self.outcome.earlier.append(old)
        if old.folded_into is None:
            # It may have an alert and repeats of its own, so it stays a mention by itself whatever it says now.
            row = self._grouped(row, keys)
        elif not self._still_folded(row):
            row = self._grouped(replace(row, folded_into=None), keys)
        self.rows[row.id] = row
        if row.id not in self.outcome.new:
            self.outcome.edited.add(row.id)
        self._let_be_found(row, keys)
        tally.updated += 1

    def _placed(self, row: MentionRow, keys: Signature) -> MentionRow:
        """The row folded into what it repeats, or put into a copy group."""
        if row.own:
            return row
        original = self._ids.get((row.source, row.repost_of)) if row.repost_of else None
        root = self.rows[original].folded_into or original if original is not None else self._folder.root(row)
        return self._grouped(row, keys) if root is None else replace(row, folded_into=root)

    def _grouped(self, row: MentionRow, keys: Signature) -> MentionRow:
        if row.own or (other := self._folder.group(row, keys)) is None:
            return row
        group = other.copy_group or other.id
        if other.copy_group is None:
            self.rows[other.id] = replace(other, copy_group=group)
            self.outcome.grouped.add(other.id)
        return replace(row, copy_group=group)

    def _still_folded(self, row: MentionRow) -> bool:
        assert row.folded_into is not None
        return row.repost_of is not None or self._folder.repeats(row, row.folded_into)

    def _let_be_found(self, row: MentionRow, keys: Signature) -> None:
        if row.own or row.folded_into is not None:
            self.outcome.keys.pop(row.id, None)
            return
        self.outcome.keys[row.id] = keys
        self._folder.add(row, keys)

    def _is_own(self, author: str | None) -> bool:
        return author is not None and handle(author) in self._own_handles

    def _brands(self, tidied: Tidied) -> tuple[str, ...]:
        """What the source says first, then what the words say; each once."""
        mention = tidied.mention
        return tuple(dict.fromkeys((*mention.brands, *self._match(compose(mention.title, mention.text)))))

    # -------------------------------------------------------------- the rest

    def _deletion(self, event: Deletion) -> None:
        known = self._ids.get((event.source, known_id(event.native_id)))
        if known is None or self.rows[known].deleted_at is not None:
            return
        self.rows[known] = replace(
            self.rows[known], title=None, text="", author=None, url=None, text_sha256="", deleted_at=self._now
        )
        if known not in self.outcome.new:
            self.outcome.deleted.add(known)
            self.outcome.edited.discard(known)
            self.outcome.grouped.discard(known)
        self.outcome.keys.pop(known, None)
        self.outcome.earlier = [row for row in self.outcome.earlier if row.id != known]
        self.outcome.tallies[event.source].deleted += 1

    def _engagement(self, event: Engagement, key: Key | None = None) -> None:
        known = self._ids.get(key or (event.source, known_id(event.native_id)))
        if known is not None and self.rows[known].deleted_at is None:
            self.outcome.engagements.append((known, tidy_counts(event)))


def sha256(title: str | None, text: str) -> str:
    """Hash of the composed text's UTF-8 bytes, by which labels are keyed."""
    return hashlib.sha256(compose(title, text).encode()).hexdigest()
