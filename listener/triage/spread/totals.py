"""Forecast from totals alone: a platform that tells only how many shares there are, at a few moments.

The growth of a post is taken as total(t) = final × (1 − (1 + t/τ)^−θ): the memory kernel of SEISMIC (Zhao et al. 2015),
a power law, summed over a whole cascade. Assumed beforehand, a platform each (`PRIORS`): the median of the half-life
(the age at which half of all shares have come) and how far posts differ in it. What the totals say about the curve is
weighed against that by Bayes' rule on a grid. Shares come in bursts, so the totals count for less than so many
independent people (`_BURST`), and the remaining growth varies by a factor (`_CHANCE`) even where the curve is known.

Weaker than the forecast from the shares' own times; there is no telling day from night. Burst, chance and shapes are
fitted on Weibo, where the 90% intervals hold 86 to 99% of the sizes: far too wide in the first hour, when a total says
little. The other platforms' half-lives are as their sources say, how far posts differ there is assumed as on Weibo.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Final

import numpy as np

from listener.triage.spread.cascade import Floats

MINUTE: Final = 60.0
HOUR: Final = 3600.0
DAY: Final = 86400.0


@dataclass(frozen=True, slots=True)
class Prior:
    """`half_life`: median seconds until half of all shares; `spread`: standard deviation of its logarithm."""

    half_life: float
    spread: float
    source: str


PRIORS: Final[Mapping[str, Prior]] = MappingProxyType(
    {
        "weibo": Prior(2.5 * HOUR, 1.3, "fitted on the public Weibo cascades that the forecast is fitted on"),
        "x": Prior(80 * MINUTE, 1.3, "impressions of tweets: Pfeffer, Matter & Sargsyan 2023, arXiv:2302.09654"),
        "facebook": Prior(90 * MINUTE, 1.3, "30 to 90 minutes in collections by practitioners, e.g. Graffius 2018"),
        "instagram": Prior(19 * HOUR, 1.3, "Graffius 2018, collected by a practitioner"),
        "linkedin": Prior(24 * HOUR, 1.3, "Graffius 2018, collected by a practitioner"),
        "youtube": Prior(6 * DAY, 1.3, "Graffius 2018, collected by a practitioner"),
        "bluesky": Prior(2 * HOUR, 1.8, "no study known: taken as near X and Weibo"),
        "reddit": Prior(6 * HOUR, 1.8, "no study known: an assumption"),
    }
)
ANYWHERE: Final = Prior(4 * HOUR, 2.5, "platform unknown: wide enough for all of them")

SHAPES: Final = (0.5, 0.8, 1.2)
"""θ: from a long tail to a short one, equally probable. SEISMIC found 0.24 for single reshares on Twitter; whole
cascades on Weibo fade faster."""

_BURST: Final = 60.0
_CHANCE: Final = 1.2
_STEPS: Final = 41
_LEVELS: Final = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Total:
    """A size with its 90% interval; all at least what was seen."""

    predicted: float
    low: float
    high: float


def forecast_totals(
    times: Sequence[float], totals: Sequence[float], platform: str = "", *, ahead: Sequence[float] = (math.inf,)
) -> tuple[Total, ...]:
    """Sizes `ahead` seconds after the last of `times` (inf: the final one), one for each of `ahead`.

    `times`: ages of the post in seconds, ascending; `totals`: shares by then. A total that is smaller than an earlier
    one (deleted shares) counts as the earlier one. Raises ValueError if there is none, they differ in number, or a
    time is negative or not ascending.
    """
    if not times or len(times) != len(totals):
        raise ValueError("as many totals as times, and at least one")
    if times[0] < 0 or any(later <= earlier for earlier, later in pairwise(times)):
        raise ValueError("times ascend from 0")
    ages = np.asarray(times, dtype=np.float64)
    counts = np.maximum.accumulate(np.maximum(np.asarray(totals, dtype=np.float64), 0.0))
    prior = PRIORS.get(platform, ANYWHERE)
    half_lives, shapes, weight = _grid(prior)
    weight = weight * _likelihood(ages, counts, half_lives, shapes)
    weight /= weight.sum()
    return tuple(_total(ages[-1], counts[-1], span, half_lives, shapes, weight) for span in ahead)


def grown(age: Floats | float, half_life: Floats, shape: Floats) -> Floats:
    """Part of all shares that have come by an age."""
    scale = half_life / (2 ** (1 / shape) - 1)
    return np.asarray(1 - (1 + age / scale) ** -shape)


def _grid(prior: Prior) -> tuple[Floats, Floats, Floats]:
    """Half-lives, shapes and the prior weights of all pairs, flat."""
    steps = np.linspace(-3, 3, _STEPS)
    half_lives = np.repeat(prior.half_life * np.exp(prior.spread * steps), len(SHAPES))
    return half_lives, np.tile(SHAPES, _STEPS), np.repeat(np.exp(-(steps**2) / 2), len(SHAPES))


def _likelihood(ages: Floats, counts: Floats, half_lives: Floats, shapes: Floats) -> Floats:
    """How well each curve divides the shares seen over the times seen, up to a factor."""
    parts = np.stack([grown(age, half_lives, shapes) for age in ages])
    parts = np.maximum(np.diff(parts, axis=0, prepend=0.0), 1e-12)
    logs = np.log(parts / parts.sum(axis=0))
    fit = (np.diff(counts, prepend=0.0)[:, None] * logs).sum(axis=0) / _BURST
    return np.asarray(np.exp(fit - fit.max()))


def _total(age: float, seen: float, span: float, half_lives: Floats, shapes: Floats, weight: Floats) -> Total:
    """Quantiles of the size after `span`: what each curve foretells, times chance, weighed."""
    now = np.maximum(grown(age, half_lives, shapes), 1e-6)
    later = np.ones_like(now) if math.isinf(span) else grown(age + span, half_lives, shapes)
    more = (seen + 0.5) * np.maximum(later - now, 0.0) / now
    chance = np.linspace(-2.5, 2.5, 21)
    values = (more[:, None] * np.exp(_CHANCE * chance)).ravel()
    masses = (weight[:, None] * np.exp(-(chance**2) / 2)).ravel()
    order = np.argsort(values)
    reached = np.cumsum(masses[order])
    # Steps, not straight lines between them: only so is what grows pointwise never foretold to shrink.
    low, middle, high = values[order][np.searchsorted(reached, np.array(_LEVELS) * reached[-1])]
    return Total(predicted=seen + float(middle), low=seen + float(low), high=seen + float(high))
