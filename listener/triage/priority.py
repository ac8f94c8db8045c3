"""Priority: the value at stake in an hour of silence, as a product of factors that a person can look at and dispute.

    customer value x probability of leaving x weight of the cause x certainty        this customer
      x (1 + readers so far and forecast x word of mouth)                            and those who read it
      x part that an answer can save x part of that which is lost in an hour         by saying nothing

What an answer can save halves every `half_life` hours, the same for all. So the order of the queue at any moment is the
order of `rank` = log(value at the time of posting) + time of posting / (half_life / log 2): it never changes while
nobody does anything, and can be kept in an index. Figures come from the settings ([value]), each with range and source.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from listener.settings.early import Figure, Value
from listener.triage.reach import Reach
from listener.types import Factor, Priority

QUIET: Final = "quiet"
"""The lane of customers who probably leave and reproach nobody."""
_CALM: Final = 1
"""Severity up to which nobody is reproached (Trosborg's first level)."""


def prioritise(
    value: Value, *, severity: int, cause: str, churn: float, complaint: float, reach: Reach, posted_at: datetime
) -> Priority:
    """The priority of one complaint at the time of its posting; the product of the factors' values is `value`."""
    weight, savable, hour = value.of_cause(cause), value.savable, _hourly(value.half_life)
    certain = complaint if severity else churn
    factors = (
        _factor("customer", value.customer, value.unit),
        _factor("loss", _loss(value, severity, churn), f"severity {severity}, leaving {churn:.0%} likely"),
        _factor("cause", weight, cause),
        _factor(
            "certainty",
            Figure(certain, certain, certain, ""),
            f"{'complaint' if severity else 'leaving'} {certain:.0%}",
        ),
        _factor("people", _people(value, reach), _readers(reach)),
        _factor("savable", savable, "an answer at once"),
        _factor("hour", hour, f"half of it gone in {value.half_life.value:g} h"),
    )
    total = math.prod(factor.value for factor in factors)
    return Priority(value=round(total, 4), factors=factors, rank=rank(total, posted_at, value))


def rank(at_posting: float, posted_at: datetime, value: Value) -> float:
    """Where it stands among all, whenever one looks; higher is more urgent."""
    return math.log(max(at_posting, 1e-9)) + posted_at.timestamp() * math.log(2) / (value.half_life.value * 3600)


def at_stake(at_posting: float, posted_at: datetime, now: datetime, value: Value) -> float:
    """The value at stake in the hour that begins now."""
    hours = max(0.0, (now - posted_at).total_seconds() / 3600)
    return float(at_posting * 2 ** (-hours / value.half_life.value))


def likely_range(factors: Sequence[Factor]) -> tuple[float, float]:
    """Between what the product lies if each factor is off by its own range, independently of the others."""
    total = math.prod(factor.value for factor in factors)
    return total * math.exp(-_distance(factors, "low")), total * math.exp(_distance(factors, "high"))


def lane_of(value: Value, *, severity: int, churn: float) -> str | None:
    """QUIET, or none in particular."""
    return QUIET if severity <= _CALM and churn >= value.leaving else None


def sources(value: Value, *, severity: int, cause: str) -> dict[str, str]:
    """Who says what each factor is worth."""
    people = (value.word_of_mouth.source, value.followers_seen.source, value.share_readers.source)
    return {
        "customer": value.customer.source,
        "loss": value.loss[severity].source,
        "cause": value.of_cause(cause).source,
        "certainty": "the classifier's calibrated probability",
        "people": "; ".join(dict.fromkeys(people)),
        "savable": value.savable.source,
        "hour": value.half_life.source,
    }


def _distance(factors: Sequence[Factor], side: str) -> float:
    steps = []
    for factor in factors:
        bound = getattr(factor, side)
        if bound is not None and bound > 0 and factor.value > 0:
            steps.append(math.log(bound / factor.value) ** 2)
    return math.sqrt(math.fsum(steps))


def _loss(value: Value, severity: int, churn: float) -> Figure:
    base, belief = value.loss[severity], value.churn

    def either(loss: float, believed: float) -> float:
        return 1 - (1 - loss) * (1 - believed * churn)

    return Figure(
        either(base.value, belief.value), either(base.low, belief.low), either(base.high, belief.high), base.source
    )


def _people(value: Value, reach: Reach) -> Figure:
    rate, read, more = value.word_of_mouth, reach.so_far, reach.more
    return Figure(
        1 + (read.value + more.value) * rate.value,
        1 + (read.low + more.low) * rate.low,
        1 + (read.high + more.high) * rate.high,
        rate.source,
    )


def _readers(reach: Reach) -> str:
    more = f", {reach.more.value:,.0f} to come" if reach.more.value >= 1 else ""
    return f"about {reach.so_far.value:,.0f} readers{more} ({reach.basis})"


def _hourly(half_life: Figure) -> Figure:
    """Part of what an answer saves that an hour of silence loses."""
    low, taken, high = (1 - 2 ** (-1 / hours) for hours in (half_life.high, half_life.value, half_life.low))
    return Figure(taken, low, high, half_life.source)


def _factor(name: str, figure: Figure, note: str) -> Factor:
    low, high = sorted((figure.low, figure.high))
    return Factor(
        name=name,
        value=float(f"{figure.value:.5g}"),
        note=note,
        low=float(f"{min(low, figure.value):.4g}"),
        high=float(f"{max(high, figure.value):.4g}"),
    )
