"""Which mentions repeat others: one author's repeats fold into the first, many authors' equal texts form a group.

Works on what was fetched beforehand and on what the batch itself brought so far; reads nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from listener.store.rows import MentionRow, compose
from listener.text.copies import MIN_SIMILAR, Signature, are_copies, author_key, grams, normalise

WINDOW: Final = timedelta(days=30)
SHORT_WINDOW: Final = timedelta(days=1)
"""A few equal words by one author are a repeat today, and a new complaint next week."""

AUTHOR_LOOKBACK: Final = 20
"""So many of an author's last mentions are compared."""


class Folder:
    """`rows` is the caller's view of all mentions at hand by id, kept up to date by the caller.

    `by_author`: an author's last mentions, last first; `holders`: who has a near-copy key; `bare`: composed texts
    already normalised.
    """

    def __init__(
        self,
        rows: Mapping[int, MentionRow],
        by_author: Mapping[int, Sequence[MentionRow]],
        holders: Mapping[int, Iterable[int]],
        bare: Mapping[str, str],
    ) -> None:
        self._rows = rows
        self._by_author = {key: [row.id for row in found] for key, found in by_author.items()}
        self._holders = {key: set(found) for key, found in holders.items()}
        self._bare = dict(bare)
        self._grams: dict[str, frozenset[str]] = {}

    def bare(self, row: MentionRow) -> str:
        """The row's text as near-copies are compared."""
        text = compose(row.title, row.text)
        if text not in self._bare:
            self._bare[text] = normalise(text)
        return self._bare[text]

    def _are_copies(self, row: MentionRow, other: MentionRow) -> bool:
        return are_copies(self.bare(row), self.bare(other), self._grams_of)

    def _grams_of(self, bare: str) -> frozenset[str]:
        found = self._grams.get(bare)
        if found is None:
            found = self._grams[bare] = grams(bare)
        return found

    def root(self, row: MentionRow) -> int | None:
        """The earlier mention of the same author that this one repeats."""
        key = author_key(row.author)
        if key is None:
            return None
        for candidate in self._by_author.get(key, ()):
            if self._is_copy(row, candidate):
                return candidate
        return None

    def group(self, row: MentionRow, keys: Signature) -> MentionRow | None:
        """A mention by somebody else with the same or nearly the same text."""
        candidates = {holder for key in keys for holder in self._holders.get(key, ())}
        return next((self._rows[one] for one in sorted(candidates) if self._is_copy(row, one)), None)

    def repeats(self, row: MentionRow, root_id: int) -> bool:
        """Whether an edited mention still repeats the one that it was folded into."""
        root = self._rows.get(root_id)
        return root is not None and root.deleted_at is None and self._are_copies(row, root)

    def add(self, row: MentionRow, keys: Signature) -> None:
        """Let later mentions of the batch find this one."""
        if (key := author_key(row.author)) is not None:
            own = self._by_author.setdefault(key, [])
            own.insert(0, row.id)
            del own[AUTHOR_LOOKBACK:]
        for band in keys:
            self._holders.setdefault(band, set()).add(row.id)

    def _is_copy(self, row: MentionRow, candidate: int) -> bool:
        other = self._rows.get(candidate)
        if other is None or other.id == row.id or not _may_lead(other):
            return False
        apart = abs(row.posted_at - other.posted_at)
        if apart > WINDOW or not self._are_copies(row, other):
            return False
        return len(self.bare(row)) >= MIN_SIMILAR or apart <= SHORT_WINDOW


def _may_lead(row: MentionRow) -> bool:
    return row.folded_into is None and row.deleted_at is None and not row.own
