"""The recent stretch that a sudden source of complaints like this one explains best, and by how much.

Mentions of a stretch in which `expected` ordinary ones are due (operational time) are compared under two models: the
ordinary stream alone, or with another of `rho` times its intensity whose mentions look like the newest one. Rates
scatter as gamma with shape `k`, so counts are negative binomial. The log-likelihood ratio of n mentions with density
ratios r is

    sum(log(1 + rho * r)) - (n + k) * log(1 + rho * expected / (k + expected))

which for k to infinity is the Poisson one. Its exponential has mean one for an ordinary stream, whatever the likeness,
so by Markov's inequality a value above h has probability below exp(-h); the maximum over stretches and intensities is
a generalised likelihood ratio (a scan statistic: Kulldorff 1997, for negative binomial counts Tango et al. 2011).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

INTENSITIES: Final = np.array([2.0, 5.0, 12.0, 30.0, 80.0, 200.0, 500.0, 1500.0, 5000.0])
"""Of the sudden source, against the ordinary stream."""
FEWEST: Final = 3
"""Mentions of a stretch: two are never a surge."""
NEAREST: Final = 1e-4
"""Operational time below which two mentions are at the same moment."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`score` in nats, `first` the index of the stretch's first mention, `intensity` that of the source."""

    score: float
    first: int
    kernel: int
    intensity: float


def scan(ratios: Doubles, share: Doubles, since: Doubles, shape: float) -> Finding:
    """The best stretch over all kernels; score 0 if there are too few mentions for any.

    `ratios` (kernels, n) of the mentions up to and including the newest, oldest first; `share` (n,) how much each
    counts; `since` (n,) operational time from each to now.
    """
    if len(share) < FEWEST:
        return Finding(0.0, 0, 0, 0.0)
    gains = np.log1p(INTENSITIES[:, None] * ratios[:, None, :]) * share
    gains = gains[:, :, ::-1].cumsum(axis=2)[:, :, ::-1]
    counts = share[::-1].cumsum()[::-1]
    expected = since + NEAREST
    costs = (counts + shape) * np.log1p(INTENSITIES[:, None] * expected / (shape + expected))
    scores = (gains - costs)[:, :, : 1 - FEWEST or None]
    kernel, level, first = np.unravel_index(int(scores.argmax()), scores.shape)
    return Finding(float(scores[kernel, level, first]), int(first), int(kernel), float(INTENSITIES[level]))
