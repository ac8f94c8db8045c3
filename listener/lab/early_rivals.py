"""What others ring by: three usual alarms on the same scored stream, each a statistic over time by brand.

`volume`: the last hour's mentions against the same hour of the past two weeks, in standard deviations. `sentiment`:
counts of unhappy posts in ten minutes, summed up by a one-sided CUSUM (Page 1954). `bursts`: Kleinberg (2002), two
states of exponential gaps between unhappy posts; the statistic is by how much the burst state explains what came
better than the ordinary one. They see the same classifier's verdicts. The level at which each rings is set on the very
streams it is judged on, so that it spends the budget: more than can be had in use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from listener.triage.advance import Sighting

Doubles = NDArray[np.float64]
Track = tuple[Doubles, Doubles]
"""Times in seconds since 1970, ascending, and a statistic at each."""

HOUR: Final = 3600.0
REFRACTORY: Final = 6 * HOUR
"""An alarm that is on stays on until it was below its level for so long."""
TICK: Final = 1.0
"""They ring by the same clock."""
_PAST: Final = 14
_BURST: Final = 3.0


def volume(sightings: Sequence[Sighting]) -> Track:
    """All mentions of the last hour against those of the same hour in the last two weeks."""
    at = _times(sightings)
    counts = np.arange(1, len(at) + 1) - np.searchsorted(at, at - HOUR, side="right")
    past = np.zeros((_PAST, len(at)))
    for day in range(1, _PAST + 1):
        end = at - day * 24 * HOUR
        past[day - 1] = np.searchsorted(at, end, side="right") - np.searchsorted(at, end - HOUR, side="right")
        past[day - 1, end - HOUR < at[0]] = np.nan
    known = (~np.isnan(past)).sum(axis=0)
    mean = np.nansum(past, axis=0) / np.maximum(known, 1)
    spread = np.sqrt(np.nansum((past - mean) ** 2, axis=0) / np.maximum(known - 1, 1))
    scores = (counts - mean) / np.maximum(spread, np.sqrt(mean + 0.5))
    return at, np.where(known >= 2, scores, 0.0)


def sentiment(sightings: Sequence[Sighting]) -> Track:
    """CUSUM of unhappy posts in ten minutes, in standard deviations of their hour of the day."""
    at = _times([one for one in sightings if one.flagged])
    start = _times(sightings[:1])[0]
    bins = ((at - start) // 600).astype(np.int64)
    counts = np.bincount(bins, minlength=int(bins[-1]) + 1 if len(bins) else 1).astype(np.float64)
    total = np.concatenate([[0.0], counts.cumsum()])
    value, track = 0.0, np.zeros(len(counts))
    for here in range(len(counts)):
        mean = (total[max(0, here - 72)] + 0.5) / (max(0, here - 72) + 36.0)
        spread = np.sqrt(mean + 0.05)
        value = max(0.0, value + (counts[here] - mean) / spread - 0.5)
        track[here] = value
    return start + 600.0 * np.arange(1, len(counts) + 1), track


def bursts(sightings: Sequence[Sighting]) -> Track:
    """How much cheaper the burst state is for the gaps that came than the ordinary one, in nats."""
    at = _times([one for one in sightings if one.flagged])
    start = _times(sightings[:1])[0]
    value, track = 0.0, np.zeros(len(at))
    for here in range(1, len(at)):
        past = np.searchsorted(at, at[here] - 12 * HOUR)
        rate = (past + 1.0) / (max(0.0, at[here] - 12 * HOUR - start) + 6 * HOUR)
        gap = at[here] - at[here - 1]
        value = max(0.0, value + np.log(_BURST) - (_BURST - 1) * rate * gap)
        track[here] = value
    return at, track


RIVALS: Final[Mapping[str, Callable[[Sequence[Sighting]], Track]]] = {
    "volume z-score": volume,
    "negative count, CUSUM": sentiment,
    "Kleinberg's bursts": bursts,
}


def alarms(track: Track, level: float) -> list[float]:
    """When it rings at this level."""
    at, values = track
    rung: list[float] = []
    until = -np.inf
    for time in (np.ceil(at[values >= level] / TICK) * TICK).tolist():
        if time > until:
            rung.append(time)
        until = time + REFRACTORY
    return rung


def level_for(tracks: Mapping[str, Track], false: Callable[[str, Sequence[float]], int], allowed: float) -> float:
    """The lowest level at which no more than `allowed` alarms over all brands are false."""
    low, high = 0.0, max((float(values.max()) for _, values in tracks.values() if len(values)), default=1.0) + 1.0
    for _ in range(24):
        middle = (low + high) / 2
        if sum(false(brand, alarms(track, middle)) for brand, track in tracks.items()) > allowed:
            low = middle
        else:
            high = middle
    return high


def _times(sightings: Sequence[Sighting]) -> Doubles:
    return np.array([one.posted_at.timestamp() for one in sightings], dtype=np.float64)
