"""What an answer would change: an assumption, stated as one.

Nobody has measured how much a brand's public reply slows the sharing of a complaint. The nearest thing measured is a
correction attached to the post itself, seen by everybody who sees the post; a reply under it is seen by fewer. And a
wrong reply feeds the fire. So the effect is a range: from nothing to what an attached correction does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from listener.triage.spread.forecast import Forecast, Size


@dataclass(frozen=True, slots=True)
class Effect:
    """The part of all further shares that an answer prevents, and who says so; 0 ≤ low ≤ typical ≤ high ≤ 1."""

    low: float
    typical: float
    high: float
    source: str

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.typical <= self.high <= 1:
            raise ValueError("an effect is 0 ≤ low ≤ typical ≤ high ≤ 1")


REPLY: Final = Effect(
    low=0.0,
    typical=0.23,
    high=0.457,
    source=(
        "assumption. High: reposts fell by 45.7% once a correction was attached to the post on X (Slaughter, Peytavin,"
        " Ugander & Saveski 2025, PNAS 122(38) e2503413122). Low: the wrong response does not slow a firestorm,"
        " compensation offered in public can feed it (Herhausen et al. 2019, J. Marketing 83(3)). Typical: the middle"
        " of both, ours"
    ),
)


@dataclass(frozen=True, slots=True)
class Outlook:
    """Final sizes with and without an answer now, the further shares that it may spare, and on what assumption."""

    if_not: Size
    if_answered: Size
    spared: float
    assumption: str


def outlook(forecast: Forecast, effect: Effect = REPLY) -> Outlook:
    """`if_not` is the forecast: the cascades behind it were, as far as known, not answered. The interval of
    `if_answered` holds the forecast's uncertainty and the effect's."""
    seen = forecast.seen

    def after(size: float, prevented: float) -> int:
        return seen + round((size - seen) * (1 - prevented))

    answered = Size(
        predicted=after(forecast.predicted, effect.typical),
        low=after(forecast.low, effect.high),
        high=after(forecast.high, effect.low),
    )
    return Outlook(
        if_not=Size(predicted=forecast.predicted, low=forecast.low, high=forecast.high),
        if_answered=answered,
        spared=float(forecast.predicted - answered.predicted),
        assumption=effect.source,
    )
