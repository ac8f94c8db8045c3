"""The level at which an alarm rings, so that a brand rings falsely no more often than its budget allows.

The scores of a brand's ordinary stream come in episodes. Above BASE the number of episodes a week and how far their
peaks reach are learnt (peaks over threshold, exponential tail: Pickands 1975), starting from what simulated brands
showed and drawn towards it until the brand has its own history. An episode that rang counts only if it came to nothing:
then as one that reached at least the level it rang at. A real incident says nothing of the ordinary stream.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

WEEK: Final = 7 * 86400.0
BASE: Final = 5.0
"""Nats from which episodes are counted."""
EPISODE: Final = 6 * 3600.0
"""An episode ends after so many seconds below BASE,"""
LONGEST: Final = 24 * 3600.0
"""and after so many in any case: a busy brand is never long below it."""
HALF_LIFE: Final = 8.0
"""Weeks after which an episode counts half."""
LOWEST, HIGHEST = 4.0, 20.0
SPENT: Final = 1.5
"""Episodes above the level for each alarm of the budget: in some too few mentions are alike to make an incident."""
PRIOR_WEEKS: Final = 2.0
PRIOR_EPISODES: Final = 7.0
"""A week, of a brand of which nothing is known."""
PRIOR_TAIL: Final = 1.8
"""Mean excess of peaks over BASE in nats, worth PRIOR_PEAKS of them."""
PRIOR_PEAKS: Final = 12.0


@dataclass(slots=True)
class Peaks:
    """Episodes of one brand. `weeks`, `episodes`, `whole`, `excess` halve with age; `peak` is that of the episode that
    is under way, which began at `began` and ends at `until` (seconds since 1970) unless there is more."""

    weeks: float = 0.0
    episodes: float = 0.0
    whole: float = 0.0
    """Episodes that did not ring: how far they reached is known."""
    excess: float = 0.0
    since: float = math.nan
    peak: float = 0.0
    began: float = 0.0
    until: float = 0.0
    rang: bool = False

    def level(self, budget: float) -> float:
        """Where to ring for so many false alarms a week."""
        weekly = (self.episodes + PRIOR_EPISODES * PRIOR_WEEKS) / (self.weeks + PRIOR_WEEKS)
        tail = (self.excess + PRIOR_TAIL * PRIOR_PEAKS) / (self.whole + PRIOR_PEAKS)
        return min(max(BASE + tail * math.log(weekly / (budget * SPENT)), LOWEST), HIGHEST)

    def note(self, score: float, at: float, *, rang: bool) -> None:
        """A score of a mention that no known incident explains."""
        self._age(at)
        if self.peak and (at > self.until or at > self.began + LONGEST):
            self._close()
        if score >= BASE:
            self.began = self.began if self.peak else at
            self.peak = max(self.peak, score)
            self.until = at + EPISODE
            self.rang = self.rang or rang

    def nothing(self, level: float) -> None:
        """An alarm that rang at this level came to nothing."""
        self.episodes += 1
        self.excess += max(0.0, level - BASE)

    def _close(self) -> None:
        if not self.rang:
            self.episodes += 1
            self.whole += 1
            self.excess += self.peak - BASE
        self.peak, self.rang = 0.0, False

    def _age(self, at: float) -> None:
        if math.isnan(self.since):
            self.since = at
        passed = max(0.0, at - self.since) / WEEK
        # A pause of weeks is no evidence of calm: nobody was listening.
        passed = passed if passed < 1 else 0.0
        kept = 0.5 ** (passed / HALF_LIFE)
        self.weeks = self.weeks * kept + passed
        self.episodes *= kept
        self.whole *= kept
        self.excess *= kept
        self.since = max(self.since, at)
