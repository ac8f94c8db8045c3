"""Which texts hold one of the words that are listened for, by the rules of brand matching."""

from __future__ import annotations

from collections.abc import Iterable

import ahocorasick_rs

from listener.text.brands import fold, stands_alone


class Words:
    """No words: every text is wanted. Built once, used by any thread."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        folded = sorted({word for raw in words if (word := fold(raw).strip())})
        self._automaton = ahocorasick_rs.AhoCorasick(folded) if folded else None

    def within(self, text: str) -> bool:
        """Whether one of them stands in `text`."""
        if self._automaton is None:
            return True
        folded = fold(text)
        found = self._automaton.find_matches_as_indexes(folded, overlapping=True)
        return any(stands_alone(folded, start, end) for _, start, end in found)
