"""Early detection: how many alarms people want, and what a customer, a reader and an hour of silence are worth.

The figures of `Value` are assumptions with a range and a source, never facts: a business that knows its own writes them
into `[value]`. They order a queue; they are no accounting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field

from listener.settings.fields import Frozen
from listener.settings.work import Cause


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that nobody knows exactly: what is taken, between what, and who says so."""

    value: float
    low: float
    high: float
    source: str


OWN: Final = "your settings"


def _figure(given: object) -> object:
    """`0.2`, or `{value = 0.2, low = 0.1, high = 0.4, source = "our survey of 2026"}`."""
    if isinstance(given, Figure):
        return given
    if isinstance(given, int | float) and not isinstance(given, bool):
        given = {"value": given}
    if not isinstance(given, Mapping) or not {"value"} <= given.keys() <= {"value", "low", "high", "source"}:
        raise ValueError("a number, or a table of value, low, high and source")
    numbers = [given["value"], given.get("low", given["value"]), given.get("high", given["value"])]
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in numbers):
        raise ValueError("value, low and high are numbers")
    value, low, high = (float(one) for one in numbers)
    if not 0 <= low <= value <= high < 1e12:
        raise ValueError("0 ≤ low ≤ value ≤ high")
    return Figure(value, low, high, str(given.get("source", OWN))[:400])


def _part(figure: Figure) -> Figure:
    if figure.high > 1:
        raise ValueError("a part of the whole: from 0 to 1")
    return figure


def _above_zero(figure: Figure) -> Figure:
    if not figure.low > 0:
        raise ValueError("above zero")
    return figure


Amount = Annotated[Figure, BeforeValidator(_figure)]
Part = Annotated[Figure, BeforeValidator(_figure), AfterValidator(_part)]
Positive = Annotated[Figure, BeforeValidator(_figure), AfterValidator(_above_zero)]

_OURS: Final = "assumption, ours"
_TARP: Final = (
    "sizes ours, in the order of Trosborg 1995; outer bounds TARP (Goodman 2006, Quality Progress 39(2)): of those who "
    "complained, 54% (small purchases) to 81% (large ones) meant to leave if nothing was resolved, 5% to 18% if it was "
    "resolved quickly"
)

LOSS: Final = tuple(
    Figure(value, low, high, _TARP)
    for value, low, high in (
        (0.05, 0.02, 0.15),
        (0.12, 0.05, 0.3),
        (0.2, 0.1, 0.46),
        (0.32, 0.18, 0.63),
        (0.5, 0.3, 0.81),
    )
)
CAUSE: Final[Mapping[str, Figure]] = {
    "safety": Figure(2.0, 1.0, 4.0, f"{_OURS}: harm to people or their data comes first"),
    "refund": Figure(1.25, 1.0, 1.6, f"{_OURS}: money that is held back"),
    "outage": Figure(1.25, 1.0, 1.6, f"{_OURS}: nothing works until it is mended"),
    "mistake": Figure(1.1, 1.0, 1.4, f"{_OURS}: the fault is plainly the company's"),
    "attitude": Figure(1.1, 1.0, 1.4, f"{_OURS}: the person was slighted"),
}
READERS: Final[Mapping[str, Figure]] = {
    "x": Figure(60, 10, 400, _OURS),
    "weibo": Figure(60, 10, 400, _OURS),
    "bluesky": Figure(40, 5, 300, _OURS),
    "mastodon": Figure(30, 5, 200, _OURS),
    "reddit": Figure(300, 30, 3000, _OURS),
    "forum": Figure(100, 10, 1000, _OURS),
    "appstore": Figure(200, 20, 2000, _OURS),
    "playstore": Figure(200, 20, 2000, _OURS),
    "hotel": Figure(300, 30, 2000, _OURS),
    "restaurant": Figure(200, 20, 2000, _OURS),
    "shop": Figure(150, 15, 1500, _OURS),
    "form": Figure(0, 0, 0, "a feedback form has no readers but you"),
}
SOMEWHERE: Final = Figure(50, 5, 500, _OURS)
ORDINARY: Final = Figure(1.0, 1.0, 1.0, f"{_OURS}: like any other")


def _loss(given: Any) -> Any:
    if not isinstance(given, list | tuple) or len(given) != len(LOSS):
        raise ValueError(f"{len(LOSS)} figures, for severity 0 to {len(LOSS) - 1}")
    return tuple(given)


class Value(Frozen):
    """What silence costs; see triage/priority.py for the formula. Figures: a number, or value, low, high, source."""

    unit: Annotated[str, Field(min_length=1, max_length=20)] = "points"
    """What `customer` is counted in: a currency, or points."""
    customer: Positive = Figure(
        1000, 300, 3000, f"{_OURS}: a point is a thousandth of an average customer; put your own margin and unit here"
    )
    loss: Annotated[tuple[Part, ...], BeforeValidator(_loss)] = LOSS
    """Probability that this customer leaves if nobody answers, by severity 0 to 4."""
    churn: Part = Figure(0.8, 0.5, 1.0, f"{_OURS}: how far the classifier's probability of leaving is believed")
    cause: Mapping[Cause, Positive] = CAUSE
    """What a cause weighs against any other."""
    savable: Part = Figure(
        0.5,
        0.2,
        0.8,
        "ours, between TARP (Goodman 2006: a quick solution kept four of five who would have left) and Knox & van Oest "
        "2014, J. Marketing 78(5): recovery seldom offsets the whole loss",
    )
    """Part of the loss that an answer at once would prevent."""
    half_life: Positive = Figure(
        6,
        3,
        24,
        "ours; Istanbulluoglu 2017, Computers in Human Behavior 74: complainants expect an answer within 1-3 h "
        "(Twitter) and 3-6 h (Facebook), and faster ones satisfy more whatever else they get",
    )
    """Hours after which an answer prevents half as much."""
    word_of_mouth: Part = Figure(
        0.001, 0.0001, 0.005, f"{_OURS}: customers lost for each reader; no study gives it for public posts"
    )
    readers: Mapping[str, Amount] = READERS
    """People who read a post, by channel, where the platform tells no counts."""
    followers_seen: Part = Figure(0.1, 0.02, 0.3, f"{_OURS}: part of an author's followers who see one post")
    share_readers: Amount = Figure(30, 5, 100, f"{_OURS}: people who read a post because somebody shared it")
    leaving: Annotated[float, Field(ge=0, le=1)] = 0.6
    """From this probability of leaving on, somebody who reproaches nobody is a quiet leaver."""

    def of_cause(self, cause: str) -> Figure:
        """The weight of a cause."""
        return self.cause.get(cause) or CAUSE.get(cause, ORDINARY)

    def of_channel(self, channel: str | None) -> Figure:
        """Readers of a post where nothing is counted."""
        return self.readers.get(channel or "") or READERS.get(channel or "", SOMEWHERE)


class Early(Frozen):
    """How many alarms people are willing to look at."""

    budget: Annotated[float, Field(gt=0, le=1000)] = 1.0
    """False alarms a brand and week that are accepted: more rings sooner."""
    cap: Annotated[float, Field(gt=0, le=10_000)] = 10.0
    """Over all brands a week: with many brands each gets less than `budget`."""
