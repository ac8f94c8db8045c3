"""Triage over a stream: `advance(state, batch, now) -> (state, decisions)`.

The state is a plain value of bounded size (`to_plain` gives JSON), replay is the same call over a simulated clock. A
batch is put in order of posting, so the order of arrival within it changes nothing; what is dated in the future is left
alone, what is very late changes no count, what was seen before changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from listener.triage.incidents.marks import CODES, FREE, NOBODY, PLACES, Mark, number
from listener.triage.incidents.news import Decision
from listener.triage.incidents.words import Words, describe
from listener.triage.surges import saved
from listener.triage.surges.brand import MINUTE, Brand, is_read, sweep
from listener.triage.surges.watch import take
from listener.types import CAUSES

VERSION: Final = 1
"""Of the saved state."""
TOLERANCE: Final = 300.0
"""Seconds by which another machine's clock may be ahead."""
_SPREAD: Final = 0.45
"""Probability that a cause given without probabilities is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A scored mention of one brand; a mention of two brands is two. `key` is the same whenever it is seen.

    `causes` are the probabilities of CAUSES, where they are known. `author` and `copies` are numbers (see
    listener.text.copies), None where they are not known.
    """

    key: str
    brand: str
    posted_at: datetime
    text: str
    lang: str
    source: str
    complaint: float
    flagged: bool
    cause: str
    causes: tuple[float, ...] | None = None
    author: int | None = None
    copies: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`budget`: false alarms per brand and week; `cap`: over all brands, None for none."""

    budget: float = 1.0
    cap: float | None = 10.0

    def each(self, brands: int) -> float:
        """The budget of one brand among so many: the cap is shared evenly."""
        return self.budget if self.cap is None else min(self.budget, self.cap / max(1, brands))


@dataclass(slots=True)
class State:
    """All that triage remembers, by brand."""

    brands: Mapping[str, Brand] = field(default_factory=dict)
    swept: float = 0.0
    """The minute (seconds since 1970) in which it was last looked for incidents that are over."""

    def to_plain(self) -> dict[str, Any]:
        """As JSON values; a state read back decides as this one does."""
        brands = [saved.to_plain(brand) for _, brand in sorted(self.brands.items())]
        return {"version": VERSION, "swept": self.swept, "brands": brands}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Raises ValueError, KeyError or TypeError if this is not what `to_plain` of this version gave."""
        if plain["version"] != VERSION:
            raise ValueError(f"a triage state of version {plain['version']}, not {VERSION}")
        brands = [saved.from_plain(one) for one in plain["brands"]]
        return cls({brand.name: brand for brand in brands}, float(plain.get("swept", 0.0)))


def advance(
    state: State, batch: Iterable[Sighting], now: datetime, policy: Policy | None = None
) -> tuple[State, list[Decision]]:
    """Take a batch in; the given state stays as it was. `now` is aware.

    Times are taken in whole minutes: who was first within one changes nothing.
    """
    clock = now.timestamp()
    rules = policy or Policy()
    brands = dict(state.brands)
    touched: dict[str, Brand] = {}
    decisions: list[Decision] = []
    timed = [(one.posted_at.timestamp() // MINUTE * MINUTE, one) for one in batch]
    timed.sort(key=lambda pair: (pair[0], pair[1].key, pair[1].brand))
    for at, sighting in timed:
        if at > clock + TOLERANCE:
            continue
        brand = touched.get(sighting.brand)
        if brand is None:
            brand = touched[sighting.brand] = brands[sighting.brand] = _own(brands.get(sighting.brand), sighting.brand)
        decisions += take(brand, _mark(sighting, at), now=clock, budget=rules.each(len(brands)))
    minute = clock // MINUTE * MINUTE
    over = brands if minute > state.swept else touched
    for name in [name for name in over if name in touched or brands[name].due(clock)]:
        mine = touched.get(name) or brands[name].copy()
        decisions += sweep(mine, clock)
        brands[name] = mine
    return State(brands, max(minute, state.swept)), decisions


def _own(brand: Brand | None, name: str) -> Brand:
    return brand.copy() if brand is not None else Brand(name)


def _mark(sighting: Sighting, at: float) -> Mark:
    read = is_read(sighting.key, sighting.complaint)
    words = describe(sighting.text, sighting.lang) if read else Words((), ())
    return Mark(
        key=sighting.key,
        words=words.words,
        at=at,
        clock=0.0,
        complaint=sighting.complaint,
        share=1.0,
        belief=0.0,
        flagged=sighting.flagged,
        learnt=False,
        cause=CODES.index(sighting.cause) if sighting.cause in CODES else len(CAUSES),
        place=PLACES.index(sighting.lang) if sighting.lang in PLACES else len(PLACES) - 1,
        source=number(sighting.source),
        author=NOBODY if sighting.author is None else sighting.author,
        copies=NOBODY if sighting.copies is None else sighting.copies,
        incident=FREE,
        causes=sighting.causes or _spread(sighting.cause),
        features=words.features,
    )


def _spread(cause: str) -> tuple[float, ...]:
    """Probabilities of a cause that was only named: as right as the classifier is on unseen posts."""
    rest = (1 - _SPREAD) / (len(CAUSES) - 1)
    if cause not in CAUSES:
        return (1 / len(CAUSES),) * len(CAUSES)
    return tuple(_SPREAD if code == cause else rest for code in CAUSES)
