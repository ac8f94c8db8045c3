"""How far a post will spread: the final number of shares and those within hours, each with its 90% interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from listener.triage.spread.cascade import Cascade, Floats
from listener.triage.spread.features import features
from listener.triage.spread.fitted import HORIZONS, Fitted, shipped
from listener.triage.spread.forest import Answers, most_hits, quantile
from listener.triage.spread.memory import HOUR
from listener.triage.spread.totals import Total, forecast_totals

Basis: TypeAlias = Literal["shares", "growth", "prior"]

_TYPICAL: Final = 150
"""A cascade larger than all that were fitted is looked at as if it had this many shares: its shape in time and in its
tree says how much it will grow, its size nothing that was learnt."""


@dataclass(frozen=True, slots=True)
class Size:
    """A number of shares with its 90% interval; seen ≤ low ≤ predicted ≤ high."""

    predicted: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """The final size, and `within` the hours of HORIZONS.

    `basis`: `shares`, the fitted forecast; `growth`, the same for a cascade larger than all that were fitted, so only
    its growth was looked at; `prior`, too few shares to say more than what posts do in general.
    """

    id: str
    seen: int
    predicted: int
    low: int
    high: int
    within: tuple[Size, ...]
    basis: Basis


def forecast(cascade: Cascade, fitted: Fitted | None = None) -> Forecast:
    """The forecast of one cascade."""
    return forecast_all([cascade], fitted)[0]


def forecast_all(cascades: Sequence[Cascade], fitted: Fitted | None = None) -> list[Forecast]:
    """The forecasts of many, in their order; `fitted`: other parameters than the shipped ones.

    Pure and deterministic. It holds for posts like those it was fitted on: cascades that reached about a hundred to a
    thousand shares. A post that people stop sharing early is overestimated.
    """
    use = fitted or shipped()
    bases = [_basis(cascade, use) for cascade in cascades]
    rows = [
        row(cascade, use, as_if=_TYPICAL if basis == "growth" else None)
        for cascade, basis in zip(cascades, bases, strict=True)
        if basis != "prior"
    ]
    answers = use.forest.ask(np.array(rows)) if rows else None
    done: list[Forecast] = []
    asked = 0
    for cascade, basis in zip(cascades, bases, strict=True):
        if basis == "prior" or answers is None:
            done.append(_from_prior(cascade))
        else:
            done.append(_from_forest(cascade, basis, answers, asked, use))
            asked += 1
    return done


def row(cascade: Cascade, fitted: Fitted, *, as_if: int | None = None) -> Floats:
    """The features in the forest's order; `as_if`: another number of shares seen than there are."""
    values = features(cascade, fitted.memory)
    if as_if is not None:
        values["per_follower"] += math.log1p(as_if) - values["seen"]
        values["seen"] = math.log1p(as_if)
    return np.array([values[name] for name in fitted.features])


def _basis(cascade: Cascade, fitted: Fitted) -> Basis:
    if cascade.seen < fitted.calibration.smallest:
        return "prior"
    return "growth" if cascade.seen > fitted.calibration.largest else "shares"


def _from_forest(cascade: Cascade, basis: Basis, answers: Answers, index: int, fitted: Fitted) -> Forecast:
    calibration, edges, mass = fitted.calibration, fitted.forest.edges, answers.mass[index]
    age, size = calibration.band(cascade.at, cascade.seen)
    low, high = (quantile(edges, mass, float(level)) for level in calibration.levels[age, size])
    best = most_hits(edges, mass, float(calibration.tolerance[age]))
    final = _size(cascade.seen, best, low, high)
    scaled = calibration.horizons[age] * np.maximum(answers.deviation[index], LEAST_DEVIATION)[:, None]
    growths = answers.mean[index][:, None] + scaled
    within = tuple(_size(cascade.seen, *(float(g) for g in growths[k, (1, 0, 2)])) for k in range(len(HORIZONS)))
    return _forecast(cascade, final, within, basis)


def _from_prior(cascade: Cascade) -> Forecast:
    """Too little was seen: what the curve of growth says of posts in general."""
    half = int(np.searchsorted(cascade.seconds, cascade.at / 2, side="right"))
    at = max(cascade.at, 1.0)
    spans = (math.inf, *(hours * HOUR for hours in HORIZONS))
    final, *within = (
        _whole(total) for total in forecast_totals((at / 2, at), (half, cascade.seen), "weibo", ahead=spans)
    )
    return _forecast(cascade, final, tuple(within), "prior")


LEAST_DEVIATION: Final = 0.02
"""Of the growth within a horizon: below it, the leaves agree by chance."""


def _size(seen: int, growth: float, low: float, high: float) -> Size:
    """Shares after a growth, in whole shares, never fewer than were seen."""
    lowest, best, highest = ((seen + 1) * math.exp(g) - 1 for g in (low, growth, high))
    return _ordered(seen, best, lowest, highest)


def _whole(total: Total) -> Size:
    return _ordered(0, total.predicted, total.low, total.high)


def _ordered(seen: int, best: float, lowest: float, highest: float) -> Size:
    predicted = max(seen, round(best))
    return Size(predicted, low=min(max(seen, math.floor(lowest)), predicted), high=max(math.ceil(highest), predicted))


def _forecast(cascade: Cascade, final: Size, within: tuple[Size, ...], basis: Basis) -> Forecast:
    """No more within an hour than within six, and none more than in the end."""
    kept: list[Size] = []
    limit = final
    for size in reversed(within):
        limit = Size(min(size.predicted, limit.predicted), min(size.low, limit.low), min(size.high, limit.high))
        kept.append(limit)
    return Forecast(cascade.id, cascade.seen, final.predicted, final.low, final.high, tuple(reversed(kept)), basis)
