"""Texts cut into the pieces of a unigram language model, as SentencePiece (Kudo 2018, arxiv.org/abs/1804.10959).

The cut with the most probable pieces is found by dynamic programming over a vocabulary that may be a part of the one
that the scores were estimated for: what is no longer there falls into smaller pieces. Words that stand between spaces
are cut once and remembered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

BLANK: Final = "\u2581"
"""Stands for a space, and before every text."""
UNKNOWN: Final = 0
"""The id of whatever no piece covers; pieces are counted from 1."""
_WORSE: Final = 10.0
_REMEMBERED: Final = 50_000
_LONGEST_KEPT: Final = 24


class Pieces:
    """A vocabulary; `cut` gives ids, 1 for the first piece."""

    def __init__(self, pieces: Sequence[str], scores: NDArray[np.float32]) -> None:
        """`scores` (len(pieces),) are log-probabilities."""
        numbered = enumerate(zip(pieces, scores.tolist(), strict=True), start=1)
        self._known = {piece: (number, score) for number, (piece, score) in numbered}
        self._unknown = (float(scores.min()) if len(scores) else 0.0) - _WORSE
        self._longest: dict[str, int] = {}
        for piece in pieces:
            self._longest[piece[0]] = max(self._longest.get(piece[0], 0), len(piece))
        self._remembered: dict[str, list[int]] = {}

    def cut(self, text: str, most: int) -> list[int]:
        """At most `most` ids of a normalised text: of a longer one its beginning and its last third."""
        ids: list[int] = []
        for word in text.split():
            ids += self._word(BLANK + word)
        return ids if len(ids) <= most else ids[: most - most // 3] + ids[-(most // 3) :]

    def _word(self, word: str) -> list[int]:
        if len(word) > _LONGEST_KEPT:
            return self._best(word)
        found = self._remembered.get(word)
        if found is None:
            found = self._best(word)
            if len(self._remembered) < _REMEMBERED:
                self._remembered[word] = found
        return found

    def _best(self, word: str) -> list[int]:
        known, longest, unknown = self._known, self._longest, self._unknown
        length = len(word)
        best = [0.0] + [-1e30] * length
        back: list[tuple[int, int]] = [(0, UNKNOWN)] * (length + 1)
        for start in range(length):
            here = best[start]
            if here + unknown > best[start + 1]:
                best[start + 1], back[start + 1] = here + unknown, (start, UNKNOWN)
            for end in range(start + 1, min(start + longest.get(word[start], 0), length) + 1):
                piece = known.get(word[start:end])
                if piece is not None and here + piece[1] > best[end]:
                    best[end], back[end] = here + piece[1], (start, piece[0])
        ids: list[int] = []
        at = length
        while at:
            at, number = back[at]
            ids.append(number)
        return ids[::-1]
