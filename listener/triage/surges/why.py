"""Why it surged: facts about a stretch of mentions, counted, never invented."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from listener.triage.incidents.marks import NOBODY, Marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Surge:
    """What rang. `start` to `end` is the stretch (seconds since 1970), `observed` unhappy mentions in it against
    `expected`; `improbable` the probability of so many on an ordinary day; `score` and `level` in nats. `history` is
    how many hours the brand has been listened to: below COLD the expectation is mostly a guess, and people are told.
    `campaign` is the share of mentions that are copies of a text by several authors; `first` the keys of the first
    members; `terms` their most frequent words; `authors` how many there are, None where a source does not tell."""

    start: float
    end: float
    observed: int
    expected: float
    improbable: float
    score: float
    level: float
    history: float
    terms: tuple[str, ...]
    first: tuple[str, ...]
    sources: tuple[tuple[int, int], ...]
    authors: int | None
    campaign: float

    @property
    def cold(self) -> bool:
        """Whether there is too little history for the expectation to be more than a guess."""
        return self.history < COLD


COLD = 72.0
_TERMS, _FIRST = 6, 5


def surge(
    members: Marks,
    *,
    now: float,
    observed: int,
    expected: float,
    shape: float,
    score: float,
    level: float,
    history: float,
) -> Surge:
    """The facts about `members`, oldest first."""
    words = Counter(word for own in members.words for word in dict.fromkeys(own))
    sources = Counter(int(source) for source in members.source)
    known = members.author[members.author != NOBODY]
    groups = Counter(int(group) for group in members.copies if group != NOBODY)
    copied = sum(count for count in groups.values() if count > 1)
    return Surge(
        start=float(members.at[0]) if len(members) else now,
        end=now,
        observed=observed,
        expected=expected,
        improbable=negative_binomial_tail(observed, expected, shape),
        score=score,
        level=level,
        history=history,
        terms=tuple(word for word, _ in words.most_common(_TERMS)),
        first=members.keys[:_FIRST],
        sources=tuple(sorted(sources.items(), key=lambda item: (-item[1], item[0]))),
        authors=len(np.unique(known)) if len(known) == len(members) and len(members) else None,
        campaign=copied / len(members) if len(members) else 0.0,
    )


def negative_binomial_tail(count: int, mean: float, shape: float) -> float:
    """Probability of `count` or more where counts scatter as gamma-Poisson with this mean and shape."""
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    chance = mean / (shape + mean)
    below, term = 0.0, shape * math.log1p(-chance)
    for number in range(count):
        below += math.exp(term)
        term += math.log(chance) + math.log((shape + number) / (number + 1))
    return max(0.0, 1.0 - below)
