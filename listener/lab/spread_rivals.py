"""What the spread forecast is measured against: a factor, twelve simple features, and SEISMIC as published.

Each learns on the same cascades at the age that it is asked about, and answers final sizes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeAlias

import numpy as np

from listener.triage.spread.cascade import ROOT, Cascade, Floats
from listener.triage.spread.memory import HOUR, ZONE
from listener.triage.spread.seismic import seismic

Rival: TypeAlias = Callable[[Sequence[Cascade], Floats, Sequence[Cascade]], Floats]
"""(cascades at an age, their final sizes, other cascades at that age) -> the others' final sizes."""

_STRENGTHS: Final = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0)
_CROWDINGS: Final = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)


def error(predicted: Floats, final: Floats) -> float:
    """Median absolute percentage error, as a part."""
    return float(np.median(np.abs(predicted - final) / final))


def constant(known: Sequence[Cascade], final: Floats, asked: Sequence[Cascade]) -> Floats:
    """Shares seen times the one factor with the lowest error."""
    seen = _seen(known)
    factors = np.geomspace(1, 100, 1000)
    best = factors[int(np.argmin([error(factor * seen, final) for factor in factors]))]
    return np.asarray(best * _seen(asked))


def gbr12(known: Sequence[Cascade], final: Floats, asked: Sequence[Cascade]) -> Floats:
    """Gradient-boosted regression (scikit-learn's defaults, absolute error) of the log growth on twelve features."""
    from sklearn.ensemble import GradientBoostingRegressor

    model = GradientBoostingRegressor(loss="absolute_error", random_state=0)
    model.fit(np.array([twelve(cascade) for cascade in known]), np.log(final / _seen(known)))
    growth = np.maximum(model.predict(np.array([twelve(cascade) for cascade in asked])), 0.0)
    return np.asarray(_seen(asked) * np.exp(growth))


def seismic_plain(known: Sequence[Cascade], final: Floats, asked: Sequence[Cascade]) -> Floats:
    """SEISMIC with its two factors for the age set on the known cascades, as in the paper."""
    states = [seismic(cascade) for cascade in known]

    def missed(strength: float, crowding: float) -> float:
        return error(np.array([state.final(strength=strength, crowding=crowding) for state in states]), final)

    _, strength, crowding = min((missed(a, g), a, g) for a in _STRENGTHS for g in _CROWDINGS)
    return np.array([seismic(cascade).final(strength=strength, crowding=crowding) for cascade in asked])


def twelve(cascade: Cascade) -> list[float]:
    """Shares, growth in five steps, recency, first and median share, breadth, followers, hour."""
    at, seen, seconds = cascade.at, max(cascade.seen, 1), cascade.seconds

    def by(age: float) -> float:
        return math.log((int(np.searchsorted(seconds, age, side="right")) + 1) / (seen + 1))

    children = np.bincount(cascade.parents[cascade.parents != ROOT], minlength=1)
    posted = cascade.posted_at.timestamp() + ZONE if cascade.posted_at else 0.0
    return [
        math.log1p(cascade.seen),
        *(by(at * part) for part in (0.5, 0.25, 0.125, 0.9)),
        float(seconds[0]) / at,
        float(seconds[-1]) / at,
        float(np.median(seconds)) / at,
        float((cascade.parents == ROOT).mean()),
        float(children.max()) / seen,
        math.log1p(cascade.followers or 0.0),
        (posted + at) / HOUR % 24,
    ]


def _seen(cascades: Sequence[Cascade]) -> Floats:
    return np.array([cascade.seen for cascade in cascades], dtype=np.float64)


RIVALS: Final[Mapping[str, Rival]] = MappingProxyType({"constant": constant, "gbr12": gbr12, "seismic": seismic_plain})
